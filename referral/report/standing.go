package report

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/period"
)

// standing is in which state the credits of an order are.
type standing struct {
	stateOf func(attribution.Beneficiary) ledger.AccountKind
}

func standingOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, oc ledger.OrderCredit, currency shop.Currency) (standing, error) {
	of, err := period.States(ctx, tx, brand, oc, currency)
	return standing{of}, err
}

// StateOf is the state of somebody's credits: pending, payable, stated when their month is closed, paid when her statement is.
func (s standing) StateOf(to attribution.Beneficiary) ledger.AccountKind { return s.stateOf(to) }

// least is the state in which all of the order's credits are at least: one is paid to one person before it is to another.
func (s standing) least(credits []ledger.Credit) ledger.AccountKind {
	if len(credits) == 0 {
		return s.stateOf(attribution.Beneficiary{})
	}
	ahead := []ledger.AccountKind{ledger.Pending, ledger.Payable, ledger.Stated, ledger.Paid}
	least := len(ahead) - 1
	for _, c := range credits {
		least = min(least, slices.Index(ahead, s.stateOf(c.To)))
	}
	return ahead[least]
}

// stateEach says of what somebody earned in which state it is. Orders of one page became payable in a few months, and it is the same for
// all of one.
func stateEach(ctx context.Context, tx pgx.Tx, brand shop.BrandID, to attribution.Beneficiary, earned []Earned) error {
	type vested struct {
		month    time.Time
		currency shop.Currency
	}
	known := map[vested]ledger.AccountKind{}
	for i := range earned {
		e := &earned[i]
		at := vested{e.credit.VestedMonth, e.Sale.Currency}
		if _, is := known[at]; !is {
			of, err := standingOf(ctx, tx, brand, e.credit, e.Sale.Currency)
			if err != nil {
				return err
			}
			known[at] = of.StateOf(to)
		}
		e.State = known[at]
	}
	return nil
}
