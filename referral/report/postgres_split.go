package report

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
)

func volumeOf(text string) (*big.Rat, error) {
	volume, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, fmt.Errorf("a volume of %q", text)
	}
	return volume, nil
}

// change is what the orders of one transaction change of the figures of months.
type change struct {
	stores   map[storeMonth][2]int64 // before, after
	achieved map[holderMonth]int64
}

type storeMonth struct {
	month    time.Time
	store    shop.ID
	currency shop.Currency
}

type holderMonth struct {
	month time.Time
	reach
	currency shop.Currency
}

func (c change) add(p monthPart, sign int64) {
	for _, s := range p.Stores {
		at := storeMonth{p.Month, s.Store, p.Currency}
		sums := c.stores[at]
		c.stores[at] = [2]int64{sums[0] + sign*s.Before, sums[1] + sign*s.After}
	}
	for _, h := range p.Achieved {
		c.achieved[holderMonth{p.Month, reach{attribution.Beneficiary{Kind: h.Kind, ID: h.ID}, h.Role}, p.Currency}] += sign * h.Millionths
	}
}

// keepMonths takes from the figures of the months what the orders added before, and adds what they add now. Whoever rolls up
// does it alone.
func keepMonths(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID, rows []originRow) error {
	c := change{map[storeMonth][2]int64{}, map[holderMonth]int64{}}
	kept, err := tx.Query(ctx, `SELECT month_part FROM order_origin WHERE brand_id = $1 AND order_id = ANY ($2) AND month_part IS NOT NULL`, brand, ids)
	if err != nil {
		return fmt.Errorf("read what orders added to their months: %w", err)
	}
	var before monthPart
	_, err = pgx.ForEachRow(kept, []any{&before}, func() error {
		c.add(before, -1)
		before = monthPart{}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what orders added to their months: %w", err)
	}
	for _, r := range rows {
		c.add(r.month, 1)
	}
	batch := &pgx.Batch{}
	c.queueStores(batch, brand)
	c.queueAchieved(batch, brand)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("keep the figures of months: %w", err)
	}
	return nil
}

func (c change) queueStores(batch *pgx.Batch, brand shop.BrandID) {
	maps.DeleteFunc(c.stores, func(_ storeMonth, sums [2]int64) bool { return sums == [2]int64{} })
	cells := slices.SortedFunc(maps.Keys(c.stores), func(a, b storeMonth) int {
		return cmp.Or(a.month.Compare(b.month), bytes.Compare(a.store[:], b.store[:]), cmp.Compare(a.currency, b.currency))
	})
	n := len(cells)
	months, stores, currencies, before, after := make([]time.Time, n), make([]shop.ID, n), make([]string, n), make([]int64, n), make([]int64, n)
	for i, at := range cells {
		months[i], stores[i], currencies[i], before[i], after[i] = at.month, at.store, string(at.currency), c.stores[at][0], c.stores[at][1]
	}
	batch.Queue(`
INSERT INTO split_month AS held (brand_id, month, store_id, currency, before_minor, after_minor)
SELECT $1, s.month, s.store, s.currency, s.before, s.after
FROM unnest($2::date[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[]) AS s (month, store, currency, before, after)
ON CONFLICT (brand_id, month, store_id, currency) DO UPDATE SET
  before_minor = held.before_minor + excluded.before_minor, after_minor = held.after_minor + excluded.after_minor`,
		brand, months, stores, currencies, before, after)
}

func (c change) queueAchieved(batch *pgx.Batch, brand shop.BrandID) {
	maps.DeleteFunc(c.achieved, func(_ holderMonth, n int64) bool { return n == 0 })
	cells := slices.SortedFunc(maps.Keys(c.achieved), func(a, b holderMonth) int {
		return cmp.Or(a.month.Compare(b.month), cmp.Compare(a.to.Kind, b.to.Kind), bytes.Compare(a.to.ID[:], b.to.ID[:]),
			cmp.Compare(a.currency, b.currency), cmp.Compare(a.role, b.role))
	})
	n := len(cells)
	months, kinds, holders, roles := make([]time.Time, n), make([]string, n), make([]shop.ID, n), make([]string, n)
	currencies, millionths := make([]string, n), make([]int64, n)
	for i, at := range cells {
		months[i], kinds[i], holders[i], roles[i] = at.month, string(at.to.Kind), at.to.ID, string(at.role)
		currencies[i], millionths[i] = string(at.currency), c.achieved[at]
	}
	batch.Queue(`
INSERT INTO achieved_month AS held (brand_id, month, holder_kind, holder_id, role, currency, millionths)
SELECT $1, a.month, a.kind, a.holder, a.role, a.currency, a.millionths
FROM unnest($2::date[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::bigint[]) AS a (month, kind, holder, role, currency, millionths)
ON CONFLICT (brand_id, month, holder_kind, holder_id, currency, role) DO UPDATE SET millionths = held.millionths + excluded.millionths`,
		brand, months, kinds, holders, roles, currencies, millionths)
}

// splitOf is the revenue of each store of which there is any, in the brand's currency, largest first.
func splitOf(ctx context.Context, db postgres.DB, brand team.Brand, first time.Time) ([]SplitRow, error) {
	rows, err := db.Query(ctx, `
SELECT s.id, s.code, coalesce(s.name ->> $4, s.name ->> 'zh-TW', s.name ->> 'en', ''), s.kind, m.before_minor, m.after_minor
FROM split_month m
JOIN store s ON s.brand_id = m.brand_id AND s.id = m.store_id
WHERE m.brand_id = $1 AND m.month = $2 AND m.currency = $3 AND (m.before_minor, m.after_minor) <> (0, 0)
ORDER BY m.after_minor DESC, s.code`, brand.ID, first, brand.Currency, brand.Language)
	if err != nil {
		return nil, fmt.Errorf("read the split: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r SplitRow, err error) {
		var kind team.StoreKind
		err = row.Scan(&r.Store, &r.Code, &r.Name, &kind, &r.Before, &r.After)
		r.Side = sideOf(kind)
		return r, err
	})
}

// rolesOf is what was earned by role, dated in the month. Money that only moves between the states or from a pool to people adds
// up to nothing, so their sum is what left the brand's expense account.
func rolesOf(ctx context.Context, db postgres.DB, brand team.Brand, first time.Time) ([]RoleCost, error) {
	rows, err := db.Query(ctx, `
SELECT d.role, a.holder_kind, sum(d.credit_minor - d.debit_minor)::bigint
FROM account a
JOIN account_day d ON d.brand_id = a.brand_id AND d.account_id = a.id AND d.day >= $2 AND d.day < $3
WHERE a.brand_id = $1 AND a.holder_kind <> 'brand' AND a.currency = $4
GROUP BY 1, 2
HAVING sum(d.credit_minor - d.debit_minor) <> 0
ORDER BY 3 DESC, 1, 2`, brand.ID, first, first.AddDate(0, 1, 0), brand.Currency)
	if err != nil {
		return nil, fmt.Errorf("sum the roles: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r RoleCost, err error) {
		err = row.Scan(&r.Role, &r.To, &r.Minor)
		return r, err
	})
}

// reachedOf is what everybody has reached in a month.
func reachedOf(ctx context.Context, db postgres.DB, brand team.Brand, first time.Time) (map[reach]*big.Rat, error) {
	rows, err := db.Query(ctx, `
SELECT holder_kind, holder_id, role, millionths FROM achieved_month
WHERE brand_id = $1 AND month = $2 AND currency = $3`, brand.ID, first, brand.Currency)
	if err != nil {
		return nil, fmt.Errorf("read what was reached: %w", err)
	}
	reached := map[reach]*big.Rat{}
	var at reach
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&at.to.Kind, &at.to.ID, &at.role, &n}, func() error {
		reached[at] = millionthsOf(n)
		return nil
	})
	return reached, err
}
