package binding

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// act does one thing to both, and returns the instant it is about.
func (l *lived) act() time.Time {
	at := l.now()
	switch rapid.SampledFrom([]string{"scan", "scan", "claim", "claim", "transfer", "choose", "none", "leave", "leave", "leave", "move", "move", "close", "close"}).Draw(l.r, "act") {
	case "scan":
		at = l.scanAndJoin()
	case "claim":
		l.claims()
	case "transfer":
		l.transfers()
	case "choose":
		l.chooses(l.store("store"))
	case "none":
		l.chooses(shop.ID{})
	case "leave":
		at = l.leaving()
	case "move":
		at = l.moving()
	case "close":
		at = l.closing()
	}
	l.instants = append(l.instants, at, at.Add(-time.Millisecond), l.now(), l.now().Add(-time.Millisecond))
	return at
}

func (l *lived) scanAndJoin() time.Time {
	who, store, staff := l.customerOf(), l.store("store"), l.somebody("staff")
	age := time.Duration(rapid.SampledFrom([]int{1, 24*60 + 7, 29*24*60 + 11, 31*24*60 + 13}).Draw(l.r, "age")) * time.Minute
	at := l.now().Add(-age - 17*time.Second)
	out := l.join(who, l.bundle.scan(store, staff, at))
	wins := age < days(30) && l.wins(who, store, staff, at)
	l.same("a scan wins her", out.Bound, wins)
	if !wins {
		return l.now()
	}
	l.bind(who, store, staff, at, l.now(), false)
	return at
}

func (l *lived) claims() {
	who, store, staff := l.customerOf(), l.store("store"), l.somebody("staff")
	err := l.claim(Attempt{Customer: who, Store: store, Staff: staff, Source: FromImport})
	wins := l.wins(who, store, staff, l.now())
	l.same("a claim wins her", l.done(err), wins)
	if wins {
		l.bind(who, store, staff, l.now(), l.now(), false)
	}
}

func (l *lived) transfers() {
	who, store, staff := l.customerOf(), l.store("store"), l.somebody("staff")
	err := l.transfer(who, store, staff, "because")
	_, chosen := l.hasChosen(who)
	l.same("she may be transferred", l.done(err), !chosen)
	if !chosen {
		l.bind(who, store, staff, l.now(), l.now(), false)
	}
}

func (l *lived) chooses(store shop.ID) {
	who := l.customerOf()
	may := store.IsZero() || !l.isClosed(store, l.day(l.now()))
	for _, g := range l.gains[who] {
		may = may && !(g.chosen && l.now().Before(g.at.Add(days(90))))
	}
	l.same("she may choose", l.done(l.choose(who, store)), may)
	if may {
		l.bind(who, store, shop.ID{}, l.now(), l.now(), true)
	}
}

func (l *lived) leaving() time.Time {
	who, at := l.person("who"), l.about()
	heirs := []Heir{{Person: Pool, Share: 1}}
	may := !l.hasLeft(who, at)
	if heir := l.somebody("heir"); !heir.IsZero() {
		heirs = append(heirs[:rapid.IntRange(0, 1).Draw(l.r, "beside the pool")], Heir{Person: Named, Staff: heir, Share: 2})
		may = may && heir != who && !l.hasLeft(heir, at)
	}
	_, err := l.s.StaffLeaves(l.Context(), l.hq(), Departure{Staff: who, Heirs: heirs, Terms: Terms{At: at}})
	l.same("she may leave", l.done(err), may)
	if !may {
		return l.now()
	}
	l.left[who] = at
	l.end(at, func(w work) bool { return w.staff == who })
	l.pass(Succession{Kind: Leaving, Staff: who, At: at, Heirs: heirs})
	return at
}

func (l *lived) moving() time.Time {
	who, from, to, at := l.person("who"), l.store("from"), l.store("to"), l.about()
	rule := team.Move{Store: rapid.SampledFrom([]string{"stay", "follow"}).Draw(l.r, "store"), Staff: rapid.SampledFrom([]string{"keep", "pool"}).Draw(l.r, "staff")}
	_, err := l.s.StaffMoves(l.Context(), l.hq(), Relocation{Staff: who, From: from, To: to, Move: rule, Terms: Terms{At: at}})
	may := from != to && !l.hasLeft(who, at) && !l.isClosed(to, l.day(at))
	l.same("she may move", l.done(err), may)
	if !may {
		return l.now()
	}
	isThere := slices.ContainsFunc(l.works, func(w work) bool {
		return w.staff == who && w.store == to && !w.from.After(l.day(at)) && !w.to.Before(l.day(at))
	})
	l.end(at, func(w work) bool { return w.staff == who && w.store == from })
	if !isThere {
		l.works = append(l.works, work{who, to, l.day(at), farDay})
	}
	heir := Heir{Person: Person(rule.Staff), Share: 1}
	if rule.Store == "follow" {
		heir.Store = to
	}
	l.pass(Succession{Kind: Moving, Staff: who, Store: from, At: at, Heirs: []Heir{heir}})
	return at
}

func (l *lived) closing() time.Time {
	store, to, at := l.store("store"), l.store("successor"), l.about()
	heirs := []Heir{{Store: to, Person: Keep, Share: 1}}
	_, err := l.s.StoreCloses(l.Context(), l.hq(), Closure{Store: store, Heirs: heirs, Terms: Terms{At: at}})
	may := store != to && !l.isClosed(store, l.lastDay(at)) && !l.isClosed(to, l.day(at))
	l.same("it may close", l.done(err), may)
	if !may {
		return l.now()
	}
	l.closed[store] = l.lastDay(at)
	l.end(at, func(w work) bool { return w.store == store })
	l.pass(Succession{Kind: Closing, Store: store, At: at, Heirs: heirs})
	return at
}
