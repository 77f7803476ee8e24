package order

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// delivery is facts of one source that are taken together.
type delivery struct {
	brand   shop.BrandID
	source  string
	facts   []Fact
	now     time.Time
	message shop.ID // inbox message that brought them; zero: none did
}

// batch is a delivery at work.
type batch struct {
	delivery
	of      team.Brand
	work    []*work // by the orders' names in byte order: locks are taken in this sequence
	byName  map[string]*work
	results []Result
}

// take goes through a delivery in a fixed sequence, each step for all of its orders at once: the names of the orders
// (which makes everybody else who speaks of them wait), what waits for them, the claims, the customers, the orders; then
// what is true now is worked out and written, and the listeners are told.
func (s *Service) take(ctx context.Context, tx pgx.Tx, d delivery) ([]Result, error) {
	for _, f := range d.facts {
		if err := checkFact(f, d.now); err != nil {
			return nil, err
		}
	}
	b := newBatch(d)
	steps := []struct {
		doing string
		step  func(context.Context, pgx.Tx) error
	}{
		{"read the brand", b.readBrand},
		{"meet orders", b.meet},
		{"recognise sales", b.recognise},
		{"keep what waits", b.keepWaiting},
		{"see exchanges", func(ctx context.Context, tx pgx.Tx) error { return b.seeExchanges(ctx, tx, s.exchanges) }},
		{"claim facts", b.claim},
		{"resolve customers", b.resolve},
		{"load orders", b.load},
		{"write orders", b.write},
		{"note figures", b.note},
	}
	for _, step := range steps {
		if err := step.step(ctx, tx); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", step.doing, d.source, err)
		}
	}
	for _, changed := range b.changed() {
		for _, l := range s.listeners {
			if err := tell(ctx, tx, l, changed, d.now); err != nil {
				return nil, err
			}
		}
	}
	return b.results, s.makeHeirs(ctx, tx, b)
}

func newBatch(d delivery) *batch {
	d.now = shop.Millis(d.now)
	b := &batch{delivery: d, byName: map[string]*work{}, results: make([]Result, len(d.facts))}
	for i, f := range d.facts {
		name := f.OrderName()
		w := b.byName[name]
		if w == nil {
			w = &work{name: name}
			b.byName[name] = w
		}
		w.add(task{fact: f, result: &b.results[i]})
	}
	for _, name := range slices.Sorted(maps.Keys(b.byName)) {
		b.work = append(b.work, b.byName[name])
	}
	return b
}

func (b *batch) readBrand(ctx context.Context, tx pgx.Tx) (err error) {
	b.of, err = team.LoadBrand(ctx, tx, b.brand)
	return err
}

// meet finds which orders are known. One that is not known and is placed by this delivery gets its id here.
func (b *batch) meet(ctx context.Context, tx pgx.Tx) error {
	names, ids := make([]string, len(b.work)), make([]shop.ID, len(b.work))
	for i, w := range b.work {
		names[i] = w.name
		if placed, ok := w.placed(); ok {
			ids[i] = shop.NewID(placed.PlacedAt)
			w.proposed = ids[i]
		}
	}
	found, waiting, err := meetNames(ctx, tx, b.brand, b.source, names, ids)
	if err != nil {
		return err
	}
	for name, id := range found {
		b.byName[name].id = id
	}
	for _, row := range waiting {
		f, err := row.fact()
		if err != nil {
			return err
		}
		if w := b.byName[row.OrderExternalID]; !w.id.IsZero() {
			w.add(task{fact: f, result: new(Result), hasWaited: true})
			w.hadWaiting = true
		}
	}
	return nil
}

// keepWaiting keeps the facts whose order has not come.
func (b *batch) keepWaiting(ctx context.Context, tx pgx.Tx) error {
	var rows []waitingRow
	var keys []key
	var tasks []task
	for _, w := range b.work {
		if !w.id.IsZero() {
			continue
		}
		for _, t := range w.tasks {
			row, err := newWaitingRow(t.fact, b.message, b.now)
			if err != nil {
				return err
			}
			rows, keys, tasks = append(rows, row), append(keys, t.fact.key()), append(tasks, t)
		}
		w.tasks = nil
	}
	if len(rows) == 0 {
		return nil
	}
	others, err := holdersOf(ctx, tx, b.brand, b.source, keys)
	if err != nil {
		return err
	}
	for k := range others { // an order that has not come holds nothing yet
		return k.ofAnother()
	}
	kept, err := insertWaiting(ctx, tx, b.brand, b.source, rows)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		t.result.Outcome = Ignored
		if k := t.fact.key(); kept[k] {
			t.result.Outcome = Waiting
			delete(kept, k)
		}
	}
	return nil
}

// claim keeps of each order's tasks those that nobody has done before.
func (b *batch) claim(ctx context.Context, tx pgx.Tx) error {
	var keys []key
	var subjects []shop.ID
	for _, w := range b.work {
		for _, t := range w.tasks {
			keys, subjects = append(keys, t.fact.key()), append(subjects, w.id)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	won, err := claimFacts(ctx, tx, b.brand, b.source, keys, subjects)
	if err != nil {
		return err
	}
	var held map[key]shop.ID
	if len(won) < len(keys) {
		if held, err = holdersOf(ctx, tx, b.brand, b.source, keys); err != nil {
			return err
		}
	}
	for _, w := range b.work {
		if err := w.keepClaimed(won, held); err != nil {
			return err
		}
	}
	return nil
}

// keepClaimed leaves the tasks whose claim is won by them. ErrOfAnother when another order holds one; a fact that waited cannot be
// refused any more, so what has brought its order says it.
func (w *work) keepClaimed(won, held map[key]shop.ID) error {
	tasks := w.tasks
	w.tasks = nil
	isOfAnother := false
	for _, t := range tasks {
		k := t.fact.key()
		*t.result = Result{Order: w.id, Outcome: Ignored}
		switch holder, lost := held[k]; {
		case won[k] == w.id:
			delete(won, k)
			t.result.Outcome = Applied
			w.tasks = append(w.tasks, t)
		case lost && holder != w.id && !t.hasWaited:
			return k.ofAnother()
		case lost && holder != w.id:
			isOfAnother = true
		case isHeir(t.fact): // what an exchange tells it tells again
			w.tasks = append(w.tasks, t)
		}
	}
	if isOfAnother {
		tasks[0].result.Note = NoteOfAnother
	}
	return nil
}

// load reads the orders that are there already, locked, and then does every order's tasks.
func (b *batch) load(ctx context.Context, tx pgx.Tx) error {
	var ids []shop.ID
	for _, w := range b.work {
		if len(w.tasks) > 0 && !w.isNew() {
			ids = append(ids, w.id)
		}
	}
	found, err := loadKept(ctx, tx, b.brand, ids, forUpdate)
	if err != nil {
		return err
	}
	for _, w := range b.work {
		if len(w.tasks) == 0 {
			continue
		}
		if !w.isNew() {
			w.kept = found[w.id]
			w.before = w.kept.whole()
		}
		w.do(b)
	}
	return nil
}

// write writes what the tasks changed.
func (b *batch) write(ctx context.Context, tx pgx.Tx) error {
	rows := newRows(b)
	if rows.isEmpty() {
		return nil
	}
	return rows.write(ctx, tx)
}

// note tells each customer's profile by how much her figures have changed.
func (b *batch) note(ctx context.Context, tx pgx.Tx) error {
	sums := map[shop.ID]customer.Figures{}
	for _, w := range b.work {
		if w.isChanged {
			w.before.addTo(sums, -1, b.of.Currency)
			w.after.addTo(sums, +1, b.of.Currency)
		}
	}
	return customer.NoteOrders(ctx, tx, b.brand, sums)
}

func (b *batch) changed() [][]Order {
	var told [][]Order
	var orders []Order
	for _, w := range b.work {
		for _, stage := range w.stages {
			told = append(told, []Order{stage})
		}
		if w.isChanged {
			orders = append(orders, w.after)
		}
	}
	if len(orders) > 0 {
		told = append(told, orders)
	}
	return told
}
