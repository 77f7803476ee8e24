package plan

import "slices"

// overlap are earlier rules that take some of the cases for which a later rule of the same role was written, and pay otherwise.
type overlap struct {
	earlier []int // numbers, from 1
	later   int
	when    When // the first case that both fit
}

// overlaps leave out the usual way to write an exception: a narrow rule before the general one that holds for the rest. What
// can never decide at all is no overlap; see Unreachable. A hidden earlier rule clashes with none: what it wants is taken.
func (p *Plan) overlaps(hidden []int) []overlap {
	var found []overlap
	for j, later := range p.Rules {
		if slices.Contains(hidden, j+1) {
			continue
		}
		o := overlap{later: j + 1}
		for i, earlier := range p.Rules[:j] {
			if !p.clash(i, j) {
				continue
			}
			if len(o.earlier) == 0 {
				o.when = earlier.When.and(later.When)
			}
			o.earlier = append(o.earlier, i+1)
		}
		if len(o.earlier) > 0 {
			found = append(found, o)
		}
	}
	return found
}

// clash says whether rule i takes cases from rule j that it was not written for alone.
func (p *Plan) clash(i, j int) bool {
	earlier, later := p.Rules[i], p.Rules[j]
	if earlier.Role != later.Role || earlier.RateBP == later.RateBP && earlier.FixedMinor == later.FixedMinor {
		return false
	}
	cases, possible := everyCase(earlier.Role).narrowed(earlier.When)
	if !possible || cases.within(later.When) {
		return false
	}
	shared, possible := cases.narrowed(later.When)
	return possible && !shared.taken(p.whens(earlier.Role, i))
}

// whens are the conditions of the role's rules before place i.
func (p *Plan) whens(role Role, i int) []*When {
	var all []*When
	for n := range p.Rules[:i] {
		if r := &p.Rules[n]; r.Role == role {
			all = append(all, &r.When)
		}
	}
	return all
}

// within says whether the rule's conditions hold in the whole region.
func (s region) within(w When) bool {
	for fact, c := range w.wants() {
		if c[1] != "" && (!s.isFixed[fact] || s.is[fact] != c[1]) {
			return false
		}
	}
	from, to, asks := w.bond()
	return !asks || from <= s.bondFrom && s.bondTo <= to
}

// and are the conditions of two rules together, which some case fits.
func (w When) and(other When) When {
	for _, f := range []struct{ own, other *string }{
		{&w.StoreKind, &other.StoreKind}, {&w.Channel, &other.Channel}, {&w.Category, &other.Category}, {&w.SKU, &other.SKU},
		{&w.Tag, &other.Tag}, {&w.Campaign, &other.Campaign}, {&w.Customer, &other.Customer},
	} {
		if *f.own == "" {
			*f.own = *f.other
		}
	}
	if other.BondMinDays != nil && (w.BondMinDays == nil || *other.BondMinDays > *w.BondMinDays) {
		w.BondMinDays = other.BondMinDays
	}
	if other.BondMaxDays != nil && (w.BondMaxDays == nil || *other.BondMaxDays < *w.BondMaxDays) {
		w.BondMaxDays = other.BondMaxDays
	}
	return w
}
