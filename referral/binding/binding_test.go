package binding

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/scan"
)

// heard is a listener that writes down what it heard.
type heard struct {
	mu    sync.Mutex
	since []time.Time
	err   error
}

func (h *heard) BindingChanged(_ context.Context, _ pgx.Tx, _ shop.BrandID, c Change, _ time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.since = append(h.since, c.Since)
	return h.err
}

type bundle struct {
	testing.TB
	postgrestest.Fixture
	pool  *postgres.Pool
	s     *Service
	heard *heard
	clock *time.Time
	s3    shop.ID
}

func setup(t testing.TB) bundle {
	t.Helper()
	pool := postgrestest.New(t)
	b := bundle{TB: t, Fixture: postgrestest.Brand(t, pool), pool: pool, heard: &heard{}, clock: new(time.Time)}
	*b.clock = noon
	b.s = New(pool, func() time.Time { return *b.clock }, scan.New(scan.Parts{Pool: pool}), b.heard)
	b.s3 = shop.NewID(noon)
	b.do(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), `
			INSERT INTO store (brand_id, id, code, name, kind, opened_on, created_at) VALUES ($1, $2, 'S3', '{"en": "Third"}', 'shop', '2020-01-01', $3)`,
			b.Brand, b.s3, noon)
		return err
	})
	return b
}

func (b bundle) do(act func(tx pgx.Tx) error) {
	b.Helper()
	if err := b.pool.Brand(b.Context(), b.Brand, act); err != nil {
		b.Fatal(err)
	}
}

// at puts the clock to a time of the day in Taipei.
func (b bundle) at(s string) time.Time {
	b.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, taipei)
	if err != nil {
		b.Fatal(err)
	}
	*b.clock = at
	return at
}

var someone atomic.Int64

func (b bundle) customer() (id shop.ID) {
	b.Helper()
	name := customer.Identity{Kind: customer.POS, Value: fmt.Sprintf("pos:%d", someone.Add(1))}
	b.do(func(tx pgx.Tx) (err error) {
		id, err = customer.Resolve(b.Context(), tx, b.Brand, []customer.Identity{name}, *b.clock)
		return err
	})
	return id
}

// scan stores a person's scan, as the scan path does.
func (b bundle) scan(store, staff shop.ID, at time.Time) shop.ID {
	b.Helper()
	id := shop.NewID(at)
	b.do(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), `
			INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, staff_id, placement, kind, device, scanned_at)
			VALUES ($1, $2, $3, 'T1', $4, $5, 'shelf', 'person', '\x00', $6)`, b.Brand, id, shop.NewID(at), store, staff, id.Time())
		return postgres.RowAt(at, err)
	})
	return id
}

func (b bundle) join(who shop.ID, clicks ...shop.ID) (out Outcome) {
	b.Helper()
	b.do(func(tx pgx.Tx) (err error) {
		out, err = b.s.Join(b.Context(), tx, b.Brand, who, clicks, *b.clock)
		return err
	})
	return out
}

func (b bundle) claim(a Attempt) error {
	_, err := b.s.Claim(b.Context(), shop.System(b.Brand), a)
	return err
}

func (b bundle) choose(who, store shop.ID) error {
	_, err := b.s.Choose(b.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: who}, store)
	return err
}

func (b bundle) transfer(who, store, staff shop.ID, reason string) error {
	hq := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.NewID(noon)}
	_, err := b.s.Transfer(b.Context(), hq, Transfer{Customers: []shop.ID{who}, Store: store, Staff: staff, Reason: reason})
	return err
}

func (b bundle) holder(who shop.ID, at time.Time) (h Holder) {
	b.Helper()
	b.do(func(tx pgx.Tx) (err error) {
		h, err = HolderAt(b.Context(), tx, b.Brand, who, at)
		return err
	})
	return h
}

// is compares a holder in words: unbound, nobody, or store and person.
func (b bundle) is(why string, who shop.ID, at time.Time, want string) {
	b.Helper()
	names := map[shop.ID]string{b.S1: "S1", b.S2: "S2", b.s3: "S3", b.Amy: "amy", b.Ben: "ben", {}: "-"}
	h := b.holder(who, at)
	got := names[h.Store] + " " + names[h.Staff]
	switch {
	case !h.Bound:
		got = "unbound"
	case h.Store.IsZero():
		got = "nobody"
	case h.Pool:
		got = names[h.Store] + " pool"
	}
	if got != want {
		b.Errorf("%s: %s, want %s", why, got, want)
	}
}

func (b bundle) claims(who shop.ID) (out []string) {
	b.Helper()
	names := map[shop.ID]string{b.S1: "S1", b.S2: "S2", b.s3: "S3", b.Amy: "amy", b.Ben: "ben", {}: "-"}
	b.do(func(tx pgx.Tx) error {
		claims, err := Claims(b.Context(), tx, b.Brand, who)
		for _, c := range claims {
			out = append(out, fmt.Sprint(names[c.Store], " ", names[c.Staff], " ", c.Source, " ", c.Outcome))
		}
		return err
	})
	return out
}

func (b bundle) history(who shop.ID) (h []Binding) {
	b.Helper()
	b.do(func(tx pgx.Tx) (err error) {
		h, err = History(b.Context(), tx, b.Brand, who)
		return err
	})
	return h
}
