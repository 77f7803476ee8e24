package scan

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func noteAwaited(ctx context.Context, tx pgx.Tx, brand shop.BrandID, scans []Awaited) error {
	batch := &pgx.Batch{}
	for _, a := range scans {
		batch.Queue(`
			INSERT INTO awaited_scan (brand_id, order_id, scan_id, named_at)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`,
			brand, a.Order, a.Scan, a.NamedAt)
	}
	return tx.SendBatch(ctx, batch).Close()
}

func awaitedBy(ctx context.Context, db postgres.DB, brand shop.BrandID, order shop.ID) ([]Awaited, error) {
	rows, err := db.Query(ctx, `
		SELECT order_id, scan_id, named_at
		FROM awaited_scan
		WHERE brand_id = $1 AND order_id = $2
		ORDER BY scan_id`, brand, order)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Awaited])
}

func arrivedOf(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]Awaited, error) {
	rows, err := db.Query(ctx, `
		SELECT a.order_id, a.scan_id, a.named_at
		FROM awaited_scan a
		JOIN scan s ON s.brand_id = a.brand_id AND s.id = a.scan_id
		WHERE a.brand_id = $1
		ORDER BY a.order_id, a.scan_id
		LIMIT 500`, brand)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Awaited])
}

func deleteAwaited(ctx context.Context, db postgres.DB, brand shop.BrandID, a Awaited) error {
	_, err := db.Exec(ctx, `DELETE FROM awaited_scan WHERE brand_id = $1 AND order_id = $2 AND scan_id = $3`, brand, a.Order, a.Scan)
	return err
}
