package dispute_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/visit"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/plan"
)

func (b *bundle) list(who shop.Actor, q dispute.Query) (ids []shop.ID) {
	b.t.Helper()
	all, _, err := b.List(b.t.Context(), who, q, shop.Page{Limit: 50})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	return ids
}

func TestWhoSeesWhichDisputes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	who := b.hers()
	of := b.buys("o1", who)
	first := b.mine(of).ID
	if _, err := b.Refuse(t.Context(), b.kim, first, "no"); err != nil {
		t.Fatal(err)
	}
	b.at("2026-03-02 12:00")
	second := b.raise(b.kim, dispute.Plea{Order: of, Role: plan.HomeStore, Said: "ours"}).ID
	colleague := shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: shop.NewID(b.clock()), Stores: []shop.ID{b.S1, b.S2}}
	third := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: shop.NewID(b.clock()), Stores: []shop.ID{b.Web}}
	for _, tt := range []struct {
		why string
		who shop.Actor
		q   dispute.Query
		see []shop.ID
	}{
		{"who raised one", b.ben, dispute.Query{}, []shop.ID{first}},
		{"whom one is against", b.amy, dispute.Query{}, []shop.ID{first}},
		{"a colleague of both", colleague, dispute.Query{}, nil},
		{"the manager of one side", b.mia, dispute.Query{}, []shop.ID{second, first}},
		{"the manager of the other", b.kim, dispute.Query{}, []shop.ID{second, first}},
		{"a manager who has no part in it", third, dispute.Query{}, nil},
		{"head office", b.hq, dispute.Query{}, []shop.ID{second, first}},
		{"what waits", b.hq, dispute.Query{State: dispute.Raised}, []shop.ID{second}},
		{"of a store on either side", b.hq, dispute.Query{Store: b.S1}, []shop.ID{second, first}},
		{"of a store that has no part in it", b.hq, dispute.Query{Store: b.Web}, nil},
	} {
		if d := cmp.Diff(tt.see, b.list(tt.who, tt.q)); d != "" {
			t.Errorf("%s: %s", tt.why, d)
		}
		for _, id := range []shop.ID{first, second} {
			if tt.q != (dispute.Query{}) {
				continue
			}
			want := dispute.ErrUnknown
			if slices.Contains(tt.see, id) {
				want = nil
			}
			_, err := b.Read(t.Context(), tt.who, id)
			refused(t, tt.why, err, want)
		}
	}
	if _, _, err := b.List(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: who}, dispute.Query{}, shop.Page{Limit: 1}); err == nil {
		t.Error("a customer reads disputes")
	}
}

func TestACaseShowsWhatItIsDecidedBy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-02-20 12:00")
	who := b.hers()
	if _, err := b.bindings.Claim(t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: b.S2, Staff: b.Ben, Source: binding.FromTill}); err == nil {
		t.Fatal("she is Amy's")
	}
	b.at("2026-02-28 12:00")
	b.in(func(tx pgx.Tx) error {
		_, err := visit.AtTill(t.Context(), tx, b.ben, who, b.S2, b.clock())
		return err
	})
	b.at("2026-03-01 12:00")
	of := b.buys("o1", who)
	d := b.mine(of)
	c, err := b.CaseOf(t.Context(), b.mia, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if c.Customer != who || len(c.Past.Bindings) != 1 || len(c.Past.Claims) != 2 || c.Past.Claims[1].Outcome != "already_bound" || c.Past.Claims[1].Staff != b.Ben {
		t.Errorf("past %+v", c.Past)
	}
	if len(c.Visits) != 1 || c.Visits[0].Store != b.S2 || c.Visits[0].Staff != b.Ben {
		t.Errorf("visits %+v", c.Visits)
	}
	if len(c.Orders) != 1 || c.Orders[0].Order != of || c.Orders[0].Plan == nil || c.Orders[0].Plan.Conflict.HomeDisplay != plan.Both {
		t.Fatalf("orders %+v", c.Orders)
	}
	if len(c.Holders) != 1 || c.Holders[0].Party != attribution.StaffOf(b.Amy) {
		t.Errorf("%+v", c.Holders)
	}
	if n := b.number(`SELECT count(*) FROM audit WHERE brand_id = $1 AND act = 'dispute_read' AND customer_id = $2`, who); n != 1 {
		t.Errorf("%d looks in the audit", n)
	}
	if _, err := b.Uphold(t.Context(), b.mia, d.ID, "fair", time.Time{}); err != nil {
		t.Fatal(err)
	}
	after, err := b.CaseOf(t.Context(), b.hq, d.ID)
	if err != nil || after.Dispute.Against[0].Party != attribution.StaffOf(b.Amy) || after.Holders != nil {
		t.Errorf("whom it was against stays: %+v %v", after.Dispute, err)
	}
	_, err = b.CaseOf(t.Context(), b.ben, d.ID)
	refused(t, "staff are not shown the customer", err, shop.ErrForbidden)
}

func TestFiguresTellWhoWasRight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.at("2026-03-01 12:00")
	who := b.hers()
	decide := func(order string, raised, decided string, uphold bool) {
		b.at(raised)
		d := b.mine(b.buys(order, who))
		b.at(decided)
		act := b.Refuse
		if uphold {
			_, err := b.Uphold(t.Context(), b.hq, d.ID, "fair", time.Time{})
			refused(t, order, err, nil)
			return
		}
		_, err := act(t.Context(), b.hq, d.ID, "as it is")
		refused(t, order, err, nil)
	}
	decide("o1", "2026-03-02 12:00", "2026-03-03 11:59", true) // within a day
	decide("o2", "2026-03-04 12:00", "2026-03-07 12:00", false)
	decide("o3", "2026-03-08 12:00", "2026-03-18 12:00", true)
	decide("o4", "2026-03-31 12:00", "2026-04-02 12:00", false) // counts in April, when it was decided
	b.at("2026-03-31 23:59")
	march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	row := func(by shop.Actor, first, last time.Time, party attribution.Beneficiary) dispute.Row {
		t.Helper()
		rows, err := b.Figures(t.Context(), by, first, last)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(rows, func(r dispute.Row) bool { return r.Party == party })
		if i < 0 {
			return dispute.Row{}
		}
		return rows[i]
	}
	tally := dispute.Tally{Raised: 4, Upheld: 2, Refused: 1, MedianDays: 3}
	ben, amy := attribution.StaffOf(b.Ben), attribution.StaffOf(b.Amy)
	if d := cmp.Diff(dispute.Row{Store: b.S2, Party: ben, For: tally}, row(b.hq, march, march, ben)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(dispute.Row{Store: b.S1, Party: amy, Against: tally}, row(b.hq, march, march, amy)); d != "" {
		t.Error(d)
	}
	both := dispute.Tally{Raised: 4, Upheld: 2, Refused: 2, MedianDays: 2}
	if d := cmp.Diff(dispute.Row{Store: b.S2, Party: attribution.StoreOf(b.S2), For: both}, row(b.kim, march, march.AddDate(0, 1, 0), attribution.StoreOf(b.S2))); d != "" {
		t.Error(d)
	}
	if other := row(b.kim, march, march, amy); other != (dispute.Row{}) {
		t.Errorf("a manager reads another store's figures: %+v", other)
	}
	_, err := b.Figures(t.Context(), b.ben, march, march)
	refused(t, "staff", err, shop.ErrForbidden)
}
