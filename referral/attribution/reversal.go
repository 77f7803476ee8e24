package attribution

import (
	"math/big"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// Reversal is what one event took back of one credit. All reversals of a credit add up to its Reversed.
type Reversal struct {
	Credit int // place in Result.Credits
	Kind   order.RefundKind
	Event  string // name of the refund in the system that told us; "" for a cancellation
	At     time.Time
	Minor  int64
}

// Taking is a reversal, or a part of one, by whom it took from: who had the credit then, also where it was passed on since.
type Taking struct {
	Reversal
	From Beneficiary
}

// ReversedOf is how much of a share is taken back when the fraction f of its line has come back: half-up(share x f), so a
// line that came back wholly takes exactly its share.
func ReversedOf(share int64, f *big.Rat) int64 {
	return shop.HalfUp(new(big.Rat).Mul(new(big.Rat).SetInt64(share), f))
}

// reverse works from the whole fraction after each event and not from its own part, so that roundings never add up.
func (r *Result) reverse() {
	if len(r.Returns.Steps) == 0 {
		return
	}
	place := make(map[int]int, len(r.Lines))
	for i, l := range r.Lines {
		place[l.No] = i
	}
	for _, step := range r.Returns.Steps {
		if !step.Counts(r.ClawbackEnd) {
			continue
		}
		for i := range r.Credits {
			c := &r.Credits[i]
			if c.Line == 0 {
				continue // the fixed fee of a parcel: the work was done
			}
			back := ReversedOf(c.Minor, step.Fraction[place[c.Line]]) - c.Reversed
			if back == 0 {
				continue
			}
			c.Reversed += back
			r.Reversals = append(r.Reversals, Reversal{Credit: i, Kind: step.Kind, Event: step.ExternalID, At: step.At, Minor: back})
		}
	}
}

// Outcome is what is answered to a refund, an allowance, a void or a price adjustment: "surplus", "unknown_line",
// "clawback_expired", or "" when it was taken as it came. In each case it is kept and the rest of it applied.
func (r *Result) Outcome(kind order.RefundKind, externalID string) string {
	step, known := r.Returns.Of(kind, externalID)
	switch {
	case !known:
		return ""
	case step.Outcome() != "":
		return step.Outcome()
	case !step.Neutral && !step.Counts(r.ClawbackEnd):
		return "clawback_expired"
	}
	return ""
}
