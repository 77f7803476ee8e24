package plan

import "slices"

// Unreachable are the numbers (counted from 1) of the rules that can never decide, because earlier rules of the same role
// take every case or because their own conditions never hold together. Such a rule is a mistake of whoever wrote the plan.
func (p *Plan) Unreachable() []int {
	var numbers []int
	for i, r := range p.Rules {
		cases, possible := everyCase(r.Role).narrowed(r.When)
		if !possible || cases.taken(p.whens(r.Role, i)) {
			numbers = append(numbers, i+1)
		}
	}
	return numbers
}

// The places of facts in wants.
const (
	kindFact, channelFact, tagFact, customerFact = 0, 1, 4, 6
	facts                                        = 7
)

// region is a set of cases: what each fact is, where that is fixed, and how old the bond is.
type region struct {
	is       [facts]string
	isFixed  [facts]bool
	hasBond  bool // false: a condition on the bond's age never holds
	bondFrom int  // days
	bondTo   int  // days, exclusive
}

// forever is a day that no bond reaches.
const forever = maxDays + 1

// everyCase are all the cases in which somebody can earn in the role.
func everyCase(r Role) region {
	s := region{hasBond: r.IsHome(), bondTo: forever}
	if !r.IsDisplay() {
		s = s.with(tagFact, "")
	}
	switch r {
	case SellingStore, SellingStaff:
		s = s.with(channelFact, "till")
	case OnlineTeam:
		s = s.with(channelFact, "online")
	}
	return s
}

// wants are the conditions of a rule on facts that are texts.
func (w *When) wants() [facts][2]string {
	return [facts][2]string{
		{"store_kind", w.StoreKind}, {"channel", w.Channel}, {"category", w.Category}, {"sku", w.SKU}, {"tag", w.Tag},
		{"campaign", w.Campaign}, {"customer", w.Customer},
	}
}

// bond are the ages of a binding, in days, of which the rule's conditions hold: from, and up to but not including to. ok is
// false for a rule that does not ask.
func (w *When) bond() (from, to int, ok bool) {
	to = forever
	if w.BondMinDays != nil {
		from = *w.BondMinDays
	}
	if w.BondMaxDays != nil {
		to = *w.BondMaxDays
	}
	return from, to, w.BondMinDays != nil || w.BondMaxDays != nil
}

// narrowed are the cases of the region in which the rule's conditions hold.
func (s region) narrowed(w When) (region, bool) {
	for fact, c := range w.wants() {
		if c[1] == "" {
			continue
		}
		if s.isFixed[fact] && s.is[fact] != c[1] {
			return region{}, false
		}
		s = s.with(fact, c[1])
	}
	from, to, asks := w.bond()
	s.bondFrom, s.bondTo = max(s.bondFrom, from), min(s.bondTo, to)
	return s, s.bondFrom < s.bondTo && (s.hasBond || !asks)
}

// taken says whether the rules take every case of the region. It goes over them once for each case that store kinds, channels and
// customers make, at most: 1 + 5 + 10 + 30 times. Facts of which there is no end make none, see decides.
func (s region) taken(rules []*When) bool {
	var deciding []*When
	for _, w := range rules {
		if s.decides(w) {
			deciding = append(deciding, w)
		}
	}
	for _, fact := range [...]int{kindFact, channelFact, customerFact} {
		if s.isFixed[fact] || !slices.ContainsFunc(deciding, func(w *When) bool { return w.wants()[fact][1] != "" }) {
			continue
		}
		for _, value := range s.values(fact) {
			if !s.with(fact, value).taken(deciding) {
				return false
			}
		}
		return true
	}
	return s.bondTaken(deciding)
}

// decides says whether a rule fits some of the region and asks for no article, category, tag or campaign that the region leaves
// open: there always is one that no rule names, and what takes the cases with that takes the others as well.
func (s region) decides(w *When) bool {
	for fact, c := range w.wants() {
		if c[1] == "" {
			continue
		}
		if s.isFixed[fact] && s.is[fact] != c[1] || !s.isFixed[fact] && s.values(fact) == nil {
			return false
		}
	}
	from, to, asks := w.bond()
	return max(s.bondFrom, from) < min(s.bondTo, to) && (s.hasBond || !asks)
}

// bondTaken says whether the spans of rules that ask for nothing else of the region leave no age of a bond out.
func (s region) bondTaken(rules []*When) bool {
	spans := make([][2]int, len(rules))
	for i, w := range rules {
		spans[i][0], spans[i][1], _ = w.bond()
	}
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	day := s.bondFrom
	for _, span := range spans {
		if span[0] <= day {
			day = max(day, span[1])
		}
	}
	return day >= s.bondTo
}

// values are all that a fact can be; nil for facts of which there is no end.
func (s region) values(fact int) []string {
	switch fact {
	case kindFact:
		return storeKinds
	case channelFact:
		return channels
	case customerFact:
		if s.hasBond {
			return customers // a home is somebody's
		}
		return append(slices.Clip(customers), "")
	}
	return nil
}

func (s region) with(fact int, value string) region {
	s.is[fact], s.isFixed[fact] = value, true
	return s
}
