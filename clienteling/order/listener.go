package order

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Listener hears of every order that a fact has changed, with the whole order as it now is, in the transaction of the
// fact: what it writes is true at the same moment, and its error undoes the fact. Of an order that changes had waited for it hears what
// it was before each of them first, so that each can have its own date.
type Listener interface {
	OrderChanged(ctx context.Context, tx pgx.Tx, o Order, now time.Time) error
}

// ListenerToMany is a Listener that would rather hear of the orders of one transaction together. An import tells of
// hundreds at once; OrdersChanged is then called in place of OrderChanged.
type ListenerToMany interface {
	OrdersChanged(ctx context.Context, tx pgx.Tx, orders []Order, now time.Time) error
}

func tell(ctx context.Context, tx pgx.Tx, l Listener, orders []Order, now time.Time) error {
	if many, ok := l.(ListenerToMany); ok {
		return many.OrdersChanged(ctx, tx, orders, now)
	}
	for _, o := range orders {
		if err := l.OrderChanged(ctx, tx, o, now); err != nil {
			return err
		}
	}
	return nil
}
