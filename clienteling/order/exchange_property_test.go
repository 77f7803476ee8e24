package order

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// dice tells random facts of one order and of the orders that its exchanges make.
type dice struct {
	*rand.Rand
	b     *bundle
	lines int // names of lines so far
	at    time.Time
	facts []Fact
	names []string // of orders
}

func (d *dice) line() Line {
	d.lines++
	return Line{ExternalID: fmt.Sprint("line", d.lines), SKU: "CHAIR", Quantity: 1 + d.Int64N(3), UnitPrice: d.Int64N(9999), TaxIncluded: true}
}

func (d *dice) name() string { return fmt.Sprint("line", 1+d.IntN(d.lines+1)) }

func (d *dice) some() []Line {
	lines := make([]Line, 1+d.IntN(2))
	for i := range lines {
		lines[i] = d.line()
	}
	return lines
}

// whole is a version that says other things than those before: of who bought, only each second says anything.
func (d *dice) whole(order string, number int) WasPlaced {
	f := d.b.sofa(order)
	f.PlacedAt, f.Version, f.At, f.Lines, f.Discount = d.placed(), number, d.at, d.some(), 0
	f.Store = []shop.ID{d.b.S1, d.b.S2, d.b.Web}[d.IntN(3)]
	f.TaxBP = 100 * number
	if number%2 == 1 {
		f.Identities = nil
	}
	return f
}

func (d *dice) placed() time.Time { return d.facts[0].(WasPlaced).PlacedAt }

func (d *dice) roll(minute time.Time) []Fact {
	first := d.b.sofa("o")
	first.PlacedAt, first.Identities, first.Lines, first.Discount = minute, nil, d.some(), 0
	d.facts, d.names = []Fact{first}, []string{"o"}
	for n := range 3 + d.IntN(6) {
		d.at = d.at.Add(time.Duration(d.IntN(3)) * time.Minute) // several at one instant
		id, order := fmt.Sprint("p", n), d.names[d.IntN(len(d.names))]
		switch d.IntN(6) {
		case 0, 1:
			d.facts = append(d.facts, WasExchanged{Order: order, ExternalID: id, At: d.at, Out: []string{d.name()}, In: d.some(), Store: []shop.ID{{}, d.b.S2}[d.IntN(2)]})
			d.names = append(d.names, id)
		case 2:
			d.facts = append(d.facts, WasEdited{Order: order, Version: n + 2, At: d.at.Add(-time.Duration(d.IntN(4)) * time.Minute), Lines: d.some()})
		case 3:
			d.facts = append(d.facts, WasRefunded{Order: order, ExternalID: id, At: d.at, Lines: []RefundedLine{{Line: d.name(), Quantity: 1}}})
		case 4:
			d.facts = append(d.facts, WasAdjusted{Order: order, ExternalID: id, At: d.at, Lines: []AdjustedLine{{d.name(), 7}, {d.name(), 9}}})
		case 5:
			d.facts = append(d.facts, d.whole("o", n+2))
		}
	}
	return d.facts
}

// told applies facts of a system of their own and returns the orders as they are in the end.
func (d *dice) told(system string, facts []Fact) map[string]Order {
	orders := map[string]Order{}
	for _, f := range facts {
		if _, err := d.b.s.Apply(d.b.t.Context(), d.b.Brand, system, f); err != nil {
			d.b.t.Fatalf("%T: %v", f, err)
		}
	}
	ids := map[shop.ID]string{}
	for _, name := range d.names {
		d.b.read(func(tx pgx.Tx) error {
			id, err := NameOf(d.b.t.Context(), tx, d.b.Brand, system, name)
			if errors.Is(err, shop.ErrNotFound) {
				return nil
			}
			if err == nil {
				orders[name], err = Load(d.b.t.Context(), tx, d.b.Brand, id)
				ids[id] = name
			}
			return err
		})
	}
	for name, o := range orders { // ids differ, what they lead to must not
		o.Source, o.ExternalID = "", name+" of "+ids[o.ExchangeOf]
		o.ID, o.ExchangeOf = shop.ID{}, shop.ID{}
		orders[name] = o
	}
	return orders
}

func TestFactsWithExchangesInAnySequenceEndInTheSameOrders(t *testing.T) {
	t.Parallel()
	b := setupExchanges(t)
	made := 0
	for seed := range uint64(60) {
		d := &dice{Rand: rand.New(rand.NewPCG(seed, 5)), b: b, at: placed}
		facts := d.roll([]time.Time{evenMinute, oddMinute}[seed%2])
		model := d.told(fmt.Sprint("in time ", seed), facts)
		sent := slices.Concat(facts, facts)
		d.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		got := d.told(fmt.Sprint("shuffled ", seed), sent)
		if diff := cmp.Diff(model, got); diff != "" {
			t.Fatalf("seed %d ends in other orders (-in time +shuffled):\n%s\nof %+v", seed, diff, facts)
		}
		made += len(model) - 1
	}
	if made < 20 {
		t.Errorf("only %d orders were made by exchanges", made)
	}
}
