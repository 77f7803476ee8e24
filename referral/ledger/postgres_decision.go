package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// insertDecisions numbers them after those that are there; the order is locked, so no two get the same number.
func insertDecisions(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orderID shop.ID, decisions []attribution.Decision) error {
	for _, d := range decisions {
		_, err := tx.Exec(ctx, `
INSERT INTO order_decision (brand_id, order_id, decision_no, decision_id, role, from_kind, from_id, to_kind, to_id, store_id, decided_at)
SELECT $1, $2, coalesce(max(decision_no), 0) + 1, $3, $4, NULLIF($5, ''), $6, $7, $8, $9, $10
FROM order_decision WHERE brand_id = $1 AND order_id = $2`,
			brand, orderID, d.ID, d.Role, d.From.Kind, d.From.ID, d.To.Kind, d.To.ID, d.Store, d.At)
		if err != nil {
			return fmt.Errorf("keep decision: %w", err)
		}
	}
	return nil
}

// decisionsOf are what was decided about each of the orders, in that sequence.
func decisionsOf(ctx context.Context, db postgres.DB, brand shop.BrandID, orders []shop.ID) (map[shop.ID][]attribution.Decision, error) {
	rows, err := db.Query(ctx, `
SELECT order_id, decision_id, role, coalesce(from_kind, ''), from_id, to_kind, to_id, store_id, decided_at
FROM order_decision
WHERE brand_id = $1 AND order_id = ANY ($2)
ORDER BY order_id, decision_no`, brand, orders)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	out := map[shop.ID][]attribution.Decision{}
	var orderID, id, from, to, store shop.ID
	var role plan.Role
	var fromKind, toKind attribution.Kind
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&orderID, &id, &role, &fromKind, &from, &toKind, &to, &store, &at}, func() error {
		out[orderID] = append(out[orderID], attribution.Decision{
			ID: id, Role: role, From: attribution.Beneficiary{Kind: fromKind, ID: from}, To: attribution.Beneficiary{Kind: toKind, ID: to}, Store: store, At: at.UTC(),
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	return out, nil
}
