package period

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
)

// Outcomes of a try to pay.
const (
	Paid   = "paid"
	Failed = "failed"
)

// Payout is one try to pay a statement, and what became of it.
type Payout struct {
	Month      time.Time
	To         attribution.Beneficiary
	Currency   shop.Currency
	No         int // 1.. of the statement; told as 0: whichever is next
	Outcome    string
	Minor      int64 // paid, 0: all that is left; failed: what was tried
	Reference  string
	Note       string
	RecordedBy string
	RecordedAt time.Time
}

// Refusals about payouts.
var (
	ErrNoStatement = shop.Refuse(shop.Unprocessable, "statement_unknown", "There is no statement of this month for whom you name.")
	ErrOverpaid    = shop.Refuse(shop.Unprocessable, "payout_too_much", "This is more than what is left of the statement.")
	ErrPaidAlready = shop.Refuse(shop.Conflict, "payout_done", "This statement is paid in full.")
	ErrTried       = shop.Refuse(shop.Conflict, "payout_recorded", "What became of this try to pay is recorded already. Ask for the payouts of the month.")
	ErrOutcome     = shop.Refuse(shop.Unprocessable, "payout_outcome_unknown", "The outcome of a payout is paid or failed.")
)

// Pay marks what is left of a month's statements as paid: of those named, or of all. What is paid already stays so; ErrOpen when
// the month is not closed.
func (s *Service) Pay(ctx context.Context, actor shop.Actor, month time.Time, only []attribution.Beneficiary, reference string) ([]Payout, error) {
	return s.pay(ctx, actor, month, func(open []unpaid) ([]Payout, error) {
		var all []Payout
		for _, u := range open {
			if u.left() > 0 && isNamed(u.To, only) {
				all = append(all, Payout{To: u.To, Currency: u.Currency, No: u.Tries + 1, Outcome: Paid, Minor: u.left(), Reference: reference})
			}
		}
		return all, nil
	})
}

func isNamed(to attribution.Beneficiary, only []attribution.Beneficiary) bool {
	for _, one := range only {
		if one == to {
			return true
		}
	}
	return only == nil
}

// RecordPayouts keeps what a bank or payroll says of each payout: paid in full or in part, or failed, in which case the money stays
// stated. All of them or none; ErrNoStatement, ErrOverpaid, ErrPaidAlready and ErrOutcome can come back. Who says the number of a
// try is refused with ErrTried when that is not the next, so that what is told twice at once is recorded once.
func (s *Service) RecordPayouts(ctx context.Context, actor shop.Actor, month time.Time, told []Payout) ([]Payout, error) {
	return s.pay(ctx, actor, month, func(open []unpaid) ([]Payout, error) {
		of := map[holder]*unpaid{}
		for i, u := range open {
			of[holder{u.To, u.Currency}] = &open[i]
		}
		all := make([]Payout, len(told))
		for i, p := range told {
			var err error
			if all[i], err = p.against(of[holder{p.To, p.Currency}]); err != nil {
				return nil, err
			}
		}
		return all, nil
	})
}

// against checks a payout against its statement, and takes what it pays from that.
func (p Payout) against(u *unpaid) (Payout, error) {
	switch {
	case u == nil:
		return p, ErrNoStatement
	case p.Outcome != Paid && p.Outcome != Failed:
		return p, ErrOutcome
	case p.No != 0 && p.No != u.Tries+1:
		return p, ErrTried
	case u.left() <= 0:
		return p, ErrPaidAlready
	case p.Minor < 0 || p.Minor > u.left():
		return p, ErrOverpaid
	}
	if p.Minor == 0 {
		p.Minor = u.left()
	}
	u.Tries++
	p.No = u.Tries
	if p.Outcome == Paid {
		u.Paid += p.Minor
	}
	return p, nil
}

// unpaid is a statement with what was paid of it.
type unpaid struct {
	Statement

	Paid  int64
	Tries int
}

func (u unpaid) left() int64 { return u.Stated - u.Paid }

// pay holds the month's statements, lets the caller say what to pay of them, and posts it, dated now.
func (s *Service) pay(ctx context.Context, actor shop.Actor, month time.Time, say func([]unpaid) ([]Payout, error)) ([]Payout, error) {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return nil, err
	}
	now := shop.Millis(s.now())
	var payouts []Payout
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		if err := lockClosing(ctx, tx, actor.Brand); err != nil {
			return err
		}
		if _, err := PeriodOf(ctx, tx, actor.Brand, month); err != nil {
			return err
		}
		open, err := unpaidOf(ctx, tx, actor.Brand, month)
		if err != nil {
			return err
		}
		if payouts, err = say(open); err != nil {
			return err
		}
		return s.keepPayouts(ctx, tx, actor, month, payouts, now)
	})
	if err != nil {
		return nil, fmt.Errorf("pay %s: %w", month.Format("2006-01"), err)
	}
	return payouts, nil
}

func (s *Service) keepPayouts(ctx context.Context, tx pgx.Tx, actor shop.Actor, month time.Time, payouts []Payout, now time.Time) error {
	var post []ledger.Transfer
	for i := range payouts {
		p := &payouts[i]
		p.Month, p.RecordedBy, p.RecordedAt = month, actor.Pseudonym(), now
		if p.Outcome == Paid {
			post = append(post, p.transfer(now))
		}
	}
	if len(payouts) == 0 {
		return nil
	}
	if err := insertPayouts(ctx, tx, actor.Brand, payouts); err != nil {
		return err
	}
	brand, err := team.LoadBrand(ctx, tx, actor.Brand)
	if err != nil {
		return err
	}
	if err := s.book.Post(ctx, tx, actor.Brand, brand.Zone(), post); err != nil {
		return err
	}
	return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "statements_paid", Detail: map[string]any{"month": month.Format("2006-01"), "payouts": len(payouts)}})
}

func (p Payout) transfer(now time.Time) ledger.Transfer {
	account := func(kind ledger.AccountKind) ledger.Account {
		return ledger.Account{Kind: kind, Holder: p.To, Currency: p.Currency}
	}
	return ledger.Transfer{
		ID: shop.NewID(now), Kind: ledger.PaidOut, Minor: p.Minor, Fact: fact(ledger.PaidOut, p.Month), Debit: account(ledger.Stated), Credit: account(ledger.Paid),
		Reason: fmt.Appendf(nil, `{"month":%q,"payout":%d}`, p.Month.Format("2006-01"), p.No), EffectiveAt: now, PostedAt: now,
	}
}
