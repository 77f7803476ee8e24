package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/binding"
)

// gainsOf is which people gain from the orders that are due, and were not looked at before.
func gainsOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, all []due) ([]gain, error) {
	ids := make([]shop.ID, len(all))
	for i, d := range all {
		ids[i] = d.Order
	}
	slices.SortFunc(ids, compareID)
	rows, err := tx.Query(ctx, `
SELECT DISTINCT w.id, c.beneficiary_id, c.store_id
FROM unnest($2::uuid[]) AS w (id) CROSS JOIN LATERAL (
  SELECT beneficiary_id, store_id FROM credit
  WHERE brand_id = $1 AND order_id = w.id AND order_id BETWEEN $3 AND $4 AND beneficiary_kind = 'staff' AND share_minor > reversed_minor
  OFFSET 0
) AS c
WHERE NOT EXISTS (SELECT FROM order_hold h WHERE h.brand_id = $1 AND h.order_id = w.id)
ORDER BY 1, 2, 3`, brand, ids, ids[0], ids[len(ids)-1])
	if err != nil {
		return nil, fmt.Errorf("who gains from what is due: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[gain])
}

// saleCredits is what each order of the days has given for its sale, less what went back.
func saleCredits(ctx context.Context, tx pgx.Tx, brand shop.BrandID, days map[shop.ID][]shop.ID) (map[shop.ID]int64, error) {
	var ids []shop.ID
	for _, same := range days {
		ids = append(ids, same...)
	}
	sums := map[shop.ID]int64{}
	if len(ids) == 0 {
		return sums, nil
	}
	slices.SortFunc(ids, compareID)
	ids = slices.Compact(ids)
	rows, err := tx.Query(ctx, `
SELECT w.id, c.sum FROM unnest($2::uuid[]) AS w (id) CROSS JOIN LATERAL (
  SELECT coalesce(sum(share_minor - reversed_minor), 0)::bigint AS sum FROM credit
  WHERE brand_id = $1 AND order_id = w.id AND order_id BETWEEN $3 AND $4 AND parcel = ''
) AS c`, brand, ids, ids[0], ids[len(ids)-1])
	if err != nil {
		return nil, fmt.Errorf("what orders of a day gave: %w", err)
	}
	var id shop.ID
	var sum int64
	_, err = pgx.ForEachRow(rows, []any{&id, &sum}, func() error {
		sums[id] = sum
		return nil
	})
	return sums, err
}

func insertHolds(ctx context.Context, tx pgx.Tx, brand shop.BrandID, holds []Hold) error {
	if len(holds) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	for _, h := range holds {
		batch.Queue(`
INSERT INTO order_hold (brand_id, order_id, id, signs, staff, stores, opened_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			brand, h.Order, h.ID, h.Signs, distinct(h.Staff), distinct(h.Stores), h.OpenedAt, h.State)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("hold orders: %w", err)
	}
	return nil
}

func distinct(ids []shop.ID) []shop.ID {
	return slices.Compact(slices.SortedFunc(slices.Values(ids), compareID))
}

func refusedAmong(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `SELECT order_id FROM order_hold WHERE brand_id = $1 AND order_id = ANY ($2) AND state = 'refused'`, brand, orders)
	if err != nil {
		return nil, fmt.Errorf("read refused orders: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

const holdColumns = `id, order_id, signs, staff, stores, opened_at, state, decided_at, coalesce(decided_by, ''), coalesce(why, '')`

func scanHold(row pgx.CollectableRow) (Hold, error) {
	var h Hold
	var decided *time.Time
	err := row.Scan(&h.ID, &h.Order, &h.Signs, &h.Staff, &h.Stores, &h.OpenedAt, &h.State, &decided, &h.DecidedBy, &h.Why)
	h.OpenedAt, h.DecidedAt = h.OpenedAt.UTC(), orZero(decided)
	return h, err
}

func holdOf(ctx context.Context, db postgres.DB, brand shop.BrandID, orderID shop.ID) (Hold, error) {
	rows, err := db.Query(ctx, `SELECT `+holdColumns+` FROM order_hold WHERE brand_id = $1 AND order_id = $2`, brand, orderID)
	if err != nil {
		return Hold{}, err
	}
	h, err := pgx.CollectExactlyOneRow(rows, scanHold)
	if errors.Is(err, pgx.ErrNoRows) {
		return Hold{}, binding.ErrHoldUnknown
	}
	return h, err
}

// pageOfHolds reads one more than the page has. There are few: nothing is held that does not look wrong.
func pageOfHolds(ctx context.Context, db postgres.DB, brand shop.BrandID, stores []shop.ID, state binding.HoldState, page shop.Page) ([]Hold, error) {
	rows, err := db.Query(ctx, `
SELECT `+holdColumns+` FROM order_hold
WHERE brand_id = $1 AND ($2::uuid[] IS NULL OR EXISTS (SELECT FROM unnest(stores) AS s (id) WHERE s.id = ANY ($2))) AND ($3 = '' OR state = $3)
  AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5`, brand, stores, state, page.After, page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanHold)
}

// decideHold: of two who decide at once one finds it decided.
func decideHold(ctx context.Context, tx pgx.Tx, brand shop.BrandID, h Hold) error {
	tag, err := tx.Exec(ctx, `
UPDATE order_hold SET state = $3, decided_at = $4, decided_by = $5, why = $6
WHERE brand_id = $1 AND order_id = $2 AND state = 'open'`, brand, h.Order, h.State, h.DecidedAt, h.DecidedBy, h.Why)
	if err == nil && tag.RowsAffected() == 0 {
		return binding.ErrHoldDecided
	}
	return err
}
