package tag_test

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/migrations/postgrestest"
	"homestore/referral/tag"
)

// Two processes, each with a directory of its own: one changes a tag, the other must stop leading to where it was.
func TestEveryProcessHearsOfAChange(t *testing.T) {
	t.Parallel()
	b := setup(t)
	paper, successor := b.issue(t, b.sofa()), b.issue(t, b.sofa())
	if _, err := b.Replace(t.Context(), b.hq, paper.ID, successor.ID); err != nil {
		t.Fatal(err)
	}
	d := b.listen(t, paper.Code, successor.Code)
	if _, err := b.Retire(t.Context(), b.hq, successor.ID); err != nil {
		t.Fatal(err)
	}
	for _, code := range []tag.Code{paper.Code, successor.Code} { // also the paper for which it answers
		eventually(t, "the directory heard of the change", func() bool { return d.state(t, code) == tag.Retired })
	}
}

func TestEveryProcessHearsOfAChangedBrand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(t, b.sofa())
	d := b.listen(t, made.Code)
	err := b.pool.Global(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE brand SET site_url = 'https://new.example.test' WHERE brand_id = $1`, b.Brand)
		if err == nil {
			_, err = tx.Exec(t.Context(), `SELECT pg_notify('brand_changed', $1::int::text)`, b.Brand)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the directory heard of the change", func() bool {
		target, err := d.Find(t.Context(), made.Code)
		return err == nil && target.Brand.Site == "https://new.example.test"
	})
}

func TestAfterALostConnectionWhatWentUnheardIsReadAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(t, b.sofa())
	d := b.listen(t, made.Code)
	// Past the notice: nobody tells the directory, it must doubt by itself.
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE tag SET state = 'paused' WHERE brand_id = $1 AND id = $2`, b.Brand, made.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.state(t, made.Code); got != tag.Live {
		t.Fatalf("%s: the test would prove nothing", got)
	}
	if err := (*d.wire.Load()).Close(); err != nil { // the wire is cut under the connection that hears
		t.Fatal(err)
	}
	eventually(t, "the directory read the tag again", func() bool { return d.state(t, made.Code) == tag.Paused })
}

// listening is a directory that hears, with what the tests watch of it.
type listening struct {
	*tag.Directory
	reads atomic.Int64
	wire  atomic.Pointer[net.Conn] // of the connection that hears
}

func (d *listening) state(t *testing.T, code tag.Code) tag.State {
	t.Helper()
	target, err := d.Find(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	return target.State
}

// listen makes a directory that knows the codes, and returns once it hears of changes: then it reads all anew, once.
func (b *bundle) listen(t *testing.T, codes ...tag.Code) *listening {
	t.Helper()
	d := &listening{}
	d.Directory = tag.NewDirectory(func(ctx context.Context, code tag.Code) (tag.Target, error) {
		d.reads.Add(1)
		return b.Resolve(ctx, code)
	}, 100, time.Now)
	for _, code := range codes {
		d.state(t, code)
	}
	before := d.reads.Load()
	_, app := postgrestest.DSNs(t)
	var all sync.WaitGroup
	all.Go(func() {
		d.Listen(t.Context(), func(ctx context.Context) (*pgx.Conn, error) {
			conn, err := pgx.Connect(ctx, app)
			if err == nil {
				wire := conn.PgConn().Conn()
				d.wire.Store(&wire)
			}
			return conn, err
		}, slog.New(slog.DiscardHandler))
	})
	t.Cleanup(all.Wait)
	eventually(t, "the directory listens", func() bool {
		d.state(t, codes[0])
		return d.reads.Load() > before
	})
	for _, code := range codes {
		d.state(t, code)
	}
	return d
}

// eventually waits for what another process or goroutine is about to do.
func eventually(t *testing.T, what string, happens func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !happens() {
		select {
		case <-deadline:
			t.Fatalf("it did not happen that %s", what)
		case <-look.C:
		}
	}
}
