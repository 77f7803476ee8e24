package device

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/notify/push"
)

const columns = `id, customer_id, target_kind, target, platform, language, registered_at, seen_at, dead_at`

func scan(row pgx.CollectableRow) (Device, error) {
	var d Device
	var dead *time.Time
	err := row.Scan(&d.ID, &d.Customer, &d.Target.Kind, &d.Target.Value, &d.Platform, &d.Language, &d.RegisteredAt, &d.SeenAt, &dead)
	d.RegisteredAt, d.SeenAt = d.RegisteredAt.UTC(), d.SeenAt.UTC()
	if dead != nil {
		d.DeadAt = dead.UTC()
	}
	return d, err
}

// ownerOf is whose the address was until now, zero for nobody's.
func ownerOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, t push.Target) (shop.ID, error) {
	var owner shop.ID
	err := tx.QueryRow(ctx, `
		SELECT customer_id FROM push_device WHERE brand_id = $1 AND target_kind = $2 AND target = $3 FOR UPDATE`,
		brand, t.Kind, t.Value).Scan(&owner)
	if errors.Is(err, pgx.ErrNoRows) {
		return shop.ID{}, nil
	}
	return owner, err
}

// upsert keeps the id of a phone that stays with its owner and gives a new one to a phone that moves.
func upsert(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d Device) (Device, error) {
	rows, _ := tx.Query(ctx, `
		INSERT INTO push_device AS old (brand_id, id, customer_id, target_kind, target, platform, language, registered_at, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
		ON CONFLICT (brand_id, target_kind, target) DO UPDATE SET
			id = CASE WHEN old.customer_id = excluded.customer_id THEN old.id ELSE excluded.id END,
			registered_at = CASE WHEN old.customer_id = excluded.customer_id THEN old.registered_at ELSE excluded.registered_at END,
			customer_id = excluded.customer_id, platform = excluded.platform, language = excluded.language,
			seen_at = GREATEST(old.seen_at, excluded.seen_at), dead_at = NULL
		RETURNING `+columns,
		brand, d.ID, d.Customer, d.Target.Kind, d.Target.Value, d.Platform, d.Language, d.SeenAt)
	return pgx.CollectExactlyOneRow(rows, scan)
}

func deleteLongestUnseen(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer shop.ID, keep int) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM push_device WHERE brand_id = $1 AND id IN (
			SELECT id FROM push_device WHERE brand_id = $1 AND customer_id = $2 ORDER BY seen_at DESC, id DESC OFFSET $3)`,
		brand, customer, keep)
	return err
}

func deleteOne(ctx context.Context, tx pgx.Tx, brand shop.BrandID, customer, id shop.ID) (bool, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM push_device WHERE brand_id = $1 AND id = $2 AND customer_id = $3`, brand, id, customer)
	return tag.RowsAffected() == 1, err
}

func orNotFound(err error) error {
	if err != nil {
		return err
	}
	return shop.ErrNotFound
}

func ofCustomers(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID) ([]Device, error) {
	rows, _ := db.Query(ctx, `
		SELECT `+columns+` FROM push_device
		WHERE brand_id = $1 AND customer_id = ANY ($2) ORDER BY customer_id, seen_at DESC, id DESC`, brand, customers)
	return pgx.CollectRows(rows, scan)
}

func updateDead(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, since, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE push_device SET dead_at = $4 WHERE brand_id = $1 AND id = $2 AND seen_at <= $3 AND dead_at IS NULL`,
		brand, id, since, now)
	return err
}
