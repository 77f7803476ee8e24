package dispute_test

import (
	"errors"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/plan"
)

// The usual run draws the same each time. The flags of the command line come after this.
func init() { _ = flag.Set("rapid.seed", "1") }

// Whatever is quarrelled about, refunded, edited and made payable, in any sequence: an order gives what its lines give and no
// cent more, nothing is taken back twice, the book is whole, and the figures are what was raised and decided.
func TestNoQuarrelMakesMoney(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		b := setupIn(t, pool)
		b.at("2026-03-01 12:00")
		q := &quarrel{bundle: b, rt: rt, who: b.hers()}
		q.since = b.clock()
		q.order = b.buys("o1", q.who)
		acts := []func(){q.say, q.say, q.sayOfHer, q.end, q.end, q.refund, q.edit, q.vest, q.credit}
		for range rapid.IntRange(1, 10).Draw(rt, "acts") {
			b.mu.Lock()
			b.now = b.now.Add(time.Duration(rapid.IntRange(1, 100).Draw(rt, "hours later")) * time.Hour)
			b.mu.Unlock()
			rapid.SampledFrom(acts).Draw(rt, "act")()
		}
		// 3 % + 2 % + 1 % of what is left of the net.
		if left := b.number(`SELECT sum(share_minor - reversed_minor) FROM credit WHERE brand_id = $1`); left != q.left() {
			rt.Errorf("the order gives %d, want %d", left, q.left())
		}
		if more := b.number(`SELECT count(*) FROM credit WHERE brand_id = $1 AND (reversed_minor > share_minor OR reversed_minor < 0)`); more != 0 {
			rt.Errorf("%d credits were taken back by more than they were", more)
		}
		for _, state := range dispute.States {
			have := b.number(`SELECT count(*) FROM dispute WHERE brand_id = $1 AND ($2 = 'raised' OR state = $2)`, string(state))
			told := b.number(`SELECT coalesce(sum(disputes), 0) FROM dispute_figure WHERE brand_id = $1 AND state = $2 AND side = 'for' AND party_kind = 'store'`, string(state))
			if have != told {
				rt.Errorf("%d were %s, figures tell of %d", have, state, told)
			}
		}
		b.bookIsWhole(rt)
	})
}

type quarrel struct {
	*bundle
	rt       *rapid.T
	who      shop.ID
	order    shop.ID
	since    time.Time
	open     []shop.ID
	version  int
	refunded int64 // pieces
}

// left is what the order of two pieces of net 200 should give: 12 a piece.
func (q *quarrel) left() int { return int(24 - 12*q.refunded) }

func (q *quarrel) raised(by shop.Actor, p dispute.Plea) {
	d, err := q.Raise(q.t.Context(), by, p)
	switch {
	case err == nil:
		q.open = append(q.open, d.ID)
	case !errors.Is(err, dispute.ErrNothing) && !errors.Is(err, dispute.ErrAlready):
		q.rt.Fatal(err)
	}
}

func (q *quarrel) say() {
	p := dispute.Plea{Order: q.order, Said: "mine"}
	p.Role = rapid.SampledFrom([]plan.Role{plan.HomeStaff, plan.HomeStore, plan.OnlineTeam}).Draw(q.rt, "role")
	p.For = rapid.SampledFrom([]attribution.Beneficiary{
		attribution.StaffOf(q.Amy), attribution.StaffOf(q.Ben), attribution.StoreOf(q.S1), attribution.StoreOf(q.S2), attribution.PoolOf(q.S1),
	}).Draw(q.rt, "for")
	q.raised(q.hq, p)
}

func (q *quarrel) sayOfHer() {
	by := rapid.SampledFrom([]shop.Actor{q.amy, q.ben}).Draw(q.rt, "by")
	q.raised(by, dispute.Plea{Customer: q.who, Role: plan.HomeStaff, Since: q.since, Said: "mine"})
}

func (q *quarrel) end() {
	if len(q.open) == 0 {
		return
	}
	id := q.open[0]
	q.open = q.open[1:]
	var err error
	switch rapid.IntRange(0, 3).Draw(q.rt, "end") {
	case 0:
		_, err = q.Refuse(q.t.Context(), shop.System(q.Brand), id, "as it is")
	case 1:
		_, err = q.Withdraw(q.t.Context(), q.raiser(id), id)
	default:
		_, err = q.Uphold(q.t.Context(), shop.System(q.Brand), id, "fair", time.Time{})
	}
	if err != nil {
		q.rt.Fatal(err)
	}
}

func (q *quarrel) raiser(id shop.ID) shop.Actor {
	d, err := q.Read(q.t.Context(), q.hq, id)
	if err != nil {
		q.rt.Fatal(err)
	}
	return map[shop.ID]shop.Actor{q.Amy: q.amy, q.Ben: q.ben, q.hq.ID: q.hq}[d.Raiser]
}

func (q *quarrel) refund() {
	if q.refunded == 2 {
		return
	}
	q.refunded++
	q.apply(order.WasRefunded{Order: "o1", ExternalID: fmt.Sprint("r", q.refunded), Kind: order.RefundPaid, At: q.clock(), Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}})
}

// edit tells the same goods under a higher version, so that the order is credited anew.
func (q *quarrel) edit() {
	q.version++
	q.apply(order.WasEdited{Order: "o1", Version: q.version + 1, At: q.clock(), Lines: []order.Line{
		{SKU: "SOFA", Category: "sofa", Kind: order.Merchandise, Quantity: 2, UnitPrice: 210, TaxIncluded: true}}})
}

func (q *quarrel) vest() {
	q.apply(order.WasFulfilled{Order: "o1", ExternalID: "f1", Kind: order.Ship, At: q.since})
	if _, err := q.book.Vest(q.t.Context(), q.Brand, q.clock()); err != nil {
		q.rt.Fatal(err)
	}
}

func (q *quarrel) credit() { q.in(q.creditedAnew) }

func (q *quarrel) creditedAnew(tx pgx.Tx) error {
	return q.book.BindingChanged(q.t.Context(), tx, q.Brand, binding.Change{Customer: q.who, At: q.clock()}, q.clock())
}
