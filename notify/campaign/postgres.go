package campaign

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const columns = `id, name, offer_id, audience, emergency, state, scheduled_at, started_at, finished_at, reached_id, counts, created_by, created_at`

func scan(row pgx.CollectableRow) (Campaign, error) {
	var c Campaign
	var scheduled, started, finished *time.Time
	err := row.Scan(&c.ID, &c.Name, &c.Offer, &c.Audience, &c.Emergency, &c.State, &scheduled, &started, &finished, &c.reached, &c.Counts, &c.CreatedBy, &c.CreatedAt)
	c.ScheduledAt, c.StartedAt, c.FinishedAt, c.CreatedAt = orZero(scheduled), orZero(started), orZero(finished), c.CreatedAt.UTC()
	return c, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func insertCampaign(ctx context.Context, tx pgx.Tx, brand shop.BrandID, c Campaign) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO campaign (brand_id, id, name, offer_id, audience, emergency, state, scheduled_at, counts, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		brand, c.ID, c.Name, c.Offer, c.Audience, c.Emergency, c.State, orNull(c.ScheduledAt), c.Counts, c.CreatedBy, c.CreatedAt)
	return err
}

func campaignByID(ctx context.Context, db postgres.DB, brand shop.BrandID, id shop.ID) (Campaign, error) {
	rows, _ := db.Query(ctx, `SELECT `+columns+` FROM campaign WHERE brand_id = $1 AND id = $2`, brand, id)
	c, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Campaign{}, shop.ErrNotFound
	}
	return c, err
}

func pageOfCampaigns(ctx context.Context, tx pgx.Tx, brand shop.BrandID, page shop.Page) ([]Campaign, error) {
	rows, _ := tx.Query(ctx, `
		SELECT `+columns+` FROM campaign
		WHERE brand_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, brand, page.After, page.Limit+1)
	return pgx.CollectRows(rows, scan)
}

func updateBegun(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE campaign SET state = 'running', started_at = $3 WHERE brand_id = $1 AND id = $2 AND state = 'scheduled'`, brand, id, now)
	return tag.RowsAffected() == 1, err
}

// updateReached is false when the campaign is not as it was read: another fan-out was faster, or it was stopped.
func updateReached(ctx context.Context, tx pgx.Tx, brand shop.BrandID, read Campaign, reached shop.ID, counts Counts) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE campaign SET reached_id = $4, counts = $5
		WHERE brand_id = $1 AND id = $2 AND state = 'running' AND reached_id IS NOT DISTINCT FROM $3`,
		brand, read.ID, read.reached, reached, counts)
	return tag.RowsAffected() == 1, err
}

func updateFinished(ctx context.Context, tx pgx.Tx, brand shop.BrandID, read Campaign, now time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `
		UPDATE campaign SET state = 'finished', finished_at = $4
		WHERE brand_id = $1 AND id = $2 AND state = 'running' AND reached_id IS NOT DISTINCT FROM $3`,
		brand, read.ID, read.reached, now)
	return tag.RowsAffected() == 1, err
}

// updateStopped returns the campaign as it is from now on; false when it was stopped already.
func updateStopped(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, now time.Time) (Campaign, bool, error) {
	rows, _ := tx.Query(ctx, `
		UPDATE campaign SET state = 'stopped', finished_at = coalesce(finished_at, $3)
		WHERE brand_id = $1 AND id = $2 AND state <> 'stopped' RETURNING `+columns, brand, id, now)
	c, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Campaign{}, false, nil
	}
	return c, err == nil, err
}
