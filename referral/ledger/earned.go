package ledger

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// Earning is what an order gives a person for the first time, by all her roles together.
type Earning struct {
	Transfer shop.ID // of her largest part
	Order    shop.ID
	Staff    shop.ID
	Role     plan.Role // of her largest part
	Minor    int64
	Currency shop.Currency
}

// Listener hears of earnings in the transaction that posts them. It must not take long: the order's customer waits.
type Listener interface {
	Earned(ctx context.Context, tx pgx.Tx, brand shop.BrandID, earnings []Earning, now time.Time) error
}

// Telling lets a listener hear of what people earn, and returns the book.
func (l *Ledger) Telling(heard Listener) *Ledger {
	l.listener = heard
	return l
}

// newsFor is how old an order may be of which somebody is told: an import brings years of them at once.
const newsFor = 24 * time.Hour

func (l *Ledger) tell(ctx context.Context, tx pgx.Tx, b book, inputs []attribution.Input, have map[shop.ID]posted, transfers []Transfer) error {
	if l.listener == nil {
		return nil
	}
	isNews := map[shop.ID]bool{}
	for _, in := range inputs {
		isNews[in.Order.ID] = !in.Order.PlacedAt.Before(b.now.Add(-newsFor))
	}
	earnings := earningsOf(transfers, have, isNews)
	if len(earnings) == 0 {
		return nil
	}
	return l.listener.Earned(ctx, tx, b.brand, earnings, b.now)
}

// earningsOf are the first credits of people among transfers, in their sequence. Who had anything of an order before has heard of
// it: an edit that gives her more is no news, nor is what was taken away and given back.
func earningsOf(transfers []Transfer, have map[shop.ID]posted, isNews map[shop.ID]bool) []Earning {
	type share struct{ order, staff shop.ID }
	sums := map[share]*Earning{}
	largest := map[share]int64{}
	var sequence []share
	for _, t := range transfers {
		of := share{t.Order, t.holder().ID}
		if t.holder().Kind != attribution.ToStaff || !isNews[t.Order] || had(have[t.Order].Transfers, t.holder()) {
			continue
		}
		e := sums[of]
		if e == nil {
			e = &Earning{Order: t.Order, Staff: of.staff, Currency: t.Debit.Currency}
			sums[of], sequence = e, append(sequence, of)
		}
		if !t.gives() {
			e.Minor -= t.Minor
			continue
		}
		e.Minor += t.Minor
		if t.Minor > largest[of] {
			largest[of], e.Transfer, e.Role = t.Minor, t.ID, t.Role
		}
	}
	var out []Earning
	for _, of := range sequence {
		if sums[of].Minor > 0 { // what was cancelled by the time it came is nothing to tell
			out = append(out, *sums[of])
		}
	}
	return out
}

func had(before []Transfer, who attribution.Beneficiary) bool {
	return slices.ContainsFunc(before, func(t Transfer) bool { return t.holder() == who })
}
