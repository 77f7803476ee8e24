package dispute_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/plan"
)

// Ben says that she was his since 5 March. What she bought before stays Amy's; what she bought since is his and his store's,
// and so is she from the decision on.
func TestACustomerWhoWasTheirsIsTheirsWithWhatSheBoughtSince(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	who := b.hers()
	b.buys("before", who)
	since := b.at("2026-03-05 12:00")
	b.buys("since", who)
	b.at("2026-03-10 12:00")
	b.buys("later", who)
	d := b.raise(b.ben, dispute.Plea{Customer: who, Role: plan.HomeStaff, Since: since, Said: "I won her"})
	b.at("2026-03-12 12:00")
	if _, err := b.Uphold(t.Context(), b.mia, d.ID, "she says so herself", time.Time{}); err != nil {
		t.Fatal(err)
	}
	b.at("2026-03-13 12:00")
	b.buys("after", who)
	for to, want := range map[attribution.Beneficiary]int64{
		attribution.StaffOf(b.Amy): 8, attribution.StoreOf(b.S1): 12, attribution.StaffOf(b.Ben): 24, attribution.StoreOf(b.S2): 36,
	} {
		if got := b.has(to); got != want {
			t.Errorf("%s has %d, want %d", to, got, want)
		}
	}
	b.in(func(tx pgx.Tx) error {
		h, err := binding.HolderAt(t.Context(), tx, b.Brand, who, b.clock())
		if h.Store != b.S2 || h.Staff != b.Ben || h.Source != binding.ByTransfer {
			t.Errorf("%+v", h)
		}
		return err
	})
	b.bookIsWhole(t)
}

func TestWhoDecidesMaySayALaterDay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	since := b.at("2026-03-01 12:00")
	who := b.hers()
	b.buys("o1", who)
	from := b.at("2026-03-10 12:00")
	b.buys("o2", who)
	d := b.raise(b.ben, dispute.Plea{Customer: who, Role: plan.HomeStaff, Since: since, Said: "I won her"})
	if _, err := b.Uphold(t.Context(), b.hq, d.ID, "only since then", from); err != nil {
		t.Fatal(err)
	}
	if amy, ben := b.has(attribution.StaffOf(b.Amy)), b.has(attribution.StaffOf(b.Ben)); amy != 8 || ben != 8 {
		t.Errorf("Amy has %d, Ben %d", amy, ben)
	}
}

// A manager speaks for her store alone: what Amy had as a person is for all who work there.
func TestACustomerOfAStoreAloneBringsItsPoolWhatThePersonHad(t *testing.T) {
	t.Parallel()
	b := setup(t)
	since := b.at("2026-03-01 12:00")
	who := b.hers()
	b.buys("o1", who)
	b.at("2026-03-02 12:00")
	d := b.raise(b.kim, dispute.Plea{Customer: who, Role: plan.HomeStore, Since: since, Said: "she is ours"})
	if _, err := b.Uphold(t.Context(), b.hq, d.ID, "fair", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if pool, store := b.has(attribution.PoolOf(b.S2)), b.has(attribution.StoreOf(b.S2)); pool != 8 || store != 12 {
		t.Errorf("the pool has %d, the store %d", pool, store)
	}
}

// What she chose herself binds managers alike, and nothing of the decision is left.
func TestHerOwnChoiceIsNotDecidedByOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	since := b.at("2026-03-01 12:00")
	who := b.hers()
	b.buys("o1", who)
	if _, err := b.bindings.Choose(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: who}, b.S1); err != nil {
		t.Fatal(err)
	}
	d := b.raise(b.ben, dispute.Plea{Customer: who, Role: plan.HomeStaff, Since: since, Said: "I won her"})
	_, err := b.Uphold(t.Context(), b.hq, d.ID, "fair", time.Time{})
	refused(t, "hers to say", err, binding.ErrCustomerChoice)
	if seen, err := b.Read(t.Context(), b.ben, d.ID); err != nil || seen.State != dispute.Raised || b.has(attribution.StaffOf(b.Ben)) != 0 {
		t.Errorf("%+v %v", seen, err)
	}
}

func TestSomebodyWhomNobodyHasWonIsNoQuarrel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	since := b.at("2026-03-01 12:00")
	_, err := b.Raise(t.Context(), b.ben, dispute.Plea{Customer: b.customer(), Role: plan.HomeStaff, Since: since, Said: "mine"})
	refused(t, "claim her instead", err, dispute.ErrNothing)
}
