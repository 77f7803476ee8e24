package dispute_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/plan"
)

func TestWhatIsUpheldIsTheirsWithItsLaterRefunds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	of := b.buys("o1", b.hers())
	b.at("2026-03-03 12:00")
	d := b.mine(of)
	if d.State != dispute.Raised || d.For != (dispute.Side{Party: attribution.StaffOf(b.Ben), Store: b.S2}) ||
		len(d.Against) != 1 || d.Against[0] != (dispute.Side{Party: attribution.StaffOf(b.Amy), Store: b.S1}) || !d.Since.Equal(d.RaisedAt.AddDate(0, 0, -2)) {
		t.Errorf("%+v", d)
	}
	b.at("2026-03-05 12:00")
	done, err := b.Uphold(t.Context(), b.mia, d.ID, " seen on the visit log ", time.Time{})
	if err != nil || done.State != dispute.Upheld || done.Reason != "seen on the visit log" || done.DecidedBy != b.mia.Pseudonym() {
		t.Fatalf("%+v %v", done, err)
	}
	if amy, ben, store := b.has(attribution.StaffOf(b.Amy)), b.has(attribution.StaffOf(b.Ben)), b.has(attribution.StoreOf(b.S1)); amy != 0 || ben != 8 || store != 12 {
		t.Errorf("Amy has %d, Ben %d, the store %d", amy, ben, store)
	}
	b.apply(order.WasRefunded{Order: "o1", ExternalID: "r1", Kind: order.RefundPaid, At: b.clock(), Amount: 210})
	if amy, ben := b.has(attribution.StaffOf(b.Amy)), b.has(attribution.StaffOf(b.Ben)); amy != 0 || ben != 4 {
		t.Errorf("after half of it came back Amy has %d and Ben %d", amy, ben)
	}
	// Both see it.
	for _, who := range []shop.Actor{b.amy, b.ben} {
		if seen, err := b.Read(t.Context(), who, d.ID); err != nil || seen.Reason != done.Reason || seen.State != dispute.Upheld {
			t.Errorf("%s: %+v %v", who.Pseudonym(), seen, err)
		}
	}
	if n := b.number(`SELECT count(*) FROM audit WHERE brand_id = $1 AND act IN ('dispute_raised', 'dispute_upheld') AND subject_id = $2`, d.ID); n != 2 {
		t.Errorf("%d entries in the audit", n)
	}
	b.bookIsWhole(t)
}

func TestWhatIsRefusedOrWithdrawnStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	of := b.buys("o1", b.hers())
	before := b.number(`SELECT count(*) FROM ledger_transfer WHERE brand_id = $1`)
	d := b.mine(of)
	if _, err := b.Refuse(t.Context(), b.kim, d.ID, "you did not"); err != nil {
		t.Fatal(err)
	}
	again := b.mine(of) // decided is not open
	_, err := b.Withdraw(t.Context(), b.amy, again.ID)
	refused(t, "by whom it is against", err, dispute.ErrUnknown)
	if w, err := b.Withdraw(t.Context(), b.ben, again.ID); err != nil || w.State != dispute.Withdrawn || w.Reason != "" {
		t.Errorf("%+v %v", w, err)
	}
	third := b.mine(of)
	if _, err := b.Withdraw(t.Context(), b.kim, third.ID); err != nil { // her manager takes it back
		t.Error(err)
	}
	for _, id := range []shop.ID{d.ID, again.ID} {
		_, err := b.Uphold(t.Context(), b.hq, id, "after all", time.Time{})
		refused(t, "what has ended", err, dispute.ErrDecided)
		_, err = b.Withdraw(t.Context(), b.ben, id)
		refused(t, "what has ended", err, dispute.ErrDecided)
	}
	if after := b.number(`SELECT count(*) FROM ledger_transfer WHERE brand_id = $1`); after != before {
		t.Errorf("%d transfers became %d", before, after)
	}
}

// heard keeps how disputes ended of which it was told.
type heard struct{ ended []string }

func (h *heard) Ruled(_ context.Context, _ pgx.Tx, _ shop.BrandID, d dispute.Dispute, _ time.Time) error {
	h.ended = append(h.ended, fmt.Sprint(d.ID, " ", d.State, " ", d.Raiser))
	return nil
}

func TestWhoListensHearsOfWhatWasDecidedAndNotOfWhatWasWithdrawn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ear := &heard{}
	b.Telling(ear)
	b.at("2026-03-01 12:00")
	of := b.buys("o1", b.hers())
	refused := b.mine(of)
	if _, err := b.Refuse(t.Context(), b.hq, refused.ID, "you did not"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Withdraw(t.Context(), b.ben, b.mine(of).ID); err != nil {
		t.Fatal(err)
	}
	upheld := b.mine(of)
	if _, err := b.Uphold(t.Context(), b.hq, upheld.ID, "you did", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Uphold(t.Context(), b.hq, upheld.ID, "again", time.Time{}); err == nil {
		t.Error("it was decided twice")
	}
	want := []string{fmt.Sprint(refused.ID, " refused ", b.Ben), fmt.Sprint(upheld.ID, " upheld ", b.Ben)}
	if !slices.Equal(ear.ended, want) {
		t.Errorf("heard of %v, want %v", ear.ended, want)
	}
}

// Abuse 29: somebody approves her own commission. Nobody decides who raised it, gains or loses by it, nor a manager for her own
// store; what is between two stores is decided against one's own, or by head office.
func TestAbuse29NobodyDecidesAboutHerOwnCommission(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	of := b.buys("o1", b.hers())
	promoted := func(who shop.ID, role shop.Role, stores ...shop.ID) shop.Actor {
		return shop.Actor{Brand: b.Brand, Role: role, ID: who, Stores: stores}
	}
	both := promoted(shop.NewID(b.clock()), shop.RoleManager, b.S1, b.S2)
	elsewhere := promoted(shop.NewID(b.clock()), shop.RoleManager, b.Web)
	for _, tt := range []struct {
		why            string
		by             shop.Actor
		uphold, refuse *shop.Refusal
	}{
		{"who raised it and gains", promoted(b.Ben, shop.RoleHQ), shop.ErrOwnApproval, shop.ErrOwnApproval},
		{"the same as manager of both stores", promoted(b.Ben, shop.RoleManager, b.S1, b.S2), shop.ErrOwnApproval, shop.ErrOwnApproval},
		{"who has it", promoted(b.Amy, shop.RoleHQ), shop.ErrOwnApproval, shop.ErrOwnApproval},
		{"the manager of the store that gains may say no", b.kim, shop.ErrOwnApproval, nil},
		{"the manager of the store that loses may give it away", b.mia, nil, shop.ErrOwnApproval},
		{"the manager of both", both, nil, nil},
		{"head office", b.hq, nil, nil},
		{"the manager of a third store", elsewhere, dispute.ErrUnknown, dispute.ErrUnknown},
		{"staff", b.amy, shop.ErrForbidden, shop.ErrForbidden},
		{"finance", promoted(b.hq.ID, shop.RoleFinance), shop.ErrForbidden, shop.ErrForbidden},
	} {
		d := b.mine(of)
		_, err := b.Refuse(t.Context(), tt.by, d.ID, "as it is")
		refused(t, tt.why+" refuses", err, tt.refuse)
		if err == nil {
			d = b.mine(of)
		}
		_, err = b.Uphold(t.Context(), tt.by, d.ID, "fair", time.Time{})
		refused(t, tt.why+" upholds", err, tt.uphold)
		if err == nil { // back to Amy, so that the next begins as this one did
			back := b.raise(b.amy, dispute.Plea{Order: of, Role: plan.HomeStaff, Said: "mine"})
			if _, err := b.Uphold(t.Context(), b.hq, back.ID, "for the next", time.Time{}); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := b.Withdraw(t.Context(), b.ben, d.ID); err != nil {
			t.Fatal(err)
		}
	}
	b.bookIsWhole(t)
}

func TestWhoDecidesGivesAReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	d := b.mine(b.buys("o1", b.hers()))
	ben := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Ben}
	for _, reason := range []string{"", " \t\n", strings.Repeat("a", 2001)} {
		_, err := b.Uphold(t.Context(), b.hq, d.ID, reason, time.Time{})
		refused(t, "upheld", err, binding.ErrReason)
		_, err = b.Refuse(t.Context(), ben, d.ID, reason)
		refused(t, "a reason comes before who it is", err, binding.ErrReason)
	}
}

func TestWhoRaisesWhat(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	who := b.hers()
	of := b.buys("o1", who)
	b.at("2026-03-10 12:00")
	plea := func(change func(*dispute.Plea)) dispute.Plea {
		p := dispute.Plea{Order: of, Role: plan.HomeStaff, Said: "mine"}
		change(&p)
		return p
	}
	gone := shop.NewID(b.clock())
	for _, tt := range []struct {
		why  string
		by   shop.Actor
		plea dispute.Plea
		want *shop.Refusal
	}{
		{"finance", shop.Actor{Brand: b.Brand, Role: shop.RoleFinance, ID: gone}, plea(func(*dispute.Plea) {}), shop.ErrForbidden},
		{"staff for their store", b.ben, plea(func(p *dispute.Plea) { p.Role = plan.HomeStore }), shop.ErrForbidden},
		{"staff for somebody else", b.ben, plea(func(p *dispute.Plea) { p.For = attribution.StaffOf(b.Amy) }), shop.ErrForbidden},
		{"a manager for somebody else", b.kim, plea(func(p *dispute.Plea) { p.For = attribution.StaffOf(b.Amy) }), shop.ErrForbidden},
		{"nothing is named", b.ben, plea(func(p *dispute.Plea) { p.Order = shop.ID{} }), shop.ErrFields},
		{"both are named", b.ben, plea(func(p *dispute.Plea) { p.Customer, p.Since = who, b.clock() }), shop.ErrFields},
		{"no word", b.ben, plea(func(p *dispute.Plea) { p.Said = "  " }), shop.ErrFields},
		{"too many words", b.ben, plea(func(p *dispute.Plea) { p.Said = strings.Repeat("a", 2001) }), shop.ErrFields},
		{"no such role", b.hq, plea(func(p *dispute.Plea) { p.Role = "owner" }), shop.ErrFields},
		{"a customer in a role of a sale", b.ben, dispute.Plea{Customer: who, Role: plan.SellingStaff, Since: b.clock(), Said: "mine"}, shop.ErrFields},
		{"a customer since tomorrow", b.ben, dispute.Plea{Customer: who, Role: plan.HomeStaff, Since: b.clock().AddDate(0, 0, 1), Said: "mine"}, shop.ErrFields},
		{"a customer since never", b.ben, dispute.Plea{Customer: who, Role: plan.HomeStaff, Said: "mine"}, shop.ErrFields},
		{"an order that is none", b.ben, plea(func(p *dispute.Plea) { p.Order = gone }), shop.ErrNotFound},
		{"a customer who is none", b.ben, dispute.Plea{Customer: gone, Role: plan.HomeStaff, Since: b.clock(), Said: "mine"}, customer.ErrUnknown},
		{"at a store where she did not work", b.ben, plea(func(p *dispute.Plea) { p.Store = b.S1 }), binding.ErrNotAssigned},
		{"a manager for a store that is not hers", b.kim, plea(func(p *dispute.Plea) { p.Role, p.Store = plan.HomeStore, b.S1 }), team.ErrStoreUnknown},
		{"a manager for a store that is none", b.kim, plea(func(p *dispute.Plea) { p.Role, p.Store = plan.HomeStore, gone }), team.ErrStoreUnknown},
		{"what she has already", b.amy, plea(func(*dispute.Plea) {}), dispute.ErrNothing},
		{"what nobody has", b.ben, plea(func(p *dispute.Plea) { p.Role = plan.SellingStaff }), dispute.ErrNothing},
		{"from somebody who does not have it", b.ben, plea(func(p *dispute.Plea) { p.From = attribution.PoolOf(b.S1) }), dispute.ErrNothing},
		{"her part", b.ben, plea(func(*dispute.Plea) {}), nil},
		{"again, while that waits", b.ben, plea(func(*dispute.Plea) {}), dispute.ErrAlready},
		{"a manager for her store", b.kim, plea(func(p *dispute.Plea) { p.Role = plan.HomeStore }), nil},
		{"head office for a person", b.hq, plea(func(p *dispute.Plea) { p.For = attribution.StaffOf(b.Ben) }), nil},
	} {
		_, err := b.Raise(t.Context(), tt.by, tt.plea)
		refused(t, tt.why, err, tt.want)
	}
}

func TestAQuarrelComesInTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	of := b.buys("o1", b.hers())
	p := dispute.Plea{Order: of, Role: plan.HomeStaff, Said: "mine"}
	b.at("2026-05-30 12:01")
	_, err := b.Raise(t.Context(), b.ben, p)
	refused(t, "after 90 days", err, dispute.ErrTooLate)
	late := p
	late.For = attribution.StaffOf(b.Ben)
	if _, err := b.Raise(t.Context(), b.hq, late); err != nil {
		t.Errorf("head office may look at anything: %v", err)
	}
	b.at("2026-05-30 12:00")
	b.raise(b.ben, p)
}

func TestSixteenDecidersAndOneDecides(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	d := b.mine(b.buys("o1", b.hers()))
	errs := make([]error, 16)
	var deciders sync.WaitGroup
	for i := range errs {
		deciders.Go(func() {
			if i%2 == 0 {
				_, errs[i] = b.Uphold(t.Context(), b.hq, d.ID, "fair", time.Time{})
			} else {
				_, errs[i] = b.Refuse(t.Context(), b.hq, d.ID, "as it is")
			}
		})
	}
	deciders.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, dispute.ErrDecided):
			t.Error(err)
		}
	}
	done, err := b.Read(t.Context(), b.ben, d.ID)
	if err != nil || won != 1 {
		t.Errorf("%d of sixteen decided: %v", won, err)
	}
	want := map[dispute.State][2]int64{dispute.Upheld: {0, 8}, dispute.Refused: {8, 0}}[done.State]
	if got := [2]int64{b.has(attribution.StaffOf(b.Amy)), b.has(attribution.StaffOf(b.Ben))}; got != want {
		t.Errorf("%s: Amy and Ben have %v", done.State, got)
	}
	if n := b.number(`SELECT count(*) FROM order_decision WHERE brand_id = $1`); n != int(want[1]/8) {
		t.Errorf("%d decisions", n)
	}
	b.bookIsWhole(t)
}

func TestSixteenWhoSayItOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	of := b.buys("o1", b.hers())
	errs := make([]error, 16)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			_, errs[i] = b.Raise(t.Context(), b.ben, dispute.Plea{Order: of, Role: plan.HomeStaff, Said: "mine"})
		})
	}
	all.Wait()
	raised := 0
	for _, err := range errs {
		if err == nil {
			raised++
		} else if !errors.Is(err, dispute.ErrAlready) {
			t.Error(err)
		}
	}
	if raised != 1 {
		t.Errorf("%d were kept", raised)
	}
}
