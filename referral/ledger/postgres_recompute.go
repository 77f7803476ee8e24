package ledger

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// recomputation is FORMAT.md's arithmetic as one statement, which therefore sees one moment: what the facts of an order are, what
// went back, who has a claim, what each earns, and how that compares with the book. $1 brand, $2 orders, $3 and $4 the first and
// the last of them, $5 the id before which nothing was posted for them, $6 now.
const recomputation = recomputedPlans + recomputedLines + recomputedBases + recomputedEvents + recomputedTally + recomputedReceipt +
	recomputedHomes + recomputedReasons + recomputedClaims + recomputedShares + recomputedSales + recomputedParcels + recomputedDues + comparedOrders

// Nobody knows how many rows a step of it has before it was done. Guessing few, PostgreSQL would look through all of a step's rows
// for each row of another; guessing many, it would compile. Joined by hash the cost is that of the rows.
const (
	joinByHash   = `SET LOCAL enable_nestloop = off`
	compileNever = `SET LOCAL jit = off`
	sortInMemory = `SET LOCAL work_mem = '64MB'`
)

func compare(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []shop.ID, now time.Time) (Comparison, error) {
	orders = slices.Compact(slices.SortedFunc(slices.Values(orders), compareID))
	batch := &pgx.Batch{}
	for _, setting := range []string{joinByHash, compileNever, sortInMemory} {
		batch.Queue(setting)
	}
	var rows []Difference
	batch.Queue(recomputation, brand, orders, orders[0], orders[len(orders)-1], postedAfter(orders[0]), now).Query(func(r pgx.Rows) (err error) {
		rows, err = pgx.CollectRows(r, pgx.RowToStructByPos[Difference])
		return err
	})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return Comparison{}, err
	}
	return counted(rows)
}

// ordersAfter tells turns by the last byte of an id, which is drawn.
func ordersAfter(ctx context.Context, db postgres.DB, brand shop.BrandID, turn Turn, after shop.ID, limit int) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
SELECT id FROM sales_order
WHERE brand_id = $1 AND ($2::uuid IS NULL OR id > $2) AND get_byte(uuid_send(id), 15) % $3::int = $4
ORDER BY id LIMIT $5`, brand, after, max(turn.Of, 1), turn.No, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}

func someOrders(ctx context.Context, db postgres.DB, brand shop.BrandID, number int) ([]shop.ID, error) {
	rows, err := db.Query(ctx, `
SELECT id FROM (SELECT id FROM sales_order WHERE brand_id = $1 ORDER BY random() LIMIT $2) AS drawn ORDER BY id`, brand, number)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[shop.ID])
}
