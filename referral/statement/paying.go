package statement

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/period"
)

// ErrNothingToPay refuses a payment of nobody.
var ErrNothingToPay = shop.Refuse(shop.Unprocessable, "statements_required", "Name the statements to pay, or say that all of the month are.")

// Payments are what is still to be paid of a month: the rows of its payout file. A reference stays the same until its payment was
// tried, however often the file is made. period.ErrOpen when the month is not closed.
func (s *Service) Payments(ctx context.Context, actor shop.Actor, month time.Time, in shop.Language) ([]Payment, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, err
	}
	open, err := s.unpaid(ctx, actor.Brand, month, in)
	if err != nil {
		return nil, fmt.Errorf("payments of %s: %w", month.Format("2006-01"), err)
	}
	payments := make([]Payment, len(open))
	for i, e := range open {
		payments[i] = e.payment(actor.Brand)
	}
	return payments, nil
}

func (e Entry) payment(brand shop.BrandID) Payment {
	return Payment{Reference: Reference(brand, e.Month, e.To, e.Currency, e.Tries+1), To: e.Party, Month: e.Month, Currency: e.Currency, Minor: e.Left()}
}

// unpaid are the statements of a month of which something is left to pay.
func (s *Service) unpaid(ctx context.Context, brand shop.BrandID, month time.Time, in shop.Language) ([]Entry, error) {
	var all []Entry
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		all, err = monthOf(ctx, tx, brand, month, in)
		return err
	})
	return slices.DeleteFunc(all, func(e Entry) bool { return e.Left() <= 0 }), err
}

// monthOf are all statements of a closed month.
func monthOf(ctx context.Context, tx pgx.Tx, brand shop.BrandID, month time.Time, in shop.Language) ([]Entry, error) {
	if _, err := period.PeriodOf(ctx, tx, brand, month); err != nil {
		return nil, err
	}
	statements, err := period.Statements(ctx, tx, brand, month)
	if err != nil {
		return nil, err
	}
	return entriesOf(ctx, tx, brand, statements, in)
}

// Record keeps what a file says became of a month's payments (ReadOutcomes), all or nothing of it. Sent twice it is refused,
// also at once: a reference is of one try, and period records each try of a statement once (period.ErrTried).
func (s *Service) Record(ctx context.Context, actor shop.Actor, month time.Time, file []byte) ([]period.Payout, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, err
	}
	open, err := s.unpaid(ctx, actor.Brand, month, shop.TraditionalChinese)
	if err != nil {
		return nil, fmt.Errorf("record payouts of %s: %w", month.Format("2006-01"), err)
	}
	payments, of := make([]Payment, len(open)), make(map[string]Entry, len(open))
	for i, e := range open {
		payments[i] = e.payment(actor.Brand)
		of[payments[i].Reference] = e
	}
	found, err := ReadOutcomes(file, payments)
	if err != nil {
		return nil, err
	}
	told := make([]period.Payout, len(found))
	for i, f := range found {
		e := of[f.Payment.Reference]
		told[i] = period.Payout{To: e.To, Currency: e.Currency, No: e.Tries + 1, Outcome: period.Paid, Minor: f.Minor, Reference: f.Payment.Reference, Note: f.Note}
		if f.Outcome == HasFailed {
			told[i].Outcome = period.Failed
		}
	}
	return s.periods.RecordPayouts(ctx, actor, month, told)
}

// Pay marks what is left of statements of a month as paid: of those named, or of all; what is paid stays as it is. ErrNothingToPay when it names none,
// period.ErrNoStatement when one is not of the month.
func (s *Service) Pay(ctx context.Context, actor shop.Actor, month time.Time, ids []shop.ID, isAll bool, reference string) ([]period.Payout, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, err
	}
	if isAll == (len(ids) > 0) {
		return nil, ErrNothingToPay
	}
	if isAll {
		return s.periods.Pay(ctx, actor, month, nil, reference)
	}
	var told []period.Payout
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		all, err := monthOf(ctx, tx, actor.Brand, month, shop.TraditionalChinese)
		if err != nil {
			return err
		}
		for _, id := range ids {
			at := slices.IndexFunc(all, func(e Entry) bool { return e.ID == id })
			if at < 0 {
				return period.ErrNoStatement
			}
			if e := all[at]; e.Left() > 0 {
				told = append(told, period.Payout{To: e.To, Currency: e.Currency, Outcome: period.Paid, Reference: reference})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("pay %s: %w", month.Format("2006-01"), err)
	}
	return s.periods.RecordPayouts(ctx, actor, month, told)
}

// PaidOut is a try to pay with the name of whose it was.
type PaidOut struct {
	period.Payout
	Party Party
}

// Payouts are all tries to pay a month, in their sequence.
func (s *Service) Payouts(ctx context.Context, actor shop.Actor, month time.Time, in shop.Language) ([]PaidOut, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, err
	}
	var all []PaidOut
	err := s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		payouts, err := period.Payouts(ctx, tx, actor.Brand, month)
		if err != nil {
			return err
		}
		holders := make([]attribution.Beneficiary, len(payouts))
		for i, p := range payouts {
			holders[i] = p.To
		}
		parties, err := partiesOf(ctx, tx, actor.Brand, holders, in)
		all = make([]PaidOut, len(payouts))
		for i, p := range payouts {
			all[i] = PaidOut{p, parties[p.To]}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("payouts of %s: %w", month.Format("2006-01"), err)
	}
	return all, nil
}
