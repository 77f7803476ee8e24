package binding

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// insertSuccession numbers it after those that are there; the brand is locked, so no two get the same number.
func insertSuccession(ctx context.Context, tx pgx.Tx, brand shop.BrandID, s Succession) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO succession (brand_id, id, succession_no, kind, staff_id, store_id, effective_at, note, recorded_by, recorded_at)
		SELECT $1, $2, coalesce(max(succession_no), 0) + 1, $3, $4, $5, $6, $7, $8, $9 FROM succession WHERE brand_id = $1`,
		brand, s.ID, s.Kind, s.Staff, s.Store, s.At, s.Note, s.By, s.RecordedAt)
	if err != nil {
		return err
	}
	for i, h := range s.Heirs {
		_, err := tx.Exec(ctx, `
			INSERT INTO succession_heir (brand_id, succession_id, heir_no, store_id, person, staff_id, share) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			brand, s.ID, i+1, h.Store, h.Person, h.Staff, h.Share)
		if err != nil {
			return err
		}
	}
	return nil
}

const successionColumns = `s.id, s.succession_no, s.kind, s.staff_id, s.store_id, s.effective_at, s.note, s.recorded_by, s.recorded_at,
	h.store_id, h.person, h.staff_id, h.share`

// collectSuccessions reads rows of successionColumns, of which one succession has as many as it has heirs, one after the other.
func collectSuccessions(rows pgx.Rows, err error) ([]Succession, error) {
	if err != nil {
		return nil, err
	}
	var all []Succession
	var s Succession
	var h Heir
	_, err = pgx.ForEachRow(rows, []any{&s.ID, &s.No, &s.Kind, &s.Staff, &s.Store, &s.At, &s.Note, &s.By, &s.RecordedAt, &h.Store, &h.Person, &h.Staff, &h.Share}, func() error {
		if n := len(all); n == 0 || all[n-1].ID != s.ID {
			all = append(all, s)
		}
		last := &all[len(all)-1]
		last.Heirs = append(last.Heirs, h)
		return nil
	})
	return all, err
}

// successionsOf are those of any of the people, and the closings of any of the stores.
func successionsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, people, stores []shop.ID) ([]Succession, error) {
	return collectSuccessions(db.Query(ctx, `
		SELECT `+successionColumns+`
		FROM (
			SELECT id FROM succession WHERE brand_id = $1 AND staff_id = ANY ($2)
			UNION ALL
			SELECT id FROM succession WHERE brand_id = $1 AND store_id = ANY ($3) AND staff_id IS NULL
		) went
		JOIN succession s ON s.brand_id = $1 AND s.id = went.id
		JOIN succession_heir h ON h.brand_id = $1 AND h.succession_id = s.id
		ORDER BY s.succession_no, h.heir_no`, brand, people, stores))
}

// successionsTo are those by which customers came to any of the people, or of the stores.
func successionsTo(ctx context.Context, db postgres.DB, brand shop.BrandID, people, stores []shop.ID) ([]Succession, error) {
	return collectSuccessions(db.Query(ctx, `
		SELECT `+successionColumns+`
		FROM (
			SELECT succession_id FROM succession_heir WHERE brand_id = $1 AND staff_id = ANY ($2)
			UNION
			SELECT succession_id FROM succession_heir WHERE brand_id = $1 AND store_id = ANY ($3)
		) came
		JOIN succession s ON s.brand_id = $1 AND s.id = came.succession_id
		JOIN succession_heir h ON h.brand_id = $1 AND h.succession_id = s.id
		ORDER BY s.succession_no, h.heir_no`, brand, people, stores))
}

// successionByID is the succession, or shop.ErrNotFound.
func successionByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Succession, error) {
	all, err := collectSuccessions(db.Query(ctx, `
		SELECT `+successionColumns+`
		FROM succession s JOIN succession_heir h ON h.brand_id = s.brand_id AND h.succession_id = s.id
		WHERE s.brand_id = $1 AND s.id = $2
		ORDER BY h.heir_no`, brand, id))
	if err == nil && len(all) == 0 {
		err = shop.ErrNotFound
	}
	if err != nil {
		return Succession{}, err
	}
	return all[0], nil
}

// pageOfSuccessions is newest first: those of the people and of the stores, or to the stores; all of them for nil.
func pageOfSuccessions(ctx context.Context, db postgres.DB, brand shop.BrandID, seen *source, p shop.Page) ([]Succession, error) {
	if seen == nil {
		seen = &source{}
	}
	return collectSuccessions(db.Query(ctx, `
		SELECT `+successionColumns+`
		FROM (
			SELECT q.id FROM succession q WHERE q.brand_id = $1 AND ($2::uuid IS NULL OR q.id < $2)
				AND ($4::uuid[] IS NULL OR q.staff_id = ANY ($4) OR q.store_id = ANY ($5) OR EXISTS (
					SELECT FROM succession_heir o WHERE o.brand_id = $1 AND o.succession_id = q.id AND o.store_id = ANY ($5)))
			ORDER BY q.id DESC LIMIT $3
		) page
		JOIN succession s ON s.brand_id = $1 AND s.id = page.id
		JOIN succession_heir h ON h.brand_id = $1 AND h.succession_id = s.id
		ORDER BY s.id DESC, h.heir_no`, brand, p.After, p.Limit+1, seen.people, seen.stores))
}

// everWonBy are customers whom any of the people, or any of the stores, ever won, by id. Each of those is looked up
// by itself, so that the index gives its next customers in their order.
func everWonBy(ctx context.Context, db postgres.DB, brand shop.BrandID, who source, of chunk) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
		SELECT DISTINCT found.customer_id FROM (
			SELECT b.customer_id FROM unnest($2::uuid[]) AS q (id) CROSS JOIN LATERAL (
				SELECT DISTINCT customer_id FROM binding WHERE brand_id = $1 AND staff_id = q.id AND customer_id > coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
				ORDER BY customer_id LIMIT $5) b
			UNION ALL
			SELECT b.customer_id FROM unnest($3::uuid[]) AS q (id) CROSS JOIN LATERAL (
				SELECT DISTINCT customer_id FROM binding WHERE brand_id = $1 AND store_id = q.id AND customer_id > coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
				ORDER BY customer_id LIMIT $5) b
		) found ORDER BY found.customer_id LIMIT $5`, brand, who.people, who.stores, of.after, of.most)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

// insertFollow makes work of a succession, for when it is in force.
func insertFollow(ctx context.Context, tx pgx.Tx, brand shop.BrandID, succession shop.ID, due time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO succession_follow (brand_id, succession_id, due_at, look) VALUES ($1, $2, $3, 1)`, brand, succession, due)
	return err
}

// follow is how far a succession has been followed.
type follow struct {
	succession shop.ID
	look       int
	reached    shop.ID
}

// takeFollow locks the next work that is due and that nobody else is doing; false when there is none.
func takeFollow(ctx context.Context, tx pgx.Tx, brand shop.BrandID, now time.Time) (f follow, ok bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT succession_id, look, reached FROM succession_follow WHERE brand_id = $1 AND due_at <= $2
		ORDER BY due_at, succession_id LIMIT 1 FOR UPDATE SKIP LOCKED`, brand, now).Scan(&f.succession, &f.look, &f.reached)
	if errors.Is(err, pgx.ErrNoRows) {
		return follow{}, false, nil
	}
	return f, err == nil, err
}

func updateFollow(ctx context.Context, tx pgx.Tx, brand shop.BrandID, f follow) error {
	_, err := tx.Exec(ctx, `UPDATE succession_follow SET reached = $3 WHERE brand_id = $1 AND succession_id = $2`, brand, f.succession, f.reached)
	return err
}

// lookAgain begins the second look at an instant.
func lookAgain(ctx context.Context, tx pgx.Tx, brand shop.BrandID, f follow, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE succession_follow SET reached = NULL, look = look + 1, due_at = $3 WHERE brand_id = $1 AND succession_id = $2`, brand, f.succession, at)
	return err
}

func deleteFollow(ctx context.Context, tx pgx.Tx, brand shop.BrandID, f follow) error {
	_, err := tx.Exec(ctx, `DELETE FROM succession_follow WHERE brand_id = $1 AND succession_id = $2`, brand, f.succession)
	return err
}
