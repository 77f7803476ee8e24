package order

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func after(n int) time.Time { return noon.AddDate(0, 0, n) }

func refund(id string, n int, lines ...RefundLine) Refund {
	return Refund{ExternalID: id, Kind: RefundPaid, At: after(n), Lines: lines}
}

func pieces(no int, n int64) RefundLine     { return RefundLine{No: no, Quantity: n} }
func money(no int, amount int64) RefundLine { return RefundLine{No: no, Amount: amount} }

func (r Refund) as(kind RefundKind) Refund { r.Kind = kind; return r }
func (r Refund) of(amount int64) Refund    { r.Amount = amount; return r }

func fractions(r Returns) string {
	var texts []string
	for _, f := range r.Fractions() {
		texts = append(texts, f.RatString())
	}
	return strings.Join(texts, " ")
}

// three pieces at 111 and two at 500, with shipping of 80.
func bought() Order {
	return Order{State: Placed, PlacedAt: noon, Lines: []Line{
		{No: 1, Kind: Merchandise, Quantity: 3, UnitPrice: 111},
		{No: 2, Kind: Merchandise, Quantity: 2, UnitPrice: 500},
		{No: 3, Kind: Shipping, Quantity: 1, UnitPrice: 80},
	}}
}

func TestRefundedFractionOfEachLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why     string
		refunds []Refund
		want    string
		outcome string // of the last one
	}{
		{"nothing went back", nil, "0 0 0", ""},
		{"pieces of pieces", []Refund{refund("a", 1, pieces(1, 1))}, "1/3 0 0", ""},
		{"money of what was paid", []Refund{refund("a", 1, money(2, 250))}, "0 1/4 0", ""},
		{"pieces and money add up", []Refund{refund("a", 1, pieces(1, 1)), refund("b", 2, money(1, 111))}, "2/3 0 0", ""},
		{"several lines on one paper", []Refund{refund("a", 1, pieces(1, 3), pieces(2, 1))}, "1 1/2 0", ""},
		{"more than was bought is surplus and takes what there is", []Refund{refund("a", 1, pieces(1, 4))}, "1 0 0", "surplus"},
		{"the fourth of three", []Refund{refund("a", 1, pieces(1, 3)), refund("b", 2, pieces(1, 1))}, "1 0 0", "surplus"},
		{"an unknown line; the rest applies", []Refund{refund("a", 1, pieces(9, 1), pieces(2, 1))}, "0 1/2 0", "unknown_line"},
		{"without lines: the same part of everything, shipping too", []Refund{refund("a", 1).of(1413)}, "1 1 1", ""},
		{"without lines, when nothing is left", []Refund{refund("a", 1).of(1413), refund("b", 2).of(1)}, "1 1 1", "surplus"},
		{"without lines: over what is left", []Refund{refund("a", 1, pieces(2, 2)), refund("b", 2).of(413)}, "1 1 1", ""},
		{"without lines: part of what is left", []Refund{refund("a", 1, pieces(2, 1)), refund("b", 2).of(913 / 11)}, "1/11 6/11 1/11", ""},
		{"without lines and more than everything", []Refund{refund("a", 1).of(2000)}, "1 1 1", "surplus"},
		{"refund and allowance of the same goods count once", []Refund{refund("a", 1, pieces(1, 1)), refund("b", 2, pieces(1, 1)).as(Allowance)}, "1/3 0 0", ""},
		{"the larger account counts", []Refund{refund("a", 1, pieces(1, 1)), refund("b", 2, pieces(1, 2)).as(Allowance)}, "2/3 0 0", ""},
		{"a void is all of it", []Refund{refund("a", 1, pieces(1, 1)), refund("b", 2).as(Void)}, "1 1 1", ""},
		{"the refund that follows a void is no surplus", []Refund{refund("a", 1).as(Void), refund("b", 2, pieces(1, 3))}, "1 1 1", ""},
		{"a second void is no surplus", []Refund{refund("a", 1).as(Void), refund("b", 2).as(Void)}, "1 1 1", ""},
		{"nothing asked is nothing taken", []Refund{refund("a", 1, pieces(1, 0))}, "0 0 0", ""},
	}
	for _, tt := range tests {
		o := bought()
		o.Refunds = tt.refunds
		r := o.Returned(o.Amounts(), false)
		if got := fractions(r); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.why, got, tt.want)
		}
		if n := len(r.Steps); n > 0 && r.Steps[n-1].Outcome() != tt.outcome {
			t.Errorf("%s: outcome %q, want %q", tt.why, r.Steps[n-1].Outcome(), tt.outcome)
		}
		slices.Reverse(o.Refunds)
		if got := fractions(o.Returned(o.Amounts(), false)); got != tt.want {
			t.Errorf("%s: %s when heard of in reverse, want %s", tt.why, got, tt.want)
		}
	}
}

func TestPriceAdjustmentIsNeutralOrCountsLikeARefund(t *testing.T) {
	t.Parallel()
	adjusted := func(n int, amount int64) []Adjustment {
		return []Adjustment{{ExternalID: "p", At: after(n), No: 2, Amount: amount}}
	}
	tests := []struct {
		why     string
		adjust  []Adjustment
		refunds []Refund
		counts  bool
		want    string
		outcome string // of the adjustment
	}{
		{"neutral: it takes nothing back", adjusted(1, 100), nil, false, "0 0 0", ""},
		{"neutral: the lower price is the whole of a later return", adjusted(1, 100), []Refund{refund("a", 2, money(2, 900))}, false, "0 1 0", ""},
		{"neutral: pieces stay pieces", adjusted(1, 100), []Refund{refund("a", 2, pieces(2, 1))}, false, "0 1/2 0", ""},
		{"neutral: a refund before it is measured by the old price", adjusted(3, 100), []Refund{refund("a", 2, money(2, 500))}, false, "0 1/2 0", ""},
		{"neutral: at the instant of a refund it comes first", adjusted(2, 100), []Refund{refund("a", 2, money(2, 900))}, false, "0 1 0", ""},
		{"neutral: without lines, over what the lower prices leave", adjusted(1, 100), []Refund{refund("a", 2).of(1313)}, false, "1 1 1", ""},
		{"neutral: all of what was paid", adjusted(1, 1000), nil, false, "0 0 0", ""},
		{"neutral: of a line given away there is no money to refund", adjusted(1, 1000), []Refund{refund("a", 2, money(2, 1))}, false, "0 0 0", ""},
		{"neutral: its pieces can still come back", adjusted(1, 1000), []Refund{refund("a", 2, pieces(2, 2))}, false, "0 1 0", ""},
		{"neutral: over what was paid is surplus", adjusted(1, 1001), nil, false, "0 0 0", "surplus"},
		{"neutral: after everything came back there is nothing to adjust", adjusted(3, 1), []Refund{refund("a", 2, pieces(2, 2))}, false, "0 1 0", "surplus"},
		{"neutral: one paper for several lines", append(adjusted(1, 100), Adjustment{ExternalID: "p", At: after(1), No: 1, Amount: 33}), []Refund{refund("a", 2, money(1, 300), money(2, 900))}, false, "1 1 0", ""},
		{"neutral: what is too much of one of its lines is too much", append(adjusted(1, 1001), Adjustment{ExternalID: "p", At: after(1), No: 1, Amount: 33}), nil, false, "0 0 0", "surplus"},
		{"reverse: one paper for several lines", append(adjusted(1, 100), Adjustment{ExternalID: "p", At: after(1), No: 1, Amount: 333}), nil, true, "1 1/10 0", ""},
		{"reverse: it is taken back", adjusted(1, 100), nil, true, "0 1/10 0", ""},
		{"reverse: and adds to the refund of the rest", adjusted(1, 100), []Refund{refund("a", 2, money(2, 900))}, true, "0 1 0", ""},
		{"reverse: over what was paid is surplus", adjusted(1, 1001), nil, true, "0 1 0", "surplus"},
	}
	for _, tt := range tests {
		o := bought()
		o.NeutralAdjust, o.Refunds = tt.adjust, tt.refunds
		r := o.Returned(o.Amounts(), tt.counts)
		if got := fractions(r); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.why, got, tt.want)
		}
		if step, ok := r.Of(PriceAdjusted, "p"); !ok || step.Outcome() != tt.outcome {
			t.Errorf("%s: outcome %q, want %q", tt.why, step.Outcome(), tt.outcome)
		}
	}
}

func TestAdjustmentOfTheFirstLineAndOfAnUnknownOne(t *testing.T) {
	t.Parallel()
	for no, want := range map[int]string{1: "", 2: "", 9: "unknown_line"} {
		for _, counts := range []bool{false, true} {
			o := bought()
			o.NeutralAdjust = []Adjustment{{ExternalID: "p", At: after(1), No: no, Amount: 10}}
			step, _ := o.Returned(o.Amounts(), counts).Of(PriceAdjusted, "p")
			if got := step.Outcome(); got != want || step.Neutral == counts {
				t.Errorf("line %d, counts %v: outcome %q, neutral %v", no, counts, got, step.Neutral)
			}
		}
	}
}

func TestMoneyOfALineThatCostNothingIsSurplus(t *testing.T) {
	t.Parallel()
	o := Order{Lines: []Line{{No: 1, Kind: Merchandise, Quantity: 1}}}
	o.Refunds = []Refund{refund("a", 1, money(1, 5)), refund("b", 2).of(5)}
	for _, step := range o.Returned(o.Amounts(), false).Steps {
		if step.Outcome() != "surplus" || step.Fraction[0].Sign() != 0 {
			t.Errorf("%s: outcome %q, fraction %v", step.ExternalID, step.Outcome(), step.Fraction[0])
		}
	}
}

func TestRefundOfTheFirstOfSeveralAccountsIsFoundByKindAndName(t *testing.T) {
	t.Parallel()
	o := bought()
	o.Refunds = []Refund{refund("7", 1, pieces(1, 1)).as(""), refund("7", 2, pieces(1, 2)).as(Allowance)}
	r := o.Returned(o.Amounts(), false)
	for kind, want := range map[RefundKind]string{RefundPaid: "1/3", Allowance: "2/3"} {
		if step, ok := r.Of(kind, "7"); !ok || step.Fraction[0].RatString() != want {
			t.Errorf("%s 7: %+v", kind, step)
		}
	}
	if _, ok := r.Of(Void, "7"); ok {
		t.Error("a void was found that never came")
	}
}

func TestCancellationReturnsEverythingWheneverItHappened(t *testing.T) {
	t.Parallel()
	o := bought()
	o.State, o.CancelledAt = Cancelled, after(9)
	r := o.Returned(o.Amounts(), false)
	if got := r.Before(after(1)); got[0].Cmp(one) != 0 || got[2].Cmp(one) != 0 {
		t.Errorf("the bound of refunds held back a cancellation: %v", got)
	}
}

func TestRefundAtOrAfterTheBoundIsLeftOut(t *testing.T) {
	t.Parallel()
	o := bought()
	o.Refunds = []Refund{refund("in time", 1, pieces(1, 1)), refund("late", 5, pieces(1, 1))}
	r := o.Returned(o.Amounts(), false)
	for end, want := range map[time.Time]string{{}: "2/3", after(6): "2/3", after(5): "1/3", after(1): "0"} {
		if got := r.Before(end)[0].RatString(); got != want {
			t.Errorf("before %v: %s, want %s", end, got, want)
		}
	}
}

func TestLineTakenOutByAnExchangeIsNotUnknown(t *testing.T) {
	t.Parallel()
	o := bought()
	o.Withdrawn = []Withdrawn{{Line: Line{No: 7}, At: after(1)}}
	o.Refunds = []Refund{refund("a", 2, pieces(7, 1))}
	if got := o.Returned(o.Amounts(), false).Steps[0].Outcome(); got != "" {
		t.Errorf("outcome %q", got)
	}
}
