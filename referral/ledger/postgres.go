package ledger

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
)

// Transfers of an order are posted after it was placed at the earliest, give or take the day by which a clock may be ahead:
// that bound spares the partitions of the years before.
func postedAfter(orderID shop.ID) shop.ID { return shop.FloorID(orderID.Time().Add(-24 * time.Hour)) }

// lockPosted reads what the book holds of orders and keeps it as it is until the transaction ends. An order that was never
// credited is not in the answer: of it there is nothing to read.
func lockPosted(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []order.Order) (map[shop.ID]posted, error) {
	ids := make([]shop.ID, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
	}
	have, known := map[shop.ID]posted{}, []shop.ID{}
	slices.SortFunc(ids, compareID)
	ids = slices.Compact(ids)
	// The ids' own bounds leave out the partitions of other years. OFFSET 0 keeps each a look-up by its key.
	rows, err := tx.Query(ctx, `
SELECT c.order_id, c.vested_at
FROM unnest($2::uuid[]) AS w (order_id) CROSS JOIN LATERAL (
  SELECT order_id, vested_at FROM order_credit
  WHERE brand_id = $1 AND order_id = w.order_id AND order_id BETWEEN $3 AND $4
  OFFSET 0 FOR UPDATE
) AS c`, brand, ids, ids[0], ids[len(ids)-1])
	if err != nil {
		return nil, fmt.Errorf("lock credits: %w", err)
	}
	var id shop.ID
	var vested *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &vested}, func() error {
		have[id], known = posted{IsKnown: true, Vested: orZero(vested)}, append(known, id)
		return nil
	})
	if err != nil || len(known) == 0 {
		return have, err
	}
	all, err := transfersOf(ctx, tx, brand, known)
	for _, t := range all {
		p := have[t.Order]
		p.Transfers = append(p.Transfers, t)
		have[t.Order] = p
	}
	return have, err
}

func compareID(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) }

// Transfers are all that was ever posted for an order, in the sequence of posting.
func Transfers(ctx context.Context, db postgres.DB, brand shop.BrandID, orderID shop.ID) ([]Transfer, error) {
	return transfersOf(ctx, db, brand, []shop.ID{orderID})
}

func transfersOf(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) ([]Transfer, error) {
	orders = slices.Compact(slices.SortedFunc(slices.Values(orders), compareID))
	rows, err := db.Query(ctx, `
SELECT t.id, t.kind, t.role, t.amount_minor, t.order_id, t.parcel, coalesce(t.line_no, 0), t.fact, t.reverses_id, t.reason, t.effective_at, t.month, t.posted_at,
  d.kind, d.holder_kind, d.holder_id, c.kind, c.holder_kind, c.holder_id, t.currency
FROM unnest($2::uuid[]) AS w (order_id)
CROSS JOIN LATERAL ( -- with OFFSET 0, a look-up: the bound alone would lead through everything posted since
  SELECT brand_id, id, kind, role, debit_account_id, credit_account_id, amount_minor, currency, order_id, parcel, line_no, fact, reverses_id, reason,
    effective_at, month, posted_at
  FROM ledger_transfer
  WHERE brand_id = $1 AND order_id = w.order_id AND id >= $3
  OFFSET 0
) AS t
JOIN account d ON d.brand_id = t.brand_id AND d.id = t.debit_account_id
JOIN account c ON c.brand_id = t.brand_id AND c.id = t.credit_account_id
ORDER BY t.posted_at, t.id`, brand, orders, postedAfter(orders[0]))
	if err != nil {
		return nil, fmt.Errorf("read transfers of %d orders: %w", len(orders), err)
	}
	out, err := pgx.CollectRows(rows, scanTransfer)
	if err != nil {
		return nil, fmt.Errorf("read transfers of %d orders: %w", len(orders), err)
	}
	return out, nil
}

func scanTransfer(row pgx.CollectableRow) (Transfer, error) {
	var t Transfer
	var debitHolder, creditHolder string
	err := row.Scan(&t.ID, &t.Kind, &t.Role, &t.Minor, &t.Order, &t.Parcel, &t.Line, &t.Fact, &t.Reverses, &t.Reason, &t.EffectiveAt, &t.Month, &t.PostedAt,
		&t.Debit.Kind, &debitHolder, &t.Debit.Holder.ID, &t.Credit.Kind, &creditHolder, &t.Credit.Holder.ID, &t.Debit.Currency)
	t.Debit.Holder.Kind, t.Credit.Holder.Kind = kindOfHolder(debitHolder), kindOfHolder(creditHolder)
	t.Credit.Currency = t.Debit.Currency
	return t, err
}

// kindOfHolder: the brand itself is nobody's beneficiary.
func kindOfHolder(s string) attribution.Kind {
	if s == "brand" {
		return ""
	}
	return attribution.Kind(s)
}

func queueOrderCredits(batch *pgx.Batch, brand shop.BrandID, orders []orderCredit, now time.Time) {
	ids, plans := make([]shop.ID, len(orders)), make([]shop.ID, len(orders))
	reasons, lost, traces := make([]string, len(orders)), make([]string, len(orders)), make([]string, len(orders))
	payable := make([]*time.Time, len(orders))
	for i, o := range orders {
		ids[i], plans[i], reasons[i], lost[i], traces[i] = o.Order, o.Plan, o.Reason, string(o.Lost), string(o.Trace)
		if !o.PayableAt.IsZero() {
			payable[i] = &o.PayableAt
		}
	}
	batch.Queue(`
INSERT INTO order_credit (brand_id, order_id, plan_id, reason, lost, trace, payable_at, credited_at)
SELECT $1, o.id, o.plan_id, o.reason, o.lost::jsonb, o.trace::jsonb, o.payable_at, $8
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) AS o (id, plan_id, reason, lost, trace, payable_at)
ON CONFLICT (brand_id, order_id) DO UPDATE SET plan_id = excluded.plan_id, reason = excluded.reason, lost = excluded.lost, trace = excluded.trace,
  payable_at = excluded.payable_at, credited_at = excluded.credited_at`,
		brand, ids, plans, reasons, lost, traces, payable, now)
}

// queueForgetCredits also notes the closed months in which something was taken back: what such a month forgave may be due no more.
func queueForgetCredits(batch *pgx.Batch, brand shop.BrandID, orders []shop.ID, closed time.Time, zone *time.Location) {
	batch.Queue(`DELETE FROM credit WHERE brand_id = $1 AND order_id = ANY ($2)`, brand, orders)
	batch.Queue(`
WITH forgotten AS (
  DELETE FROM clawback WHERE brand_id = $1 AND order_id = ANY ($2) RETURNING date_trunc('month', happened_at AT TIME ZONE $4)::date AS month
)
INSERT INTO late_month (brand_id, month)
SELECT DISTINCT $1::int, month FROM forgotten WHERE month <= $3`, brand, orders, closed, zone.String())
}

func queueCredits(batch *pgx.Batch, brand shop.BrandID, credits []Credit) {
	n := len(credits)
	if n == 0 {
		return
	}
	orders, holders, stores := make([]shop.ID, n), make([]shop.ID, n), make([]shop.ID, n)
	roles, kinds, parcels, volumes, reasons := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	lines, shares, reversed := make([]int32, n), make([]int64, n), make([]int64, n)
	for i, c := range credits {
		orders[i], holders[i], stores[i] = c.Order, c.To.ID, c.Store
		roles[i], kinds[i], parcels[i], volumes[i], reasons[i] = string(c.Role), string(c.To.Kind), c.Parcel, c.Volume.RatString(), string(c.Reason)
		lines[i], shares[i], reversed[i] = int32(c.Line), c.Minor, c.Reversed
	}
	batch.Queue(`
INSERT INTO credit (brand_id, order_id, role, beneficiary_kind, beneficiary_id, parcel, line_no, store_id, share_minor, reversed_minor, volume, reason)
SELECT $1, c.order_id, c.role, c.kind, c.holder_id, c.parcel, c.line_no, c.store_id, c.share, c.reversed, c.volume, c.reason::jsonb
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::int[], $8::uuid[], $9::bigint[], $10::bigint[], $11::text[], $12::text[])
  AS c (order_id, role, kind, holder_id, parcel, line_no, store_id, share, reversed, volume, reason)`,
		brand, orders, roles, kinds, holders, parcels, lines, stores, shares, reversed, volumes, reasons)
}

// pendingOf are the orders of which somebody has credits that were not payable at an instant, or lost them by a decision: one that
// was made when she had left already, as is heard of late, takes nothing from her.
func pendingOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, at time.Time) ([]shop.ID, error) {
	rows, err := tx.Query(ctx, `
SELECT o.order_id
FROM (
  SELECT order_id FROM credit WHERE brand_id = $1 AND beneficiary_id = $2 AND beneficiary_kind = 'staff'
  UNION
  SELECT order_id FROM order_decision WHERE brand_id = $1 AND from_id = $2 AND from_kind = 'staff'
) AS c JOIN order_credit o ON o.brand_id = $1 AND o.order_id = c.order_id
WHERE o.vested_at IS NULL OR o.vested_at > $3
ORDER BY o.order_id`, brand, staff, at)
	if err != nil {
		return nil, fmt.Errorf("find what is pending: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

// selfPurchases are the orders placed since an instant that earn nobody anything because the buyer is of the brand.
func selfPurchases(ctx context.Context, tx pgx.Tx, brand shop.BrandID, since time.Time) ([]shop.ID, error) {
	rows, err := tx.Query(ctx, `
SELECT order_id FROM order_credit
WHERE brand_id = $1 AND order_id >= $2 AND reason = $3
ORDER BY order_id`, brand, shop.FloorID(since), attribution.SelfPurchase)
	if err != nil {
		return nil, fmt.Errorf("find self purchases: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

// lockDue takes the orders whose credits are due, oldest first, leaving out those that somebody else is working on.
func lockDue(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time, limit int) ([]due, error) {
	rows, err := tx.Query(ctx, `
SELECT order_id, payable_at
FROM order_credit
WHERE brand_id = $1 AND vested_at IS NULL AND payable_at <= $2
  AND NOT EXISTS (SELECT FROM order_hold h WHERE h.brand_id = $1 AND h.order_id = order_credit.order_id AND h.state = 'open')
ORDER BY payable_at, order_id
LIMIT $3
FOR UPDATE SKIP LOCKED`, brand, now, limit)
	if err != nil {
		return nil, fmt.Errorf("find what is due: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[due])
	if err != nil {
		return nil, fmt.Errorf("find what is due: %w", err)
	}
	return found, nil
}

func markVested(ctx context.Context, tx pgx.Tx, brand shop.BrandID, zone *time.Location, orders []due, closed time.Time) error {
	ids, months := make([]shop.ID, len(orders)), make([]time.Time, len(orders))
	for i, d := range orders {
		ids[i], months[i] = d.Order, later(monthOf(d.PayableAt, zone), closed.AddDate(0, 1, 0))
	}
	_, err := tx.Exec(ctx, `
UPDATE order_credit o SET vested_at = o.payable_at, vested_month = d.month
FROM unnest($2::uuid[], $3::date[]) AS d (order_id, month)
WHERE o.brand_id = $1 AND o.order_id = d.order_id AND o.order_id = ANY ($2)`, brand, ids, months)
	if err != nil {
		return fmt.Errorf("mark as payable: %w", err)
	}
	return nil
}
