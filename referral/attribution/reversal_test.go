package attribution

import (
	"testing"

	"homestore/clienteling/order"
)

func TestReversedIsHalfUpOfTheShare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why   string
		share int64
		f     string
		want  int64
	}{
		{"nothing came back", 34, "0", 0},
		{"11.33", 34, "1/3", 11},
		{"22.67", 34, "2/3", 23},
		{"all came back", 34, "1", 34},
		{"a half goes up", 3, "1/2", 2},
		{"a share of nothing", 0, "1/2", 0},
	}
	for _, tt := range tests {
		if got := ReversedOf(tt.share, rat(tt.f)); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.why, got, tt.want)
		}
	}
}

func TestEachRefundSaysWhatItTookBack(t *testing.T) {
	t.Parallel()
	in := till(planOf(t, rates("selling_staff 1000")), goods(1, 3, 111), goods(2, 1, 50)) // 33.3 + 5 = 38: 33 + 5
	in = in.refunded("2026-03-05 12:00", half(1)).refunded("2026-03-04 12:00", half(1), half(2))
	r := Compute(in)
	want := []Reversal{ // by the time at which it happened, not at which it was heard of
		{Credit: 0, Kind: order.RefundPaid, Event: "refund 2026-03-04 12:00", At: at("2026-03-04 12:00"), Minor: 11},
		{Credit: 1, Kind: order.RefundPaid, Event: "refund 2026-03-04 12:00", At: at("2026-03-04 12:00"), Minor: 5},
		{Credit: 0, Kind: order.RefundPaid, Event: "refund 2026-03-05 12:00", At: at("2026-03-05 12:00"), Minor: 11},
	}
	if len(r.Reversals) != len(want) {
		t.Fatalf("reversals %+v", r.Reversals)
	}
	for i, w := range want {
		if r.Reversals[i] != w {
			t.Errorf("reversal %d: %+v, want %+v", i, r.Reversals[i], w)
		}
	}
	if c := r.Credits[0]; c.Minor != 33 || c.Reversed != 22 || c.Left() != 11 {
		t.Errorf("credit %+v", c)
	}
}

func TestTimeBoxOfRefunds(t *testing.T) {
	t.Parallel()
	const past = "2026-05-12 00:00" // the order was received on 11 March
	tests := []struct {
		why     string
		more    string
		change  func(Input) Input
		left    int64
		outcome string
	}{
		{"the 60th day still counts", ``, func(in Input) Input { return in.refunded("2026-05-10 23:59", half(1)) }, 100, ""},
		{"the 61st does not", ``, func(in Input) Input { return in.refunded("2026-05-11 00:00", half(1)) }, 200, "clawback_expired"},
		{"for ever", `, "clawback_days": null`, func(in Input) Input { return in.refunded("2030-01-01 00:00", half(1)) }, 100, ""},
		{"on the day of receipt alone", `, "clawback_days": 0`, func(in Input) Input { return in.refunded("2026-03-11 23:59", half(1)) }, 100, ""},
		{"on the next day", `, "clawback_days": 0`, func(in Input) Input { return in.refunded("2026-03-12 00:00", half(1)) }, 200, "clawback_expired"},
		{"before receipt there is no box", ``, func(in Input) Input { in.Order.Fulfilments = nil; return in.refunded("2030-01-01 00:00", half(1)) }, 100, ""},
		{"a void has one", ``, func(in Input) Input {
			in.Order.Refunds = []order.Refund{{ExternalID: "refund " + past, Kind: order.Void, At: at(past)}}
			return in
		}, 200, "clawback_expired"},
		{"a cancellation has none", ``, func(in Input) Input {
			in.Order.State, in.Order.CancelledAt = order.Cancelled, at(past)
			return in
		}, 0, ""},
		{"more than there is, too late: surplus is said first", ``, func(in Input) Input { return in.refunded(past, half(1), half(1), half(1)) }, 200, "surplus"},
		{"a price adjustment that counts is taken back", `, "price_adjustment": "reverse"`, func(in Input) Input {
			return in.adjusted("2026-03-15 12:00")
		}, 150, ""},
		{"too late", `, "price_adjustment": "reverse"`, func(in Input) Input { return in.adjusted(past) }, 200, "clawback_expired"},
		{"a neutral one takes nothing back and so is never too late", ``, func(in Input) Input { return in.adjusted(past) }, 200, ""},
	}
	for _, tt := range tests {
		in := tt.change(online(planOf(t, rates("online_team 1000")+tt.more), goods(1, 2, 1000)).shipped("2026-03-11 00:00"))
		r := Compute(in)
		if got := sumOf(r, "online_team", StoreOf(id("web"))); got != tt.left {
			t.Errorf("%s: %d left, want %d", tt.why, got, tt.left)
		}
		for _, p := range in.Order.NeutralAdjust {
			if got := r.Outcome(order.PriceAdjusted, p.ExternalID); got != tt.outcome {
				t.Errorf("%s: outcome %q, want %q", tt.why, got, tt.outcome)
			}
		}
		for _, refund := range in.Order.Refunds {
			if got := r.Outcome(refund.Kind, refund.ExternalID); got != tt.outcome {
				t.Errorf("%s: outcome %q, want %q", tt.why, got, tt.outcome)
			}
		}
	}
}

// adjusted gives 500 back on line 1 while the goods stay.
func (in Input) adjusted(when string) Input {
	in.Order.NeutralAdjust = []order.Adjustment{{ExternalID: "p", At: at(when), No: 1, Amount: 500}}
	return in
}

func TestUnknownRefundHasNoOutcome(t *testing.T) {
	t.Parallel()
	r := Compute(online(planOf(t, allRates), goods(1, 1, 100)))
	if got := r.Outcome(order.RefundPaid, "never"); got != "" {
		t.Errorf("outcome %q", got)
	}
}
