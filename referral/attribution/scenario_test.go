package attribution

import (
	"testing"
	"time"

	"homestore/clienteling/order"
)

func half(no int) order.RefundLine { return order.RefundLine{No: no, Quantity: 1} }

const journeyRates = `"rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200}, ` +
	`{"role": "display_store", "rate_bp": 200}, {"role": "online_team", "rate_bp": 100}]`

// The stories of the scenario files, as far as one order's credit goes: what posting, months and payouts add to them is the
// ledger's and the period's.

func TestShelfToSofaCreditsTheShopOnceAsHome(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, journeyRates), goods(1, 1, 21000)).scanned("2026-03-01 14:00", "north", "")
	in.Order.TaxBP, in.Order.PlacedAt = 500, at("2026-03-01 21:00")
	check(t, "before she joins", earned(Compute(in)), []string{"display_store store:north 400", "online_team store:web 200"})

	in = in.heldBy("north", "")
	in.Home.Since, in.Home.Source = at("2026-03-01 14:00"), "scan"
	in = in.shipped("2026-03-05 18:00")
	r := Compute(in)
	check(t, "after she joined", earned(r), []string{"home_store store:north 600", "online_team store:web 200"})
	check(t, "lost", lost(r), []string{"display_store store:north same_store"})
	if want := at("2026-03-20 00:00"); !r.PayableAt.Equal(want) {
		t.Errorf("payable at %v, want %v", r.PayableAt, want)
	}
}

func TestWonForLifePaysTheRateOfTheOrdersDay(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, journeyRates), goods(1, 1, 123456)).heldBy("north", "lin")
	check(t, "3703.68 + 2469.12 + 1234.56 = 7407", earned(Compute(in)),
		[]string{"home_store store:north 3704", "home_staff staff:lin 2469", "online_team store:web 1234"})

	in.Plan = planOf(t, rates("home_store 300", "home_staff 400", "online_team 100"))
	check(t, "what if staff had 4 %", earned(Compute(in)),
		[]string{"home_store store:north 3704", "home_staff staff:lin 4938", "online_team store:web 1234"})
}

func TestFourRolesAndPickupAddUp(t *testing.T) {
	t.Parallel()
	p := planOf(t, `"rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200},
		{"role": "display_store", "rate_bp": 200}, {"role": "online_team", "rate_bp": 100},
		{"role": "pickup_store", "fixed_minor": 60}], "conflict": {"home_display": "split", "weights": [60, 40]}`)
	in := online(p, goods(1, 1, 333)).heldBy("north", "lin").scanned("2026-03-02 11:00", "harbour", "")
	in.Order.TaxBP, in.Order.CashOnPickup, in.Order.PickupStore = 500, true, id("garden")
	sale := []string{"home_store store:north 6", "home_staff staff:lin 4", "display_store store:harbour 2", "online_team store:web 3"}
	check(t, "as ordered", earned(Compute(in)), sale)

	in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "f1", Kind: order.Pickup, Store: id("garden"), At: at("2026-03-04 11:00")}}
	if r := Compute(in); !r.PayableAt.IsZero() {
		t.Errorf("collected and not paid, yet payable at %v", r.PayableAt)
	}
	in.Order.PaidAt = at("2026-03-05 11:00")
	r := Compute(in)
	check(t, "collected", earned(r), append(sale, "pickup_store store:garden 60"))
	if want := at("2026-03-20 00:00"); !r.PayableAt.Equal(want) {
		t.Errorf("payable at %v, want %v", r.PayableAt, want)
	}

	in = online(p, goods(1, 1, 1050))
	in.Order.TaxBP, in.Order.CashOnPickup, in.Order.PickupStore = 500, true, id("garden")
	check(t, "second order", earned(Compute(in)), []string{"online_team store:web 10"})
	in.Order.State, in.Order.CancelledAt = order.Cancelled, at("2026-03-29 20:00")
	check(t, "uncollected", earned(Compute(in)), nil)
}

func TestAssistantTakesThePlaceOfHomeStaff(t *testing.T) {
	t.Parallel()
	p := planOf(t, rates("home_store 300", "home_staff 200", "online_team 100", "assist_staff 400")+`, "conflict": {"assist_home": "assist"}`)
	in := online(p, goods(1, 1, 10000)).heldBy("harbour", "wu")
	in.Order.AssistStore, in.Order.AssistStaff = id("north"), id("lin")
	r := Compute(in)
	check(t, "as ordered", earned(r), []string{"home_store store:harbour 300", "assist_staff staff:lin 400", "online_team store:web 100"})
	check(t, "lost", lost(r), []string{"home_staff staff:wu assist_wins"})

	in.Order.Version, in.Order.Lines = 3, []order.Line{goods(1, 1, 20000)}
	check(t, "edited", earned(Compute(in)), []string{"home_store store:harbour 600", "assist_staff staff:lin 800", "online_team store:web 200"})

	in.SelfPurchase = true
	r = Compute(in)
	check(t, "her own purchase", earned(r), nil)
	if r.Reason != SelfPurchase {
		t.Errorf("reason %q", r.Reason)
	}
}

func TestEverythingComesBackAfterPayout(t *testing.T) {
	t.Parallel()
	in := till(planOf(t, rates("selling_store 400", "selling_staff 100")+`, "hold_days": 7`), goods(1, 1, 100000))
	in.Order.PlacedAt = at("2026-03-01 12:00")
	r := Compute(in)
	check(t, "sold", earned(r), []string{"selling_store store:north 4000", "selling_staff staff:lin 1000"})
	if want := at("2026-03-09 00:00"); !r.PayableAt.Equal(want) {
		t.Errorf("payable at %v, want %v", r.PayableAt, want)
	}
	check(t, "returned", earned(Compute(in.refunded("2026-04-10 12:00", half(1)))), nil)
}

func TestRefundOfHalfTheGoodsTakesHalf(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, journeyRates+`, "hold_days": 7`), goods(1, 2, 5000)).heldBy("north", "lin").shipped("2026-03-03 12:00")
	check(t, "sold", earned(Compute(in)), []string{"home_store store:north 300", "home_staff staff:lin 200", "online_team store:web 100"})
	check(t, "one of two came back", earned(Compute(in.refunded("2026-04-08 12:00", half(1)))),
		[]string{"home_store store:north 150", "home_staff staff:lin 100", "online_team store:web 50"})
}

func TestThreeRefundsOf333LeaveNothing(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, rates("home_store 1000", "home_staff 1000", "online_team 1000")), goods(1, 3, 111)).heldBy("north", "lin")
	steps := []struct {
		refund order.Refund
		want   []string
	}{
		{order.Refund{}, []string{"home_store store:north 34", "home_staff staff:lin 33", "online_team store:web 33"}},
		{order.Refund{ExternalID: "r1", At: at("2026-03-03 12:00"), Lines: []order.RefundLine{half(1)}},
			[]string{"home_store store:north 23", "home_staff staff:lin 22", "online_team store:web 22"}},
		{order.Refund{ExternalID: "r2", At: at("2026-03-04 12:00"), Lines: []order.RefundLine{{No: 1, Amount: 111}}},
			[]string{"home_store store:north 11", "home_staff staff:lin 11", "online_team store:web 11"}},
		{order.Refund{ExternalID: "r3", At: at("2026-03-05 12:00"), Amount: 111}, nil},
		{order.Refund{ExternalID: "r4", At: at("2026-03-06 12:00"), Lines: []order.RefundLine{half(1)}}, nil},
	}
	for _, s := range steps {
		if s.refund.ExternalID != "" {
			in.Order.Refunds = append(in.Order.Refunds, s.refund)
		}
		r := Compute(in)
		check(t, "after "+s.refund.ExternalID, earned(r), s.want)
		want := map[bool]string{true: "surplus"}[s.refund.ExternalID == "r4"]
		if got := r.Outcome(order.RefundPaid, s.refund.ExternalID); got != want {
			t.Errorf("%s: outcome %q, want %q", s.refund.ExternalID, got, want)
		}
	}
}

func TestSecondPieceReturnedAfterTheTimeBoxKeepsItsCredit(t *testing.T) {
	t.Parallel()
	in := till(planOf(t, rates("selling_store 400", "selling_staff 100")+`, "hold_days": 7, "clawback_days": 60`), goods(1, 2, 10000))
	in.Order.PlacedAt, in.Order.DeliverLater = at("2026-03-10 12:00"), true
	in = in.refunded("2026-03-11 12:00", half(1)).shipped("2026-03-10 16:00")
	want := []string{"selling_store store:north 400", "selling_staff staff:lin 100"}
	check(t, "half came back", earned(Compute(in)), want)

	intime := in.refunded("2026-05-09 23:59", half(1))
	check(t, "the last minute of the 60th day", earned(Compute(intime)), nil)
	late := in.refunded("2026-05-10 00:00", half(1))
	r := Compute(late)
	check(t, "the first of the 61st", earned(r), want)
	if got := r.Outcome(order.RefundPaid, "refund 2026-05-10 00:00"); got != "clawback_expired" {
		t.Errorf("outcome %q", got)
	}
	if got := r.Lines[0].Reversed; got.Cmp(rat("1/2")) != 0 {
		t.Errorf("the late return took volume back: %v", got)
	}
}

func TestHerOwnChoiceAndNobody(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, journeyRates), goods(1, 1, 10000))
	check(t, "she chose a store", earned(Compute(in.heldBy("garden", ""))), []string{"home_store store:garden 300", "online_team store:web 100"})
	check(t, "she chose none", earned(Compute(in)), []string{"online_team store:web 100"})
}

func TestLeaversPartGoesToThePool(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, journeyRates), goods(1, 1, 10000)).heldBy("north", "pool")
	check(t, "after she left", earned(Compute(in)), []string{"home_store store:north 300", "home_staff pool:north 200", "online_team store:web 100"})
}

func TestTiersAreNotInTheOrdersCreditAndItsVolumeIs(t *testing.T) {
	t.Parallel()
	p := planOf(t, rates("selling_store 400", "selling_staff 100")+
		`, "tiers": [{"role": "selling_staff", "kind": "marginal", "steps": [{"from_minor": 0, "extra_bp": 0}, {"from_minor": 100000, "extra_bp": 100}]}]`)
	in := till(p, goods(1, 1, 140000))
	r := Compute(in)
	check(t, "sold", earned(r), []string{"selling_store store:north 5600", "selling_staff staff:lin 1400"})
	if r.Lines[0].Base.Cmp(rat("140000")) != 0 || r.Lines[0].Reversed.Sign() != 0 {
		t.Errorf("volume %v x (1 - %v), want 140000", r.Lines[0].Base, r.Lines[0].Reversed)
	}
	r = Compute(in.refunded("2026-05-01 12:00", half(1)))
	check(t, "returned", earned(r), nil)
	if r.Lines[0].Reversed.Cmp(rat("1")) != 0 {
		t.Errorf("the returned part is %v, want 1", r.Lines[0].Reversed)
	}
}

func TestExchangeAndPriceAdjustmentCostTheSellerNothing(t *testing.T) {
	t.Parallel()
	p := planOf(t, rates("selling_store 400", "selling_staff 100")+`, "hold_days": 7`)
	in := till(p, goods(1, 1, 30000), goods(2, 1, 10000))
	even := []string{"selling_store store:north 1600", "selling_staff staff:lin 400"}
	check(t, "sold", earned(Compute(in)), even)

	in.Order = exchanged(in.Order, 2, goods(3, 1, 10000), at("2026-03-12 12:00"))
	r := Compute(in)
	check(t, "exchanged for the same price", earned(r), even)
	if want := at("2026-03-10 00:00"); !r.PayableAt.Equal(want) {
		t.Errorf("the exchange moved payable to %v", r.PayableAt)
	}
	in.Order = exchanged(in.Order, 3, goods(4, 1, 12000), at("2026-03-13 12:00"))
	dearer := []string{"selling_store store:north 1680", "selling_staff staff:lin 420"}
	check(t, "exchanged for a dearer one", earned(Compute(in)), dearer)

	in.Order.NeutralAdjust = []order.Adjustment{{ExternalID: "p1", At: at("2026-03-14 12:00"), No: 1, Amount: 1000}}
	check(t, "price adjusted", earned(Compute(in)), dearer)
	r = Compute(in.refunded("2026-03-15 12:00", order.RefundLine{No: 1, Amount: 29000}))
	check(t, "line 1 returned for its lower price", earned(r), []string{"selling_store store:north 480", "selling_staff staff:lin 120"})
}

// exchanged is what the caller makes of an exchange that keeps the order: a line out, another in.
func exchanged(o order.Order, out int, in order.Line, when time.Time) order.Order {
	in.AddedAt = when
	var lines []order.Line
	for _, l := range o.Lines {
		if l.No == out {
			o.Withdrawn = append(o.Withdrawn, order.Withdrawn{Line: l, At: when})
			continue
		}
		lines = append(lines, l)
	}
	o.Lines = append(lines, in)
	return o
}
