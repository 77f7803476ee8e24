package tag_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/tag"
)

type bundle struct {
	*tag.Service
	postgrestest.Fixture
	pool    *postgres.Pool
	hq      shop.Actor
	manager shop.Actor // of S1
	amy     shop.Actor // staff of S1
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	return &bundle{
		Service: tag.New(pool, time.Now), Fixture: f, pool: pool,
		hq:      shop.Actor{Brand: f.Brand, Role: shop.RoleHQ, ID: f.Ben},
		manager: shop.Actor{Brand: f.Brand, Role: shop.RoleManager, ID: f.Amy, Stores: []shop.ID{f.S1}},
		amy:     shop.Actor{Brand: f.Brand, Role: shop.RoleStaff, ID: f.Amy, Stores: []shop.ID{f.S1}},
	}
}

const onSite = "https://shop.example.test/p/{sku}?from={store}"

func (b *bundle) sofa() tag.Spec {
	return tag.Spec{Store: b.S1, Kind: tag.Variant, Reference: "SOFA-3", Placement: tag.Shelf, Label: "窗邊", Destination: onSite}
}

func (b *bundle) issue(t *testing.T, spec tag.Spec) tag.Tag {
	t.Helper()
	made, err := b.Issue(t.Context(), b.hq, spec)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAnIssuedTagIsFoundByItsCode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	spec := b.sofa()
	spec.Staff = b.Amy
	spec.ValidUntil = shop.Millis(time.Now().Add(time.Hour))
	made := b.issue(t, spec)
	read, err := b.ByID(t.Context(), b.manager, made.ID)
	if err != nil || read.Code != made.Code || read.State != tag.Live || read.Staff != b.Amy || !read.ValidUntil.Equal(spec.ValidUntil) || !read.ValidFrom.IsZero() {
		t.Fatalf("%+v, %v", read, err)
	}
	target, err := b.Resolve(t.Context(), made.Code)
	if err != nil {
		t.Fatal(err)
	}
	if target.Tag != made.ID || target.Store != b.S1 || target.Staff != b.Amy || target.Brand.ID != b.Brand || target.Brand.Name.In(shop.English) != "Clear Day Home" {
		t.Fatalf("%+v", target)
	}
	if got := target.URL(tag.Circumstance{Language: shop.English}, "tok"); got != "https://shop.example.test/p/SOFA-3?from=S1&hs_click=tok" {
		t.Fatal(got)
	}
}

func TestACodeThatNoTagHasIsUnknown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.Resolve(t.Context(), tag.NewCode()); !errors.Is(err, tag.ErrUnknown) {
		t.Fatal(err)
	}
}

func TestWhatABrandDoesNotAllowIsNotIssued(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := postgrestest.Brand(t, b.pool)
	for _, tc := range []struct {
		why    string
		actor  shop.Actor
		change func(*tag.Spec)
		want   error
	}{
		{"a foreign host", b.hq, func(s *tag.Spec) { s.Destination = "https://evil.test/" }, tag.ErrDestination},
		{"another brand's store", b.hq, func(s *tag.Spec) { s.Store = other.S1 }, tag.ErrStore},
		{"another brand's staff", b.hq, func(s *tag.Spec) { s.Staff = other.Amy }, tag.ErrStaff},
		{"no store", b.hq, func(s *tag.Spec) { s.Store = shop.ID{} }, shop.ErrFields},
		{"a NUL in the label", b.hq, func(s *tag.Spec) { s.Label = "a\x00b" }, shop.ErrFields},
		{"another manager's store", b.manager, func(s *tag.Spec) { s.Store = b.S2 }, shop.ErrForbidden},
		{"a shelf by staff", b.amy, func(*tag.Spec) {}, shop.ErrForbidden},
		{"a colleague's card", b.amy, func(s *tag.Spec) { s.Placement, s.Staff = tag.StaffCard, b.Ben }, shop.ErrForbidden},
		{"another brand's offer", b.hq, func(s *tag.Spec) { s.Gift = offered(t, b.pool, other) }, tag.ErrGift},
		{"a reseller's shelf in a shop of ours", b.hq, func(s *tag.Spec) { s.Placement = tag.Reseller }, tag.ErrReseller},
		{"a product without its code", b.hq, func(s *tag.Spec) { s.Kind, s.Reference = tag.Product, "" }, shop.ErrFields},
		{"an offer that is no id", b.hq, func(s *tag.Spec) { s.Kind = tag.Offer }, shop.ErrFields},
		{"a kind that there is not", b.hq, func(s *tag.Spec) { s.Kind = "page" }, shop.ErrFields},
		{"a template and a destination", b.hq, func(s *tag.Spec) { s.Template = "product" }, shop.ErrFields},
		{"finance", shop.Actor{Brand: b.Brand, Role: shop.RoleFinance}, func(*tag.Spec) {}, shop.ErrForbidden},
	} {
		spec := b.sofa()
		tc.change(&spec)
		if _, err := b.Issue(t.Context(), tc.actor, spec); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.why, err, tc.want)
		}
	}
}

// offered is an offer of a brand.
func offered(t *testing.T, pool *postgres.Pool, of postgrestest.Fixture) shop.ID {
	t.Helper()
	id := shop.NewID(time.Now())
	err := pool.Brand(t.Context(), of.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO offer (brand_id, id, kind, title, body, terms, link, starts_at, ends_at, created_at)
			VALUES ($1, $2, 'gift', '{}', '{}', '{}', '', $3, $4, $3)`, of.Brand, id, time.Now(), time.Now().Add(time.Hour))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestATagOnAResellersShelfHasAGiftOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	spec := b.sofa()
	spec.Placement, spec.Gift = tag.Reseller, offered(t, b.pool, b.Fixture)
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE store SET kind = 'reseller' WHERE brand_id = $1 AND id = $2`, b.Brand, b.S2)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	spec.Store = b.S2
	made, plain := b.issue(t, spec), b.issue(t, b.sofa())
	target, err := b.Resolve(t.Context(), made.Code)
	if err != nil || target.Gift != spec.Gift {
		t.Fatalf("%+v, %v", target, err)
	}
	err = b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		gifts, err := tag.Gifts(t.Context(), tx, b.Brand, []shop.ID{plain.ID, made.ID})
		if len(gifts) != 1 || gifts[made.ID] != spec.Gift {
			t.Errorf("gifts %v", gifts)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStaffIssueTheirOwnCard(t *testing.T) {
	t.Parallel()
	b := setup(t)
	card := tag.Spec{Store: b.S1, Staff: b.Amy, Placement: tag.StaffCard, Destination: "https://shop.example.test/join"}
	made, err := b.Issue(t.Context(), b.amy, card)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.ByID(t.Context(), b.amy, made.ID); err != nil {
		t.Fatal(err)
	}
}

func TestSeveralTagsAreIssuedTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	several := make([]tag.Spec, 480)
	for i := range several {
		several[i] = b.sofa()
		several[i].Batch = "2026-11"
	}
	made, err := b.IssueSeveral(t.Context(), b.hq, several)
	if err != nil || len(made) != 480 {
		t.Fatalf("%d tags, %v", len(made), err)
	}
	several[479].Staff = shop.NewID(time.Now())
	several[0].Batch = "2026-12"
	if _, err := b.IssueSeveral(t.Context(), b.hq, several); !errors.Is(err, tag.ErrStaff) {
		t.Fatal(err)
	}
	if tags, _, err := b.List(t.Context(), b.hq, tag.Filter{Batch: "2026-12"}, shop.Page{Limit: 10}); err != nil || len(tags) > 0 {
		t.Fatalf("%d tags of a batch that was refused, %v", len(tags), err)
	}
	if _, err := b.IssueSeveral(t.Context(), b.hq, make([]tag.Spec, 1001)); !errors.Is(err, tag.ErrTooMany) {
		t.Fatal(err)
	}
}

func TestListShowsWhatTheActorMaySeePageByPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 5 {
		b.issue(t, b.sofa())
	}
	elsewhere := b.sofa()
	elsewhere.Store = b.S2
	b.issue(t, elsewhere)
	seen := map[shop.ID]bool{}
	page := shop.Page{Limit: 2}
	for pages := 1; ; pages++ {
		tags, next, err := b.List(t.Context(), b.manager, tag.Filter{}, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range tags {
			if one.Store != b.S1 || seen[one.ID] {
				t.Fatalf("%s of store %s is shown, before: %t", one.ID, one.Store, seen[one.ID])
			}
			seen[one.ID] = true
		}
		if next == "" {
			break
		}
		if page, err = shop.NewPage(next, 2); err != nil {
			t.Fatal(err)
		}
	}
	if all, _, err := b.List(t.Context(), b.hq, tag.Filter{}, shop.Page{Limit: 50}); len(seen) != 5 || len(all) != 6 || err != nil {
		t.Fatalf("the manager saw %d, head office %d, %v", len(seen), len(all), err)
	}
	if none, _, err := b.List(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleStaff}, tag.Filter{}, shop.Page{Limit: 50}); err != nil || len(none) > 0 {
		t.Fatalf("somebody without a store saw %d, %v", len(none), err)
	}
}

func TestAStateFollowsOnlyOnWhatItMay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	type act func() (tag.Tag, error)
	draft := b.sofa()
	draft.Draft = true
	one := b.issue(t, draft).ID
	ctx := t.Context()
	for _, step := range []struct {
		why  string
		act  act
		want tag.State
		err  error
	}{
		{"a draft cannot be paused", func() (tag.Tag, error) { return b.Pause(ctx, b.hq, one) }, "", tag.ErrState},
		{"a draft is hung up", func() (tag.Tag, error) { return b.Publish(ctx, b.manager, one) }, tag.Live, nil},
		{"paused", func() (tag.Tag, error) { return b.Pause(ctx, b.manager, one) }, tag.Paused, nil},
		{"paused again changes nothing", func() (tag.Tag, error) { return b.Pause(ctx, b.manager, one) }, tag.Paused, nil},
		{"resumed", func() (tag.Tag, error) { return b.Resume(ctx, b.manager, one) }, tag.Live, nil},
		{"retired", func() (tag.Tag, error) { return b.Retire(ctx, b.manager, one) }, tag.Retired, nil},
		{"retired again changes nothing", func() (tag.Tag, error) { return b.Retire(ctx, b.manager, one) }, tag.Retired, nil},
		{"nothing wakes it", func() (tag.Tag, error) { return b.Resume(ctx, b.hq, one) }, "", tag.ErrRetired},
		{"nor leads it elsewhere", func() (tag.Tag, error) { return b.ChangeDestination(ctx, b.hq, one, onSite) }, "", tag.ErrRetired},
	} {
		got, err := step.act()
		if !errors.Is(err, step.err) || got.State != step.want {
			t.Fatalf("%s: %s, %v; want %s, %v", step.why, got.State, err, step.want, step.err)
		}
	}
}

func TestATagOfAnotherStoreIsNotFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	elsewhere := b.sofa()
	elsewhere.Store = b.S2
	theirs := b.issue(t, elsewhere)
	if _, err := b.ByID(t.Context(), b.manager, theirs.ID); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("read: %v", err)
	}
	if _, err := b.Retire(t.Context(), b.manager, theirs.ID); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("retire: %v", err)
	}
	other := postgrestest.Brand(t, b.pool)
	foreign := shop.Actor{Brand: other.Brand, Role: shop.RoleHQ}
	if _, err := b.ByID(t.Context(), foreign, theirs.ID); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("another brand: %v", err)
	}
	if _, err := b.Retire(t.Context(), b.amy, theirs.ID); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("staff: %v", err)
	}
}

func TestAReplacedTagAnswersAsItsSuccessor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	paper := b.issue(t, b.sofa())
	moved := b.sofa()
	moved.Store, moved.Reference = b.S2, "SOFA-4"
	successor := b.issue(t, moved)
	if _, err := b.Replace(t.Context(), b.manager, paper.ID, successor.ID); !errors.Is(err, tag.ErrReplacement) {
		t.Fatalf("a manager gave away scans to a store that is not hers: %v", err)
	}
	if _, err := b.Replace(t.Context(), b.hq, paper.ID, paper.ID); !errors.Is(err, tag.ErrReplacement) {
		t.Fatalf("by itself: %v", err)
	}
	if _, err := b.Replace(t.Context(), b.hq, paper.ID, successor.ID); err != nil {
		t.Fatal(err)
	}
	target, err := b.Resolve(t.Context(), paper.Code)
	if err != nil || target.Tag != successor.ID || target.Store != b.S2 || target.SKU() != "SOFA-4" || target.Code != paper.Code {
		t.Fatalf("%+v, %v", target, err)
	}
	if _, err := b.Retire(t.Context(), b.hq, successor.ID); err != nil {
		t.Fatal(err)
	}
	if target, err = b.Resolve(t.Context(), paper.Code); err != nil || target.LeadsAt(time.Now()) != tag.ToGone {
		t.Fatalf("leads %s, %v", target.LeadsAt(time.Now()), err)
	}
}

func TestAHostThatIsNoLongerAllowedIsNoLongerLedTo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.issue(t, b.sofa())
	err := b.pool.Global(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE brand SET allowed_hosts = '{other.example.test}' WHERE brand_id = $1`, b.Brand)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	target, err := b.Resolve(t.Context(), made.Code)
	if err != nil || target.LeadsAt(time.Now()) != tag.ToSite {
		t.Fatalf("leads %s, %v", target.LeadsAt(time.Now()), err)
	}
}
