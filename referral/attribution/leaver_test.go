package attribution

import (
	"testing"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

func TestWhatWasNotPayableWhenSomebodyLeftIsThePools(t *testing.T) {
	t.Parallel()
	pooled, kept := rates("selling_store 400", "selling_staff 100")+`, "hold_days": 7, "leaver": "pool"`, rates("selling_store 400", "selling_staff 100")+`, "hold_days": 7`
	tests := []struct {
		why, plan, left, to string // received on 2 March: payable from 00:00 of the 10th
	}{
		{"nobody has left", pooled, "", "staff:lin"},
		{"pending when she left", pooled, "2026-03-09 23:59", "pool:harbour"},
		{"payable at that very instant", pooled, "2026-03-10 00:00", "staff:lin"},
		{"payable when she left", pooled, "2026-03-10 00:01", "staff:lin"},
		{"she had left before it was sold", pooled, "2026-03-01 12:00", "pool:harbour"},
		{"the plan lets her keep it", kept, "2026-03-09 23:59", "staff:lin"},
	}
	for _, tt := range tests {
		in := till(planOf(t, tt.plan), goods(1, 2, 5000)).refunded("2026-03-05 12:00", half(1))
		if tt.left != "" {
			in.Left = map[shop.ID]Exit{id("lin"): {At: at(tt.left), Store: id("harbour")}}
		}
		r := Compute(in)
		store, staff := r.Credits[0], r.Credits[1]
		if written(store.To) != "store:north" || store.Minor != 400 {
			t.Errorf("%s: the store has %d for %s", tt.why, store.Minor, written(store.To))
		}
		if written(staff.To) != tt.to || staff.Minor != 100 || staff.Reversed != 50 {
			t.Errorf("%s: %+v, want to %s", tt.why, staff, tt.to)
		}
	}
}

func TestWhatWasNeverReceivedIsPendingWhenSheLeaves(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, rates("home_staff 100")+`, "leaver": "pool"`), goods(1, 1, 10000)).heldBy("north", "lin")
	in.Left = map[shop.ID]Exit{id("lin"): {At: at("2027-01-01 00:00"), Store: id("north")}}
	if r := Compute(in); written(r.Credits[0].To) != "pool:north" {
		t.Errorf("%+v", r.Credits)
	}
	in.Left = map[shop.ID]Exit{id("lin"): {At: at("2027-01-01 00:00")}}
	if r := Compute(in); written(r.Credits[0].To) != "staff:lin" {
		t.Errorf("without a last store there is no pool: %+v", r.Credits)
	}
}

// Decisions are of 6 April; nothing is payable yet.
func TestWhoLeavesLeavesWhatWasHersThen(t *testing.T) {
	t.Parallel()
	nobody, lin, wu, pool := Beneficiary{}, StaffOf(id("lin")), StaffOf(id("wu")), PoolOf(id("north"))
	tests := []struct {
		why, left string // of Lin, from whom the customer is
		change    func(Input) Input
		to        string
	}{
		{"it was Wu's when she left", "2026-04-07 12:00", func(in Input) Input { return in.ruled(plan.HomeStaff, lin, wu) }, "staff:wu"},
		{"it was hers again when she left", "2026-04-07 12:00", func(in Input) Input { return in.ruled(plan.HomeStaff, lin, wu).ruled(plan.HomeStaff, wu, lin) }, "pool:north"},
		{"it was the pool's when it was decided", "2026-04-05 12:00", func(in Input) Input { return in.ruled(plan.HomeStaff, lin, wu) }, "pool:north"},
		{"at that very instant she had left", "2026-04-06 12:00", func(in Input) Input { return in.ruled(plan.HomeStaff, lin, wu) }, "pool:north"},
		{"whoever had it", "2026-04-05 12:00", func(in Input) Input { return in.ruled(plan.HomeStaff, nobody, wu) }, "staff:wu"},
		{"it was decided for her after she had left", "2026-04-05 12:00", func(in Input) Input { return in.ruled(plan.HomeStaff, pool, lin) }, "staff:lin"},
		{"at that very instant it was decided for her", "2026-04-06 12:00", func(in Input) Input { return in.ruled(plan.HomeStaff, pool, lin) }, "staff:lin"},
		{"what was hers already was decided for her", "2026-04-07 12:00", func(in Input) Input { return in.ruled(plan.HomeStaff, nobody, lin) }, "pool:north"},
	}
	for _, tt := range tests {
		in := online(planOf(t, rates("home_staff 100")+`, "leaver": "pool"`), goods(1, 1, 10000)).heldBy("north", "lin")
		in.Left = map[shop.ID]Exit{id("lin"): {At: at(tt.left), Store: id("north")}}
		in = tt.change(in)
		r, trace := Traced(in)
		if got := written(r.Credits[0].To); got != tt.to || r.Credits[0].Minor != 100 {
			t.Errorf("%s: %s has %d, want %s", tt.why, got, r.Credits[0].Minor, tt.to)
		}
		if again, err := Recompute(stored(t, trace)); err != nil || accounted(t, again) != accounted(t, r) {
			t.Errorf("%s: its trace gives %+v, %v", tt.why, again.Credits, err)
		}
	}
}

func TestWhoLeftWithWhatWasDecidedForHerIsInTheTrace(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, rates("home_staff 100")+`, "leaver": "pool"`), goods(1, 1, 10000)).heldBy("north", "lin").ruled(plan.HomeStaff, Beneficiary{}, StaffOf(id("wu")))
	in.Left = map[shop.ID]Exit{id("wu"): {At: at("2026-04-07 12:00"), Store: id("garden")}}
	r, trace := Traced(in)
	if written(r.Credits[0].To) != "pool:garden" || len(trace.Left) != 1 || trace.Left[0].Staff != id("wu") {
		t.Errorf("%+v, left %+v", r.Credits, trace.Left)
	}
	if again, err := Recompute(stored(t, trace)); err != nil || accounted(t, again) != accounted(t, r) {
		t.Errorf("its trace gives %+v, %v", again.Credits, err)
	}
}
