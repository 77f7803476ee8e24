package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// Answer is the note with which a fact that was just applied is answered. Of what takes something back the rules know more
// than the order: that its time was over ("clawback_expired"), and whether a price adjustment counts. It posts nothing.
func (l *Ledger) Answer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, f order.Fact, r order.Result) (string, error) {
	kind, name, is := order.TakesBack(f)
	if !is || r.Outcome != order.Applied {
		return r.Note, nil
	}
	o, err := order.Load(ctx, tx, brand, r.Order)
	if err != nil {
		return "", fmt.Errorf("answer %s %q: %w", kind, name, err)
	}
	b, err := readBook(ctx, tx, brand)
	if err != nil {
		return "", fmt.Errorf("answer %s %q: %w", kind, name, err)
	}
	// Who held her and what she scanned changes nothing of what comes back.
	result := attribution.Compute(attribution.Input{Order: o, Plan: b.planFor(o), Stores: b.stores, Zone: b.zone})
	if _, took := result.Returns.Of(kind, name); !took {
		return r.Note, nil // an exchange that is an edit
	}
	return result.Outcome(kind, name), nil
}
