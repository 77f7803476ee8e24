package device

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const staffColumns = `id, staff_id, session_id, target_kind, target, platform, language, registered_at, seen_at, dead_at`

func scanStaff(row pgx.CollectableRow) (OfStaff, error) {
	var d OfStaff
	var dead *time.Time
	err := row.Scan(&d.ID, &d.Staff, &d.Session, &d.Target.Kind, &d.Target.Value, &d.Platform, &d.Language, &d.RegisteredAt, &d.SeenAt, &dead)
	d.RegisteredAt, d.SeenAt = d.RegisteredAt.UTC(), d.SeenAt.UTC()
	if dead != nil {
		d.DeadAt = dead.UTC()
	}
	return d, err
}

// lockStaff: without it, two of her phones could pass the limit together.
func lockStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID) error {
	_, err := tx.Exec(ctx, `SELECT FROM staff WHERE brand_id = $1 AND id = $2 FOR NO KEY UPDATE`, brand, staff)
	return err
}

// upsertStaff keeps the id of an app that stays with its owner and gives a new one to an app that moves.
func upsertStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d OfStaff) (OfStaff, error) {
	rows, _ := tx.Query(ctx, `
		INSERT INTO staff_device AS old (brand_id, id, staff_id, session_id, target_kind, target, platform, language, registered_at, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
		ON CONFLICT (brand_id, target_kind, target) DO UPDATE SET
			id = CASE WHEN old.staff_id = excluded.staff_id THEN old.id ELSE excluded.id END,
			registered_at = CASE WHEN old.staff_id = excluded.staff_id THEN old.registered_at ELSE excluded.registered_at END,
			staff_id = excluded.staff_id, session_id = excluded.session_id, platform = excluded.platform, language = excluded.language,
			seen_at = GREATEST(old.seen_at, excluded.seen_at), dead_at = NULL
		RETURNING `+staffColumns,
		brand, d.ID, d.Staff, d.Session, d.Target.Kind, d.Target.Value, d.Platform, d.Language, d.SeenAt)
	return pgx.CollectExactlyOneRow(rows, scanStaff)
}

func deleteLongestUnseenStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, keep int) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM staff_device WHERE brand_id = $1 AND id IN (
			SELECT id FROM staff_device WHERE brand_id = $1 AND staff_id = $2 ORDER BY seen_at DESC, id DESC OFFSET $3)`,
		brand, staff, keep)
	return err
}

func ofStaff(ctx context.Context, db postgres.DB, brand shop.BrandID, staff []shop.ID) ([]OfStaff, error) {
	rows, _ := db.Query(ctx, `
		SELECT `+staffColumns+` FROM staff_device
		WHERE brand_id = $1 AND staff_id = ANY ($2) ORDER BY staff_id, seen_at DESC, id DESC`, brand, staff)
	return pgx.CollectRows(rows, scanStaff)
}

func updateStaffDead(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, since, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE staff_device SET dead_at = $4 WHERE brand_id = $1 AND id = $2 AND seen_at <= $3 AND dead_at IS NULL`,
		brand, id, since, now)
	return err
}
