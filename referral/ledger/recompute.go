package ledger

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Difference is a figure of an order that is another in the book than its facts make it.
type Difference struct {
	Order   shop.ID `json:"order"`
	Role    string  `json:"role"` // empty: of the order as a whole; so too the next four
	Kind    string  `json:"beneficiary_kind"`
	ID      shop.ID `json:"beneficiary"`
	Parcel  string  `json:"parcel"`
	Line    int     `json:"line"`
	Figure  string  `json:"figure"` // share, taken back, volume, store; posted, pending, payable; taken back late by kind:name; plan, reason, payable at, state; trace
	ByFacts string  `json:"by_facts"`
	InBook  string  `json:"in_book"`
}

func (d Difference) String() string {
	if d.Figure == ofTrace {
		return d.InBook
	}
	of := "order " + d.Order.String()
	if d.Role != "" {
		of += fmt.Sprintf(", %s %s:%s", d.Role, d.Kind, d.ID)
	}
	if d.Parcel != "" {
		of += fmt.Sprintf(", parcel %q", d.Parcel)
	}
	if d.Line != 0 {
		of += fmt.Sprintf(", line %d", d.Line)
	}
	return fmt.Sprintf("%s: %s is %q in the book and %q by the facts", of, d.Figure, d.InBook, d.ByFacts)
}

// Comparison is what came of comparing orders.
type Comparison struct {
	Orders      int          `json:"orders"`
	Shares      int          `json:"shares"` // that the facts make
	Differences []Difference `json:"differences"`
}

// Add takes in what came of comparing others.
func (c *Comparison) Add(more Comparison) {
	c.Orders, c.Shares = c.Orders+more.Orders, c.Shares+more.Shares
	c.Differences = append(c.Differences, more.Differences...)
}

// Compare works out orders once more from their facts, in plain SQL that shares nothing with attribution, and compares: the credits
// and what of them was taken back, the sums of the book's transfers, the plan, why nobody earns, when it is payable, and whether its
// credits are pending or payable by now. It sees one moment of the brand, changes nothing, and its cost is that of the orders: give it
// a few thousand at a time.
// Who has left by now, has. What has become payable stays so whatever is told later, and what fell due or was credited within the
// hour may still be pending.
func Compare(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orders []shop.ID, now time.Time) (Comparison, error) {
	if len(orders) == 0 {
		return Comparison{}, nil
	}
	c, err := compare(ctx, tx, brand, orders, now)
	if err != nil {
		return Comparison{}, fmt.Errorf("compare %d orders with their facts: %w", len(orders), err)
	}
	return c, nil
}

// Turn is a part of a brand's orders: of so many parts of about the same size the one of this number, from 0. The zero Turn is all.
type Turn struct{ No, Of int }

// OrdersAfter are the next orders of a turn after one of them, as they were placed; from the first when it is zero.
func OrdersAfter(ctx context.Context, db postgres.DB, brand shop.BrandID, turn Turn, after shop.ID, limit int) ([]shop.ID, error) {
	ids, err := ordersAfter(ctx, db, brand, turn, after, limit)
	if err != nil {
		return nil, fmt.Errorf("orders after %s: %w", after, err)
	}
	return ids, nil
}

// SomeOrders are as many orders of a brand, drawn from all, as they were placed.
func SomeOrders(ctx context.Context, db postgres.DB, brand shop.BrandID, number int) ([]shop.ID, error) {
	ids, err := someOrders(ctx, db, brand, number)
	if err != nil {
		return nil, fmt.Errorf("draw %d orders: %w", number, err)
	}
	return ids, nil
}

// counted takes the counts from the first row.
func counted(rows []Difference) (c Comparison, err error) {
	first := rows[0]
	if c.Orders, err = strconv.Atoi(first.ByFacts); err != nil {
		return c, err
	}
	c.Shares, err = strconv.Atoi(first.InBook)
	c.Differences = rows[1:]
	return c, err
}
