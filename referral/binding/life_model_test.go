package binding

import (
	"fmt"
	"slices"
	"time"

	"homestore/clienteling/shop"
)

// life is a simple model of whose a few customers are. It keeps what happened and walks through it from the beginning whenever it
// is asked: no bindings, no intervals, no look-ups. It knows places and people by their ids only.
type life struct {
	zone    *time.Location
	happens []happening
	seq     int
	works   []work
	left    map[shop.ID]time.Time
	closed  map[shop.ID]time.Time // the last day
	gains   map[shop.ID][]gain    // of each customer, as they were recorded
}

// happening is one thing that makes a holder: a customer is somebody's, or somebody's customers are somebody else's.
type happening struct {
	at  time.Time
	seq int

	customer shop.ID // of a binding
	holder   held

	by *Succession // only what was asked for: who, where, when, to whom
}

// held is a holder as the model has it.
type held struct {
	bound        bool
	store, staff shop.ID
	pool         bool
}

func (h held) String() string {
	return fmt.Sprintf("bound %v store %s staff %s pool %v", h.bound, h.store, h.staff, h.pool)
}

type work struct {
	staff, store shop.ID
	from, to     time.Time // days
}

type gain struct {
	from, at time.Time
	chosen   bool
}

var farDay = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

func (l *life) day(at time.Time) time.Time {
	y, m, d := at.In(l.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (l *life) lastDay(at time.Time) time.Time { return l.day(at.Add(-time.Millisecond)) }

// holderAt walks through everything up to an instant.
func (l *life) holderAt(customer shop.ID, at time.Time) held {
	var now held
	var shut []*Succession // the stores that have closed so far
	pass := func(s *Succession) {
		if now.store.IsZero() || !s.Staff.IsZero() && s.Staff != now.staff || !s.Store.IsZero() && s.Store != now.store {
			return
		}
		heir := s.Heirs[s.heirOf(customer)]
		if !heir.Store.IsZero() {
			now.store = heir.Store
		}
		if heir.Person == Pool {
			now.staff, now.pool = shop.ID{}, true
		}
		if heir.Person == Named {
			now.staff, now.pool = heir.Staff, false
		}
	}
	slices.SortStableFunc(l.happens, func(a, b happening) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return a.seq - b.seq
	})
	for _, h := range l.happens {
		switch {
		case h.at.After(at):
			return now
		case h.by != nil:
			pass(h.by)
			if h.by.Kind == Closing {
				shut = append(shut, h.by)
			}
		case h.customer == customer:
			now = h.holder
			for _, s := range shut {
				pass(s)
			}
		}
	}
	return now
}

func (l *life) isAssigned(staff, store shop.ID, at time.Time) bool {
	if left, has := l.left[staff]; has && !left.After(at) {
		return false
	}
	return slices.ContainsFunc(l.works, func(w work) bool {
		return w.staff == staff && w.store == store && !l.day(at).Before(w.from) && !l.day(at).After(w.to)
	})
}

func (l *life) hasLeft(staff shop.ID, at time.Time) bool {
	left, has := l.left[staff]
	return has && !left.After(at)
}

func (l *life) isClosed(store shop.ID, day time.Time) bool {
	last, has := l.closed[store]
	return has && last.Before(day)
}

func (l *life) bind(customer, store, staff shop.ID, from, now time.Time, chosen bool) {
	l.seq++
	l.happens = append(l.happens, happening{at: from, seq: l.seq, customer: customer, holder: held{bound: true, store: store, staff: staff}})
	l.gains[customer] = append(l.gains[customer], gain{from, now, chosen})
}

func (l *life) pass(s Succession) {
	l.seq++
	l.happens = append(l.happens, happening{at: s.At, seq: l.seq, by: &s})
}

// end ends work that the choice is about, as days are counted.
func (l *life) end(at time.Time, is func(work) bool) {
	last := l.lastDay(at)
	l.works = slices.DeleteFunc(l.works, func(w work) bool { return is(w) && w.from.After(last) })
	for i, w := range l.works {
		if is(w) && w.to.After(last) {
			l.works[i].to = last
		}
	}
}

// wins says whether a claim on somebody wins her.
func (l *life) wins(customer, store, staff shop.ID, at time.Time) bool {
	return len(l.gains[customer]) == 0 && (staff.IsZero() || l.isAssigned(staff, store, at))
}

func (l *life) hasChosen(customer shop.ID) (gain, bool) {
	all := l.gains[customer]
	if len(all) == 0 {
		return gain{}, false
	}
	last := all[len(all)-1]
	return last, last.chosen
}
