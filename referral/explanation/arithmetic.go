package explanation

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// severalLines is from how many lines on they are told together, when all have the same rates.
const severalLines = 4

// arithmetic is how the exact share came about: base x rate of each line, and what caps left of their sum.
func (o *Order) arithmetic(t told) []string {
	var said, factors []string
	bases, sum := new(big.Rat), new(big.Rat)
	for i, why := range t.whys {
		line := t.credits[i].Line
		if line == 0 {
			continue
		}
		rates, factor := o.factors(why)
		share := new(big.Rat).Mul(why.Base, factor)
		bases.Add(bases, why.Base)
		sum.Add(sum, share)
		factors = append(factors, rates)
		said = append(said, fmt.Sprintf(o.words.product, first(o.lineName(line)), base(o.currency, why.Base), rates, exact(o.currency, share)))
	}
	if len(said) >= severalLines && len(slices.Compact(slices.Clone(factors))) == 1 {
		said = []string{fmt.Sprintf(o.words.together, len(factors), base(o.currency, bases), factors[0], exact(o.currency, sum))}
	}
	return append(said, o.cuts(t, sum)...)
}

// factors are the rates of a line with their weights, as text and as what the base is multiplied by.
func (o *Order) factors(why attribution.Why) (string, *big.Rat) {
	sum := new(big.Rat)
	var texts []string
	for _, g := range why.Grounds {
		text, factor := o.words.percentOf(g.RateBP), big.NewRat(g.RateBP, 10000)
		if !isWhole(g.Weight) {
			text += " × " + g.Weight.RatString()
			factor.Mul(factor, g.Weight)
		}
		texts = append(texts, text)
		sum.Add(sum, factor)
	}
	if len(texts) > 1 {
		return "(" + strings.Join(texts, " + ") + ")", sum
	}
	return strings.Join(texts, ""), sum
}

// cuts are the caps that were exceeded, the role's before the order's. They are the same for all lines of a share.
func (o *Order) cuts(t told, sum *big.Rat) []string {
	var said []string
	for _, cut := range t.whys[len(t.whys)-1].Caps {
		sum = new(big.Rat).Mul(sum, cut.Factor)
		over := new(big.Rat).Quo(new(big.Rat).SetInt64(cut.Minor), cut.Factor)
		of := o.words.ofOrder
		if cut.Cap == attribution.RoleCap {
			of = t.Role.Name(o.words.language)
		}
		said = append(said, fmt.Sprintf(o.words.capped, exact(o.currency, sum), of, exact(o.currency, over), o.currency.Price(cut.Minor)))
	}
	return said
}

// rounding is how the exact share became whole units.
func (o *Order) rounding(t told) []string {
	w, share := &o.words, t.share()
	minor, _ := t.minor()
	amount := o.currency.Price(minor)
	isJoined := slices.ContainsFunc(t.whys, func(why attribution.Why) bool { return len(why.Parts) > 0 })
	switch {
	case share.IsInt() && share.Num().Int64() == minor:
		return []string{fmt.Sprintf(w.exactly, amount)}
	case t.Role.IsParcel():
		return []string{fmt.Sprintf(w.halfUp, amount)}
	case !t.isWhole || isJoined || o.trace == nil || o.trace.Sale == nil:
		return []string{fmt.Sprintf(w.lineRound, amount)}
	}
	left := o.trace.Sale.Left
	switch {
	case minor > shop.Floor(share):
		return []string{fmt.Sprintf(w.roundUp, o.currency.Price(shop.Floor(share)), o.currency.Price(left), o.currency.Price(1), amount)}
	case left > 0:
		return []string{fmt.Sprintf(w.roundDown, amount, o.currency.Price(left))}
	}
	return []string{fmt.Sprintf(w.cut, amount)}
}

// takenBy is what each event took back, and of how much: of the lines that came back.
func (o *Order) takenBy(t told) []string {
	var said []string
	for _, step := range o.result.Returns.Steps {
		var taken, was int64
		var came []string
		for _, v := range o.result.Reversals {
			c := o.result.Credits[v.Credit]
			isTold := (Share{c.Role, c.To, c.Parcel}) == t.Share && slices.ContainsFunc(t.credits, func(k ledger.Credit) bool { return k.Line == c.Line })
			if isTold && v.Kind == step.Kind && v.Event == step.ExternalID && v.At.Equal(step.At) {
				taken, was = taken+v.Minor, was+c.Minor
				came = append(came, o.came(step, c.Line))
			}
		}
		if taken > 0 {
			event := o.event(step.Kind, step.ExternalID, step.At)
			said = append(said, fmt.Sprintf(o.words.taken, event, o.words.list(came), o.currency.Price(taken), o.currency.Price(was)))
		}
	}
	return said
}

// came is how much of the line had come back after the event.
func (o *Order) came(step order.Return, line int) string {
	at := slices.IndexFunc(o.result.Lines, func(l attribution.Line) bool { return l.No == line })
	return fmt.Sprintf(o.words.fraction, o.words.part(step.Fraction[at]), o.lineName(line))
}
