package team

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const sessionColumns = `brand_id, id, subject, subject_id, method, device_id, device_hash, generation, rotated_at, expires_at, revoked_at, created_at`

func scanSession(row pgx.CollectableRow) (Session, error) {
	var s Session
	err := row.Scan(&s.Brand, &s.ID, &s.Subject, &s.SubjectID, &s.Method, &s.Device, &s.DeviceHash, &s.Generation,
		orZero(&s.RotatedAt), orZero(&s.ExpiresAt), orZero(&s.RevokedAt), orZero(&s.CreatedAt))
	return s, err
}

func insertSession(ctx context.Context, tx pgx.Tx, s Session) error {
	_, err := tx.Exec(ctx, `
INSERT INTO sign_in_session (brand_id, id, subject, subject_id, method, device_id, device_hash, generation, rotated_at, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		s.Brand, s.ID, s.Subject, s.SubjectID, s.Method, s.Device, s.DeviceHash, s.Generation, s.RotatedAt, s.ExpiresAt, s.CreatedAt)
	return err
}

func sessionByID(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Session, error) {
	rows, _ := tx.Query(ctx, `SELECT `+sessionColumns+` FROM sign_in_session WHERE brand_id = $1 AND id = $2`, brand, id)
	return found(pgx.CollectExactlyOneRow(rows, scanSession))
}

func lockSession(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Session, error) {
	rows, _ := tx.Query(ctx, `SELECT `+sessionColumns+` FROM sign_in_session WHERE brand_id = $1 AND id = $2 FOR UPDATE`, brand, id)
	return found(pgx.CollectExactlyOneRow(rows, scanSession))
}

// rotateSession is the one statement that makes a new generation: of parallel refreshes one finds the old generation, the
// others wait for it and find none. An empty id in the result means that none was rotated.
func rotateSession(ctx context.Context, tx pgx.Tx, at presented, now, staffUntil, customerUntil time.Time) (Session, error) {
	rows, _ := tx.Query(ctx, `
UPDATE sign_in_session SET generation = generation + 1, rotated_at = $5,
  expires_at = CASE subject WHEN 'customer' THEN $7::timestamptz ELSE $6::timestamptz END
WHERE brand_id = $1 AND id = $2 AND generation = $3 AND device_hash = $4 AND revoked_at IS NULL AND expires_at > $5
RETURNING `+sessionColumns, at.brand, at.id, at.generation, at.deviceHash, now, staffUntil, customerUntil)
	s, err := pgx.CollectExactlyOneRow(rows, scanSession)
	if errors.Is(err, pgx.ErrNoRows) {
		return Session{}, nil
	}
	return s, err
}

func endSession(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, why string, at time.Time) error {
	_, err := tx.Exec(ctx, `
UPDATE sign_in_session SET revoked_at = $4, revoked_why = $3 WHERE brand_id = $1 AND id = $2 AND revoked_at IS NULL`, brand, id, why, at)
	return err
}

// EndSessionsOf ends every session of a person, within five seconds everywhere: when she is revoked, merged or erased.
func EndSessionsOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, subject shop.ID, why string, at time.Time) error {
	_, err := tx.Exec(ctx, `
UPDATE sign_in_session SET revoked_at = $4, revoked_why = $3 WHERE brand_id = $1 AND subject_id = $2 AND revoked_at IS NULL`,
		brand, subject, why, at)
	return err
}

// IsSignedIn says whether somebody of the brand's staff is still signed in by a session: nobody has ended it, nor revoked her or
// the device, and she has not left. That it would have to be refreshed by now ends nothing.
func IsSignedIn(ctx context.Context, db postgres.DB, brand shop.BrandID, session shop.ID, now time.Time) (bool, error) {
	var is bool
	err := db.QueryRow(ctx, `
SELECT EXISTS (
  SELECT FROM sign_in_session s
  JOIN staff p ON p.brand_id = s.brand_id AND p.id = s.subject_id
  LEFT JOIN device d ON d.brand_id = s.brand_id AND d.id = s.device_id
  WHERE s.brand_id = $1 AND s.id = $2 AND s.subject = 'staff' AND s.revoked_at IS NULL AND d.revoked_at IS NULL
    AND p.revoked_at IS NULL AND (p.left_at IS NULL OR p.left_at > $3))`, brand, session, now).Scan(&is)
	return is, err
}

func endSessionsByMethod(ctx context.Context, tx pgx.Tx, brand shop.BrandID, subject shop.ID, by Method, at time.Time) error {
	_, err := tx.Exec(ctx, `
UPDATE sign_in_session SET revoked_at = $4, revoked_why = 'secret_changed'
WHERE brand_id = $1 AND subject_id = $2 AND method = $3 AND revoked_at IS NULL`, brand, subject, by, at)
	return err
}

func endSessionsOnDevice(ctx context.Context, tx pgx.Tx, brand shop.BrandID, device shop.ID, at time.Time) error {
	_, err := tx.Exec(ctx, `
UPDATE sign_in_session SET revoked_at = $3, revoked_why = 'device_revoked' WHERE brand_id = $1 AND device_id = $2 AND revoked_at IS NULL`,
		brand, device, at)
	return err
}

func deleteOldSessions(ctx context.Context, tx pgx.Tx, brand shop.BrandID, before time.Time) (int64, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM sign_in_session WHERE brand_id = $1 AND expires_at < $2`, brand, before)
	return tag.RowsAffected(), err
}

// hasSignedInFrom says whether an app was somebody's before, and no session of hers in it ended for a bad reason.
func hasSignedInFrom(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, deviceHash []byte) (bool, error) {
	var has bool
	err := tx.QueryRow(ctx, `
SELECT coalesce(bool_and(revoked_why IS NULL OR revoked_why = 'signed_out'), false) FROM sign_in_session
WHERE brand_id = $1 AND subject_id = $2 AND device_hash = $3 AND method = 'password'`, brand, staff, deviceHash).Scan(&has)
	return has, err
}

const tallyColumns = `scope, scope_id, failures, guesses, locks, last_at, locked_until`

// lockTallies takes the failures under several scopes, making what is missing. Whoever counts locks the rows in one order.
func lockTallies(ctx context.Context, tx pgx.Tx, brand shop.BrandID, names []tallyName, now time.Time) ([]tally, error) {
	scopes, ids := columnsOf(names)
	_, err := tx.Exec(ctx, `
INSERT INTO sign_in_failure (brand_id, scope, scope_id, failures, guesses, locks, last_at)
SELECT $1, s, i, 0, 0, 0, $4 FROM unnest($2::text[], $3::uuid[]) AS t(s, i) ORDER BY s, i
ON CONFLICT (brand_id, scope, scope_id) DO NOTHING`, brand, scopes, ids, now)
	if err != nil {
		return nil, err
	}
	rows, _ := tx.Query(ctx, `
SELECT `+tallyColumns+` FROM sign_in_failure
WHERE brand_id = $1 AND (scope, scope_id) IN (SELECT s, i FROM unnest($2::text[], $3::uuid[]) AS t(s, i))
ORDER BY scope, scope_id FOR UPDATE`, brand, scopes, ids)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t tally, err error) {
		err = row.Scan(&t.Scope, &t.ID, &t.Failures, &t.Guesses, &t.Locks, orZero(&t.LastAt), orZero(&t.LockedUntil))
		return t, err
	})
}

func columnsOf(names []tallyName) (scopes []string, ids []shop.ID) {
	for _, n := range names {
		scopes, ids = append(scopes, string(n.scope)), append(ids, n.id)
	}
	return scopes, ids
}

func updateTallies(ctx context.Context, tx pgx.Tx, brand shop.BrandID, all []tally) error {
	batch := &pgx.Batch{}
	for _, t := range all {
		batch.Queue(`
UPDATE sign_in_failure SET failures = $4, guesses = $5, locks = $6, last_at = $7, locked_until = $8
WHERE brand_id = $1 AND scope = $2 AND scope_id = $3`, brand, t.Scope, t.ID, t.Failures, t.Guesses, t.Locks, t.LastAt, orNull(t.LockedUntil))
	}
	return tx.SendBatch(ctx, batch).Close()
}

func deleteTally(ctx context.Context, tx pgx.Tx, brand shop.BrandID, n tallyName) error {
	_, err := tx.Exec(ctx, `DELETE FROM sign_in_failure WHERE brand_id = $1 AND scope = $2 AND scope_id = $3`, brand, n.scope, n.id)
	return err
}

// deleteOldTallies leaves those of PINs: their guesses count until a manager resets them.
func deleteOldTallies(ctx context.Context, tx pgx.Tx, brand shop.BrandID, before time.Time) (int64, error) {
	tag, err := tx.Exec(ctx, `DELETE FROM sign_in_failure WHERE brand_id = $1 AND scope <> 'pin' AND last_at < $2`, brand, before)
	return tag.RowsAffected(), err
}

// credentials is what a sign-in is compared with.
type credentials struct {
	Staff        shop.ID
	PINHash      string
	PasswordHash string
	TOTPSecret   []byte // sealed
}

// credentialsOf finds somebody by employee number or by e-mail address; nobody is empty credentials, not an error.
func credentialsOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, employeeNo, email string) (credentials, error) {
	rows, _ := tx.Query(ctx, `
SELECT id, coalesce(pin_hash, ''), coalesce(password_hash, ''), totp_secret
FROM staff WHERE brand_id = $1 AND ((employee_no = $2 AND $2 <> '') OR (email = $3 AND $3 <> ''))`, brand, employeeNo, email)
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[credentials])
	if errors.Is(err, pgx.ErrNoRows) {
		return credentials{}, nil
	}
	return c, err
}
