package scan

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// slotsOf reads each tag's scans of the time once, by the index of tags.
func slotsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, tags []shop.ID, from, to time.Time) ([]Slot, error) {
	rows, err := db.Query(ctx, `
		WITH step AS (
			SELECT tag_id, scanned_at, elsewhere, scanned_at - lag(scanned_at) OVER reader AS silence
			FROM scan
			WHERE brand_id = $1 AND tag_id = ANY ($2) AND id >= $3 AND id < $4 AND kind = ANY ($5)
			WINDOW reader AS (PARTITION BY tag_id, device ORDER BY id)
		)
		SELECT tag_id, date_bin($7, scanned_at, '2000-01-01T00:00:00Z'), count(*), count(*) FILTER (WHERE silence IS NULL),
			count(*) FILTER (WHERE NOT elsewhere), count(*) FILTER (WHERE elsewhere)
		FROM step
		WHERE silence IS NULL OR silence >= $6
		GROUP BY 1, 2
		ORDER BY 1, 2`,
		brand, tags, shop.FloorID(from), shop.FloorID(to), People(), SessionGap, SlotLength)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Slot])
}

// silentOf stops at the first scan that it finds of a tag.
func silentOf(ctx context.Context, db postgres.DB, brand shop.BrandID, tags []shop.ID, since time.Time) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT t.id FROM unnest($2::uuid[]) AS t (id)
		WHERE NOT EXISTS (SELECT FROM scan s WHERE s.brand_id = $1 AND s.tag_id = t.id AND s.id >= $3 AND s.kind = ANY ($4))
		ORDER BY t.id`, brand, tags, shop.FloorID(since), People())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}
