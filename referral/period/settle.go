package period

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// settling is one close at work: the last day it takes in is that of its month, the first that after the close before.
type settling struct {
	brand  team.Brand
	month  time.Time
	before time.Time // the month closed before; zero: none was
	now    time.Time
	book   *ledger.Ledger
	post   []ledger.Transfer
}

// settle posts what a closed month is due beyond its orders, and states what is payable. All that it reads is dated in the month or
// before and can change no more, except what the orders of a month come to: a fact that is heard of while it works is dated in
// the next month, and may or may not be in this one's true-ups. The next close posts the difference.
func (s *settling) settle(ctx context.Context, tx pgx.Tx) ([]Statement, error) {
	months, err := s.months(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := s.trueUp(ctx, tx, months); err != nil {
		return nil, err
	}
	if err := s.flush(ctx, tx); err != nil {
		return nil, err
	}
	if err := s.dividePools(ctx, tx, months); err != nil {
		return nil, err
	}
	if err := s.flush(ctx, tx); err != nil {
		return nil, err
	}
	statements, err := s.statements(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, st := range statements {
		if st.Stated > 0 {
			s.post = append(s.post, st.transfer(s.ends(s.month), s.now))
		}
	}
	return statements, s.flush(ctx, tx)
}

// flush posts what was found so far: pools divide what true-ups gave them, statements state what pools gave.
func (s *settling) flush(ctx context.Context, tx pgx.Tx) error {
	post := s.post
	s.post = nil
	return s.book.PostClosing(ctx, tx, s.brand.ID, s.brand.Zone(), s.month, post)
}

// ends is the last instant of a month that we can write.
func (s *settling) ends(month time.Time) time.Time {
	return s.begins(month.AddDate(0, 1, 0)).Add(-time.Millisecond)
}

func (s *settling) begins(month time.Time) time.Time {
	return time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, s.brand.Zone()).UTC()
}

// months are those of which something may be due: all since the close before, and older ones of which something became known.
func (s *settling) months(ctx context.Context, tx pgx.Tx) ([]time.Time, error) {
	months, err := ledger.TakeLate(ctx, tx, s.brand.ID, s.month)
	if err != nil {
		return nil, err
	}
	first := s.before.AddDate(0, 1, 0)
	if s.before.IsZero() {
		if first, err = firstMonth(ctx, tx, s.brand); err != nil {
			return nil, err
		}
	}
	for m := first; !first.IsZero() && !m.After(s.month); m = m.AddDate(0, 1, 0) {
		months = append(months, m)
	}
	slices.SortFunc(months, time.Time.Compare)
	return slices.CompactFunc(months, time.Time.Equal), nil
}

// trueUp brings what each month is due up to what is known now.
func (s *settling) trueUp(ctx context.Context, tx pgx.Tx, months []time.Time) error {
	plans, err := plan.List(ctx, tx, s.brand.ID)
	if err != nil {
		return err
	}
	for _, first := range months {
		m, err := MonthOf(ctx, tx, s.brand, plans, first, time.Time{})
		if err != nil {
			return fmt.Errorf("true up %s: %w", first.Format("2006-01"), err)
		}
		before, err := dueOf(ctx, tx, s.brand, first)
		if err != nil {
			return fmt.Errorf("true up %s: %w", first.Format("2006-01"), err)
		}
		if err := s.adopt(ctx, tx, first, before, m.TrueUps()); err != nil {
			return fmt.Errorf("true up %s: %w", first.Format("2006-01"), err)
		}
	}
	return nil
}

// dueKey is one row of what a month is due.
type dueKey struct {
	Kind ledger.TransferKind
	Role plan.Role
	To   attribution.Beneficiary
}

// adopt keeps what a month is due now and posts the difference to what it was before.
func (s *settling) adopt(ctx context.Context, tx pgx.Tx, first time.Time, before map[dueKey]int64, now []Due) error {
	var rows []trueUpRow
	for _, d := range now {
		k := dueKey{d.Kind, d.Role, d.To}
		was := before[k]
		delete(before, k)
		row, err := s.row(first, d)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		s.give(first, d, d.Minor-was, row.Reason)
	}
	for k, was := range before { // what is due no more
		if was == 0 {
			continue
		}
		row, err := s.row(first, Due{Kind: k.Kind, Role: k.Role, To: k.To, Reason: map[string]string{"month": first.Format("2006-01"), "due": "nothing any more"}})
		if err != nil {
			return err
		}
		rows = append(rows, row)
		s.give(first, Due{Kind: k.Kind, Role: k.Role, To: k.To}, -was, row.Reason)
	}
	return upsertTrueUps(ctx, tx, s.brand, rows, s.now)
}

func (s *settling) row(first time.Time, d Due) (trueUpRow, error) {
	reason, err := json.Marshal(d.Reason)
	return trueUpRow{Month: first, Kind: d.Kind, Role: d.Role, To: d.To, Due: d.Minor, Reason: reason}, err
}

// give posts what a month is due more, or less when it is below zero.
func (s *settling) give(first time.Time, d Due, minor int64, reason []byte) {
	s.move(first, d, ledger.Account{Kind: ledger.Expense, Currency: s.brand.Currency}, s.payable(d.To), minor, reason)
}

func (s *settling) payable(to attribution.Beneficiary) ledger.Account {
	return ledger.Account{Kind: ledger.Payable, Holder: to, Currency: s.brand.Currency}
}

func (s *settling) move(first time.Time, d Due, from, to ledger.Account, minor int64, reason []byte) {
	if minor == 0 {
		return
	}
	if minor < 0 {
		from, to, minor = to, from, -minor
	}
	s.post = append(s.post, ledger.Transfer{
		ID: shop.NewID(s.now), Kind: d.Kind, Role: d.Role, Debit: from, Credit: to, Minor: minor, Fact: fact(d.Kind, first),
		Reason: reason, EffectiveAt: s.ends(first), PostedAt: s.now,
	})
}

// statements are those of everybody who had or got something since the close before.
func (s *settling) statements(ctx context.Context, tx pgx.Tx) ([]Statement, error) {
	happened, err := window(ctx, tx, s.brand.ID, s.windowFrom(), s.month)
	if err != nil {
		return nil, err
	}
	former := map[holder]Statement{}
	if !s.before.IsZero() {
		last, err := Statements(ctx, tx, s.brand.ID, s.before)
		if err != nil {
			return nil, err
		}
		for _, st := range last {
			former[holder{st.To, st.Currency}] = st
		}
	}
	var all []Statement
	for who, sums := range happened {
		if st := state(s.month, who, former[who], sums); !st.IsEmpty() {
			all = append(all, st)
		}
	}
	slices.SortFunc(all, func(a, b Statement) int {
		return cmp.Or(cmp.Compare(b.To.Kind, a.To.Kind), bytes.Compare(a.To.ID[:], b.To.ID[:]), cmp.Compare(a.Currency, b.Currency))
	})
	s.name(all)
	return all, nil
}

// name gives statements ids that ascend.
func (s *settling) name(all []Statement) {
	ids := make([]shop.ID, len(all))
	for i := range all {
		ids[i] = shop.NewID(s.now)
	}
	slices.SortFunc(ids, func(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) })
	for i := range all {
		all[i].ID = ids[i]
	}
}
