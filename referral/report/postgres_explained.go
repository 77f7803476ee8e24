package report

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/scan"
)

// namedScans are the scans that an order named, earliest first, also those that came late or that it no longer names.
func namedScans(ctx context.Context, tx pgx.Tx, brand shop.BrandID, order shop.ID) ([]scan.Scan, error) {
	rows, _ := tx.Query(ctx, `
SELECT scan_id, tag_id, tag_code, store_id, staff_id, placement, coalesce(late, '')
FROM order_scan
WHERE brand_id = $1 AND order_id = $2
ORDER BY scan_id`, brand, order)
	scans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (scan.Scan, error) {
		s := scan.Scan{Brand: brand}
		return s, row.Scan(&s.ID, &s.Tag, &s.Code, &s.Store, &s.Staff, &s.Placement, &s.Late)
	})
	if err != nil {
		return nil, fmt.Errorf("read the scans that it named: %w", err)
	}
	return scans, nil
}
