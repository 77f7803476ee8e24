package team

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// integrationRow is an integration with what only this package reads.
type integrationRow struct {
	Integration
	lookup        string
	keyHash       []byte
	webhookSecret []byte // sealed
	formerSecret  []byte // sealed
	formerUntil   time.Time
}

// insertIntegration also gives one that is there this secret and this address instead of those that it had; one that was shut out
// stays so.
func insertIntegration(ctx context.Context, tx pgx.Tx, r integrationRow) error {
	done, err := tx.Exec(ctx, `
INSERT INTO integration_key (brand_id, id, name, platform, key_hash, webhook_secret, store_id, scopes, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT ON CONSTRAINT integration_key_pkey DO UPDATE SET key_hash = excluded.key_hash, webhook_secret = excluded.webhook_secret
WHERE integration_key.revoked_at IS NULL`, r.Brand, r.ID, r.Name, r.Platform, r.keyHash, r.webhookSecret, r.Store, r.Scopes, r.CreatedAt)
	if err == nil && done.RowsAffected() == 0 {
		err = ErrIntegrationExists
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM integration_directory WHERE brand_id = $1 AND key_id = $2`, r.Brand, r.ID); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO integration_directory (platform, lookup, brand_id, key_id) VALUES ($1, $2, $3, $4)`,
		r.Platform, r.lookup, r.Brand, r.ID)
	return err
}

// revokeIntegration also takes it out of the directory, so that a platform's shop can be connected anew.
func revokeIntegration(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, at time.Time) error {
	err := one(tx.Exec(ctx, `UPDATE integration_key SET revoked_at = coalesce(revoked_at, $3) WHERE brand_id = $1 AND id = $2`, brand, id, at))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM integration_directory WHERE brand_id = $1 AND key_id = $2`, brand, id)
	return err
}

func pageOfIntegrations(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p shop.Page) ([]Integration, error) {
	rows, _ := tx.Query(ctx, `
SELECT brand_id, id, name, platform, store_id, scopes, created_at, revoked_at
FROM integration_key WHERE brand_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, brand, orAll(p.After), p.Limit+1)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (in Integration, err error) {
		err = row.Scan(&in.Brand, &in.ID, &in.Name, &in.Platform, &in.Store, &in.Scopes, orZero(&in.CreatedAt), orZero(&in.RevokedAt))
		return in, err
	})
}

// directoryEntry is read before any brand is known: the directory is a reference table.
func directoryEntry(ctx context.Context, tx pgx.Tx, platform, lookup string) (brand shop.BrandID, id shop.ID, err error) {
	err = tx.QueryRow(ctx, `SELECT brand_id, key_id FROM integration_directory WHERE platform = $1 AND lookup = $2`, platform, lookup).
		Scan(&brand, &id)
	_, err = found(id, err)
	return brand, id, err
}

func liveIntegration(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (integrationRow, error) {
	rows, _ := tx.Query(ctx, `
SELECT brand_id, id, name, platform, store_id, scopes, created_at, key_hash, webhook_secret, former_secret, former_until
FROM integration_key WHERE brand_id = $1 AND id = $2 AND revoked_at IS NULL`, brand, id)
	return found(pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (r integrationRow, err error) {
		err = row.Scan(&r.Brand, &r.ID, &r.Name, &r.Platform, &r.Store, &r.Scopes, orZero(&r.CreatedAt), &r.keyHash, &r.webhookSecret,
			&r.formerSecret, orZero(&r.formerUntil))
		return r, err
	}))
}

func upsertIssuer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, i Issuer) error {
	_, err := tx.Exec(ctx, `
INSERT INTO customer_issuer (brand_id, provider, issuer, audience, jwks_url) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (brand_id, issuer, audience) DO UPDATE SET provider = excluded.provider, jwks_url = excluded.jwks_url`,
		brand, i.Provider, i.Issuer, i.Audience, i.JWKSURL)
	return err
}

func selectIssuers(ctx context.Context, tx pgx.Tx, brand shop.BrandID, provider string) ([]Issuer, error) {
	rows, _ := tx.Query(ctx, `
SELECT provider, issuer, audience, jwks_url FROM customer_issuer WHERE brand_id = $1 AND provider = $2 ORDER BY issuer, audience`, brand, provider)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Issuer])
}

// rotateSecret keeps the secret that was in use as the former one.
func rotateSecret(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, sealed []byte, formerUntil time.Time) error {
	return one(tx.Exec(ctx, `
UPDATE integration_key SET former_secret = webhook_secret, former_until = $4, webhook_secret = $3
WHERE brand_id = $1 AND id = $2 AND webhook_secret IS NOT NULL AND revoked_at IS NULL`, brand, id, sealed, formerUntil))
}

func setPlace(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, place string, store shop.ID) error {
	return one(tx.Exec(ctx, `
UPDATE integration_key SET places = places || jsonb_build_object($3::text, $4::text)
WHERE brand_id = $1 AND id = $2 AND EXISTS (SELECT FROM store WHERE brand_id = $1 AND id = $4::text::uuid)`, brand, id, place, store.String()))
}

func storeOfPlace(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, place string) (shop.ID, error) {
	rows, _ := tx.Query(ctx, `
SELECT CASE WHEN $3::text = '' THEN store_id ELSE (places ->> $3)::uuid END FROM integration_key WHERE brand_id = $1 AND id = $2`, brand, id, place)
	return found(pgx.CollectExactlyOneRow(rows, pgx.RowTo[shop.ID]))
}
