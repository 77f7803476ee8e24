package team

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const staffColumns = `brand_id, id, employee_no, name, coalesce(email, ''), coalesce(brand_role, ''), left_on, left_at, revoked_at,
  pin_hash IS NOT NULL, totp_secret IS NOT NULL, created_at`

func scanStaff(row pgx.CollectableRow) (Staff, error) {
	var p Staff
	err := row.Scan(&p.Brand, &p.ID, &p.EmployeeNo, &p.Name, &p.Email, &p.BrandRole, orZero(&p.LeftOn), orZero(&p.LeftAt), orZero(&p.RevokedAt),
		&p.HasPIN, &p.HasTOTP, orZero(&p.CreatedAt))
	return p, err
}

func insertStaff(ctx context.Context, tx pgx.Tx, p Staff, pinHash, passwordHash string) error {
	_, err := tx.Exec(ctx, `
INSERT INTO staff (brand_id, id, employee_no, name, email, brand_role, pin_hash, password_hash, created_at)
VALUES ($1, $2, $3, $4, NULLIF($5, ''), NULLIF($6, ''), NULLIF($7, ''), NULLIF($8, ''), $9)`,
		p.Brand, p.ID, p.EmployeeNo, p.Name, p.Email, p.BrandRole, pinHash, passwordHash, p.CreatedAt)
	return err
}

// StaffByID is the person, or shop.ErrNotFound.
func StaffByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Staff, error) {
	rows, _ := db.Query(ctx, `SELECT `+staffColumns+` FROM staff WHERE brand_id = $1 AND id = $2`, brand, id)
	return found(pgx.CollectExactlyOneRow(rows, scanStaff))
}

// StaffByEmails are the people behind addresses that are written as they are kept, in small letters.
func StaffByEmails(ctx context.Context, db postgres.DB, brand shop.BrandID, addresses []string) (map[string]shop.ID, error) {
	rows, err := db.Query(ctx, `SELECT email, id FROM staff WHERE brand_id = $1 AND email = ANY ($2)`, brand, addresses)
	if err != nil {
		return nil, fmt.Errorf("staff behind %d addresses: %w", len(addresses), err)
	}
	people := map[string]shop.ID{}
	var address string
	var id shop.ID
	_, err = pgx.ForEachRow(rows, []any{&address, &id}, func() error {
		people[address] = id
		return nil
	})
	return people, err
}

// StaffByNumber is the person with this employee number, or shop.ErrNotFound.
func StaffByNumber(ctx context.Context, db postgres.DB, brand shop.BrandID, employeeNo string) (Staff, error) {
	rows, _ := db.Query(ctx, `SELECT `+staffColumns+` FROM staff WHERE brand_id = $1 AND employee_no = $2`, brand, employeeNo)
	return found(pgx.CollectExactlyOneRow(rows, scanStaff))
}

// pageOfStaff is everybody, or who works on the day at one of the stores.
func pageOfStaff(ctx context.Context, tx pgx.Tx, brand shop.BrandID, at []shop.ID, day time.Time, p shop.Page) ([]Staff, error) {
	rows, _ := tx.Query(ctx, `
SELECT `+staffColumns+` FROM staff
WHERE brand_id = $1 AND id < $2 AND ($3::uuid[] IS NULL OR id IN (
  SELECT a.staff_id FROM assignment a WHERE a.brand_id = $1 AND a.store_id = ANY($3) AND a.days @> $4::date))
ORDER BY id DESC LIMIT $5`, brand, orAll(p.After), at, day, p.Limit+1)
	return pgx.CollectRows(rows, scanStaff)
}

func updatePIN(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, hash string) error {
	return one(tx.Exec(ctx, `UPDATE staff SET pin_hash = $3 WHERE brand_id = $1 AND id = $2`, brand, staff, hash))
}

func updatePassword(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, hash string) error {
	return one(tx.Exec(ctx, `UPDATE staff SET password_hash = $3 WHERE brand_id = $1 AND id = $2`, brand, staff, hash))
}

// insertTOTP sets the second factor where there is none.
func insertTOTP(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, sealed []byte, step int64) (bool, error) {
	tag, err := tx.Exec(ctx, `UPDATE staff SET totp_secret = $3, totp_step = $4 WHERE brand_id = $1 AND id = $2 AND totp_secret IS NULL`,
		brand, staff, sealed, step)
	return tag.RowsAffected() == 1, err
}

func deleteTOTP(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID) error {
	return one(tx.Exec(ctx, `UPDATE staff SET totp_secret = NULL, totp_step = NULL WHERE brand_id = $1 AND id = $2`, brand, staff))
}

// spendTOTP uses up a step, and with it all earlier ones; false when it was used before.
func spendTOTP(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, step int64) (bool, error) {
	tag, err := tx.Exec(ctx, `UPDATE staff SET totp_step = $3 WHERE brand_id = $1 AND id = $2 AND totp_step < $3`, brand, staff, step)
	return tag.RowsAffected() == 1, err
}

func updateRevoked(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, at time.Time) error {
	return one(tx.Exec(ctx, `UPDATE staff SET revoked_at = $3 WHERE brand_id = $1 AND id = $2`, brand, staff, orNull(at)))
}

func insertAssignment(ctx context.Context, tx pgx.Tx, brand shop.BrandID, a Assignment) error {
	_, err := tx.Exec(ctx, `
INSERT INTO assignment (brand_id, id, staff_id, store_id, role, days) VALUES ($1, $2, $3, $4, $5, daterange($6, $7, '[]'))`,
		brand, a.ID, a.Staff, a.Store, a.Role, a.From, orNull(a.To))
	if err != nil {
		return err
	}
	return tellDirectories(ctx, tx, brand)
}

// updateAssignmentEnd gives a running assignment its last day, and is whose it is; shop.ErrNotFound when there is none that runs then.
func updateAssignmentEnd(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, to time.Time) (staff shop.ID, err error) {
	rows, _ := tx.Query(ctx, `
UPDATE assignment SET days = daterange(lower(days), $3, '[]') WHERE brand_id = $1 AND id = $2 AND days @> $3::date
RETURNING staff_id`, brand, id, to)
	if staff, err = found(pgx.CollectExactlyOneRow(rows, pgx.RowTo[shop.ID])); err != nil {
		return staff, err
	}
	return staff, tellDirectories(ctx, tx, brand)
}

// AssignmentsOf are all assignments of a person, the earliest first.
func AssignmentsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, staff shop.ID) ([]Assignment, error) {
	rows, _ := db.Query(ctx, `
SELECT id, staff_id, store_id, role, lower(days), upper(days) - 1
FROM assignment WHERE brand_id = $1 AND staff_id = $2 ORDER BY lower(days), id`, brand, staff)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (a Assignment, err error) {
		err = row.Scan(&a.ID, &a.Staff, &a.Store, &a.Role, &a.From, orZero(&a.To))
		return a, err
	})
}

// AssignedAt says whether somebody works at a store on the day of an instant, and has not left by then.
func AssignedAt(ctx context.Context, db postgres.DB, brand shop.BrandID, staff, store shop.ID, at time.Time) (bool, error) {
	var is bool
	err := db.QueryRow(ctx, `
SELECT EXISTS (
  SELECT FROM assignment a
  JOIN brand b ON b.brand_id = a.brand_id
  JOIN staff p ON p.brand_id = a.brand_id AND p.id = a.staff_id
  WHERE a.brand_id = $1 AND a.staff_id = $2 AND a.store_id = $3 AND a.days @> ($4::timestamptz AT TIME ZONE b.time_zone)::date
    AND (p.left_at IS NULL OR p.left_at > $4))`, brand, staff, store, at).Scan(&is)
	return is, err
}

// MayBeGiven says whether customers may be given to somebody at an instant: from the day of her first assignment (without any, from
// when she was entered) until she leaves, also while she waits for her next assignment. Nobody unknown may.
func MayBeGiven(ctx context.Context, db postgres.DB, brand shop.BrandID, staff shop.ID, at time.Time) (bool, error) {
	return isOnStaff(ctx, db, brand, staff, at, true)
}

// EmployedAt says whether somebody is the brand's at an instant: from the day of her first assignment (without any, from when
// she was entered) until she leaves or, unless she works for the whole brand, her last assignment is over. Nobody unknown is.
func EmployedAt(ctx context.Context, db postgres.DB, brand shop.BrandID, staff shop.ID, at time.Time) (bool, error) {
	return isOnStaff(ctx, db, brand, staff, at, false)
}

func isOnStaff(ctx context.Context, db postgres.DB, brand shop.BrandID, staff shop.ID, at time.Time, mayWait bool) (bool, error) {
	var is bool
	err := db.QueryRow(ctx, `
SELECT EXISTS (
  SELECT FROM staff p JOIN brand b ON b.brand_id = p.brand_id
  CROSS JOIN LATERAL (SELECT ($3::timestamptz AT TIME ZONE b.time_zone)::date AS day) AS d
  WHERE p.brand_id = $1 AND p.id = $2 AND (p.left_at IS NULL OR p.left_at > $3)
    AND coalesce((SELECT min(lower(a.days)) <= d.day AND ($4 OR p.brand_role IS NOT NULL OR bool_or(upper_inf(a.days)) OR max(upper(a.days)) > d.day)
      FROM assignment a WHERE a.brand_id = $1 AND a.staff_id = $2), (p.created_at AT TIME ZONE b.time_zone)::date <= d.day))`,
		brand, staff, at, mayWait).Scan(&is)
	return is, err
}

// Departure is the end of somebody's time at the brand.
type Departure struct {
	At        time.Time
	LastStore shop.ID // of the assignments up to then, the one that began last; zero: she had none
}

// Departures are those of some people who have left by an instant.
func Departures(ctx context.Context, db postgres.DB, brand shop.BrandID, staff []shop.ID, by time.Time) (map[shop.ID]Departure, error) {
	rows, err := db.Query(ctx, `
SELECT p.id, p.left_at, (SELECT a.store_id FROM assignment a WHERE a.brand_id = $1 AND a.staff_id = p.id AND lower(a.days) <= p.left_on
  ORDER BY upper(a.days) DESC, lower(a.days) DESC, a.store_id LIMIT 1)
FROM staff p
WHERE p.brand_id = $1 AND p.id = ANY ($2) AND p.left_at <= $3`, brand, staff, by)
	if err != nil {
		return nil, fmt.Errorf("find who has left: %w", err)
	}
	left := map[shop.ID]Departure{}
	var who shop.ID
	var d Departure
	_, err = pgx.ForEachRow(rows, []any{&who, &d.At, &d.LastStore}, func() error {
		left[who] = d
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find who has left: %w", err)
	}
	return left, nil
}

// standingOf is everything that decides what somebody may now, in one query: it is asked every few seconds for everybody who is
// signed in. A device that is not in use is none. shop.ErrNotFound for nobody.
func standingOf(ctx context.Context, db postgres.DB, brand shop.BrandID, staff, device shop.ID, now time.Time) (standing, error) {
	rows, _ := db.Query(ctx, `
SELECT coalesce(p.brand_role, ''), p.revoked_at IS NOT NULL OR coalesce(p.left_at <= $4, false), d.id, d.store_id, a.store_id, coalesce(a.role, '')
FROM staff p
JOIN brand b ON b.brand_id = p.brand_id
CROSS JOIN LATERAL (SELECT ($4::timestamptz AT TIME ZONE b.time_zone)::date AS today) t
LEFT JOIN device d ON d.brand_id = p.brand_id AND d.id = $3 AND d.enrolled_at IS NOT NULL AND d.revoked_at IS NULL
LEFT JOIN assignment a ON a.brand_id = p.brand_id AND a.staff_id = p.id AND a.days @> t.today
WHERE p.brand_id = $1 AND p.id = $2
ORDER BY a.store_id`, brand, staff, device, now)
	var st standing
	var at place
	n := 0
	_, err := pgx.ForEachRow(rows, []any{&st.brandRole, &st.isOut, &st.device, &st.deviceStore, &at.Store, &at.Role}, func() error {
		n++
		if !at.Store.IsZero() {
			st.today = append(st.today, at)
		}
		return nil
	})
	if err == nil && n == 0 {
		err = shop.ErrNotFound
	}
	return st, err
}

// updateLeft ends every assignment at the last day, and drops those that had not begun.
func updateLeft(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID, at, lastDay time.Time) error {
	err := one(tx.Exec(ctx, `UPDATE staff SET left_at = $3, left_on = $4 WHERE brand_id = $1 AND id = $2`, brand, staff, at, lastDay))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM assignment WHERE brand_id = $1 AND staff_id = $2 AND lower(days) > $3::date`, brand, staff, lastDay)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
UPDATE assignment SET days = daterange(lower(days), $3, '[]')
WHERE brand_id = $1 AND staff_id = $2 AND days && daterange($3::date + 1, NULL)`, brand, staff, lastDay)
	if err != nil {
		return err
	}
	return tellDirectories(ctx, tx, brand)
}

// endAssignmentsAt ends those of a store, and perhaps of one person only, at the last day; those that would begin later never do.
func endAssignmentsAt(ctx context.Context, tx pgx.Tx, brand shop.BrandID, store, staff shop.ID, lastDay time.Time) error {
	_, err := tx.Exec(ctx, `
DELETE FROM assignment WHERE brand_id = $1 AND store_id = $2 AND ($3::uuid IS NULL OR staff_id = $3) AND lower(days) > $4::date`,
		brand, store, staff, lastDay)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
UPDATE assignment SET days = daterange(lower(days), $4, '[]')
WHERE brand_id = $1 AND store_id = $2 AND ($3::uuid IS NULL OR staff_id = $3) AND days && daterange($4::date + 1, NULL)`,
		brand, store, staff, lastDay)
	if err != nil {
		return err
	}
	return tellDirectories(ctx, tx, brand)
}

// one is shop.ErrNotFound unless exactly one row was changed.
func one(tag interface{ RowsAffected() int64 }, err error) error {
	if err == nil && tag.RowsAffected() != 1 {
		return shop.ErrNotFound
	}
	return err
}

// StaffByIDs are some people, by id; an id that nobody has is missing.
func StaffByIDs(ctx context.Context, db postgres.DB, brand shop.BrandID, ids []shop.ID) (map[shop.ID]Staff, error) {
	rows, _ := db.Query(ctx, `SELECT `+staffColumns+` FROM staff WHERE brand_id = $1 AND id = ANY ($2)`, brand, ids)
	found, err := pgx.CollectRows(rows, scanStaff)
	people := make(map[shop.ID]Staff, len(found))
	for _, p := range found {
		people[p.ID] = p
	}
	return people, err
}

// EmployeeNumbers are the numbers of some people, by id.
func EmployeeNumbers(ctx context.Context, db postgres.DB, brand shop.BrandID, staff []shop.ID) (map[shop.ID]string, error) {
	numbers := make(map[shop.ID]string, len(staff))
	if len(staff) == 0 {
		return numbers, nil
	}
	rows, _ := db.Query(ctx, `SELECT id, employee_no FROM staff WHERE brand_id = $1 AND id = ANY ($2)`, brand, staff)
	var id shop.ID
	var number string
	_, err := pgx.ForEachRow(rows, []any{&id, &number}, func() error {
		numbers[id] = number
		return nil
	})
	return numbers, err
}

// WorkingOn is who works at the stores on a day and may: nobody who has left or was revoked. Sorted by store and person.
func WorkingOn(ctx context.Context, db postgres.DB, brand shop.BrandID, stores []shop.ID, day time.Time) ([]Assignment, error) {
	rows, _ := db.Query(ctx, `
SELECT a.id, a.staff_id, a.store_id, a.role
FROM assignment a JOIN staff p ON p.brand_id = a.brand_id AND p.id = a.staff_id
WHERE a.brand_id = $1 AND a.store_id = ANY ($2) AND a.days @> $3::date AND p.revoked_at IS NULL AND (p.left_on IS NULL OR p.left_on >= $3::date)
ORDER BY a.store_id, a.staff_id, a.id`, brand, stores, day)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (a Assignment, err error) {
		err = row.Scan(&a.ID, &a.Staff, &a.Store, &a.Role)
		return a, err
	})
}

// StaffByNumbers are the people with these employee numbers, by number; a number that nobody has is missing.
func StaffByNumbers(ctx context.Context, db postgres.DB, brand shop.BrandID, numbers []string) (map[string]shop.ID, error) {
	rows, _ := db.Query(ctx, `SELECT employee_no, id FROM staff WHERE brand_id = $1 AND employee_no = ANY ($2)`, brand, numbers)
	of := map[string]shop.ID{}
	var number string
	var id shop.ID
	_, err := pgx.ForEachRow(rows, []any{&number, &id}, func() error {
		of[number] = id
		return nil
	})
	return of, err
}

// StaffOfStores are the people who are assigned to any of the stores on any day from one to another, both included.
func StaffOfStores(ctx context.Context, db postgres.DB, brand shop.BrandID, stores []shop.ID, from, to time.Time) ([]shop.ID, error) {
	rows, _ := db.Query(ctx, `
SELECT DISTINCT staff_id FROM assignment
WHERE brand_id = $1 AND store_id = ANY ($2) AND days && daterange($3::date, $4::date, '[]')`, brand, stores, from, to)
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}
