package binding

import (
	"errors"
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// The usual run draws the same each time, so often; `make soak` draws anew, for long.
func init() { _ = flag.Set("rapid.seed", "1") }

const usualLives = 60

// Whatever is done in whatever sequence, with people and places that come and go, also from a day that is past or lies ahead: a
// customer has at most one live binding; her history has no gap from the first binding on and no overlap, none being a binding
// too; and whose she is at any instant is what a simple model says. An act changes nothing before the instant it is about.
func TestAnySequenceOfActsGivesTheHistoryOfTheModel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.isNotGuarded()
	asked := 0
	checks := flag.Lookup("rapid.checks")
	isUsual := checks.Value.String() == "200" && os.Getenv("RAPID_CHECKS") == ""
	rapid.Check(t, func(r *rapid.T) {
		if asked++; asked > usualLives && isUsual && !t.Failed() {
			return
		}
		*b.clock = noon
		l := b.world(r)
		if rapid.Bool().Draw(r, "won") {
			l.winEach()
		}
		for range rapid.IntRange(1, 16).Draw(r, "acts") {
			*b.clock = b.clock.Add(time.Duration(rapid.SampledFrom([]int{1, 60, 60 * 26, 60 * 24 * 40, 60 * 24 * 90}).Draw(r, "minutes")) * time.Minute)
			before := l.all()
			since := l.act()
			l.nothingChangedBefore(since, before)
			if rapid.Bool().Draw(r, "follow") {
				b.follow()
			}
		}
		b.follow()
		l.compare()
	})
}

// isNotGuarded lets every claim through that may win.
func (b bundle) isNotGuarded() {
	b.do(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), `INSERT INTO policy (brand_id, id, begins_at, rules) VALUES ($1, $2, $3, '{"guard": {"hold_at": 0}}')`,
			b.Brand, shop.FloorID(noon), noon)
		return err
	})
}

// lived is a world of its own for one sequence: the service and the model of it.
type lived struct {
	bundle
	life
	r                         *rapid.T
	stores, people, customers []shop.ID
	instants                  []time.Time
}

func (b bundle) world(r *rapid.T) *lived {
	l := &lived{bundle: b, r: r, life: life{zone: taipei, left: map[shop.ID]time.Time{}, closed: map[shop.ID]time.Time{}, gains: map[shop.ID][]gain{}}}
	for range 3 {
		store, person := shop.NewID(noon), shop.NewID(noon)
		l.stores, l.people = append(l.stores, store), append(l.people, person)
		l.customers = append(l.customers, b.customer())
		l.works = append(l.works, work{person, store, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), farDay})
		b.do(func(tx pgx.Tx) error {
			batch := &pgx.Batch{}
			batch.Queue(`INSERT INTO store (brand_id, id, code, name, kind, opened_on, created_at) VALUES ($1, $2, $3, '{"en": "x"}', 'shop', '2020-01-01', $4)`, b.Brand, store, store.String(), noon)
			batch.Queue(`INSERT INTO staff (brand_id, id, employee_no, name, created_at) VALUES ($1, $2, $3, 'x', $4)`, b.Brand, person, person.String(), noon)
			batch.Queue(`INSERT INTO assignment (brand_id, id, staff_id, store_id, role, days) VALUES ($1, $2, $2, $3, 'staff', '[2020-01-01,)')`, b.Brand, person, store)
			return tx.SendBatch(b.Context(), batch).Close()
		})
	}
	return l
}

// winEach lets the life begin with customers whom the three have won, so that there is somebody to pass on.
func (l *lived) winEach() {
	for i, who := range l.customers {
		a := Attempt{Customer: who, Store: l.stores[i], Staff: l.people[i], Source: FromImport}
		if err := l.claim(a); err != nil {
			l.r.Fatal(err)
		}
		l.bind(who, a.Store, a.Staff, l.now(), l.now(), false)
	}
}

func (l *lived) store(what string) shop.ID  { return rapid.SampledFrom(l.stores).Draw(l.r, what) }
func (l *lived) person(what string) shop.ID { return rapid.SampledFrom(l.people).Draw(l.r, what) }
func (l *lived) customerOf() shop.ID        { return rapid.SampledFrom(l.customers).Draw(l.r, "customer") }
func (l *lived) now() time.Time             { return *l.clock }
func (l *lived) somebody(what string) shop.ID {
	return rapid.SampledFrom(append([]shop.ID{{}}, l.people...)).Draw(l.r, what)
}

// about is the instant of a succession: days ago, now or days ahead, now and then at a midnight.
func (l *lived) about() time.Time {
	at := l.now().Add(time.Duration(rapid.SampledFrom([]int{-30 * 24, -50, 0, 0, 0, 26, 24 * 60}).Draw(l.r, "hours")) * time.Hour)
	if rapid.Bool().Draw(l.r, "midnight") {
		y, m, d := at.In(l.zone).Date()
		at = time.Date(y, m, d, 0, 0, 0, 0, l.zone)
	}
	return at
}

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

// done: what is refused is not done; any other error is a fault.
func (l *lived) done(err error) bool {
	l.r.Helper()
	var refused *shop.Refusal
	if err != nil && !errors.As(err, &refused) && !errors.Is(err, shop.ErrFields) {
		l.r.Fatal(err)
	}
	return err == nil
}

func (l *lived) same(what string, got, want bool) {
	l.r.Helper()
	if got != want {
		l.r.Fatalf("%s: %v, the model says %v", what, got, want)
	}
}

// moment is one customer at one instant.
type moment struct {
	customer shop.ID
	at       time.Time
}

// all is whose every customer was at every instant that has been spoken of.
func (l *lived) all() map[moment]held {
	var who []shop.ID
	var at []time.Time
	for _, c := range l.customers {
		for _, i := range l.instants {
			who, at = append(who, c), append(at, i)
		}
	}
	out := map[moment]held{}
	l.do(func(tx pgx.Tx) error {
		holders, err := HoldersAt(l.Context(), tx, l.Brand, who, at)
		for i, h := range holders {
			out[moment{who[i], at[i]}] = held{h.Bound, h.Store, h.Staff, h.Pool}
		}
		return err
	})
	return out
}

func (l *lived) nothingChangedBefore(since time.Time, before map[moment]held) {
	after := l.all()
	for m, was := range before {
		if m.at.Before(since) && after[m] != was {
			l.r.Fatalf("at %s, before %s of which the act is: %s, was %s", m.at, since, after[m], was)
		}
	}
}

func (l *lived) compare() {
	for m, is := range l.all() {
		if want := l.holderAt(m.customer, m.at); is != want {
			l.r.Fatalf("at %s: %s, the model says %s", m.at, is, want)
		}
	}
	for _, c := range l.customers {
		// Asked for her alone, nothing is known of the heirs but what her own binding leads to.
		if h, want := l.holder(c, l.now()), l.holderAt(c, l.now()); (held{h.Bound, h.Store, h.Staff, h.Pool}) != want {
			l.r.Fatalf("asked alone: %+v, the model says %s", h, want)
		}
		live := 0
		history := l.history(c)
		for i, h := range history {
			if h.IsLive() {
				live++
			}
			if i > 0 && !history[i-1].Until.Equal(h.From) {
				l.r.Fatalf("a gap or an overlap: %s to %s", history[i-1].Until, h.From)
			}
		}
		if live > 1 || len(history) > 0 && live == 0 || len(history) != len(l.gains[c]) {
			l.r.Fatalf("%d bindings, %d of them live, the model has %d", len(history), live, len(l.gains[c]))
		}
		if p, is := l.profile(c), l.holderAt(c, l.now()); p.HomeStore != is.store || p.HomeStaff != is.staff {
			l.r.Fatalf("her profile says store %s staff %s, the model %s", p.HomeStore, p.HomeStaff, is)
		}
	}
}
