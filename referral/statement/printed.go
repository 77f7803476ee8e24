package statement

import (
	"time"

	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// mostPrinted is how many lines are printed one by one: some 110 pages, and 20 MB while they are set. Nobody reads a thousand
// pages, and the library keeps each word until all is written.
const mostPrinted = 5000

// day is what lines have in common that are printed as their sum.
type day struct {
	at        time.Time
	belongsTo time.Time
	kind      ledger.TransferKind
	role      plan.Role
	state     ledger.AccountKind
}

// sums are lines by day, in the sequence of the first of each.
type sums struct {
	places map[day]int
	lines  []Line
	counts []int
}

func (s *sums) add(l Line, zone *time.Location) {
	y, m, d := l.EffectiveAt.In(zone).Date()
	of := day{time.Date(y, m, d, 0, 0, 0, 0, zone), l.BelongsTo, l.Kind, l.Role, l.State}
	place, known := s.places[of]
	if !known {
		place = len(s.lines)
		s.places[of] = place
		s.lines = append(s.lines, Line{EffectiveAt: of.at, BelongsTo: of.belongsTo, Kind: of.kind, Role: of.role, State: of.state})
		s.counts = append(s.counts, 0)
	}
	s.lines[place].Minor += l.Minor
	s.counts[place]++
}

// printed are the lines to print, and how many there are when what is printed is their sums by day; 0 when they are the lines.
func (s *Statement) printed() (lines []Line, summed int, err error) {
	byDay := sums{places: map[day]int{}}
	for l, err := range s.lines() {
		switch {
		case err != nil:
			return nil, 0, err
		case summed > 0:
			byDay.add(l, s.Zone)
			summed++
		case len(lines) < mostPrinted:
			lines = append(lines, l)
		default:
			for _, before := range append(lines, l) {
				byDay.add(before, s.Zone)
				summed++
			}
			lines = nil
		}
	}
	if summed == 0 {
		return lines, 0, nil
	}
	for i, n := range byDay.counts {
		byDay.lines[i].Why = s.sayf("lines_of_day", s.count(n))
	}
	return byDay.lines, summed, nil
}
