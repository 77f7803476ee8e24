package period

import (
	"context"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// States says in which state the credits of an order are, by whose they are: pending until the return period is over, then payable
// while the month in which that is dated is open, then stated, and paid when her statement of it was paid in full. A statement's
// balance may be less than its credits, when something else was taken back: the state tells of the month, not of the amount.
func States(ctx context.Context, db postgres.DB, brand shop.BrandID, oc ledger.OrderCredit, currency shop.Currency) (func(attribution.Beneficiary) ledger.AccountKind, error) {
	always := func(kind ledger.AccountKind) func(attribution.Beneficiary) ledger.AccountKind {
		return func(attribution.Beneficiary) ledger.AccountKind { return kind }
	}
	if oc.VestedAt.IsZero() {
		return always(ledger.Pending), nil
	}
	closed, paid, err := paidInFull(ctx, db, brand, oc.VestedMonth)
	if err != nil || !closed {
		return always(ledger.Payable), err
	}
	return func(to attribution.Beneficiary) ledger.AccountKind {
		if paid[holder{to, currency}] {
			return ledger.Paid
		}
		return ledger.Stated
	}, nil
}
