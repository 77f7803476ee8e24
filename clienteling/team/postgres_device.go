package team

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

const deviceColumns = `brand_id, id, store_id, name, enrol_until, enrolled_at, revoked_at, created_by, created_at`

func scanDevice(row pgx.CollectableRow) (Device, error) {
	var d Device
	err := row.Scan(&d.Brand, &d.ID, &d.Store, &d.Name, orZero(&d.EnrolUntil), orZero(&d.EnrolledAt), orZero(&d.RevokedAt), &d.CreatedBy, orZero(&d.CreatedAt))
	return d, err
}

// insertDevice also gives one that is there and waits for its code this code instead of the one it had.
func insertDevice(ctx context.Context, tx pgx.Tx, d Device, codeHash []byte) error {
	done, err := tx.Exec(ctx, `
INSERT INTO device (brand_id, id, store_id, name, enrolment_hash, enrol_until, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT ON CONSTRAINT device_pkey DO UPDATE SET enrolment_hash = excluded.enrolment_hash, enrol_until = excluded.enrol_until
WHERE device.enrolled_at IS NULL AND device.revoked_at IS NULL`, d.Brand, d.ID, d.Store, d.Name, codeHash, d.EnrolUntil, d.CreatedBy, d.CreatedAt)
	if err == nil && done.RowsAffected() == 0 {
		err = ErrDeviceEnrolled
	}
	return err
}

// lockEnrolment finds the device that a code waits for.
func lockEnrolment(ctx context.Context, tx pgx.Tx, brand shop.BrandID, codeHash []byte, now time.Time) (Device, error) {
	rows, _ := tx.Query(ctx, `
SELECT `+deviceColumns+` FROM device
WHERE brand_id = $1 AND enrolment_hash = $2 AND enrol_until > $3 AND enrolled_at IS NULL AND revoked_at IS NULL FOR UPDATE`, brand, codeHash, now)
	return found(pgx.CollectExactlyOneRow(rows, scanDevice))
}

// updateEnrolled spends the code and keeps what the device proves itself with.
func updateEnrolled(ctx context.Context, tx pgx.Tx, d Device, secretHash []byte) error {
	return one(tx.Exec(ctx, `
UPDATE device SET enrolment_hash = NULL, enrol_until = NULL, secret_hash = $3, enrolled_at = $4 WHERE brand_id = $1 AND id = $2`,
		d.Brand, d.ID, secretHash, d.EnrolledAt))
}

// enrolledDevice is a device in use with the hash of its secret, or shop.ErrNotFound.
func enrolledDevice(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (d Device, secretHash []byte, err error) {
	rows, _ := tx.Query(ctx, `
SELECT store_id, secret_hash FROM device WHERE brand_id = $1 AND id = $2 AND enrolled_at IS NOT NULL AND revoked_at IS NULL`, brand, id)
	d, err = found(pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Device, error) {
		d := Device{ID: id, Brand: brand}
		err := row.Scan(&d.Store, &secretHash)
		return d, err
	}))
	return d, secretHash, err
}

func deviceByID(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Device, error) {
	rows, _ := tx.Query(ctx, `SELECT `+deviceColumns+` FROM device WHERE brand_id = $1 AND id = $2`, brand, id)
	return found(pgx.CollectExactlyOneRow(rows, scanDevice))
}

func updateDeviceRevoked(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, at time.Time) error {
	return one(tx.Exec(ctx, `
UPDATE device SET revoked_at = coalesce(revoked_at, $3), enrolment_hash = NULL, enrol_until = NULL WHERE brand_id = $1 AND id = $2`, brand, id, at))
}

func pageOfDevices(ctx context.Context, tx pgx.Tx, brand shop.BrandID, at []shop.ID, p shop.Page) ([]Device, error) {
	rows, _ := tx.Query(ctx, `
SELECT `+deviceColumns+` FROM device WHERE brand_id = $1 AND id < $2 AND ($3::uuid[] IS NULL OR store_id = ANY($3))
ORDER BY id DESC LIMIT $4`, brand, orAll(p.After), at, p.Limit+1)
	return pgx.CollectRows(rows, scanDevice)
}
