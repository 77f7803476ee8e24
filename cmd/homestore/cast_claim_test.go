package main

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/binding"
)

func (c *cast) heldClaim(t *testing.T, p *castStore) string {
	t.Helper()
	return c.waiting(t, p, c.win(t, p), binding.ForManager)
}

func (c *cast) myClaim(t *testing.T, p *castStore) string {
	t.Helper()
	return c.waiting(t, p, p.customer.id, binding.ForCustomer)
}

// waiting is a claim of the shop's clerk that waits, as the guards leave one. She may be won already, so it is written as it is
// kept, and not brought about.
func (c *cast) waiting(t *testing.T, p *castStore, who shop.ID, waits binding.Waits) string {
	t.Helper()
	now := shop.Millis(time.Now())
	id := shop.NewID(now)
	err := c.house.pool.Brand(t.Context(), p.brand, func(tx pgx.Tx) error {
		var no int
		err := tx.QueryRow(t.Context(), `
			INSERT INTO claim (brand_id, customer_id, claim_no, store_id, staff_id, source, outcome, evidence, recorded_at)
			SELECT $1, $2, coalesce(max(claim_no), 0) + 1, $3, $4, 'till', 'held', '{}', $5 FROM claim WHERE brand_id = $1 AND customer_id = $2
			RETURNING claim_no`, p.brand, who, p.store, p.clerk.id, now).Scan(&no)
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `
			INSERT INTO binding_hold (brand_id, id, customer_id, claim_no, store_id, staff_id, source, waits_for, signs, opened_at, state)
			VALUES ($1, $2, $3, $4, $5, $6, 'till', $7, '[]', $8, 'open')`, p.brand, id, who, no, p.store, p.clerk.id, waits, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// heldOrder is a sale of the shop's clerk that waits. It would have to become due first, so it is written as it is kept.
func (c *cast) heldOrder(t *testing.T, p *castStore) string {
	t.Helper()
	now := shop.Millis(time.Now())
	id, _ := c.sell(t, p)
	err := c.house.pool.Brand(t.Context(), p.brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO order_hold (brand_id, order_id, id, signs, staff, stores, opened_at, state)
			VALUES ($1, $2, $3, '[{"sign": "own_app", "score": 100}]', $4, $5, $6, 'open')`,
			p.brand, id, shop.NewID(now), []shop.ID{p.clerk.id}, []shop.ID{p.store}, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}
