package label

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const templateColumns = `name, format, languages, call_to_action, shows_price, shows_store, shows_code, correction, dark, light, logo, created_at, changed_at`

func scanTemplate(row pgx.CollectableRow) (Template, error) {
	var t Template
	var dark, light string
	var logo []byte
	err := row.Scan(&t.Name, &t.Format, &t.Languages, &t.CallToAction, &t.ShowsPrice, &t.ShowsStore, &t.ShowsCode,
		&t.Design.Correction, &dark, &light, &logo, &t.CreatedAt, &t.ChangedAt)
	if err != nil {
		return t, err
	}
	var wrongDark, wrongLight, wrongLogo error
	t.Design.Dark, wrongDark = ParseColour(dark)
	t.Design.Light, wrongLight = ParseColour(light)
	if logo != nil {
		t.Design.Logo, wrongLogo = ReadLogo(logo)
	}
	if err := errors.Join(wrongDark, wrongLight, wrongLogo); err != nil {
		return t, fmt.Errorf("label template %s as it is kept: %w", t.Name, err)
	}
	return t, nil
}

func templatesOf(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]Template, error) {
	rows, err := db.Query(ctx, `SELECT `+templateColumns+` FROM label_template WHERE brand_id = $1 ORDER BY name`, brand)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTemplate)
}

func templateByName(ctx context.Context, db postgres.DB, brand shop.BrandID, name string) (Template, error) {
	rows, err := db.Query(ctx, `SELECT `+templateColumns+` FROM label_template WHERE brand_id = $1 AND name = $2`, brand, name)
	if err != nil {
		return Template{}, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, scanTemplate)
	if errors.Is(err, pgx.ErrNoRows) {
		return Template{}, ErrTemplate
	}
	return t, err
}

// upsertTemplate is ErrTemplates when the brand has as many as it may and this would be another. Two who make one at the same
// moment may both pass: the bound keeps lists short, nothing counts on it.
func upsertTemplate(ctx context.Context, tx pgx.Tx, brand shop.BrandID, t Template) error {
	var logo []byte
	if t.Design.Logo != nil {
		logo = t.Design.Logo.File()
	}
	call := t.CallToAction
	if call == nil {
		call = shop.Text{}
	}
	stored, err := tx.Exec(ctx, `
		INSERT INTO label_template (brand_id, name, format, languages, call_to_action, shows_price, shows_store, shows_code,
			correction, dark, light, logo, created_at, changed_at)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
		WHERE (SELECT count(*) FROM label_template WHERE brand_id = $1 AND name <> $2) < $15
		ON CONFLICT (brand_id, name) DO UPDATE SET format = excluded.format, languages = excluded.languages,
			call_to_action = excluded.call_to_action, shows_price = excluded.shows_price, shows_store = excluded.shows_store,
			shows_code = excluded.shows_code, correction = excluded.correction, dark = excluded.dark, light = excluded.light,
			logo = excluded.logo, changed_at = excluded.changed_at`,
		brand, t.Name, t.Format, t.Languages, call, t.ShowsPrice, t.ShowsStore, t.ShowsCode,
		t.Design.Correction, t.Design.Dark.String(), t.Design.Light.String(), logo, t.CreatedAt, t.ChangedAt, mostTemplates)
	if err == nil && stored.RowsAffected() == 0 {
		return ErrTemplates
	}
	return err
}
