package order

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// resolve finds who bought, and locks every customer whose figures may change, in the sequence of their ids.
func (b *batch) resolve(ctx context.Context, tx pgx.Tx) error {
	var old []shop.ID
	for _, w := range b.work {
		if len(w.tasks) > 0 && !w.isNew() {
			old = append(old, w.id)
		}
	}
	buyers, err := buyersOf(ctx, tx, b.brand, old)
	if err != nil {
		return err
	}
	if err := b.nameBuyers(ctx, tx, buyers); err != nil {
		return err
	}
	locked := map[shop.ID]bool{}
	for _, w := range b.work {
		for _, t := range w.tasks {
			if placed, ok := t.fact.(WasPlaced); ok {
				locked[placed.Customer] = true
			}
		}
	}
	for _, id := range buyers {
		locked[id] = true
	}
	delete(locked, shop.ID{})
	return customer.LockAll(ctx, tx, b.brand, slices.Collect(maps.Keys(locked)))
}

// nameBuyers puts the customer into each order that names her by her identities alone. An order of somebody who was erased stays
// hers, and what a system says once more of who she was is not looked at: nothing is written down that would lead to her.
func (b *batch) nameBuyers(ctx context.Context, tx pgx.Tx, buyers map[shop.ID]shop.ID) error {
	erased, err := b.erasedBuyers(ctx, tx, buyers)
	if err != nil {
		return err
	}
	var sets [][]customer.Identity
	var places []*task
	for _, w := range b.work {
		for i, t := range w.tasks {
			placed, ok := t.fact.(WasPlaced)
			switch {
			case !ok || !placed.Customer.IsZero():
			case erased[buyers[w.id]], w.isOthers && !buyers[w.id].IsZero():
				placed.Customer = buyers[w.id]
				w.tasks[i].fact = placed
			case len(placed.Identities) > 0:
				sets, places = append(sets, placed.Identities), append(places, &w.tasks[i])
			}
		}
	}
	ids, err := customer.ResolveMany(ctx, tx, b.brand, sets, b.now)
	if err != nil {
		return err
	}
	for n, t := range places {
		placed := t.fact.(WasPlaced)
		placed.Customer = ids[n]
		t.fact = placed
	}
	return nil
}

// erasedBuyers asks only where a whole order is told once more.
func (b *batch) erasedBuyers(ctx context.Context, tx pgx.Tx, buyers map[shop.ID]shop.ID) (map[shop.ID]bool, error) {
	var asked []shop.ID
	for _, w := range b.work {
		if _, again := w.placed(); again && !buyers[w.id].IsZero() {
			asked = append(asked, buyers[w.id])
		}
	}
	return customer.ErasedAmong(ctx, tx, b.brand, asked)
}
