package explanation

import (
	"fmt"
	"math/big"
	"slices"

	"homestore/clienteling/order"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// State is when the order's credits are payable, or why nobody earns.
func (o *Order) State() string {
	var said []string
	if o.credit.Reason != "" {
		said = append(said, o.words.nobody[attribution.Reason(o.credit.Reason)])
		if o.trace != nil && o.trace.OrderMin != nil {
			said = append(said, fmt.Sprintf(o.words.leastSale, o.currency.Price(*o.trace.OrderMin)))
		}
	}
	switch {
	case len(o.credit.Credits) > 0 && o.trace != nil:
		said = append(said, o.payable())
	case len(o.credit.Credits) == 0 && len(said) == 0:
		said = append(said, o.words.nothing)
	}
	return o.words.sentences(said)
}

func (o *Order) payable() string {
	days := o.trace.HoldDays
	switch {
	case o.credit.IsHeld:
		return o.words.held
	case o.credit.PayableAt.IsZero():
		return fmt.Sprintf(o.words.notReceived, days)
	case o.credit.VestedAt.IsZero():
		return fmt.Sprintf(o.words.payableFrom, o.day(o.credit.PayableAt), o.day(o.trace.Received), days)
	}
	return fmt.Sprintf(o.words.payableNow, o.day(o.credit.PayableAt), o.day(o.trace.Received), days)
}

// Lost tells to whom a claim lost, and by which word of the plan.
func (o *Order) Lost(l ledger.Lost) string {
	w := &o.words
	to := attribution.Beneficiary{Kind: l.ToKind, ID: l.To}
	format := w.lostTo[l.Why]
	if over, isPerson := w.homeOverOne[l.Role]; isPerson && l.Why == attribution.HomeWins {
		format = over
	}
	said := []string{fmt.Sprintf(w.lost, o.who(to), l.Role.Name(w.language), fmt.Sprintf(format, o.who(o.winner(l))))}
	if l.Role.IsDisplay() {
		said = append([]string{fmt.Sprintf(w.scanned, l.Evidence.Tag, o.day(l.Evidence.At))}, said...)
	}
	return w.sentences(said)
}

// winner is to whom the claim lost: the first claim of the kind that stands, or of displays one that lost to others than displays.
func (o *Order) winner(l ledger.Lost) attribution.Beneficiary {
	roles := winners(l)
	if o.trace != nil {
		for _, c := range o.trace.Claims {
			if slices.Contains(roles, c.Role) {
				return attribution.Beneficiary{Kind: c.ToKind, ID: c.To}
			}
		}
	}
	for _, other := range o.credit.Lost {
		if slices.Contains(roles, other.Role) && other.Why != attribution.NotLast && other.Why != attribution.NotFirst {
			return attribution.Beneficiary{Kind: other.ToKind, ID: other.To}
		}
	}
	for _, c := range o.credit.Credits {
		if slices.Contains(roles, c.Role) {
			return c.To
		}
	}
	return attribution.Beneficiary{}
}

// winners are the roles one of which a claim lost to.
func winners(l ledger.Lost) []plan.Role {
	switch l.Why {
	case attribution.HomeWins:
		if !l.Role.IsDisplay() {
			return []plan.Role{plan.HomeStaff}
		}
		return []plan.Role{plan.HomeStore, plan.HomeStaff}
	case attribution.AssistWins:
		return []plan.Role{plan.AssistStaff}
	case attribution.SellingWins:
		return []plan.Role{plan.SellingStaff}
	case attribution.SameStore:
		return []plan.Role{plan.HomeStore}
	}
	return []plan.Role{plan.DisplayStore, plan.DisplayStaff}
}

// unpaid are the claims that stand and to which no rule gives anything, and the scans that could claim nothing.
func (o *Order) unpaid() []string {
	if o.trace == nil {
		return nil
	}
	var said []string
	for _, c := range o.trace.Claims {
		if len(c.Rules) == 0 {
			to := attribution.Beneficiary{Kind: c.ToKind, ID: c.To}
			said = append(said, fmt.Sprintf(o.words.noRule, o.who(to), c.Role.Name(o.words.language), o.trace.Plan))
		}
	}
	for _, s := range o.trace.Aside {
		said = append(said, fmt.Sprintf(o.words.aside, o.who(attribution.StoreOf(s.Store)), o.day(s.At), s.Tag, o.trace.Display.WindowDays))
	}
	return o.words.each(said)
}

// Lines are how each line came from its price to what rates are taken of, and the tax of them all.
func (o *Order) Lines() []string {
	if o.trace == nil {
		return nil
	}
	var said []string
	var gross, net int64
	for _, l := range o.trace.Lines {
		said = append(said, o.line(l)+o.words.end)
		if !l.TaxFree && l.Kind != order.GiftCard && l.Kind != order.Tip {
			gross, net = gross+l.Paid(), net+l.Net
		}
	}
	if o.trace.TaxBP != 0 && gross != 0 {
		said = append(said, fmt.Sprintf(o.words.tax, price(o.currency, gross), o.words.percentOf(int64(o.trace.TaxBP)), price(o.currency, net)))
	}
	return o.words.each(said)
}

func (o *Order) line(l attribution.TracedLine) string {
	w, c := &o.words, o.currency
	text := fmt.Sprintf(w.pieces, first(o.lineName(l.No)), l.Quantity, price(c, l.Price))
	if l.Discount != 0 {
		text += fmt.Sprintf(w.lessOwn, price(c, l.Discount))
	}
	if l.Part != 0 {
		text += fmt.Sprintf(w.lessPart, price(c, l.Part))
	}
	if l.Net == l.Paid() {
		text += fmt.Sprintf(w.paid, price(c, l.Paid()))
	} else {
		text += fmt.Sprintf(w.paidNet, price(c, l.Paid()), price(c, l.Net))
	}
	switch {
	case l.Kind != "":
		text += w.unpaid[l.Kind]
	case l.Excluded:
		text += w.excluded
	case o.trace.HouseBP != 0:
		left := new(big.Rat).Mul(new(big.Rat).SetInt64(l.Net), big.NewRat(10000-o.trace.HouseBP, 10000))
		text += fmt.Sprintf(w.house, w.percentOf(o.trace.HouseBP), base(c, left))
	}
	return text
}

// Returned are the events that took goods or money back, with how much of each line had come back after it.
func (o *Order) Returned() []string {
	var said []string
	before := make([]*big.Rat, len(o.result.Lines))
	for _, step := range o.result.Returns.Steps {
		event := o.event(step.Kind, step.ExternalID, step.At)
		if step.Neutral {
			said = append(said, fmt.Sprintf(o.words.neutral, event))
			continue
		}
		var came []string
		for i, l := range o.result.Lines {
			if f := step.Fraction[i]; f.Sign() > 0 && (before[i] == nil || before[i].Cmp(f) != 0) {
				came = append(came, o.came(step, l.No))
			}
		}
		before = step.Fraction
		if len(came) > 0 {
			said = append(said, fmt.Sprintf(o.words.returned, event, o.words.list(came)))
		}
		if !step.Counts(o.result.ClawbackEnd) {
			said = append(said, fmt.Sprintf(o.words.tooOld, event, *o.trace.ClawbackDays))
		}
	}
	return o.words.each(said)
}

// Whole is what can be said of the order as a whole: its lines, claims that earn nothing, what came back, and when its credits are
// payable or why there are none.
func (o *Order) Whole() []string {
	said := append(o.Lines(), o.unpaid()...)
	said = append(said, o.Returned()...)
	if state := o.State(); state != "" {
		said = append(said, state)
	}
	return said
}

// Told is all of it: lines, each share, what lost, what earned nothing, what came back, and when it is payable.
func (o *Order) Told() []string {
	said := o.Lines()
	var shares []Share
	for _, c := range o.credit.Credits {
		if s := shareOf(c); !slices.Contains(shares, s) {
			shares = append(shares, s)
			said = append(said, fmt.Sprintf(o.words.share, c.Role.Name(o.words.language), o.who(c.To), o.Share(s)))
		}
	}
	for _, l := range o.credit.Lost {
		said = append(said, o.Lost(l))
	}
	said = append(said, o.unpaid()...)
	said = append(said, o.Returned()...)
	return o.words.each(append(said, o.State()))
}
