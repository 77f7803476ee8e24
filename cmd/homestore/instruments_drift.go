package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/period"
)

// measureDrift counts what breaks each invariant of the book in all brands, at most a hundred rows a brand. It reads whole books,
// so it is a chore and no scrape's work; `homestore doctor` names the rows. A measurement that fails changes nothing, so that its
// age tells.
func (h *house) measureDrift(ctx context.Context) error {
	rows := map[string]int{}
	for _, rule := range period.Invariants {
		rows[rule.ID] = 0
	}
	brands, err := h.teams.Brands(ctx)
	if err != nil {
		return err
	}
	for _, b := range brands {
		var found map[string]int
		err := h.pool.Read(ctx, b.ID, func(tx pgx.Tx) (err error) {
			found, err = countDrift(ctx, tx, b.ID)
			return err
		})
		if err != nil {
			return fmt.Errorf("measure the drift of brand %d: %w", b.ID, err)
		}
		for rule, n := range found {
			rows[rule] += n
		}
	}
	broken := 0
	for rule, n := range rows {
		h.instruments.drift.WithLabelValues(rule).Set(float64(n))
		broken += n
	}
	h.instruments.measured.Set(float64(time.Now().Unix()))
	if broken > 0 {
		h.log.Error("the book breaks its invariants; homestore doctor names the rows", "rows", broken)
	}
	return nil
}

// countDrift is how many rows of one brand's book break each invariant.
func countDrift(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (map[string]int, error) {
	violations, err := period.Violations(ctx, tx, brand)
	found := map[string]int{}
	for _, v := range violations {
		found[v.ID] += len(v.Rows)
	}
	return found, err
}
