package endpoint

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// insertClaim takes a key that nobody has used. A request with the same key that is just inserting it is waited for.
func insertClaim(ctx context.Context, tx pgx.Tx, c claim) (isNew bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO idempotency_key (brand_id, actor_id, key, request, created_at, claimed_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (brand_id, actor_id, key) DO NOTHING`,
		c.brand, c.actor, c.key, c.hash, c.createdAt, c.claimedAt)
	if err != nil {
		return false, fmt.Errorf("claim idempotency key: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// lockClaim reads what is under a key, and holds it until the transaction ends.
func lockClaim(ctx context.Context, tx pgx.Tx, c claim) (kept, error) {
	rows, err := tx.Query(ctx, `
		SELECT request, created_at, claimed_at, status, media_type, response
		  FROM idempotency_key
		 WHERE brand_id = $1 AND actor_id = $2 AND key = $3
		   FOR UPDATE`,
		c.brand, c.actor, c.key)
	if err != nil {
		return kept{}, fmt.Errorf("read idempotency key: %w", err)
	}
	k, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[kept])
	if errors.Is(err, pgx.ErrNoRows) {
		return kept{}, ErrKeyInFlight // forgotten between our two statements: the caller is to ask again
	}
	if err != nil {
		return kept{}, fmt.Errorf("read idempotency key: %w", err)
	}
	return k, nil
}

// retakeClaim makes a locked key ours: as the same request after a crash, or anew after a day.
func retakeClaim(ctx context.Context, tx pgx.Tx, c claim) error {
	_, err := tx.Exec(ctx, `
		UPDATE idempotency_key
		   SET request = $4, created_at = $5, claimed_at = $6, status = NULL, media_type = NULL, response = NULL
		 WHERE brand_id = $1 AND actor_id = $2 AND key = $3`,
		c.brand, c.actor, c.key, c.hash, c.createdAt, c.claimedAt)
	if err != nil {
		return fmt.Errorf("take over idempotency key: %w", err)
	}
	return nil
}

// recordAnswer keeps the answer, unless another request has taken the claim over meanwhile.
func recordAnswer(ctx context.Context, tx pgx.Tx, c claim, status int, contentType string, body []byte) error {
	tag, err := tx.Exec(ctx, `
		UPDATE idempotency_key
		   SET status = $5, media_type = $6, response = $7
		 WHERE brand_id = $1 AND actor_id = $2 AND key = $3 AND claimed_at = $4 AND status IS NULL`,
		c.brand, c.actor, c.key, c.claimedAt, status, contentType, body)
	if err != nil {
		return fmt.Errorf("record answer of idempotency key: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrKeyInFlight
	}
	return nil
}

// giveUpClaim lets anybody take over a key that has no answer. It stays, and with it the CreationID: the act may be done.
func giveUpClaim(ctx context.Context, tx pgx.Tx, c claim) error {
	_, err := tx.Exec(ctx, `
		UPDATE idempotency_key
		   SET claimed_at = 'epoch'
		 WHERE brand_id = $1 AND actor_id = $2 AND key = $3 AND claimed_at = $4 AND status IS NULL`,
		c.brand, c.actor, c.key, c.claimedAt)
	if err != nil {
		return fmt.Errorf("give up idempotency key: %w", err)
	}
	return nil
}

// deleteOld removes what nobody may ask for any more.
func deleteOld(ctx context.Context, tx pgx.Tx, brand shop.BrandID, before time.Time) (int64, error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM idempotency_key
		 WHERE brand_id = $1 AND created_at < $2`,
		brand, before)
	if err != nil {
		return 0, err
	}
	return tag.RowsAffected(), nil
}

func deleteOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, actor shop.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM idempotency_key WHERE brand_id = $1 AND actor_id = $2`, brand, actor)
	return err
}
