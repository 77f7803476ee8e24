package order

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// queuePayments writes what orders were paid with, after the orders themselves. What an exchange makes of an order was paid as
// that was.
func (r *rows) queuePayments() {
	for _, w := range r.work {
		if w.isChanged && w.isNew() && !w.after.ExchangeOf.IsZero() {
			r.queue(w.after.PlacedAt, `
				INSERT INTO order_payment (brand_id, order_id, payment, customer_id)
				SELECT brand_id, $3, payment, customer_id FROM order_payment WHERE brand_id = $1 AND order_id = $2
				ON CONFLICT (brand_id, order_id, payment) DO NOTHING`, r.brand, w.after.ExchangeOf, w.after.ID)
		}
		for _, payment := range w.added.payments {
			r.queue(w.after.PlacedAt, `
				INSERT INTO order_payment (brand_id, order_id, payment, customer_id) VALUES ($1, $2, $3, $4)
				ON CONFLICT (brand_id, order_id, payment) DO UPDATE SET customer_id = excluded.customer_id`,
				r.brand, w.after.ID, paymentHash(payment), w.after.Customer)
		}
	}
}

// mostAlike bounds what one card that pays for a whole crowd makes others read.
const mostAlike = 10_000

const paidAlikeQuery = `
		SELECT DISTINCT mine.order_id, other.customer_id FROM order_payment mine
		JOIN order_payment other ON other.brand_id = $1 AND other.payment = mine.payment AND other.order_id < mine.order_id AND other.customer_id IS NOT NULL
		WHERE mine.brand_id = $1 AND mine.order_id = ANY ($2)
		LIMIT $3`

func paidAlike(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) (map[shop.ID][]shop.ID, error) {
	rows, err := db.Query(ctx, paidAlikeQuery, brand, orders, mostAlike)
	if err != nil {
		return nil, err
	}
	return byOrder(rows)
}

// lockPaidAlike sends the locks and the look in one round trip. They are two statements, since the look must not see less than what
// was committed when the locks came. All payments share 1,024 locks, so that many orders at once do not use up the database's.
func lockPaidAlike(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []shop.ID) (found map[shop.ID][]shop.ID, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`
		SELECT pg_advisory_xact_lock(hashtext('homestore payment ' || n), $1)
		FROM (
			SELECT DISTINCT get_byte(payment, 0) * 4 + get_byte(payment, 1) % 4 AS n
			FROM order_payment WHERE brand_id = $1 AND order_id = ANY ($2)
			ORDER BY n
		) AS shared`, brand, orders)
	batch.Queue(paidAlikeQuery, brand, orders, mostAlike).Query(func(rows pgx.Rows) error {
		found, err = byOrder(rows)
		return err
	})
	err = tx.SendBatch(ctx, batch).Close()
	return found, err
}

func byOrder(rows pgx.Rows) (map[shop.ID][]shop.ID, error) {
	found := map[shop.ID][]shop.ID{}
	var id, who shop.ID
	_, err := pgx.ForEachRow(rows, []any{&id, &who}, func() error {
		found[id] = append(found[id], who)
		return nil
	})
	return found, err
}

func laterPaidAlike(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT DISTINCT later.order_id FROM order_payment mine
		JOIN order_payment later ON later.brand_id = $1 AND later.payment = mine.payment AND later.order_id > mine.order_id
		WHERE mine.brand_id = $1 AND mine.order_id = ANY ($2) AND mine.customer_id IS NOT NULL
		LIMIT $3`, brand, orders, mostAlike)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}
