package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// insert writes all records in one round trip. They are of one act, so they lie in one partition.
func insert(ctx context.Context, tx pgx.Tx, brand shop.BrandID, records []Record) error {
	batch := &pgx.Batch{}
	for _, r := range records {
		batch.Queue(`
			INSERT INTO audit (brand_id, id, actor, act, customer_id, subject_id, detail, recorded_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			brand, r.ID, r.Actor, r.Act, r.Customer, r.Subject, r.Detail, r.RecordedAt)
	}
	return postgres.RowAt(records[0].RecordedAt, tx.SendBatch(ctx, batch).Close())
}

func ofCustomer(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID, page shop.Page) ([]Record, error) {
	rows, err := db.Query(ctx, `
		SELECT id, actor, act, customer_id, subject_id, detail, recorded_at FROM audit
		WHERE brand_id = $1 AND customer_id = $2 AND ($3::uuid IS NULL OR id < $3)
		ORDER BY id DESC
		LIMIT $4`,
		brand, customer, page.After, page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Record])
}
