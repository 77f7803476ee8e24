package tag

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

const batchColumns = `b.id, b.batch, b.created_by, b.created_at, b.revoked_at, b.revoked_by, b.reason`

func scanBatch(row pgx.CollectableRow) (Batch, error) {
	b := Batch{Tags: map[State]int64{}}
	var revoked *time.Time
	err := row.Scan(&b.ID, &b.Name, &b.CreatedBy, &b.CreatedAt, &revoked, &b.RevokedBy, &b.Reason)
	b.RevokedAt = orZero(revoked)
	return b, err
}

// pageOfBatches are those with a tag in one of the stores; nil is all.
func pageOfBatches(ctx context.Context, db postgres.DB, brand shop.BrandID, stores []shop.ID, page shop.Page) ([]Batch, error) {
	rows, err := db.Query(ctx, `
		SELECT `+batchColumns+`
		FROM tag_batch b
		WHERE b.brand_id = $1
		  AND ($2::uuid IS NULL OR b.id < $2)
		  AND ($3::uuid[] IS NULL OR EXISTS (
			SELECT FROM tag t WHERE t.brand_id = $1 AND t.batch = b.batch AND t.batch <> '' AND t.store_id = ANY ($3)))
		ORDER BY b.id DESC
		LIMIT $4`, brand, page.After, stores, page.Limit+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanBatch)
}

// countTags fills in how many tags of the stores the batches have, by state.
func countTags(ctx context.Context, db postgres.DB, brand shop.BrandID, stores []shop.ID, batches []Batch) error {
	names := make([]string, len(batches))
	of := map[string]map[State]int64{}
	for i, b := range batches {
		names[i], of[b.Name] = b.Name, b.Tags
	}
	rows, err := db.Query(ctx, `
		SELECT batch, state, count(*)
		FROM tag
		WHERE brand_id = $1 AND batch = ANY ($2) AND batch <> '' AND ($3::uuid[] IS NULL OR store_id = ANY ($3))
		GROUP BY batch, state`, brand, names, stores)
	if err != nil {
		return err
	}
	var name string
	var state State
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&name, &state, &n}, func() error {
		of[name][state] = n
		return nil
	})
	return err
}

func lockBatch(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID) (Batch, error) {
	rows, err := tx.Query(ctx, `SELECT `+batchColumns+` FROM tag_batch b WHERE b.brand_id = $1 AND b.id = $2 FOR UPDATE`, brand, id)
	if err != nil {
		return Batch{}, err
	}
	b, err := pgx.CollectExactlyOneRow(rows, scanBatch)
	if errors.Is(err, pgx.ErrNoRows) {
		return Batch{}, shop.ErrNotFound
	}
	return b, err
}

func insertBatches(ctx context.Context, tx pgx.Tx, actor shop.Actor, names []string, now time.Time) error {
	ids := make([]shop.ID, len(names))
	for i := range names {
		ids[i] = shop.NewID(now)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO tag_batch (brand_id, id, batch, created_by, created_at, reason)
		SELECT $1, t.id, t.batch, $4, $5, '' FROM unnest($2::uuid[], $3::text[]) AS t (id, batch)
		ORDER BY t.batch
		ON CONFLICT (brand_id, batch) DO NOTHING`, actor.Brand, ids, names, actor.ID, now)
	return err
}

// holdBatches keeps the batches from being revoked until the transaction ends, and says whether one was before.
func holdBatches(ctx context.Context, tx pgx.Tx, brand shop.BrandID, names []string) (revoked bool, err error) {
	rows, err := tx.Query(ctx, `
		SELECT revoked_at IS NOT NULL FROM tag_batch WHERE brand_id = $1 AND batch = ANY ($2) ORDER BY batch FOR SHARE`, brand, names)
	if err != nil {
		return false, err
	}
	var isRevoked bool
	_, err = pgx.ForEachRow(rows, []any{&isRevoked}, func() error {
		revoked = revoked || isRevoked
		return nil
	})
	return revoked, err
}

// retireBatch retires the tags of a batch in the stores and returns them as they were. A replaced one no longer leads to its
// successor: it is the paper that is not trusted.
func retireBatch(ctx context.Context, tx pgx.Tx, actor shop.Actor, batch string, stores []shop.ID, now time.Time) ([]Tag, error) {
	brand := actor.Brand
	rows, err := tx.Query(ctx, selectTags+`
		WHERE t.brand_id = $1 AND t.batch = $2 AND t.batch <> '' AND t.state <> 'retired' AND ($3::uuid[] IS NULL OR t.store_id = ANY ($3))
		ORDER BY t.id
		FOR UPDATE OF t`, brand, batch, stores)
	if err != nil {
		return nil, err
	}
	before, err := pgx.CollectRows(rows, scanTag)
	if err != nil || len(before) == 0 {
		return nil, err
	}
	ids := make([]shop.ID, len(before))
	var changes []Change
	for i, t := range before {
		ids[i] = t.ID
		after := t
		after.State, after.ReplacedBy = Retired, shop.ID{}
		changes = append(changes, changesBetween(t, after)...)
	}
	told := &pgx.Batch{}
	queueChanges(told, actor, changes, now)
	told.Queue(`UPDATE tag SET state = 'retired', replaced_by = NULL, changed_at = $3 WHERE brand_id = $1 AND id = ANY ($2)`, brand, ids, now)
	// One notice a code, some milliseconds for thousands: the other tags of the brand stay in every process's memory. A tag
	// that replaced others answers under their codes too.
	told.Queue(`
		WITH RECURSIVE answering AS (
			SELECT id, code, 0 AS hops FROM tag WHERE brand_id = $1 AND id = ANY ($2)
			UNION ALL
			SELECT t.id, t.code, a.hops + 1 FROM tag t JOIN answering a ON t.replaced_by = a.id
			WHERE t.brand_id = $1 AND a.hops < $3
		)
		SELECT count(pg_notify('tag_changed', code)) FROM answering`, brand, ids, maxReplacements)
	return before, tx.SendBatch(ctx, told).Close()
}

// closeBatch lets nothing more into a batch of which nothing is left.
func closeBatch(ctx context.Context, tx pgx.Tx, actor shop.Actor, id shop.ID, reason string, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE tag_batch b SET revoked_at = $3, revoked_by = $4, reason = $5
		WHERE b.brand_id = $1 AND b.id = $2 AND b.revoked_at IS NULL AND NOT EXISTS (
			SELECT FROM tag t WHERE t.brand_id = $1 AND t.batch = b.batch AND t.batch <> '' AND t.state <> 'retired')`,
		actor.Brand, id, now, actor.ID, reason)
	return err
}
