package team

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

func insertHands(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff, by shop.ID, now time.Time) error {
	_, err := tx.Exec(ctx, `
INSERT INTO account_hand (brand_id, staff_id, by_id, since)
SELECT $1, $2, id, $4 FROM (SELECT $3::uuid AS id UNION SELECT by_id FROM account_hand WHERE brand_id = $1 AND staff_id = $3) AS behind
WHERE id <> $2
ON CONFLICT ON CONSTRAINT account_hand_pkey DO NOTHING`, brand, staff, by, now)
	return err
}

func deleteHands(ctx context.Context, tx pgx.Tx, brand shop.BrandID, staff shop.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM account_hand WHERE brand_id = $1 AND staff_id = $2`, brand, staff)
	return err
}

// areTwo says whether there is nobody who may be behind both accounts.
func areTwo(ctx context.Context, db postgres.DB, brand shop.BrandID, a, b shop.ID) (bool, error) {
	var are bool
	err := db.QueryRow(ctx, `
WITH behind AS (
  SELECT staff_id, by_id AS id FROM account_hand WHERE brand_id = $1 AND staff_id IN ($2, $3)
  UNION ALL VALUES ($2::uuid, $2::uuid), ($3::uuid, $3::uuid)
)
SELECT NOT EXISTS (SELECT FROM behind x JOIN behind y USING (id) WHERE x.staff_id = $2 AND y.staff_id = $3)`, brand, a, b).Scan(&are)
	return are, err
}
