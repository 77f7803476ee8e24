package binding

import (
	"bytes"
	"context"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// source is people and stores, some of whose customers may be meant.
type source struct{ people, stores []shop.ID }

func (s source) isEmpty() bool { return len(s.people)+len(s.stores) == 0 }

// add takes in what is not there yet and returns only that.
func (s *source) add(more source) (fresh source) {
	fresh.people, s.people = addIDs(s.people, more.people)
	fresh.stores, s.stores = addIDs(s.stores, more.stores)
	return fresh
}

func addIDs(known, more []shop.ID) (fresh, all []shop.ID) {
	for _, id := range more {
		if !id.IsZero() && !slices.Contains(known, id) {
			fresh, known = append(fresh, id), append(known, id)
		}
	}
	return fresh, known
}

func compareID(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) }

// concerning are the successions by which customers of the bindings may have passed on, as they take effect: those of the people
// and stores that won them, then those of their heirs, and so on. Mostly there are none, and one look says so.
func concerning(ctx context.Context, db postgres.DB, brand shop.BrandID, bindings []Binding) ([]Succession, error) {
	var start source
	for _, b := range bindings {
		start.people, start.stores = append(start.people, b.Staff), append(start.stores, b.Store)
	}
	var known source
	var all []Succession
	for next := known.add(start); !next.isEmpty(); {
		found, err := successionsOf(ctx, db, brand, next.people, next.stores)
		if err != nil {
			return nil, err
		}
		var heirs source
		for _, s := range found {
			for _, h := range s.Heirs {
				heirs.people, heirs.stores = append(heirs.people, h.Staff), append(heirs.stores, h.Store)
			}
		}
		all = append(all, found...)
		next = known.add(heirs)
	}
	slices.SortFunc(all, inForce)
	return slices.CompactFunc(all, func(a, b Succession) bool { return a.ID == b.ID }), nil
}

// originOf is who may have won the customers whom the succession passes on: those of whom it is, those whose heirs these are, and
// so on. Of a person's customers the winners are people, of a store's, stores.
func originOf(ctx context.Context, db postgres.DB, brand shop.BrandID, s Succession) (source, error) {
	origin := source{people: []shop.ID{s.Staff}}
	if s.Staff.IsZero() {
		origin = source{stores: []shop.ID{s.Store}}
	}
	for next := origin; !next.isEmpty(); {
		found, err := successionsTo(ctx, db, brand, next.people, next.stores)
		if err != nil {
			return source{}, err
		}
		var from source
		for _, f := range found {
			if s.Staff.IsZero() {
				from.stores = append(from.stores, f.Store)
			} else {
				from.people = append(from.people, f.Staff)
			}
		}
		next = origin.add(from)
	}
	return origin, nil
}

// Passage is one customer whom a succession has passed on, or will when it takes effect.
type Passage struct {
	Customer shop.ID
	At       time.Time // that of the succession, unless she was won after it
	From, To Holder
}

// chunk is at most so many customers after one of them, by id.
type chunk struct {
	after shop.ID
	most  int
}

// passages are those among the customers of a chunk, in the order of their ids, and the last customer who was looked
// at; zero when there are no more.
func passages(ctx context.Context, db postgres.DB, brand shop.BrandID, s Succession, from source, of chunk) ([]Passage, shop.ID, error) {
	ids, err := everWonBy(ctx, db, brand, from, of)
	if err != nil || len(ids) == 0 {
		return nil, shop.ID{}, err
	}
	bindings, err := bindingsOf(ctx, db, brand, ids)
	if err != nil {
		return nil, shop.ID{}, err
	}
	successions, err := concerning(ctx, db, brand, bindings)
	if err != nil {
		return nil, shop.ID{}, err
	}
	var all []Passage
	for _, b := range bindings {
		if p, is := passageOf(b, successions, s.ID); is {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b Passage) int { return compareID(a.Customer, b.Customer) })
	all = slices.CompactFunc(all, func(a, b Passage) bool { return a.Customer == b.Customer }) // the earlier of two bindings
	return all, ids[len(ids)-1], nil
}

// passageOf is how the succession passed the customer of a binding on in its time, if it did.
func passageOf(b Binding, successions []Succession, succession shop.ID) (Passage, bool) {
	for _, p := range passagesIn(b, successions) {
		if p.To.Succession == succession {
			return p, true
		}
	}
	return Passage{}, false
}

// passagesIn are all of a binding's time.
func passagesIn(b Binding, successions []Succession) []Passage {
	var all []Passage
	held := stretches(b, successions)
	for i, s := range held[1:] {
		if b.IsLive() || s.from.Before(b.Until) {
			all = append(all, Passage{Customer: b.Customer, At: s.from, From: held[i].holder, To: s.holder})
		}
	}
	return all
}

// passagesOf are those of several bindings that have taken place by now.
func passagesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, bindings []Binding, now time.Time) ([]Passage, error) {
	successions, err := concerning(ctx, db, brand, bindings)
	if err != nil {
		return nil, err
	}
	var all []Passage
	for _, b := range bindings {
		for _, p := range passagesIn(b, successions) {
			if !p.At.After(now) {
				all = append(all, p)
			}
		}
	}
	return all, nil
}
