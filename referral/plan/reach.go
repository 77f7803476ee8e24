package plan

import (
	"maps"
	"slices"
)

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

// region is a set of cases: what each fact is, or which values it is known not to have, and how old the bond is.
type region struct {
	is       map[string]string
	not      map[string]map[string]bool
	bondFrom int  // days
	bondTo   int  // days, exclusive; 0 for roles without a bond
	noBond   bool // no age of a bond is left: nothing is
}

// forever is a day that no bond reaches.
const forever = maxDays + 1

// everyCase are all the cases in which somebody can earn in the role.
func everyCase(r Role) region {
	s := region{is: map[string]string{}, not: map[string]map[string]bool{}}
	if r.IsHome() {
		s.bondTo = forever
		s = s.without("customer", "") // a home is somebody's
	}
	if !r.IsDisplay() {
		s.is["tag"] = ""
	}
	switch r {
	case SellingStore, SellingStaff:
		s.is["channel"] = "till"
	case OnlineTeam:
		s.is["channel"] = "online"
	}
	return s
}

// wants are the conditions of a rule on facts that are texts.
func (w When) wants() [7][2]string {
	return [7][2]string{
		{"store_kind", w.StoreKind}, {"channel", w.Channel}, {"category", w.Category}, {"sku", w.SKU}, {"tag", w.Tag},
		{"campaign", w.Campaign}, {"customer", w.Customer},
	}
}

// bond are the ages of a binding, in days, of which the rule's conditions hold: from, and up to but not including to. ok is
// false for a rule that does not ask.
func (w When) bond() (from, to int, ok bool) {
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
	for _, c := range w.wants() {
		if c[1] == "" {
			continue
		}
		if !s.allows(c[0], c[1]) {
			return region{}, false
		}
		s = s.with(c[0], c[1])
	}
	if from, to, asks := w.bond(); asks {
		s.bondFrom, s.bondTo = max(s.bondFrom, from), min(s.bondTo, to)
		return s, s.bondFrom < s.bondTo
	}
	return s, true
}

// taken says whether the rules take every case of the region: the first rule that fits some of it takes that part, and what
// lies outside its first open condition is left to the rest.
func (s region) taken(rules []When) bool {
	if s.empty() {
		return true
	}
	for i, w := range rules {
		if _, fits := s.narrowed(w); !fits {
			continue
		}
		for _, c := range w.wants() {
			if _, fixed := s.is[c[0]]; c[1] != "" && !fixed {
				return s.with(c[0], c[1]).taken(rules[i:]) && s.without(c[0], c[1]).taken(rules[i+1:])
			}
		}
		from, to, asks := w.bond()
		if !asks {
			return true
		}
		return s.bonds(s.bondFrom, from).taken(rules[i+1:]) && s.bonds(to, s.bondTo).taken(rules[i+1:])
	}
	return false
}

// bonds is the region with bonds of these ages alone.
func (s region) bonds(from, to int) region {
	s.bondFrom, s.bondTo, s.noBond = from, to, from >= to
	return s
}

// domains are the facts that have few values, all known.
var domains = map[string][]string{"store_kind": storeKinds, "channel": channels, "customer": {NewCustomer, ReturningCustomer, ""}}

func (s region) empty() bool {
	if s.noBond {
		return true
	}
	for fact, values := range domains {
		left := len(values)
		for v := range s.not[fact] {
			if slices.Contains(values, v) {
				left--
			}
		}
		if left == 0 {
			return true
		}
	}
	return false
}

func (s region) allows(fact, value string) bool {
	is, fixed := s.is[fact]
	return (!fixed || is == value) && !s.not[fact][value]
}

func (s region) with(fact, value string) region {
	s.is = maps.Clone(s.is)
	s.is[fact] = value
	return s
}

func (s region) without(fact, value string) region {
	values := maps.Clone(s.not[fact])
	if values == nil {
		values = map[string]bool{}
	}
	values[value] = true
	s.not = maps.Clone(s.not)
	s.not[fact] = values
	return s
}
