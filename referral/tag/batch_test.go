package tag_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/tag"
)

// printed issues as many tags of a batch as there are stores, one in each.
func (b *bundle) printed(t *testing.T, batch string, stores ...shop.ID) []tag.Tag {
	t.Helper()
	specs := make([]tag.Spec, len(stores))
	for i, store := range stores {
		specs[i] = b.sofa()
		specs[i].Store, specs[i].Batch = store, batch
	}
	made, err := b.IssueSeveral(t.Context(), b.hq, specs)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (b *bundle) batch(t *testing.T, name string) tag.Batch {
	t.Helper()
	all, _, err := b.Batches(t.Context(), b.hq, shop.Page{Limit: 50})
	i := slices.IndexFunc(all, func(b tag.Batch) bool { return b.Name == name })
	if err != nil || i < 0 {
		t.Fatalf("no batch %q in %+v, %v", name, all, err)
	}
	return all[i]
}

// A roll of printed tags was stolen and hangs who knows where: one act, and no process credits anybody by it any more.
func TestAbuse01PrintBatchIsRevokedAtOnceOnEveryProcess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stolen := b.printed(t, "autumn", b.S1, b.S1, b.S1, b.S1, b.S2)
	other := b.issue(t, b.sofa())
	if _, err := b.Pause(t.Context(), b.hq, stolen[1].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Replace(t.Context(), b.hq, stolen[2].ID, other.ID); err != nil { // its paper answers by a tag that is not of the batch
		t.Fatal(err)
	}
	paper := b.issue(t, b.sofa()) // and this paper by one that is
	if _, err := b.Replace(t.Context(), b.hq, paper.ID, stolen[3].ID); err != nil {
		t.Fatal(err)
	}
	codes := []tag.Code{paper.Code}
	for _, s := range stolen {
		codes = append(codes, s.Code)
	}
	d := b.listen(t, append(codes, other.Code)...)
	reads := d.reads.Load()

	done, err := b.RevokeBatch(t.Context(), b.hq, b.batch(t, "autumn").ID, "stolen from the van")
	if err != nil || done.Retired != 5 || done.Batch.Tags[tag.Retired] != 5 || done.Batch.RevokedBy != b.hq.ID || done.Batch.Reason != "stolen from the van" {
		t.Fatalf("%+v, %v", done, err)
	}
	for _, code := range codes {
		eventually(t, "the directory heard of the revocation", func() bool { return d.state(t, code) == tag.Retired })
	}
	if d.state(t, other.Code) != tag.Live || d.reads.Load() != reads+int64(len(codes)) {
		t.Errorf("%d tags were read again, want %d: the rest of the brand stays in memory", d.reads.Load()-reads, len(codes))
	}
	if n := b.count(t, `SELECT count(*) FROM audit WHERE brand_id = $1 AND act = 'tag_batch_revoked' AND detail->>'reason' = 'stolen from the van' AND (detail->>'tags')::int = 5`); n != 1 {
		t.Errorf("%d entries in the audit, want 1", n)
	}
	if got := b.historyOf(t, stolen[2].ID); len(got) != 7 || !slices.Contains(got, b.hq.Pseudonym()+" state replaced>retired") {
		t.Errorf("the history says %q", got)
	}
	again, err := b.RevokeBatch(t.Context(), b.hq, done.Batch.ID, "again")
	if err != nil || again.Retired != 0 || again.Batch.Reason != "stolen from the van" {
		t.Errorf("revoked again: %+v, %v", again, err)
	}
}

func (b *bundle) count(t *testing.T, query string) (n int) {
	t.Helper()
	err := b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error { return tx.QueryRow(t.Context(), query, b.Brand).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAbuse01PrintBatchThatWasRevokedTakesNoMoreTags(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.printed(t, "autumn", b.S1)
	if _, err := b.RevokeBatch(t.Context(), b.hq, b.batch(t, "autumn").ID, "stolen"); err != nil {
		t.Fatal(err)
	}
	late := b.sofa()
	late.Batch = "autumn"
	if _, err := b.Issue(t.Context(), b.hq, late); !errors.Is(err, tag.ErrBatchRevoked) {
		t.Errorf("a tag was issued into a revoked batch: %v", err)
	}
}

// Whoever comes first, no tag of a revoked batch is live afterwards.
func TestAbuse01PrintBatchRevokedWhileItIsIssuedIntoLeavesNothingLive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.printed(t, "autumn", b.S1)
	id := b.batch(t, "autumn").ID
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			if n == 3 {
				if _, err := b.RevokeBatch(t.Context(), b.hq, id, "stolen"); err != nil {
					t.Error(err)
				}
				return
			}
			late := b.sofa()
			late.Batch = "autumn"
			if _, err := b.Issue(t.Context(), b.hq, late); err != nil && !errors.Is(err, tag.ErrBatchRevoked) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := b.count(t, `SELECT count(*) FROM tag WHERE brand_id = $1 AND batch = 'autumn' AND state <> 'retired'`); n != 0 {
		t.Errorf("%d tags of a revoked batch are left", n)
	}
}

func TestAManagerRevokesWhatHangsInHerStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.printed(t, "everywhere", b.S1, b.S2)
	b.printed(t, "elsewhere", b.S2)
	all, _, err := b.Batches(t.Context(), b.manager, shop.Page{Limit: 50})
	if err != nil || len(all) != 1 || all[0].Tags[tag.Live] != 1 {
		t.Fatalf("her batches are %+v, %v", all, err)
	}
	done, err := b.RevokeBatch(t.Context(), b.manager, all[0].ID, "torn")
	if err != nil || done.Retired != 1 || !done.Batch.RevokedAt.IsZero() {
		t.Errorf("%+v, %v: a tag of the other store is left, so the batch goes on", done, err)
	}
	if _, err := b.RevokeBatch(t.Context(), b.manager, b.batch(t, "elsewhere").ID, "torn"); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("another store's batch: %v", err)
	}
	abroad := postgrestest.Brand(t, b.pool)
	foreign := shop.Actor{Brand: abroad.Brand, Role: shop.RoleHQ, ID: abroad.Ben}
	if _, err := b.RevokeBatch(t.Context(), foreign, all[0].ID, "torn"); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("another brand's batch: %v", err)
	}
	for _, actor := range []shop.Actor{b.amy, {Brand: b.Brand, Role: shop.RoleFinance}} {
		if _, err := b.RevokeBatch(t.Context(), actor, all[0].ID, "torn"); !errors.Is(err, shop.ErrForbidden) {
			t.Errorf("%s: %v", actor.Role, err)
		}
	}
	if _, err := b.RevokeBatch(t.Context(), b.hq, all[0].ID, " "); !errors.Is(err, shop.ErrFields) {
		t.Errorf("without a reason: %v", err)
	}
}

func TestBatchesComeNewestFirstAPageAtATime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"one", "two", "three"} {
		b.printed(t, name, b.S1, b.S2)
	}
	b.printed(t, "one", b.S1) // a batch is as old as its first tag
	page, next, err := b.Batches(t.Context(), b.hq, shop.Page{Limit: 2})
	if err != nil || len(page) != 2 || page[0].Name != "three" || page[1].Name != "two" || next == "" {
		t.Fatalf("%+v, %q, %v", page, next, err)
	}
	rest, err := shop.NewPage(next, 2)
	if err != nil {
		t.Fatal(err)
	}
	page, next, err = b.Batches(t.Context(), b.hq, rest)
	if err != nil || len(page) != 1 || page[0].Name != "one" || page[0].Tags[tag.Live] != 3 || page[0].CreatedBy != b.hq.ID || time.Since(page[0].CreatedAt) > time.Minute || next != "" {
		t.Fatalf("%+v, %q, %v", page, next, err)
	}
}
