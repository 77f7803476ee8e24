package team

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// allSealed leaves out those of systems that were shut out: nobody opens them any more.
func allSealed(ctx context.Context, tx pgx.Tx, brand shop.BrandID) ([]sealed, error) {
	rows, _ := tx.Query(ctx, `
SELECT id, webhook_secret FROM integration_key WHERE brand_id = $1 AND webhook_secret IS NOT NULL AND revoked_at IS NULL
UNION ALL
SELECT id, former_secret FROM integration_key WHERE brand_id = $1 AND former_secret IS NOT NULL AND revoked_at IS NULL
UNION ALL
SELECT id, totp_secret FROM staff WHERE brand_id = $1 AND totp_secret IS NOT NULL`, brand)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[sealed])
}

// updateSealed changes the secret where it stands, and nothing when somebody has changed it meanwhile.
func updateSealed(ctx context.Context, tx pgx.Tx, brand shop.BrandID, old sealed, anew []byte) error {
	_, err := tx.Exec(ctx, `
UPDATE integration_key SET webhook_secret = CASE webhook_secret WHEN $3 THEN $4 ELSE webhook_secret END,
  former_secret = CASE former_secret WHEN $3 THEN $4 ELSE former_secret END
WHERE brand_id = $1 AND id = $2`, brand, old.Row, old.Secret, anew)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE staff SET totp_secret = $4 WHERE brand_id = $1 AND id = $2 AND totp_secret = $3`, brand, old.Row, old.Secret, anew)
	return err
}
