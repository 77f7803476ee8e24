package whatif

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

// takeTurn is false when another replay of the brand is under way, in whatever process. The turn ends with the transaction. It is
// an advisory lock because a transaction that only reads can take no other.
func takeTurn(ctx context.Context, tx pgx.Tx, brand shop.BrandID) (isFree bool, err error) {
	err = tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtext('homestore what if'), $1)`, brand).Scan(&isFree)
	if err != nil {
		return false, fmt.Errorf("take a turn: %w", err)
	}
	return isFree, nil
}
