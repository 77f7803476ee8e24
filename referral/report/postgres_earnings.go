package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// span is a time range of orders as their ids: from is in it, until is not.
type span struct{ from, until shop.ID }

func balancesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, to attribution.Beneficiary) ([]Balance, error) {
	rows, err := db.Query(ctx, `
SELECT a.currency, a.kind, coalesce(sum(d.credit_minor - d.debit_minor), 0)::bigint
FROM account a
LEFT JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id
WHERE a.brand_id = $1 AND a.holder_id = $2 AND a.holder_kind = $3
GROUP BY a.currency, a.kind
ORDER BY a.currency`, brand, to.ID, to.Kind)
	if err != nil {
		return nil, fmt.Errorf("sum balances: %w", err)
	}
	var balances []Balance
	var currency shop.Currency
	var kind ledger.AccountKind
	var minor int64
	_, err = pgx.ForEachRow(rows, []any{&currency, &kind, &minor}, func() error {
		if n := len(balances); n == 0 || balances[n-1].Currency != currency {
			balances = append(balances, Balance{Currency: currency})
		}
		b := &balances[len(balances)-1]
		switch kind {
		case ledger.Pending:
			b.Pending = minor
		case ledger.Payable:
			b.Payable = minor
		case ledger.Stated:
			b.Stated = minor
		case ledger.Paid:
			b.Paid = minor
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sum balances: %w", err)
	}
	return balances, nil
}

// ordersCredited asks for one id more than the page has, so that it is known whether there is another.
func ordersCredited(ctx context.Context, db postgres.DB, brand shop.BrandID, to attribution.Beneficiary, in span, page shop.Page) ([]shop.ID, error) {
	if !page.After.IsZero() && string(page.After[:]) < string(in.until[:]) {
		in.until = page.After
	}
	rows, err := db.Query(ctx, `
SELECT DISTINCT order_id FROM credit
WHERE brand_id = $1 AND beneficiary_id = $2 AND beneficiary_kind = $3 AND order_id >= $4 AND order_id < $5
ORDER BY order_id DESC
LIMIT $6`, brand, to.ID, to.Kind, in.from, in.until, page.Limit+1)
	if err != nil {
		return nil, fmt.Errorf("list orders credited: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

// The time range is repeated on every partitioned table, or each partition would be asked.
func earnedOf(ctx context.Context, db postgres.DB, brand shop.BrandID, to attribution.Beneficiary, in span, orders []shop.ID) ([]Earned, error) {
	rows, err := db.Query(ctx, `
SELECT o.id, o.external_id, o.placed_at, o.channel, o.store_id, o.currency,
  c.role, c.parcel, sum(c.share_minor)::bigint, sum(c.reversed_minor)::bigint, oc.payable_at, oc.vested_at, oc.vested_month,
  jsonb_agg(jsonb_build_object('line', c.line_no, 'minor', c.share_minor, 'reversed', c.reversed_minor, 'reason', c.reason) ORDER BY c.line_no),
  (array_agg(oc.trace))[1]
FROM credit c
JOIN order_credit oc ON oc.brand_id = c.brand_id AND oc.order_id = c.order_id AND oc.order_id >= $4 AND oc.order_id < $5
JOIN sales_order o ON o.brand_id = c.brand_id AND o.id = c.order_id AND o.id >= $4 AND o.id < $5
WHERE c.brand_id = $1 AND c.beneficiary_id = $2 AND c.beneficiary_kind = $3 AND c.order_id >= $4 AND c.order_id < $5 AND c.order_id = ANY ($6)
GROUP BY o.id, o.external_id, o.placed_at, o.channel, o.store_id, o.currency, c.role, c.parcel, oc.payable_at, oc.vested_at, oc.vested_month
ORDER BY o.id DESC, c.role, c.parcel`, brand, to.ID, to.Kind, in.from, in.until, orders)
	if err != nil {
		return nil, fmt.Errorf("read what was earned: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Earned, error) {
		var e Earned
		var payable, vested, month *time.Time
		err := row.Scan(&e.Sale.ID, &e.Sale.ExternalID, &e.Sale.PlacedAt, &e.Sale.Channel, &e.Sale.Store, &e.Sale.Currency,
			&e.Role, &e.Parcel, &e.Minor, &e.Reversed, &payable, &vested, &month, &e.Parts, &e.credit.Trace)
		if err != nil {
			return e, err
		}
		e.PayableAt = timeOrZero(payable)
		e.credit.Order, e.credit.PayableAt, e.credit.VestedAt, e.credit.VestedMonth = e.Sale.ID, e.PayableAt, timeOrZero(vested), timeOrZero(month)
		return e, e.keep(to)
	})
}

// keep puts her parts down as credits, which is what is told of.
func (e *Earned) keep(to attribution.Beneficiary) error {
	for _, p := range e.Parts {
		reason, err := json.Marshal(p.Reason)
		if err != nil {
			return fmt.Errorf("write a reason: %w", err)
		}
		e.credit.Credits = append(e.credit.Credits, ledger.Credit{
			Order: e.Sale.ID, Role: e.Role, To: to, Parcel: e.Parcel, Line: p.Line, Minor: p.Minor, Reversed: p.Reversed, Reason: reason,
		})
	}
	return nil
}

func timeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func saleOf(ctx context.Context, db postgres.DB, brand shop.BrandID, order shop.ID) (Sale, error) {
	var s Sale
	err := db.QueryRow(ctx, `
SELECT o.id, o.external_id, o.placed_at, o.channel, o.store_id, o.currency
FROM sales_order o
WHERE o.brand_id = $1 AND o.id = $2`, brand, order).
		Scan(&s.ID, &s.ExternalID, &s.PlacedAt, &s.Channel, &s.Store, &s.Currency)
	if errors.Is(err, pgx.ErrNoRows) {
		return Sale{}, shop.ErrNotFound
	}
	return s, err
}

// namesOf names stores, in the brand's language, and people. An id is of one or the other.
func namesOf(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[shop.ID]Name, error) {
	rows, err := db.Query(ctx, `
SELECT s.id, s.code, coalesce(s.name ->> b.language, s.name ->> 'zh-TW', s.name ->> 'en', '')
FROM store s JOIN brand b ON b.brand_id = s.brand_id
WHERE s.brand_id = $1 AND s.id = ANY ($2)
UNION ALL
SELECT p.id, p.employee_no, p.name FROM staff p WHERE p.brand_id = $1 AND p.id = ANY ($2)`, brand, ids)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	return collectNames(rows)
}

// collectNames reads rows of an id, a code and a name.
func collectNames(rows pgx.Rows) (map[shop.ID]Name, error) {
	names := map[shop.ID]Name{}
	var id shop.ID
	var n Name
	_, err := pgx.ForEachRow(rows, []any{&id, &n.Code, &n.Name}, func() error {
		names[id] = n
		return nil
	})
	return names, err
}
