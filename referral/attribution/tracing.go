package attribution

import (
	"cmp"
	"math/big"
	"slices"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// workings are the steps between an order and its credits, of which a trace is made.
type workings struct {
	lines  bases
	claims []claim
	rows   []*row
}

// Traced credits an order as Compute does, and keeps the way.
func Traced(in Input) (Result, Trace) {
	r, w := compute(in)
	t := in.facts(w.lines)
	t.Reason = r.Reason
	t.Received = r.ReceivedAt.UTC()
	t.Returned = in.returned(&r)
	switch r.Reason {
	case "":
	case BelowMinimum:
		t.OrderMin = in.Plan.OrderMinMinor
	default:
		return r, t
	}
	for _, cl := range w.claims {
		t.Claims = append(t.Claims, in.tracedClaim(cl, w.lines))
	}
	if len(in.Displays) > 0 {
		t.Display = &in.Plan.Display
		t.Aside = in.aside()
	}
	if !in.Home.IsNobody() {
		home := in.Home.evidence()
		home.At = home.At.UTC()
		t.Home = &home
	}
	t.Caps, t.Sale = capsOf(w.rows), roundedOf(w.rows)
	t.Parcels = in.tracedParcels(w.lines)
	t.Left = in.exits(w.claims)
	for _, d := range in.Decisions {
		t.Decided = append(t.Decided, TracedDecision{d.ID, d.Role, d.From.Kind, d.From.ID, d.To.Kind, d.To.ID, d.Store, d.At.UTC()})
	}
	return r, t
}

// facts are the order's own, and what the plan makes of all its lines.
func (in *Input) facts(b bases) Trace {
	o := &in.Order
	t := Trace{Placed: o.PlacedAt.UTC(), Zone: in.Zone.String(), Channel: o.Channel, Campaign: o.Campaign, TaxBP: o.TaxBP, Discount: o.Discount, Lines: make([]TracedLine, len(b.amounts))}
	if p := in.Plan; p != nil {
		t.Plan, t.HoldDays, t.ClawbackDays, t.Adjusts = p.Version, p.HoldDays, p.ClawbackDays, p.PriceAdjustment == plan.Reverse
	}
	if in.Plan != nil && in.Plan.AsksWhetherNew() {
		t.Buyer = in.customer()
	}
	if houseLeaves(*in) != nil {
		t.HouseBP = in.Stores[o.Store].HouseBP
	}
	for i, a := range b.amounts {
		l := TracedLine{
			No: a.No, SKU: a.SKU, Category: a.Category, Kind: a.Kind, Quantity: a.Quantity, Price: a.UnitPrice, Discount: a.Discount,
			Part: a.Gross() - a.Paid, TaxFree: !a.TaxIncluded, Net: a.Net,
		}
		if a.Kind == order.Merchandise {
			l.Kind = ""
			l.Excluded = in.Plan != nil && b.base[i].Sign() == 0 && a.Net != 0
		}
		t.Lines[i] = l
	}
	return t
}

func (in *Input) tracedClaim(cl claim, lines bases) TracedClaim {
	t := TracedClaim{Role: cl.role, ToKind: cl.to.Kind, To: cl.to.ID, StoreKind: in.Stores[cl.store].Kind, Rules: in.applied(cl, lines)}
	if cl.store != cl.to.ID {
		t.Store = cl.store
	}
	if cl.weight.Cmp(whole) != 0 {
		t.Weight = cl.weight
	}
	if cl.role.IsDisplay() {
		t.Scan, t.Tag, t.At, t.Placement = cl.evidence.Scan, cl.evidence.Tag, cl.evidence.At.UTC(), cl.evidence.Placement
	}
	return t
}

// applied are the rules of a claim. Mostly one rule is on all lines, and then it names none.
func (in *Input) applied(cl claim, lines bases) []Applied {
	rules := in.appliedEach(cl, lines)
	based := 0
	for _, base := range lines.base {
		based += base.Sign()
	}
	if len(rules) == 1 && len(rules[0].Lines) == based {
		rules[0].Lines = nil
	}
	return rules
}

func (in *Input) appliedEach(cl claim, lines bases) []Applied {
	var rules []Applied
	c := in.conditions(cl)
	for i, a := range lines.amounts {
		if lines.base[i].Sign() == 0 {
			continue
		}
		c.Category, c.SKU = a.Category, a.SKU
		rule, number, ok := in.Plan.Rule(cl.role, c)
		if !ok {
			continue
		}
		at := slices.IndexFunc(rules, func(r Applied) bool { return r.Rule == number })
		if at < 0 {
			at = len(rules)
			rules = append(rules, Applied{Rule: number, RateBP: rule.RateBP})
		}
		rules[at].Lines = append(rules[at].Lines, a.No)
	}
	return rules
}

// aside are the scans outside the window, of stores that have none inside: for each store the latest.
func (in *Input) aside() []TracedScan {
	seen := map[shop.ID]bool{}
	for _, d := range inWindow(in) {
		seen[d.Store] = true
	}
	var outside []TracedScan
	for _, d := range onePerStore(slices.Clone(in.Displays), plan.Last) {
		if !seen[d.Store] && !d.Store.IsZero() {
			outside = append(outside, TracedScan{Scan: d.Scan, Tag: d.Tag, Store: d.Store, Staff: d.Person.ID, At: d.At.UTC()})
		}
	}
	return outside
}

// exits are those of claimants, and of those for whom something was decided.
func (in *Input) exits(claims []claim) []TracedExit {
	if in.Plan.Leaver != plan.Pool {
		return nil
	}
	var exits []TracedExit
	add := func(who Beneficiary) {
		exit, left := in.Left[who.ID]
		seen := slices.ContainsFunc(exits, func(e TracedExit) bool { return e.Staff == who.ID })
		if who.Kind == ToStaff && left && !seen {
			exits = append(exits, TracedExit{Staff: who.ID, At: exit.At.UTC(), Store: exit.Store})
		}
	}
	for _, cl := range claims {
		add(cl.to)
	}
	for _, d := range in.Decisions {
		add(d.To)
	}
	return exits
}

// capsOf are the caps by which the rows were cut, each role's in the sequence of roles and the order's last.
func capsOf(rows []*row) []TracedCap {
	var caps []TracedCap
	var last *TracedCap
	for _, r := range rows {
		for _, cut := range r.caps {
			c := TracedCap{Cap: cut.Cap, Role: r.role, Minor: cut.Minor, Sum: new(big.Rat).Quo(new(big.Rat).SetInt64(cut.Minor), cut.Factor)}
			switch {
			case cut.Cap == OrderCap:
				c.Role, last = "", &c
			case !slices.ContainsFunc(caps, func(known TracedCap) bool { return known.Role == c.Role }):
				caps = append(caps, c)
			}
		}
	}
	if last != nil {
		caps = append(caps, *last)
	}
	return caps
}

// roundedOf is the rounding of all rows together, which was done.
func roundedOf(rows []*row) *Rounded {
	if len(rows) == 0 {
		return nil
	}
	r := &Rounded{Sum: new(big.Rat)}
	for _, one := range rows {
		r.Sum.Add(r.Sum, one.total)
		r.Left -= shop.Floor(one.total)
	}
	r.Minor = shop.HalfUp(r.Sum)
	r.Left += r.Minor
	return r
}

func (in *Input) tracedParcels(lines bases) []TracedParcel {
	var parcels []TracedParcel
	for _, f := range in.parcels() {
		cl := parcelClaim(f)
		fee := in.fixedFee(f, cl)
		parcels = append(parcels, TracedParcel{
			Parcel: f.ExternalID, Role: cl.role, Store: f.Store, StoreKind: in.Stores[f.Store].Kind,
			FeeRule: fee.Rule, FeeMinor: fee.FixedMinor, Rules: in.appliedEach(cl, lines.in(f)),
		})
	}
	return parcels
}

// returned are the events that took something back, each with what it asked for.
func (in *Input) returned(r *Result) []TracedReturn {
	var back []TracedReturn
	for _, step := range r.Returns.Steps {
		t := TracedReturn{Kind: step.Kind, Event: step.ExternalID, At: step.At.UTC(), Came: step.Fraction, TooOld: !step.Neutral && !step.Counts(r.ClawbackEnd)}
		t.Lines, t.Minor = in.asked(step)
		back = append(back, t)
	}
	return back
}

// asked is what the event's paper says: the lines it names, or the amount of one that names none.
func (in *Input) asked(step order.Return) (lines []TracedRefund, minor int64) {
	switch step.Kind {
	case order.Cancellation:
		return nil, 0
	case order.PriceAdjusted:
		for _, a := range in.Order.NeutralAdjust {
			if a.ExternalID == step.ExternalID {
				lines = append(lines, TracedRefund{No: a.No, Minor: a.Amount})
			}
		}
		return lines, 0
	case order.Exchanged:
		for _, x := range in.Order.Exchanges {
			if x.ExternalID == step.ExternalID && !x.Keeps {
				lines = append(lines, linesOut(x)...)
			}
		}
		return lines, 0
	}
	for _, paper := range in.Order.Refunds {
		if paper.ExternalID == step.ExternalID && cmp.Or(paper.Kind, order.RefundPaid) == step.Kind {
			for _, l := range paper.Lines {
				lines = append(lines, TracedRefund{No: l.No, Quantity: l.Quantity, Minor: l.Amount})
			}
			return lines, paper.Amount
		}
	}
	return nil, 0
}

func linesOut(x order.Exchange) []TracedRefund {
	lines := make([]TracedRefund, len(x.Out))
	for i, no := range x.Out {
		lines[i].No = no
	}
	return lines
}
