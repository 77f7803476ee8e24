package customer

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// lockPerson keeps everybody from adding to what is known of her: each foreign key to her row waits, and so does holdPeople.
func lockPerson(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Customer, error) {
	rows, err := tx.Query(ctx, `SELECT `+customerColumns+` FROM customer c WHERE c.brand_id = $1 AND c.id = $2 FOR UPDATE`, brand, id)
	if err != nil {
		return Customer{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCustomer)
	return c, orUnknown(err)
}

// holdPeople keeps customers from being erased until the transaction ends; errFaster when one of them has been.
func holdPeople(ctx context.Context, tx pgx.Tx, brand shop.BrandID, ids []shop.ID) error {
	if len(ids) == 0 {
		return nil
	}
	ids = slices.Compact(slices.SortedFunc(slices.Values(ids), compareID))
	return all(len(ids))(tx.Exec(ctx, `
		SELECT c.id FROM unnest($2::uuid[]) AS w (id)
		CROSS JOIN LATERAL (SELECT id FROM customer WHERE brand_id = $1 AND id = w.id AND erased_at IS NULL OFFSET 0 FOR KEY SHARE) AS c`, brand, ids))
}

// forget removes what is said about her. The row of figures stays: it is what whoever books on her locks.
func forget(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, now time.Time) error {
	batch := &pgx.Batch{}
	for _, sql := range []string{
		`DELETE FROM identity WHERE brand_id = $1 AND customer_id = $2`,
		`DELETE FROM customer_token WHERE brand_id = $1 AND customer_id = $2`,
		`DELETE FROM consent WHERE brand_id = $1 AND customer_id = $2`,
	} {
		batch.Queue(sql, brand, id)
	}
	batch.Queue(`
		UPDATE customer SET name = NULL, language = NULL, time_zone = NULL, tier = NULL, erased_at = $3
		WHERE brand_id = $1 AND id = $2`, brand, id, now)
	return tx.SendBatch(ctx, batch).Close()
}

func erasedAmong(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[shop.ID]bool, error) {
	rows, err := db.Query(ctx, `SELECT id FROM customer WHERE brand_id = $1 AND id = ANY ($2) AND erased_at IS NOT NULL`, brand, ids)
	if err != nil {
		return nil, err
	}
	erased := map[shop.ID]bool{}
	var id shop.ID
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		erased[id] = true
		return nil
	})
	return erased, err
}
