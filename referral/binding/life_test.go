package binding

import (
	"errors"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"homestore/clienteling/shop"
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
