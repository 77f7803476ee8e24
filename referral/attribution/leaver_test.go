package attribution

import (
	"testing"

	"homestore/clienteling/shop"
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
