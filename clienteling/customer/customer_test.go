package customer

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

var now = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

type bundle struct {
	*testing.T
	pool  *postgres.Pool
	brand shop.BrandID
	f     postgrestest.Fixture
}

func setup(t *testing.T) bundle {
	t.Helper()
	pool := postgrestest.New(t)
	f := postgrestest.Brand(t, pool)
	return bundle{t, pool, f.Brand, f}
}

func (b bundle) do(act func(tx pgx.Tx) error) {
	b.Helper()
	if err := b.pool.Brand(b.Context(), b.brand, act); err != nil {
		b.Fatal(err)
	}
}

func (b bundle) resolve(identities ...Identity) (id shop.ID) {
	b.Helper()
	b.do(func(tx pgx.Tx) (err error) {
		id, err = Resolve(b.Context(), tx, b.brand, identities, now)
		return err
	})
	return id
}

func (b bundle) acts(id shop.ID) []string {
	b.Helper()
	var acts []string
	b.do(func(tx pgx.Tx) error {
		records, _, err := audit.OfCustomer(b.Context(), tx, b.brand, id, shop.Page{Limit: 100})
		for _, r := range records {
			acts = append(acts, r.Act)
		}
		return err
	})
	return acts
}

func phone(n int, verified bool) Identity {
	return Identity{Phone, fmt.Sprintf("+8869123%05d", n), verified}
}

func TestTheSameIdentitiesAreTheSameCustomer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.resolve(Identity{Kind: WebShop, Value: "shopify:1"}, phone(1, true))
	if first.IsZero() {
		t.Fatal("no customer")
	}
	if again := b.resolve(Identity{Kind: WebShop, Value: "shopify:1"}); again != first {
		t.Error("another customer by the account")
	}
	if again := b.resolve(phone(1, true)); again != first {
		t.Error("another customer by the number")
	}
	if other := b.resolve(phone(1, false), Identity{Kind: WebShop, Value: "shopify:2"}); other == first {
		t.Error("somebody who typed her number became her")
	}
	b.do(func(tx pgx.Tx) error {
		_, err := ProfileOf(t.Context(), tx, b.brand, first)
		return err
	})
}

func TestSixteenAtOnceMakeOneCustomer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for round := range 5 {
		ids := make([]shop.ID, 16)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				given := []Identity{phone(round, true), {Email, fmt.Sprintf("r%d@example.com", round), true}}
				if i%2 == 0 {
					given[0], given[1] = given[1], given[0]
				}
				err := b.pool.Brand(t.Context(), b.brand, func(tx pgx.Tx) (err error) {
					ids[i], err = Resolve(t.Context(), tx, b.brand, given, now)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, id := range ids {
			if id != ids[0] || id.IsZero() {
				t.Fatalf("round %d: %v", round, ids)
			}
		}
	}
	var customers int
	b.do(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM customer WHERE brand_id = $1`, b.brand).Scan(&customers)
	})
	if customers != 5 {
		t.Errorf("%d customers; those made in vain must be gone", customers)
	}
}

func TestVerifiedNumberTakesItselfBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	thief := b.resolve(Identity{Kind: WebShop, Value: "shopify:666"}, phone(7, false))
	owner := b.resolve(phone(7, true))
	if owner == thief {
		t.Fatal("the owner of the number became whoever typed it first")
	}
	if got := b.resolve(phone(7, true)); got != owner {
		t.Error("the number does not lead to its owner")
	}
	if d := cmp.Diff([]string{"identity_moved"}, b.acts(owner)); d != "" {
		t.Error(d)
	}
}

func TestConflictOfIdentitiesIsNotedAndTakesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	x := b.resolve(Identity{Kind: WebShop, Value: "shopify:1"})
	y := b.resolve(phone(2, true))
	if got := b.resolve(phone(2, true), Identity{Kind: WebShop, Value: "shopify:1"}); got != x {
		t.Error("the platform's id does not come first")
	}
	if got := b.resolve(phone(2, true)); got != y {
		t.Error("the number was taken from its owner")
	}
	if d := cmp.Diff([]string{"identity_conflict"}, b.acts(x)); d != "" {
		t.Error(d)
	}
}

func TestJoiningMakesAMemberOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.resolve(Identity{Kind: OIDC, Value: "https://id.example.com:abc"})
	j := Joining{
		Details:    Details{Name: "林小美", Language: shop.TraditionalChinese},
		Identities: []Identity{phone(1, false)},
		Consents:   []Consent{{Channel: ByPush, Granted: true, Source: "brand_app"}},
	}
	join := func() (out Joined) {
		b.do(func(tx pgx.Tx) (err error) {
			out, err = Join(t.Context(), tx, shop.System(b.brand), id, j, now)
			return err
		})
		return out
	}
	first, second := join(), join()
	if !first.First || second.First || first.MemberNo != second.MemberNo || !isMemberNo(first.MemberNo) {
		t.Errorf("first %+v, second %+v", first, second)
	}
	var c Customer
	b.do(func(tx pgx.Tx) (err error) {
		c, err = ByID(t.Context(), tx, b.brand, id)
		return err
	})
	if !c.IsMember() || c.Name != "林小美" || c.Language != shop.TraditionalChinese {
		t.Errorf("%+v", c)
	}
	if d := cmp.Diff([]string{"consent_changed", "customer_joined"}, slices.Sorted(slices.Values(b.acts(id)))); d != "" {
		t.Error(d)
	}
}

func TestConsentKeepsWhatWasSaidLast(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.resolve(phone(1, true))
	say := func(granted bool, at time.Time) {
		b.do(func(tx pgx.Tx) error {
			return SetConsents(t.Context(), tx, shop.System(b.brand), id, []Consent{{Channel: ByPush, Granted: granted, Source: "till", At: at}}, now)
		})
	}
	say(true, now.Add(-2*time.Hour))
	say(true, now.Add(-time.Hour))   // again: keeps its first time
	say(false, now)                  // refuses
	say(true, now.Add(-time.Minute)) // arrives late
	want := []Consent{{Channel: ByPush, Granted: false, Source: "till", At: now}}
	var got []Consent
	b.do(func(tx pgx.Tx) (err error) {
		got, err = Consents(t.Context(), tx, b.brand, id)
		return err
	})
	if d := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); d != "" {
		t.Error(d)
	}
	if n := len(b.acts(id)); n != 2 {
		t.Errorf("%d changes in the audit, want 2", n)
	}
	err := b.pool.Brand(t.Context(), b.brand, func(tx pgx.Tx) error {
		return SetConsents(t.Context(), tx, shop.System(b.brand), id, []Consent{{Channel: "fax", Source: "till"}}, now)
	})
	if !errors.Is(err, shop.ErrFields) {
		t.Errorf("an unknown channel: %v", err)
	}
}

func TestFiguresAddUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.resolve(phone(1, true))
	var p Profile
	b.do(func(tx pgx.Tx) error {
		later, earlier := now.Add(time.Hour), now.Add(-time.Hour)
		for _, f := range []Figures{
			{Orders: 1, SpentMinor: 21000, Currency: "TWD", FirstOrder: now, LastOrder: now},
			{Orders: 1, SpentMinor: 500, Currency: "TWD", FirstOrder: later, LastOrder: later},
			{Orders: 1, SpentMinor: 100, Currency: "TWD", FirstOrder: earlier, LastOrder: earlier}, // came late
			{SpentMinor: -1000},
		} {
			if err := NoteOrder(t.Context(), tx, b.brand, id, f); err != nil {
				return err
			}
		}
		if err := NoteHome(t.Context(), tx, b.brand, id, b.f.S1, b.f.Amy, now); err != nil {
			return err
		}
		var err error
		p, err = ProfileOf(t.Context(), tx, b.brand, id)
		return err
	})
	want := Profile{
		Customer: id, Figures: Figures{Orders: 3, SpentMinor: 20600, Currency: "TWD", FirstOrder: now.Add(-time.Hour), LastOrder: now.Add(time.Hour)},
		HomeStore: b.f.S1, HomeStaff: b.f.Amy, HomeSince: now,
	}
	if d := cmp.Diff(want, p, cmp.Comparer(time.Time.Equal)); d != "" {
		t.Error(d)
	}
}

func TestUnknownCustomersAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nobody := shop.NewID(now)
	for why, act := range map[string]func(tx pgx.Tx) error{
		"lock":  func(tx pgx.Tx) error { return Lock(t.Context(), tx, b.brand, nobody) },
		"order": func(tx pgx.Tx) error { return NoteOrder(t.Context(), tx, b.brand, nobody, Figures{Orders: 1}) },
		"home":  func(tx pgx.Tx) error { return NoteHome(t.Context(), tx, b.brand, nobody, b.f.S1, shop.ID{}, now) },
		"consent": func(tx pgx.Tx) error {
			return SetConsents(t.Context(), tx, shop.System(b.brand), nobody, []Consent{{Channel: ByPush, Source: "till"}}, now)
		},
		"join": func(tx pgx.Tx) error {
			_, err := Join(t.Context(), tx, shop.System(b.brand), nobody, Joining{}, now)
			return err
		},
		"find": func(tx pgx.Tx) error {
			_, err := Find(t.Context(), tx, b.brand, phone(1, false))
			return err
		},
	} {
		if err := b.pool.Brand(t.Context(), b.brand, act); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", why, err)
		}
	}
}
