package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// List returns every version of the brand's plan, the first first.
func List(ctx context.Context, db postgres.DB, brand shop.BrandID) ([]Plan, error) {
	rows, err := db.Query(ctx, `
SELECT id, rules
FROM plan
WHERE brand_id = $1
ORDER BY first_day`, brand)
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	plans, err := pgx.CollectRows(rows, scanPlan)
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	return plans, nil
}

func scanPlan(row pgx.CollectableRow) (Plan, error) {
	var (
		id    shop.ID
		rules []byte
		p     Plan
	)
	if err := row.Scan(&id, &rules); err != nil {
		return Plan{}, err
	}
	err := json.Unmarshal(rules, &p)
	p.ID = id
	return p, err
}

// stored is a version with who stands for it.
type stored struct {
	Plan
	By         shop.ID // zero: Homestore itself
	ApprovedBy shop.ID // zero: Homestore itself
	At         time.Time
}

func insertPlan(ctx context.Context, tx pgx.Tx, brand shop.BrandID, p stored) error {
	rules, err := json.Marshal(p.Plan)
	if err != nil {
		return fmt.Errorf("write plan %d: %w", p.Version, err)
	}
	_, err = tx.Exec(ctx, `
INSERT INTO plan (brand_id, id, version, first_day, rules, created_by, approved_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		brand, p.ID, p.Version, p.FirstDay.Time, rules, p.By, p.ApprovedBy, p.At)
	if err != nil {
		return fmt.Errorf("store plan %d: %w", p.Version, err)
	}
	return nil
}
