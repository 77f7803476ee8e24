package team

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func upsertApps(ctx context.Context, tx pgx.Tx, brand shop.BrandID, a Apps, now time.Time) error {
	_, err := tx.Exec(ctx, `
INSERT INTO brand_app (brand_id, ios_team, ios_bundle, ios_store, android_package, android_certificates, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (brand_id) DO UPDATE SET ios_team = $2, ios_bundle = $3, ios_store = $4, android_package = $5, android_certificates = $6, changed_at = $7`,
		brand, a.IOS.Team, a.IOS.Bundle, a.IOS.Store, a.Android.Package, append([]string{}, a.Android.Certificates...), now)
	return err
}

// AppsOf are the brand's apps as the transaction sees them; a brand that has never said has none.
func AppsOf(ctx context.Context, db postgres.DB, brand shop.BrandID) (Apps, error) {
	var a Apps
	err := db.QueryRow(ctx, `
SELECT ios_team, ios_bundle, ios_store, android_package, android_certificates FROM brand_app WHERE brand_id = $1`, brand).
		Scan(&a.IOS.Team, &a.IOS.Bundle, &a.IOS.Store, &a.Android.Package, &a.Android.Certificates)
	if errors.Is(err, pgx.ErrNoRows) {
		return Apps{}, nil
	}
	return a, err
}
