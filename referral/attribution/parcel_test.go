package attribution

import (
	"slices"
	"testing"

	"homestore/clienteling/order"
)

func TestParcelFees(t *testing.T) {
	t.Parallel()
	const fixed = `"rules": [{"role": "pickup_store", "fixed_minor": 60}, {"role": "packing_store", "fixed_minor": 25}]`
	pack := func(name, when, store string, lines ...int) order.Fulfilment {
		return order.Fulfilment{ExternalID: name, Kind: order.Ship, Store: id(store), At: at(when), Lines: lines}
	}
	pickup := func(f order.Fulfilment) order.Fulfilment { f.Kind = order.Pickup; return f }
	const day1, day2 = "2026-03-03 12:00", "2026-03-04 12:00"
	tests := []struct {
		why     string
		plan    string
		parcels []order.Fulfilment
		want    []string
	}{
		{"nothing was handed over: the intention earns nothing", fixed, nil, nil},
		{"a warehouse is no store", fixed, []order.Fulfilment{pack("f", day1, "")}, nil},
		{"handed over in a store", fixed, []order.Fulfilment{pickup(pack("f", day1, "garden"))}, []string{"pickup_store store:garden 60"}},
		{"packed by a store", fixed, []order.Fulfilment{pack("f", day1, "garden")}, []string{"packing_store store:garden 25"}},
		{"each parcel has its fee", fixed, []order.Fulfilment{pack("g", day2, "garden", 2), pack("f", day1, "garden", 1)}, []string{"packing_store store:garden 50"}},
		{"two stores", fixed, []order.Fulfilment{pack("f", day1, "north", 1), pickup(pack("g", day2, "garden", 2))}, []string{"packing_store store:north 25", "pickup_store store:garden 60"}},
		{"the largest fee among its lines, once", `"rules": [{"role": "packing_store", "fixed_minor": 10, "when": {"sku": "SKU1"}}, {"role": "packing_store", "fixed_minor": 90, "when": {"sku": "SKU2"}}]`,
			[]order.Fulfilment{pack("f", day1, "north")}, []string{"packing_store store:north 90"}},
		{"the fee of the lines that were in it", `"rules": [{"role": "packing_store", "fixed_minor": 10, "when": {"sku": "SKU1"}}, {"role": "packing_store", "fixed_minor": 90, "when": {"sku": "SKU2"}}]`,
			[]order.Fulfilment{pack("f", day1, "north", 1)}, []string{"packing_store store:north 10"}},
		{"a rate of the base of its lines: 1.5 is 2", `"rules": [{"role": "packing_store", "rate_bp": 150}]`, []order.Fulfilment{pack("f", day1, "north", 1)}, []string{"packing_store store:north 2"}},
		{"rounded once over its lines: 1.5 + 3 = 4.5 is 5", `"rules": [{"role": "packing_store", "rate_bp": 150}]`, []order.Fulfilment{pack("f", day1, "north")}, []string{"packing_store store:north 5"}},
		{"each parcel by itself: 2 + 3", `"rules": [{"role": "packing_store", "rate_bp": 150}]`, []order.Fulfilment{pack("f", day1, "north", 1), pack("g", day1, "north", 2)}, []string{"packing_store store:north 5"}},
		{"fee and rate", `"rules": [{"role": "packing_store", "rate_bp": 1000, "fixed_minor": 60}]`, []order.Fulfilment{pack("f", day1, "north")}, []string{"packing_store store:north 90"}},
	}
	for _, tt := range tests {
		in := online(planOf(t, tt.plan), goods(1, 1, 100), goods(2, 1, 200))
		in.Order.Fulfilments = tt.parcels
		for range 2 {
			check(t, tt.why, earned(Compute(in)), tt.want)
			in.Order.Fulfilments = slices.Clone(in.Order.Fulfilments)
			slices.Reverse(in.Order.Fulfilments)
		}
	}
}

func TestReturnTakesTheRateOfAParcelAndLeavesItsFee(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, `"rules": [{"role": "packing_store", "rate_bp": 1000, "fixed_minor": 60}]`), goods(1, 2, 100))
	in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f", Kind: order.Ship, Store: id("north"), At: at("2026-03-03 12:00")}}
	check(t, "one of two", earned(Compute(in.refunded("2026-03-05 12:00", half(1)))), []string{"packing_store store:north 70"})
	in.Order.State, in.Order.CancelledAt = order.Cancelled, at("2026-03-06 12:00")
	check(t, "cancelled", earned(Compute(in)), []string{"packing_store store:north 60"})
}

func TestExchangedLineLeavesTheFeeOfItsParcel(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, `"rules": [{"role": "packing_store", "fixed_minor": 60}]`), goods(1, 1, 100), goods(2, 1, 200))
	in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f", Kind: order.Ship, Store: id("north"), At: at("2026-03-03 12:00"), Lines: []int{2}}}
	in.Order = exchanged(in.Order, 2, goods(3, 1, 200), at("2026-03-05 12:00"))
	check(t, "it was packed", earned(Compute(in)), []string{"packing_store store:north 60"})
}

func TestLineThatWasTakenOutBeforeAParcelWasPackedIsNotInIt(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, `"rules": [{"role": "packing_store", "fixed_minor": 60, "when": {"sku": "SKU2"}}]`), goods(1, 1, 100), goods(2, 1, 200))
	in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f", Kind: order.Ship, Store: id("north"), At: at("2026-03-05 12:00")}}
	for _, tt := range []struct {
		why, exchanged string
		want           []string
	}{
		{"taken out before", "2026-03-04 12:00", nil},
		{"taken out just then", "2026-03-05 12:00", nil},
		{"taken out after", "2026-03-06 12:00", []string{"packing_store store:north 60"}},
	} {
		changed := in
		changed.Order = exchanged(in.Order, 2, goods(3, 1, 200), at(tt.exchanged))
		check(t, tt.why, earned(Compute(changed)), tt.want)
	}
}

func TestParcelNamesItsFulfilmentAndItsFeeHasNoLine(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, `"rules": [{"role": "packing_store", "rate_bp": 1000, "fixed_minor": 60}]`), goods(1, 1, 100))
	in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f7", Kind: order.Ship, Store: id("north"), At: at("2026-03-03 12:00")}}
	c := Compute(in).Credits
	if len(c) != 2 || c[0].Parcel != "f7" || c[0].Line != 0 || c[0].Minor != 60 || c[0].Why.Grounds[0].FixedMinor != 60 || c[1].Parcel != "f7" || c[1].Line != 1 || c[1].Minor != 10 {
		t.Errorf("credits %+v", c)
	}
}
