package attribution

import (
	"fmt"
	"math/big"
	"strings"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// example computes the order and says what came of it.
func (in *Input) example(name string, story shop.Text) Example {
	r := Compute(*in)
	e := Example{Name: name, Story: story, Reason: r.Reason, Gets: []Gets{}, Lost: []Misses{}}
	type row struct {
		role   plan.Role
		to     Beneficiary
		parcel string
	}
	place := map[row]int{}
	for _, c := range r.Credits {
		at, known := place[row{c.Role, c.To, c.Parcel}]
		if !known {
			at = len(e.Gets)
			place[row{c.Role, c.To, c.Parcel}] = at
			e.Gets = append(e.Gets, Gets{Role: c.Role, To: cast[c.To.ID], Why: said("", "")})
		}
		e.Gets[at].Minor += c.Left()
		for lang, before := range e.Gets[at].Why {
			e.Gets[at].Why[lang] = strings.TrimPrefix(before+"; "+in.why(c, lang), "; ")
		}
	}
	for _, l := range r.Lost {
		e.Lost = append(e.Lost, Misses{Role: l.Role, To: cast[l.To.ID], Why: l.Why})
	}
	return e
}

// why is the arithmetic of one credit.
func (in *Input) why(c Credit, lang shop.Language) string {
	var terms []string
	for _, g := range c.Why.Grounds {
		terms = append(terms, in.ground(c.Why.Base, g, lang))
	}
	text := strings.Join(terms, " + ")
	for _, cut := range c.Why.Caps {
		text += fmt.Sprintf(said("，受上限 %s 限制 × %s", ", cut by the cap of %s x %s")[lang], in.Order.Currency.Price(cut.Minor), cut.Factor.RatString())
	}
	text += " = " + in.Order.Currency.Price(c.Minor)
	if c.Why.Rounding != Exact {
		text += fmt.Sprintf(said("（由 %s 取整）", " (rounded from %s)")[lang], in.amount(c.Why.Share))
	}
	if c.Reversed != 0 {
		text += fmt.Sprintf(said("，退貨追回 %s", ", less %s taken back for the return")[lang], in.Order.Currency.Price(c.Reversed))
	}
	return text
}

func (in *Input) ground(base *big.Rat, g Ground, lang shop.Language) string {
	if g.FixedMinor != 0 {
		return fmt.Sprintf(said("規則 %d：每件 %s", "rule %d: %s per parcel")[lang], g.Rule, in.Order.Currency.Price(g.FixedMinor))
	}
	text := fmt.Sprintf(said("規則 %d：%s × %s %%", "rule %d: %s x %s %%")[lang], g.Rule, in.amount(base), plan.Percent(g.RateBP))
	if g.Weight.Cmp(whole) != 0 {
		text += fmt.Sprintf(said(" × 權重 %s", " x weight %s")[lang], g.Weight.RatString())
	}
	return text
}

// amount writes an exact amount, which may be no whole number of the smallest unit: then as a fraction of it.
func (in *Input) amount(x *big.Rat) string {
	if x.IsInt() && x.Num().IsInt64() {
		return in.Order.Currency.Price(x.Num().Int64())
	}
	return fmt.Sprintf("%s (%s)", in.Order.Currency.Price(shop.Floor(x)), x.RatString())
}
