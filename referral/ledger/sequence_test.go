package ledger

import (
	"bytes"
	"slices"
	"testing"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

func TestWhatIsPostedAtOnceStandsByParcelLineAndRole(t *testing.T) {
	t.Parallel()
	want := map[cell]wish{}
	var sequence []cell
	for _, parcel := range []string{"", "f1", "f2"} {
		for line := range 4 {
			for _, role := range []plan.Role{plan.HomeStore, plan.DisplayStore, plan.PackingStore} {
				of := cell{key{Role: role, To: s1, Parcel: parcel, Line: line, Currency: "TWD"}, ""}
				back := cell{of.key, "refund:r1"}
				want[of], want[back] = wish{Minor: 600, At: noon}, wish{Minor: -200, At: noon}
				sequence = append(sequence, of, back)
			}
		}
	}
	got := difference(want, posted{}, order.Order{ID: orderID, Currency: "TWD"}, act{noon, noon})
	slices.SortFunc(got, func(a, b Transfer) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	if len(got) != len(sequence) {
		t.Fatalf("%d transfers, want %d", len(got), len(sequence))
	}
	var given shop.ID
	for i, g := range got {
		if is := (cell{key{g.Role, g.holder(), g.Parcel, g.Line, "TWD"}, g.Fact}); is != sequence[i] {
			t.Errorf("%+v stands in the place of %+v", is, sequence[i])
		}
		if g.gives() {
			given = g.ID
		} else if g.Reverses != given {
			t.Errorf("what is taken from parcel %q, line %d, %s is taken from another", g.Parcel, g.Line, g.Role)
		}
	}
}
