package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/notify/notice"
	"homestore/referral/dispute"
	"homestore/referral/ledger"
)

// earned tells people on their phones what an order earns them: ledger.Listener. An import or a scenario works with the domain
// alone, where nobody listens.
type earned struct{ notices *notice.Service }

// Earned puts the notices into the queue with the credits: both are there, or neither is.
func (e earned) Earned(ctx context.Context, tx pgx.Tx, brand shop.BrandID, earnings []ledger.Earning, now time.Time) error {
	told := make([]notice.Earning, len(earnings))
	for i, one := range earnings {
		told[i] = notice.Earning{
			Credit: one.Transfer, Order: one.Order, Staff: one.Staff, Role: string(one.Role), Minor: one.Minor, Currency: one.Currency,
		}
	}
	return e.notices.Earned(ctx, tx, brand, told, now)
}

// ruled tells on her phone who raised a dispute how it ended: dispute.Listener. What head office raised for others is told to nobody.
type ruled struct{ notices *notice.Service }

// Ruled puts the notice into the queue with the decision: both are there, or neither is.
func (r ruled) Ruled(ctx context.Context, tx pgx.Tx, brand shop.BrandID, d dispute.Dispute, now time.Time) error {
	if d.Raiser.IsZero() {
		return nil
	}
	return r.notices.Ruled(ctx, tx, brand, notice.Ruling{Dispute: d.ID, Staff: d.Raiser, State: string(d.State)}, now)
}
