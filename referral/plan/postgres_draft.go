package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const draftColumns = `id, revision, rules, says_leaver, state, written_by, drafted_at, changed_at, ended_by, ended_at, plan_id, acknowledged`

func scanDraft(row pgx.CollectableRow) (Draft, error) {
	var (
		d     Draft
		rules []byte
		ended *time.Time
	)
	err := row.Scan(&d.ID, &d.Revision, &rules, &d.SaysLeaver, &d.State, &d.WrittenBy, &d.DraftedAt, &d.ChangedAt, &d.EndedBy, &ended, &d.Version, &d.Acknowledged)
	if err != nil {
		return Draft{}, err
	}
	d.DraftedAt, d.ChangedAt = d.DraftedAt.UTC(), d.ChangedAt.UTC()
	if ended != nil {
		d.EndedAt = ended.UTC()
	}
	return d, json.Unmarshal(rules, &d.Plan)
}

// draftByID is shop.ErrNotFound for what the brand does not have. With a lock nobody else ends or changes it meanwhile.
func draftByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID, locking string) (Draft, error) {
	rows, _ := db.Query(ctx, `SELECT `+draftColumns+` FROM plan_draft WHERE brand_id = $1 AND id = $2`+locking, brand, id)
	d, err := pgx.CollectExactlyOneRow(rows, scanDraft)
	if errors.Is(err, pgx.ErrNoRows) {
		return Draft{}, shop.ErrNotFound
	}
	return d, err
}

const forUpdate = ` FOR UPDATE`

func pageOfDrafts(ctx context.Context, db postgres.DB, brand shop.BrandID, page shop.Page) ([]Draft, error) {
	rows, _ := db.Query(ctx, `
SELECT `+draftColumns+` FROM plan_draft WHERE brand_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, brand, page.After, page.Limit+1)
	return pgx.CollectRows(rows, scanDraft)
}

func insertDraft(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d Draft) error {
	rules, err := json.Marshal(d.Plan)
	if err != nil {
		return fmt.Errorf("write a draft: %w", err)
	}
	_, err = tx.Exec(ctx, `
INSERT INTO plan_draft (brand_id, id, revision, rules, says_leaver, state, written_by, drafted_at, changed_at, acknowledged)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '{}')`,
		brand, d.ID, d.Revision, rules, d.SaysLeaver, d.State, d.WrittenBy, d.DraftedAt, d.ChangedAt)
	return err
}

func updateDraft(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d Draft) error {
	rules, err := json.Marshal(d.Plan)
	if err != nil {
		return fmt.Errorf("write a draft: %w", err)
	}
	_, err = tx.Exec(ctx, `
UPDATE plan_draft SET revision = $3, rules = $4, says_leaver = $5, written_by = $6, changed_at = $7
WHERE brand_id = $1 AND id = $2`,
		brand, d.ID, d.Revision, rules, d.SaysLeaver, d.WrittenBy, d.ChangedAt)
	return err
}

func endDraft(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d Draft) error {
	_, err := tx.Exec(ctx, `
UPDATE plan_draft SET state = $3, ended_by = $4, ended_at = $5, plan_id = $6, acknowledged = $7
WHERE brand_id = $1 AND id = $2`,
		brand, d.ID, d.State, d.EndedBy, d.EndedAt, d.Version, d.Acknowledged)
	return err
}
