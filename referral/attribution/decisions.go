package attribution

import (
	"math/big"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// Decision is how a dispute about an order ended: what the order gives in the role is To's.
type Decision struct {
	ID    shop.ID // of the dispute
	Role  plan.Role
	From  Beneficiary // only what she has; nobody: whoever has it
	To    Beneficiary
	Store shop.ID   // under which To earns it
	At    time.Time // of the decision
}

// Ruling is how a credit came from one to another, as its reason has it: by a decision, or because she left the brand.
type Ruling struct {
	Decision shop.ID `json:"decision,omitzero"` // zero: she left
	FromKind Kind    `json:"from_kind"`
	From     shop.ID `json:"from"`

	At time.Time `json:"-"` // until then it was From's
}

// Part is one of the shares of which a credit consists after a decision gave two to one beneficiary. Each was rounded, and is
// taken back, by itself.
type Part struct {
	Grounds  int      `json:"grounds"` // how many of the credit's grounds are its, in their sequence
	Minor    int64    `json:"minor"`
	Reversed int64    `json:"reversed_minor"`
	Share    *big.Rat `json:"share"`
	Rounding Rounding `json:"rounding"`
}

// passOn gives what leavers had pending to their pools and does what was decided, one after the other as it happened, so that each
// speaks of what there was then: who leaves has no more what was decided for another, and leaves what was decided for her. It comes
// last: how much is earned and taken back is worked out as if nobody had left or quarrelled, so that this moves what there is and
// never changes a sum, nor what anybody has in another role.
func (r *Result) passOn(in Input) {
	moved := false
	for _, d := range in.Decisions {
		moved = r.passLeavers(in, d.At) || moved
		for i := range r.Credits {
			moved = r.Credits[i].follow(d) || moved
		}
	}
	moved = r.passLeavers(in, time.Time{}) || moved
	r.take()
	if moved {
		r.join()
	}
}

// take finds of whom each reversal took.
func (r *Result) take() {
	for _, v := range r.Reversals {
		r.Takings = append(r.Takings, Taking{v, r.Credits[v.Credit].heldAt(v.At)})
	}
}

// heldAt is whose the credit was at an instant.
func (c *Credit) heldAt(at time.Time) Beneficiary {
	for _, r := range c.Why.Decided {
		if at.Before(r.At) {
			return Beneficiary{r.FromKind, r.From}
		}
	}
	return c.To
}

// follow says whether the decision gave the credit to somebody else.
func (c *Credit) follow(d Decision) bool {
	if c.Role != d.Role || c.To == d.To || !d.From.IsNobody() && c.To != d.From {
		return false
	}
	c.pass(d.ID, d.To, d.At)
	c.Store, c.Since = d.Store, d.At
	return true
}

func (c *Credit) pass(by shop.ID, to Beneficiary, at time.Time) {
	c.Why.Decided = append(slices.Clip(c.Why.Decided), Ruling{Decision: by, FromKind: c.To.Kind, From: c.To.ID, At: at})
	c.To = to
}

// join makes one credit of those that one beneficiary has in one role from one line, in the place of the first.
func (r *Result) join() {
	place := make([]int, len(r.Credits))
	var joined []Credit
	for i, c := range r.Credits {
		at := slices.IndexFunc(joined, func(other Credit) bool {
			return other.Role == c.Role && other.To == c.To && other.Parcel == c.Parcel && other.Line == c.Line
		})
		if at < 0 {
			at, joined = len(joined), append(joined, c)
		} else {
			joined[at] = joined[at].and(c)
		}
		place[i] = at
	}
	r.Credits = joined
	r.joinReversals(place)
}

// joinReversals points each reversal to where its credit went; what one event took back of one credit is one reversal.
func (r *Result) joinReversals(place []int) {
	for i := range r.Takings {
		r.Takings[i].Credit = place[r.Takings[i].Credit]
	}
	var joined []Reversal
	for _, v := range r.Reversals {
		v.Credit = place[v.Credit]
		at := slices.IndexFunc(joined, func(other Reversal) bool {
			return other.Credit == v.Credit && other.Kind == v.Kind && other.Event == v.Event && other.At.Equal(v.At)
		})
		if at < 0 {
			joined = append(joined, v)
		} else {
			joined[at].Minor += v.Minor
		}
	}
	r.Reversals = joined
}

// and is both credits in one. They are of one line, so base and caps are the same.
func (c Credit) and(other Credit) Credit {
	parts := append(c.parts(), other.parts()...)
	c.Minor += other.Minor
	c.Reversed += other.Reversed
	if c.Since.Before(other.Since) {
		c.Since, c.Store = other.Since, other.Store
	}
	why := &c.Why
	why.Grounds = slices.Concat(why.Grounds, other.Why.Grounds)
	why.Decided = slices.Concat(why.Decided, other.Why.Decided)
	why.Share = new(big.Rat).Add(why.Share, other.Why.Share)
	why.Parts = parts
	switch new(big.Rat).SetInt64(c.Minor).Cmp(why.Share) {
	case 1:
		why.Rounding = Up
	case -1:
		why.Rounding = Down
	default:
		why.Rounding = Exact
	}
	return c
}

// parts are the shares of which it consists.
func (c Credit) parts() []Part {
	if len(c.Why.Parts) > 0 {
		return slices.Clone(c.Why.Parts)
	}
	return []Part{{Grounds: len(c.Why.Grounds), Minor: c.Minor, Reversed: c.Reversed, Share: c.Why.Share, Rounding: c.Why.Rounding}}
}
