package binding

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const holdColumns = `id, customer_id, claim_no, store_id, staff_id, source, waits_for, signs, against_id, against_store_id, against_staff_id,
	opened_at, lapses_at, state, decided_at, coalesce(decided_by, ''), coalesce(why, '')`

func scanHold(row pgx.CollectableRow) (Hold, error) {
	var h Hold
	var lapses, decided *time.Time
	err := row.Scan(&h.ID, &h.Customer, &h.ClaimNo, &h.Store, &h.Staff, &h.Source, &h.WaitsFor, &h.Signs, &h.Against, &h.AgainstStore, &h.AgainstStaff,
		&h.OpenedAt, &lapses, &h.State, &decided, &h.DecidedBy, &h.Why)
	if lapses != nil {
		h.LapsesAt = *lapses
	}
	if decided != nil {
		h.DecidedAt = *decided
	}
	return h, err
}

func insertHold(ctx context.Context, tx pgx.Tx, brand shop.BrandID, h Hold) error {
	var lapses *time.Time
	if !h.LapsesAt.IsZero() {
		lapses = &h.LapsesAt
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO binding_hold (brand_id, id, customer_id, claim_no, store_id, staff_id, source, waits_for, signs, against_id, against_store_id,
			against_staff_id, opened_at, lapses_at, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		brand, h.ID, h.Customer, h.ClaimNo, h.Store, h.Staff, h.Source, h.WaitsFor, h.Signs, h.Against, h.AgainstStore,
		h.AgainstStaff, h.OpenedAt, lapses, h.State)
	return err
}

func decideHold(ctx context.Context, tx pgx.Tx, brand shop.BrandID, h Hold) error {
	_, err := tx.Exec(ctx, `
		UPDATE binding_hold SET state = $3, decided_at = $4, decided_by = $5, why = $6 WHERE brand_id = $1 AND id = $2`,
		brand, h.ID, h.State, h.DecidedAt, h.DecidedBy, h.Why)
	return err
}

// customerOfHold is whom to lock before the hold.
func customerOfHold(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (who shop.ID, err error) {
	err = tx.QueryRow(ctx, `SELECT customer_id FROM binding_hold WHERE brand_id = $1 AND id = $2`, brand, id).Scan(&who)
	return who, err
}

// holdByID reads it. Whoever decides has locked the customer, so it needs no lock of its own.
func holdByID(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Hold, error) {
	rows, err := tx.Query(ctx, `SELECT `+holdColumns+` FROM binding_hold WHERE brand_id = $1 AND id = $2`, brand, id)
	if err != nil {
		return Hold{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanHold)
}

func claimByNo(ctx context.Context, db postgres.DB, brand shop.BrandID, who shop.ID, no int) (Claim, error) {
	rows, err := db.Query(ctx, `
		SELECT customer_id, claim_no, store_id, staff_id, source, outcome, evidence, recorded_at, against_id, rule FROM claim
		WHERE brand_id = $1 AND customer_id = $2 AND claim_no = $3`, brand, who, no)
	if err != nil {
		return Claim{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Claim])
}

// span is a person's day or a tag's hour.
type span struct {
	subject string
	id      shop.ID
	store   shop.ID
	began   time.Time
}

// countClaim counts one more and says how many that makes. Whoever counts at the same moment waits.
func countClaim(ctx context.Context, tx pgx.Tx, brand shop.BrandID, s span) (claims int, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO claim_count AS c (brand_id, subject, subject_id, began_at, store_id, claims) VALUES ($1, $2, $3, $4, $5, 1)
		ON CONFLICT (brand_id, subject, subject_id, began_at) DO UPDATE SET claims = c.claims + 1
		RETURNING claims`, brand, s.subject, s.id, s.began, s.store).Scan(&claims)
	return claims, err
}

// usualOfStore is how many claims a person of the store usually makes on a day; 0 while too few days are known.
func usualOfStore(ctx context.Context, tx pgx.Tx, brand shop.BrandID, today span) (float64, error) {
	return usual(tx.QueryRow(ctx, `
		SELECT count(*), coalesce(sum(claims), 0) FROM claim_count
		WHERE brand_id = $1 AND store_id = $2 AND subject = 'staff' AND began_at >= $3 AND began_at < $4`,
		brand, today.store, today.began.AddDate(0, 0, -usualDays), today.began))
}

// usualOfTag is how many claims the tag usually brings in an hour in which it brings any.
func usualOfTag(ctx context.Context, tx pgx.Tx, brand shop.BrandID, hour span) (float64, error) {
	return usual(tx.QueryRow(ctx, `
		SELECT count(*), coalesce(sum(claims), 0) FROM claim_count
		WHERE brand_id = $1 AND subject = 'tag' AND subject_id = $2 AND began_at >= $3 AND began_at < $4`,
		brand, hour.id, hour.began.AddDate(0, 0, -usualDays), hour.began))
}

func usual(row pgx.Row) (float64, error) {
	var spans, claims int
	if err := row.Scan(&spans, &claims); err != nil || spans < leastSpans {
		return 0, err
	}
	return float64(claims) / float64(spans), nil
}

// noteReplays keeps who brings a click id that has bound somebody else.
func noteReplays(ctx context.Context, tx pgx.Tx, brand shop.BrandID, used map[shop.ID]shop.ID, who shop.ID, now time.Time) error {
	var clicks []shop.ID
	for click, by := range used {
		if by != who {
			clicks = append(clicks, click)
		}
	}
	if len(clicks) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO click_replay (brand_id, scan_id, customer_id, brought_at)
		SELECT $1, click, $3, $4 FROM unnest($2::uuid[]) AS u (click) ORDER BY click
		ON CONFLICT DO NOTHING`, brand, clicks, who, now)
	return err
}

// replaysOf is how many people have brought the most replayed of the click ids that she brought and that were another's.
func replaysOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID) (most int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT count(*) FROM click_replay mine
		JOIN click_replay r ON r.brand_id = $1 AND r.scan_id = mine.scan_id
		WHERE mine.brand_id = $1 AND mine.customer_id = $2
		GROUP BY mine.scan_id ORDER BY count(*) DESC LIMIT 1`, brand, who).Scan(&most)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return most, err
}

// wonBy are the customers whom a person has won last.
func wonBy(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID) ([]shop.ID, error) {
	rows, err := tx.Query(ctx, `
		SELECT customer_id FROM binding WHERE brand_id = $1 AND staff_id = $2 ORDER BY id DESC LIMIT $3`, brand, staff, returnMost)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

// selectHolds is newest first. A store stands on either side of a hold.
func selectHolds(ctx context.Context, tx pgx.Tx, brand shop.BrandID, sees holdSight, q HoldQuery, page shop.Page) ([]Hold, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+holdColumns+` FROM binding_hold
		WHERE brand_id = $1
			AND ($2 OR store_id = ANY ($3) OR against_store_id = ANY ($3) OR staff_id = $4 OR against_staff_id = $4)
			AND ($5::uuid IS NULL OR store_id = $5 OR against_store_id = $5)
			AND ($6 = '' OR state = $6)
			AND ($7::uuid IS NULL OR id < $7)
		ORDER BY id DESC LIMIT $8`,
		brand, sees.everything, sees.stores, sees.staff, q.Store, q.State, page.After, page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanHold)
}

// herHolds are found by the constraint that numbers claims within a customer.
func herHolds(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, page shop.Page) ([]Hold, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+holdColumns+` FROM binding_hold
		WHERE brand_id = $1 AND customer_id = $2 AND waits_for <> 'manager' AND ($3::uuid IS NULL OR id < $3)
		ORDER BY id DESC LIMIT $4`, brand, who, page.After, page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanHold)
}

// openFor is the last claim of a store and person that waits for the customer.
func openFor(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, at Attempt) (id shop.ID, err error) {
	err = tx.QueryRow(ctx, `
		SELECT id FROM binding_hold
		WHERE brand_id = $1 AND customer_id = $2 AND waits_for = 'customer' AND state = 'open' AND store_id = $3 AND staff_id = $4
		ORDER BY id DESC LIMIT 1`, brand, who, at.Store, at.Staff).Scan(&id)
	return id, err
}

func lapsed(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time) ([]shop.ID, error) {
	rows, err := tx.Query(ctx, `
		SELECT id FROM binding_hold WHERE brand_id = $1 AND state = 'open' AND lapses_at IS NOT NULL AND lapses_at <= $2
		ORDER BY lapses_at LIMIT $3`, brand, now, maxLapses)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

// looked are the claims on customers that waited for a manager, those that were let pass first.
func looked(ctx context.Context, db postgres.DB, brand shop.BrandID, customers []shop.ID) ([]Hold, error) {
	rows, err := db.Query(ctx, `
		SELECT `+holdColumns+` FROM binding_hold
		WHERE brand_id = $1 AND customer_id = ANY ($2) AND waits_for = 'manager' AND staff_id IS NOT NULL AND state IN ('open', 'refused', 'released')
		ORDER BY state = 'released' DESC, id`, brand, customers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanHold)
}
