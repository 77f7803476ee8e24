package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/notify/notice"
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
