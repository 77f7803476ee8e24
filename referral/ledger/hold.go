package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/binding"
	"homestore/referral/plan"
)

// Hold is an order none of whose credits becomes payable before somebody has decided. It is looked at when it becomes due: by then
// it is known who bought with whose phone, and nobody has been paid.
type Hold struct {
	ID        shop.ID // carries OpenedAt
	Order     shop.ID
	Signs     []binding.Sign
	Staff     []shop.ID // who gained when it was opened
	Stores    []shop.ID // and under which stores
	OpenedAt  time.Time
	State     binding.HoldState // open, released or refused
	DecidedAt time.Time
	DecidedBy string // shop.Actor.Pseudonym
	Why       string
}

// gain is that somebody of the brand gains from an order under a store.
type gain struct{ Order, Staff, Store shop.ID }

// hold opens a hold of each order that is due and looks wrong, by the policy of now, and returns the others. One that was decided is
// not looked at again.
func (l *Ledger) hold(ctx context.Context, tx pgx.Tx, brand shop.BrandID, all []due, now time.Time) ([]due, error) {
	policy, err := team.PolicyAt(ctx, tx, brand, now)
	if err != nil || policy.Guard.HoldAt == 0 {
		return all, err
	}
	gains, err := gainsOf(ctx, tx, brand, all)
	if err != nil || len(gains) == 0 {
		return all, err
	}
	signs, err := signsOfOrders(ctx, tx, brand, gains, policy.Guard)
	if err != nil {
		return nil, fmt.Errorf("look at what is due: %w", err)
	}
	var holds []Hold
	left := slices.DeleteFunc(slices.Clone(all), func(d due) bool {
		if binding.ScoreOf(signs[d.Order]) < policy.Guard.HoldAt {
			return false
		}
		h := Hold{ID: shop.NewID(now), Order: d.Order, Signs: signs[d.Order], OpenedAt: shop.Millis(now), State: binding.HoldOpen}
		for _, g := range gains {
			if g.Order == d.Order {
				h.Staff, h.Stores = append(h.Staff, g.Staff), append(h.Stores, g.Store)
			}
		}
		holds = append(holds, h)
		return true
	})
	return left, insertHolds(ctx, tx, brand, holds)
}

// signsOfOrders is what looks wrong about each order from which people gain.
func signsOfOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, gains []gain, g team.Guard) (map[shop.ID][]binding.Sign, error) {
	var ids []shop.ID
	for _, one := range gains {
		if !slices.Contains(ids, one.Order) {
			ids = append(ids, one.Order)
		}
	}
	buyers, err := order.Buyers(ctx, tx, brand, ids)
	if err != nil {
		return nil, err
	}
	asked := make([]binding.Gain, len(gains))
	for i, one := range gains {
		asked[i] = binding.Gain{Order: one.Order, Customer: buyers[one.Order], Staff: one.Staff}
	}
	signs, err := binding.SignsOfGains(ctx, tx, brand, asked, g)
	if err != nil || g.Scores.SplitOrders == 0 || len(buyers) == 0 {
		return signs, err
	}
	split, err := splitOrders(ctx, tx, brand, buyers, g.Scores.SplitOrders)
	for id, sign := range split {
		signs[id] = append(signs[id], sign)
	}
	return signs, err
}

// splitOrders are those by which a customer's purchases of one day earn more than the plan's cap on an order would give for all of
// them together: one purchase in several orders passes under it. The cap itself is of one order, and stays so.
func splitOrders(ctx context.Context, tx pgx.Tx, brand shop.BrandID, buyers map[shop.ID]shop.ID, score int) (map[shop.ID]binding.Sign, error) {
	br, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	plans, err := plan.List(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	days, err := order.OfTheDay(ctx, tx, brand, buyers, br.Zone())
	if err != nil {
		return nil, err
	}
	sums, err := saleCredits(ctx, tx, brand, days)
	if err != nil {
		return nil, err
	}
	found := map[shop.ID]binding.Sign{}
	for id, same := range days {
		p, is := plan.InForce(plans, plan.DayOf(id.Time(), br.Zone()))
		if !is || p.OrderCapMinor == nil || len(same) < 2 {
			continue
		}
		total := int64(0)
		for _, one := range same {
			total += sums[one]
		}
		if total > *p.OrderCapMinor {
			found[id] = binding.Sign{Sign: "split_orders", Score: score, Seen: int(total), Cap: int(*p.OrderCapMinor)}
		}
	}
	return found, nil
}

// HoldOf is an order's hold, or binding.ErrHoldUnknown.
func HoldOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, orderID shop.ID) (Hold, error) {
	h, err := holdOf(ctx, tx, brand, orderID)
	if err != nil {
		return Hold{}, fmt.Errorf("hold of order %s: %w", orderID, err)
	}
	return h, nil
}

// Holds are newest first; of some stores, or (nil) of all, and in one state, or (empty) in any.
func Holds(ctx context.Context, tx pgx.Tx, brand shop.BrandID, stores []shop.ID, state binding.HoldState, page shop.Page) ([]Hold, string, error) {
	holds, err := pageOfHolds(ctx, tx, brand, stores, state, page)
	if err != nil {
		return nil, "", fmt.Errorf("held orders: %w", err)
	}
	holds, next := shop.Cut(page, holds, func(h Hold) shop.ID { return h.ID })
	return holds, next, nil
}

// DecideHold keeps how a hold ended. Released, its order becomes payable as any other that is due; refused, it earns nobody anything,
// whatever becomes known of it, and what it had given is taken back now. binding.ErrHoldDecided when somebody was faster. Whoever
// calls it has seen to who may decide.
func (l *Ledger) DecideHold(ctx context.Context, tx pgx.Tx, brand shop.BrandID, h Hold) error {
	if err := decideHold(ctx, tx, brand, h); err != nil {
		return fmt.Errorf("decide about the hold of order %s: %w", h.Order, err)
	}
	if h.State != binding.HoldRefused {
		return nil
	}
	return l.creditAgain(ctx, tx, brand, []shop.ID{h.Order}, act{h.DecidedAt, h.DecidedAt})
}
