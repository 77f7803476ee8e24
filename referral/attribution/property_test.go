package attribution

import (
	"fmt"
	"math/big"
	"reflect"
	"testing"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
	"homestore/referral/tag"

	"pgregory.net/rapid"
)

// drawInput draws an order that somebody could have placed, with claims and returns of every kind.
func drawInput(t *rapid.T) Input {
	in := online(drawPlan(t))
	o := &in.Order
	o.TaxBP = rapid.SampledFrom([]int{0, 500, 2000}).Draw(t, "tax")
	if rapid.Bool().Draw(t, "at the till") {
		o.Channel, o.Store, o.Staff = order.Till, id(rapid.SampledFrom([]string{"north", "sogo"}).Draw(t, "seller")), id("lin")
		o.DeliverLater = rapid.Bool().Draw(t, "deliver")
	}
	var goodsPaid int64
	for no := range rapid.IntRange(1, 5).Draw(t, "lines") {
		l := goods(no+1, rapid.Int64Range(1, 4).Draw(t, "qty"), rapid.Int64Range(0, 99999).Draw(t, "price"))
		l.Kind = rapid.SampledFrom([]order.LineKind{order.Merchandise, order.Merchandise, order.Shipping, order.GiftCard}).Draw(t, "kind")
		l.TaxIncluded = rapid.Bool().Draw(t, "taxed")
		if l.Kind == order.Merchandise {
			goodsPaid += l.Gross()
		}
		o.Lines = append(o.Lines, l)
	}
	o.Discount = rapid.Int64Range(0, goodsPaid).Draw(t, "discount")
	if rapid.Bool().Draw(t, "bound") {
		in = in.heldBy("north", rapid.SampledFrom([]string{"", "lin", "pool"}).Draw(t, "home staff"))
	}
	if rapid.Bool().Draw(t, "assisted") {
		o.AssistStore, o.AssistStaff = id("harbour"), id("wu")
	}
	for range rapid.IntRange(0, 5).Draw(t, "scans") {
		when := fmt.Sprintf("2026-03-0%d 12:00", rapid.IntRange(1, 2).Draw(t, "scan day"))
		in = in.scanned(when, rapid.SampledFrom([]string{"north", "harbour", "garden"}).Draw(t, "scan store"), rapid.SampledFrom([]string{"", "lin", "wu"}).Draw(t, "scan staff"))
		in.Displays[len(in.Displays)-1].Placement = rapid.SampledFrom([]tag.Placement{tag.Shelf, tag.Window, tag.Flyer}).Draw(t, "placement")
	}
	drawEvents(t, o)
	return in
}

func drawPlan(t *rapid.T) *plan.Plan {
	var rules []string
	for _, role := range plan.Roles {
		rules = append(rules, fmt.Sprint(role, " ", rapid.IntRange(0, 3000).Draw(t, string(role))))
	}
	text := rates(rules...) + fmt.Sprintf(`, "display": {"choice": %q, "weights": {"shelf": 3, "window": 5}}, "counter_base": %q, "price_adjustment": %q,
		"conflict": {"home_display": %q, "weights": %s, "same_store": %q, "assist_home": %q, "selling_home": %q}`,
		rapid.SampledFrom([]string{"last", "first", "even", "weight"}).Draw(t, "choice"),
		rapid.SampledFrom([]string{"gross", "net"}).Draw(t, "counter base"),
		rapid.SampledFrom([]string{"neutral", "reverse"}).Draw(t, "price adjustment"),
		rapid.SampledFrom([]string{"both", "split", "home", "display"}).Draw(t, "home display"),
		rapid.SampledFrom([]string{"[60, 40]", "[9, 0]"}).Draw(t, "weights"),
		rapid.SampledFrom([]string{"home", "both"}).Draw(t, "same store"),
		rapid.SampledFrom([]string{"both", "assist", "home"}).Draw(t, "assist home"),
		rapid.SampledFrom([]string{"both", "selling", "home"}).Draw(t, "selling home"))
	if rapid.Bool().Draw(t, "capped") {
		text += fmt.Sprintf(`, "order_cap_minor": %d, "role_cap_minor": {"display_store": %d}`,
			rapid.IntRange(1, 9999).Draw(t, "order cap"), rapid.IntRange(1, 999).Draw(t, "role cap"))
	}
	p, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func drawEvents(t *rapid.T, o *order.Order) {
	for i := range rapid.IntRange(0, 5).Draw(t, "events") {
		when := o.PlacedAt.AddDate(0, 0, rapid.IntRange(0, 90).Draw(t, "after days"))
		name, no := fmt.Sprint("e", i), rapid.IntRange(1, len(o.Lines)+1).Draw(t, "line")
		amount := rapid.Int64Range(0, 99999).Draw(t, "amount")
		switch rapid.SampledFrom([]string{"pieces", "money", "spread", "adjust", "ship", "void", "cancel"}).Draw(t, "event") {
		case "pieces":
			o.Refunds = append(o.Refunds, order.Refund{ExternalID: name, Kind: order.RefundPaid, At: when, Lines: []order.RefundLine{{No: no, Quantity: 1}}})
		case "money":
			o.Refunds = append(o.Refunds, order.Refund{ExternalID: name, Kind: order.Allowance, At: when, Lines: []order.RefundLine{{No: no, Amount: amount}}})
		case "spread":
			o.Refunds = append(o.Refunds, order.Refund{ExternalID: name, Kind: order.RefundPaid, At: when, Amount: amount})
		case "adjust":
			o.NeutralAdjust = append(o.NeutralAdjust, order.Adjustment{ExternalID: name, At: when, No: no, Amount: amount})
		case "ship":
			o.Fulfilments = append(o.Fulfilments, order.Fulfilment{ExternalID: name, Kind: order.Ship, Store: id("north"), At: when})
		case "void":
			o.Refunds = append(o.Refunds, order.Refund{ExternalID: name, Kind: order.Void, At: when})
		case "cancel":
			o.State, o.CancelledAt = order.Cancelled, when
		}
	}
}

func TestAmountsOfAnOrderAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		left := -in.Order.Discount
		for _, l := range in.Order.Lines {
			left += l.Gross()
		}
		for _, l := range Compute(in).Lines {
			if l.Paid < 0 || l.Net < 0 || l.Net > l.Paid {
				t.Fatalf("line %+v", l)
			}
			left -= l.Paid
		}
		if left != 0 {
			t.Fatalf("%d of the order are on no line", left)
		}
	})
}

func TestSharesOfAnOrderAddUpToItsRoundedSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		exact, given := map[string]*big.Rat{}, map[string]int64{}
		for _, c := range Compute(in).Credits {
			if exact[c.Parcel] == nil {
				exact[c.Parcel] = new(big.Rat)
			}
			exact[c.Parcel].Add(exact[c.Parcel], c.Why.Share)
			given[c.Parcel] += c.Minor
			off := new(big.Rat).Sub(c.Why.Share, new(big.Rat).SetInt64(c.Minor))
			if c.Minor < 0 || off.Abs(off).Cmp(big.NewRat(2, 1)) >= 0 {
				t.Fatalf("%s line %d has %d of %v", c.Role, c.Line, c.Minor, c.Why.Share)
			}
		}
		for parcel, sum := range exact {
			if want := shop.HalfUp(sum); given[parcel] != want {
				t.Fatalf("parcel %q: %d given, want %d", parcel, given[parcel], want)
			}
		}
		if limit := in.Plan.OrderCapMinor; limit != nil && given[""] > *limit {
			t.Fatalf("%d over the cap of %d", given[""], *limit)
		}
	})
}

func TestReversedNeverExceedsTheShareAndAWholeReturnIsWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := Compute(drawInput(t))
		came := map[int]*big.Rat{}
		for _, l := range r.Lines {
			came[l.No] = l.Reversed
			if l.Reversed.Sign() < 0 || l.Reversed.Cmp(whole) > 0 {
				t.Fatalf("line %d came back %v times", l.No, l.Reversed)
			}
		}
		events := make([]int64, len(r.Credits))
		for _, e := range r.Reversals {
			if e.Minor <= 0 {
				t.Fatalf("%+v took nothing", e)
			}
			events[e.Credit] += e.Minor
		}
		for i, c := range r.Credits {
			if c.Reversed < 0 || c.Reversed > c.Minor || c.Reversed != events[i] {
				t.Fatalf("of %d reversed %d, by events %d", c.Minor, c.Reversed, events[i])
			}
			if c.Line != 0 && c.Reversed != ReversedOf(c.Minor, came[c.Line]) {
				t.Fatalf("of %d reversed %d at %v", c.Minor, c.Reversed, came[c.Line])
			}
		}
	})
}

func TestSequenceInWhichFactsCameDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		want := Compute(in)
		in.Order.Lines = rapid.Permutation(in.Order.Lines).Draw(t, "lines again")
		in.Order.Refunds = rapid.Permutation(in.Order.Refunds).Draw(t, "refunds again")
		in.Order.Fulfilments = rapid.Permutation(in.Order.Fulfilments).Draw(t, "parcels again")
		in.Order.NeutralAdjust = rapid.Permutation(in.Order.NeutralAdjust).Draw(t, "adjustments again")
		in.Displays = rapid.Permutation(in.Displays).Draw(t, "scans again")
		if got := Compute(in); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}
