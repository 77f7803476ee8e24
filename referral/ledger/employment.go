package ledger

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// EmploymentChanged credits anew what somebody of the brand bought herself, and what was paid with the same: since when she works here
// says of which of it nobody earns anything. See team.EmploymentListener.
func (l *Ledger) EmploymentChanged(ctx context.Context, tx pgx.Tx, p team.Staff, now time.Time) error {
	hers, err := customer.OfStaff(ctx, tx, p.Brand, p.ID, p.Email)
	if err != nil {
		return err
	}
	var orders []shop.ID
	for _, who := range hers {
		ids, err := order.IDsOfCustomer(ctx, tx, p.Brand, who, time.Time{})
		if err != nil {
			return err
		}
		orders = append(orders, ids...)
	}
	if len(orders) == 0 {
		return nil
	}
	alike, err := order.LaterPaidAlike(ctx, tx, p.Brand, orders)
	if err != nil {
		return err
	}
	alike = slices.DeleteFunc(alike, func(id shop.ID) bool { return slices.Contains(orders, id) })
	return l.creditAgain(ctx, tx, p.Brand, slices.Concat(orders, alike), act{now: now}) // of no instant: each order is dated by itself
}
