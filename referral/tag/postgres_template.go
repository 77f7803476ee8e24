package tag

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

var _ = postgres.RefuseOn("tag_template_fkey", ErrTemplate)

const templateColumns = `name, address, changed_at`

func templatesOf(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]Template, error) {
	rows, err := db.Query(ctx, `SELECT `+templateColumns+` FROM tag_template WHERE brand_id = $1 ORDER BY name`, brand)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Template])
}

// addressesOf are the templates' addresses, by name.
func addressesOf(ctx context.Context, db postgres.DB, brand shop.BrandID) (map[string]string, error) {
	all, err := templatesOf(ctx, db, brand)
	addresses := make(map[string]string, len(all))
	for _, t := range all {
		addresses[t.Name] = t.Address
	}
	return addresses, err
}

func templateByName(ctx context.Context, db postgres.DB, brand shop.BrandID, name string) (Template, error) {
	rows, err := db.Query(ctx, `SELECT `+templateColumns+` FROM tag_template WHERE brand_id = $1 AND name = $2`, brand, name)
	if err != nil {
		return Template{}, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Template])
	if errors.Is(err, pgx.ErrNoRows) {
		return Template{}, shop.ErrNotFound
	}
	return t, err
}

// lockTemplate is the template as it was, without an address where there was none, locked until the act is over.
func lockTemplate(ctx context.Context, tx pgx.Tx, brand shop.BrandID, name string, now time.Time) (Template, error) {
	_, err := tx.Exec(ctx, `
		INSERT INTO tag_template (brand_id, name, address, changed_at) VALUES ($1, $2, '', $3)
		ON CONFLICT (brand_id, name) DO NOTHING`, brand, name, now)
	if err != nil {
		return Template{}, err
	}
	rows, err := tx.Query(ctx, `SELECT `+templateColumns+` FROM tag_template WHERE brand_id = $1 AND name = $2 FOR UPDATE`, brand, name)
	if err != nil {
		return Template{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Template])
}

// updateTemplate stores the address and keeps what has changed. Every process reads the brand's tags again, with the commit.
func updateTemplate(ctx context.Context, tx pgx.Tx, actor shop.Actor, t Template, change Change) error {
	batch := &pgx.Batch{}
	batch.Queue(`UPDATE tag_template SET address = $3, changed_at = $4 WHERE brand_id = $1 AND name = $2`, actor.Brand, t.Name, t.Address, t.ChangedAt)
	queueChanges(batch, actor, []Change{change}, t.ChangedAt)
	batch.Queue(`SELECT pg_notify('brand_changed', $1::int::text)`, actor.Brand)
	return tx.SendBatch(ctx, batch).Close()
}
