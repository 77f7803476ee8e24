package visit

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func insertVisit(ctx context.Context, tx pgx.Tx, brand shop.BrandID, v Visit) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO visit (brand_id, id, customer_id, store_id, staff_id, proof, proven_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		brand, v.ID, v.Customer, v.Store, v.Staff, v.Proof, v.ProvenAt)
	return err
}

// insertVisitOnce is false when the same proof is there. Whoever writes about her orders has locked the customer.
func insertVisitOnce(ctx context.Context, tx pgx.Tx, brand shop.BrandID, v Visit) (bool, error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO visit (brand_id, id, customer_id, store_id, staff_id, proof, proven_at)
		SELECT $1, $2, $3, $4, $5, $6, $7
		WHERE NOT EXISTS (
			SELECT FROM visit WHERE brand_id = $1 AND customer_id = $3 AND id >= $8 AND proven_at = $7 AND store_id = $4 AND proof = $6)`,
		brand, v.ID, v.Customer, v.Store, v.Staff, v.Proof, v.ProvenAt, shop.FloorID(v.ProvenAt))
	return tag.RowsAffected() == 1, err
}

// visitsSince reads a customer's visits by their ids, which carry the time.
func visitsSince(ctx context.Context, db postgres.DB, brand shop.BrandID, who shop.ID, since time.Time) ([]Visit, error) {
	rows, err := db.Query(ctx, `
		SELECT id, customer_id, store_id, staff_id, proof, proven_at FROM visit
		WHERE brand_id = $1 AND customer_id = $2 AND id >= $3
		ORDER BY id DESC`, brand, who, shop.FloorID(since))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Visit])
}

// replaceCode ends her other codes and forgets those that ended a day ago. A used one stays that long, so that the table says
// what became of it.
func replaceCode(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID, hash []byte, until time.Time) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		DELETE FROM member_code WHERE brand_id = $1 AND customer_id = $2 AND (used_at IS NULL OR expires_at < $3::timestamptz - interval '1 day')`,
		brand, who, until)
	batch.Queue(`INSERT INTO member_code (brand_id, code_hash, customer_id, expires_at) VALUES ($1, $2, $3, $4)`, brand, hash, who, until)
	return tx.SendBatch(ctx, batch).Close()
}

// useCode is whose code it is, and uses it up: of two at the same moment one gets ErrCode.
func useCode(ctx context.Context, tx pgx.Tx, brand shop.BrandID, hash []byte, now time.Time) (who shop.ID, err error) {
	err = tx.QueryRow(ctx, `
		UPDATE member_code SET used_at = $3
		WHERE brand_id = $1 AND code_hash = $2 AND used_at IS NULL AND expires_at > $3
		RETURNING customer_id`, brand, hash, now).Scan(&who)
	if errors.Is(err, pgx.ErrNoRows) {
		return shop.ID{}, ErrCode
	}
	return who, err
}

// usedCode is whose code it was, and when it was used, as long as that is kept. ErrCode for any other.
func usedCode(ctx context.Context, tx pgx.Tx, brand shop.BrandID, hash []byte) (who shop.ID, at time.Time, err error) {
	err = tx.QueryRow(ctx, `
		SELECT customer_id, used_at FROM member_code WHERE brand_id = $1 AND code_hash = $2 AND used_at IS NOT NULL`, brand, hash).Scan(&who, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrCode
	}
	return who, at, err
}

func deleteCodes(ctx context.Context, tx pgx.Tx, brand shop.BrandID, who shop.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM member_code WHERE brand_id = $1 AND customer_id = $2`, brand, who)
	return err
}
