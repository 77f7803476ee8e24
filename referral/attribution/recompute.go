package attribution

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// Recompute works an order's credits and reversals out from their trace alone: no order, no plan, no scan is asked. What a
// trace says of its own intermediate results (a line's part of the discount, its net, the exceeded caps, the rounded sum, what
// had come back after each event) must be what its facts give, or it is an error that says where they part.
//
// The result is Compute's without the claims that lost, which the trace does not hold.
func Recompute(t Trace) (Result, error) {
	in, err := t.input()
	if err != nil {
		return Result{}, err
	}
	lines := bases{amounts: in.Order.Amounts()}
	if err := t.agreesOn(lines.amounts); err != nil {
		return Result{}, err
	}
	lines.base = t.bases()
	returns := in.Order.Returned(lines.amounts, t.Adjusts)
	r := Result{Reason: t.Reason, Returns: returns, ReceivedAt: t.Received}
	if in.Plan != nil {
		r.PayableAt = payableAt(r.ReceivedAt, in.Plan, in.Zone)
		r.ClawbackEnd = clawbackEnd(r.ReceivedAt, in.Plan, in.Zone)
	}
	if err := t.agreesOnReturns(r); err != nil {
		return Result{}, err
	}
	r.Lines = lines.returned(returns.Before(r.ClawbackEnd))
	if r.Reason != "" && r.Reason != BelowMinimum {
		return r, nil
	}
	if in.isBelowMinimum(lines) != (r.Reason == BelowMinimum) {
		return Result{}, fmt.Errorf("the bases come to less than the least sale, or not, unlike the trace (%q)", r.Reason)
	}
	rows := t.rows(lines)
	r.Credits = in.saleCredits(rows, lines)
	if err := t.agreesOnSale(rows); err != nil {
		return Result{}, err
	}
	for _, p := range t.Parcels {
		r.Credits = append(r.Credits, in.parcelRow(p.Parcel, p.fee(), p.row(lines), lines)...)
	}
	r.reverse()
	r.passOn(in)
	return r, nil
}

// input is an order and a plan that say what the trace says of them, and nothing else.
func (t *Trace) input() (Input, error) {
	zone, err := time.LoadLocation(t.Zone)
	if err != nil {
		return Input{}, fmt.Errorf("a trace in the zone %q: %w", t.Zone, err)
	}
	in := Input{Order: t.order(), Zone: zone}
	if t.Plan == 0 {
		return in, nil
	}
	in.Plan = &plan.Plan{Version: t.Plan, HoldDays: t.HoldDays, ClawbackDays: t.ClawbackDays, RoleCapMinor: map[plan.Role]int64{}, OrderMinMinor: t.OrderMin, Leaver: plan.Pool}
	in.Left = make(map[shop.ID]Exit, len(t.Left)) // of a plan by which leavers keep theirs, none
	for _, e := range t.Left {
		in.Left[e.Staff] = Exit{At: e.At, Store: e.Store}
	}
	for _, d := range t.Decided {
		in.Decisions = append(in.Decisions, Decision{d.Dispute, d.Role, Beneficiary{d.FromKind, d.From}, Beneficiary{d.ToKind, d.To}, d.Store, d.At})
	}
	for _, c := range t.Caps {
		if c.Cap == OrderCap {
			in.Plan.OrderCapMinor = &c.Minor
		} else {
			in.Plan.RoleCapMinor[c.Role] = c.Minor
		}
	}
	return in, nil
}

func (t *Trace) order() order.Order {
	o := order.Order{State: order.Placed, Channel: t.Channel, PlacedAt: t.Placed, TaxBP: t.TaxBP, Discount: t.Discount}
	for _, l := range t.Lines {
		kind := l.Kind
		if kind == "" {
			kind = order.Merchandise
		}
		o.Lines = append(o.Lines, order.Line{
			No: l.No, SKU: l.SKU, Category: l.Category, Kind: kind, Quantity: l.Quantity, UnitPrice: l.Price, Discount: l.Discount, TaxIncluded: !l.TaxFree,
		})
	}
	for _, r := range t.Returned {
		switch r.Kind {
		case order.Cancellation:
			o.State, o.CancelledAt = order.Cancelled, r.At
		case order.Exchanged:
			x := order.Exchange{ExternalID: r.Event, At: r.At}
			for _, l := range r.Lines {
				x.Out = append(x.Out, l.No)
			}
			o.Exchanges = append(o.Exchanges, x)
		case order.PriceAdjusted:
			for _, l := range r.Lines {
				o.NeutralAdjust = append(o.NeutralAdjust, order.Adjustment{ExternalID: r.Event, At: r.At, No: l.No, Amount: l.Minor})
			}
		default:
			paper := order.Refund{ExternalID: r.Event, Kind: r.Kind, At: r.At, Amount: r.Minor}
			for _, l := range r.Lines {
				paper.Lines = append(paper.Lines, order.RefundLine{No: l.No, Quantity: l.Quantity, Amount: l.Minor})
			}
			o.Refunds = append(o.Refunds, paper)
		}
	}
	return o
}

// bases are the net of merchandise that is not excluded, less what the house keeps.
func (t *Trace) bases() []*big.Rat {
	base := make([]*big.Rat, len(t.Lines))
	for i, l := range t.Lines {
		base[i] = new(big.Rat)
		if t.Plan != 0 && l.Kind == "" && !l.Excluded {
			base[i].SetInt64(l.Net)
			base[i].Mul(base[i], big.NewRat(wholeBP-t.HouseBP, wholeBP))
		}
	}
	return base
}

// rows are the shares of all claims, before caps. Claims of one beneficiary in one role stand together and make one row.
func (t *Trace) rows(lines bases) []*row {
	var rows []*row
	for i, c := range t.Claims {
		to := Beneficiary{c.ToKind, c.To}
		if i == 0 || t.Claims[i-1].Role != c.Role || t.Claims[i-1].ToKind != c.ToKind || t.Claims[i-1].To != c.To {
			rows = append(rows, &row{role: c.Role, to: to})
		}
		weight := c.Weight
		if weight == nil {
			weight = whole
		}
		rows[len(rows)-1].apply(c.Rules, lines, weight, c.under(), t.evidence(c))
	}
	return rows
}

// under is the store under which the role is earned.
func (c TracedClaim) under() shop.ID {
	if c.Store.IsZero() {
		return c.To
	}
	return c.Store
}

// evidence is what the claim stands on.
func (t *Trace) evidence(c TracedClaim) Evidence {
	switch {
	case c.Role.IsHome() && t.Home != nil:
		return *t.Home
	case c.Role.IsDisplay():
		return Evidence{Scan: c.Scan, Tag: c.Tag, At: c.At, Display: t.Display, Placement: c.Placement}
	}
	return Evidence{}
}

// apply adds the shares of one claim, line by line.
func (r *row) apply(rules []Applied, lines bases, weight *big.Rat, store shop.ID, e Evidence) {
	for i, a := range lines.amounts {
		for _, rule := range rules {
			if lines.base[i].Sign() == 0 || rule.RateBP == 0 || weight.Sign() == 0 || rule.Lines != nil && !slices.Contains(rule.Lines, a.No) {
				continue
			}
			x := new(big.Rat).Mul(lines.base[i], factorOf(rule.RateBP, weight))
			r.add(i, store, x, Ground{Rule: rule.Rule, RateBP: rule.RateBP, Weight: weight, Evidence: e})
		}
	}
}

func (p TracedParcel) fee() Ground {
	return Ground{Rule: p.FeeRule, FixedMinor: p.FeeMinor, Weight: whole}
}

func (p TracedParcel) row(lines bases) *row {
	r := &row{role: p.Role, to: StoreOf(p.Store), store: p.Store}
	r.apply(p.Rules, lines, whole, p.Store, Evidence{})
	return r
}

func (t *Trace) agreesOn(amounts []order.Amount) error {
	for i, a := range amounts {
		l := t.Lines[i] // the trace's lines are in the sequence of their numbers, as amounts are
		if l.No != a.No || l.Paid() != a.Paid || l.Net != a.Net {
			return fmt.Errorf("line %d was paid with %d and is %d without tax, its facts give %d and %d for line %d", l.No, l.Paid(), l.Net, a.Paid, a.Net, a.No)
		}
	}
	return nil
}

func (t *Trace) agreesOnReturns(r Result) error {
	if len(r.Returns.Steps) != len(t.Returned) {
		return fmt.Errorf("%d events took something back, the trace has %d", len(r.Returns.Steps), len(t.Returned))
	}
	for i, step := range r.Returns.Steps {
		told := t.Returned[i]
		if !slices.EqualFunc(told.Came, step.Fraction, same) || told.Event != step.ExternalID || told.TooOld != (!step.Neutral && !step.Counts(r.ClawbackEnd)) {
			return fmt.Errorf("after %s %q had come back %v of the lines, its facts give %v", told.Kind, told.Event, told.Came, step.Fraction)
		}
	}
	return nil
}

func (t *Trace) agreesOnSale(rows []*row) error {
	sale, caps := roundedOf(rows), capsOf(rows)
	if (sale == nil) != (t.Sale == nil) || sale != nil && (!same(sale.Sum, t.Sale.Sum) || sale.Minor != t.Sale.Minor || sale.Left != t.Sale.Left) {
		return fmt.Errorf("the shares come to %+v, the trace has %+v", sale, t.Sale)
	}
	alike := slices.EqualFunc(caps, t.Caps, func(a, b TracedCap) bool {
		return a.Cap == b.Cap && a.Role == b.Role && a.Minor == b.Minor && same(a.Sum, b.Sum)
	})
	if !alike {
		return fmt.Errorf("the caps that were exceeded are %+v, the trace has %+v", caps, t.Caps)
	}
	return nil
}

// same says that two fractions are the same number; none is no number.
func same(a, b *big.Rat) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 }
