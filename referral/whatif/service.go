package whatif

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// Service replays orders.
type Service struct {
	pool   *postgres.Pool
	now    func() time.Time
	book   *ledger.Ledger
	within time.Duration
	page   int // orders read at once
}

// Within is how long a replay may take: ten times what a million orders do. As long as it runs, its snapshot keeps the database
// from cleaning up behind everybody else.
const Within = 10 * time.Minute

// New needs the database, a clock and the book.
func New(pool *postgres.Pool, now func() time.Time, book *ledger.Ledger) *Service {
	return &Service{pool, now, book, Within, pageOrders}
}

// Refusals of a replay.
var (
	ErrBusy     = shop.Refuse(shop.Conflict, "whatif_busy", "A draft is being replayed for this brand already. Wait for it, or cancel it.").After(10)
	ErrBackward = shop.Refuse(shop.Unprocessable, "whatif_range_backward", "The last day lies before the first.")
	ErrTooLong  = shop.Refuse(shop.Unprocessable, "whatif_too_long", "The replay took longer than ten minutes and was given up. Choose fewer days.")
)

// pageOrders is how many orders are read at once: enough that the questions to the database cost little each, few enough that a
// page is a few megabytes and a caller who gives up waits for little.
const pageOrders = 2000

// Replay says what the draft would have paid for the orders of the days, beside what they are credited; and for the whole months among
// them, beside what the plans in force give for these. It posts nothing and stores nothing. progress, unless nil, hears how many orders are done, of how many: at the beginning and after each page. It
// ends with ctx. Head office alone may; ErrBusy while another replay of the brand runs, ErrBackward, ErrTooLong, and what
// Validate says of the draft can come back.
func (s *Service) Replay(ctx context.Context, actor shop.Actor, draft plan.Plan, from, to plan.Day, progress func(done, of int)) (Outcome, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return Outcome{}, err
	}
	if err := draft.Validate(); err != nil {
		return Outcome{}, err
	}
	if from.After(to) {
		return Outcome{}, ErrBackward
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.within, ErrTooLong)
	defer cancel()
	var out Outcome
	err := s.pool.Snapshot(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		out, err = s.replay(ctx, tx, actor.Brand, replay{draft: draft, from: from, to: to, now: s.now(), tally: newTally(), progress: progress})
		return err
	})
	if err != nil && errors.Is(context.Cause(ctx), ErrTooLong) {
		return Outcome{}, ErrTooLong
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("replay %s to %s: %w", from, to, err)
	}
	return out, nil
}

// replay is one under way.
type replay struct {
	draft    plan.Plan
	from, to plan.Day
	now      time.Time
	tally    *tally
	months   *months
	progress func(done, of int)
}

func (s *Service) replay(ctx context.Context, tx pgx.Tx, brand shop.BrandID, r replay) (Outcome, error) {
	isFree, err := takeTurn(ctx, tx, brand)
	if err != nil {
		return Outcome{}, err
	}
	if !isFree {
		return Outcome{}, ErrBusy
	}
	of, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return Outcome{}, err
	}
	r.months = newMonths(r.draft, of, r.from, r.to)
	left := spanOf(r.from, r.to, of.Zone())
	all, err := order.Count(ctx, tx, brand, left)
	if err != nil {
		return Outcome{}, err
	}
	r.progress(0, all)
	for !left.From.IsZero() {
		if left, err = s.replayPage(ctx, tx, brand, r, left); err != nil {
			return Outcome{}, err
		}
		r.progress(r.tally.orders, all)
	}
	if err := r.months.into(ctx, tx, r.tally); err != nil {
		return Outcome{}, err
	}
	names, err := namesOf(ctx, tx, brand, r.tally.holders())
	if err != nil {
		return Outcome{}, err
	}
	out := r.tally.outcome(r.from, r.to, names)
	out.Months = r.months.firsts
	return out, nil
}

// replayPage replays the next orders and returns what is left of the span.
func (s *Service) replayPage(ctx context.Context, tx pgx.Tx, brand shop.BrandID, r replay, left order.Span) (order.Span, error) {
	orders, next, err := order.Page(ctx, tx, brand, left, s.page)
	if err != nil {
		return order.Span{}, err
	}
	inputs, err := s.book.InputsUnder(ctx, tx, brand, r.draft, orders, r.now)
	if err != nil {
		return order.Span{}, err
	}
	this := left
	if !next.From.IsZero() {
		this.Until = next.From
	}
	earned, err := ledger.EarnedOf(ctx, tx, brand, this)
	if err != nil {
		return order.Span{}, err
	}
	r.tally.earned(earned)
	for _, in := range inputs {
		result := attribution.Compute(in)
		r.tally.wouldEarn(in.Order.Currency, result)
		r.months.wouldEarn(in.Order, result)
	}
	return next, nil
}

// spanOf is the days as the ids of the orders placed in them.
func spanOf(from, to plan.Day, zone *time.Location) order.Span {
	return order.Span{From: shop.FloorID(begins(from, zone)), Until: shop.FloorID(begins(plan.Day{Time: to.AddDate(0, 0, 1)}, zone))}
}

func begins(d plan.Day, zone *time.Location) time.Time {
	y, m, day := d.Date()
	return time.Date(y, m, day, 0, 0, 0, 0, zone)
}

// namesOf are what people call the beneficiaries.
func namesOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, holders []attribution.Beneficiary) (map[attribution.Beneficiary]team.Name, error) {
	ids := make([]shop.ID, len(holders))
	for i, h := range holders {
		ids[i] = h.ID
	}
	called, err := team.NamesOf(ctx, tx, brand, ids)
	names := make(map[attribution.Beneficiary]team.Name, len(holders))
	for _, h := range holders {
		names[h] = called[h.ID]
	}
	return names, err
}
