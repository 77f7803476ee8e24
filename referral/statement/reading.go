package statement

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
)

// Read is one statement, to be shown or written. Its lines are read as they are asked for, and are the same for ever. What the actor
// does not read is shop.ErrNotFound.
func (s *Service) Read(ctx context.Context, actor shop.Actor, id shop.ID, in shop.Language) (*Statement, Entry, error) {
	var st *Statement
	var e Entry
	err := s.look(ctx, actor, id, func(tx pgx.Tx, kept period.Statement) (err error) {
		entries, err := entriesOf(ctx, tx, actor.Brand, []period.Statement{kept}, in)
		if err != nil {
			return err
		}
		e = entries[0]
		st, err = s.fill(ctx, tx, actor.Brand, e, in)
		return err
	})
	if err != nil {
		return nil, e, fmt.Errorf("read statement %s: %w", id, err)
	}
	st.Lines = s.all(ctx, actor.Brand, e.Statement, st.teller())
	return st, e, nil
}

// File writes one statement, as Read reads it.
func (s *Service) File(ctx context.Context, actor shop.Actor, id shop.ID, as Format, in shop.Language) (File, error) {
	st, _, err := s.Read(ctx, actor, id, in)
	if err != nil {
		return File{}, err
	}
	return st.File(as)
}

// Lines is a page of a statement's movements, as they were posted.
func (s *Service) Lines(ctx context.Context, actor shop.Actor, id shop.ID, in shop.Language, page shop.Page) (lines []Line, next string, err error) {
	err = s.look(ctx, actor, id, func(tx pgx.Tx, kept period.Statement) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		more := shop.Page{After: page.After, Limit: page.Limit + 1}
		if lines, err = s.page(ctx, tx, actor.Brand, kept, teller{in, brand.Zone()}, more); err != nil {
			return err
		}
		lines, next = shop.Cut(page, lines, func(l Line) shop.ID { return l.ID })
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("lines of statement %s: %w", id, err)
	}
	return lines, next, nil
}

// look reads a statement that the actor reads.
func (s *Service) look(ctx context.Context, actor shop.Actor, id shop.ID, act func(tx pgx.Tx, st period.Statement) error) error {
	if err := actor.Allow(whoReads...); err != nil {
		return err
	}
	return s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		st, err := period.StatementByID(ctx, tx, actor.Brand, id)
		if err != nil {
			return err
		}
		isHers, err := reads(ctx, tx, actor, st)
		if err != nil {
			return err
		}
		if !isHers && (st.To != attribution.StaffOf(actor.ID)) {
			return shop.ErrNotFound
		}
		return act(tx, st)
	})
}

// fill is the statement without its lines.
func (s *Service) fill(ctx context.Context, tx pgx.Tx, brand shop.BrandID, e Entry, in shop.Language) (*Statement, error) {
	b, err := team.LoadBrand(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	closed, err := period.PeriodOf(ctx, tx, brand, e.Month)
	if err != nil {
		return nil, err
	}
	st := &Statement{
		Language: in, Brand: b.Name.In(in), Month: e.Month, Zone: b.Zone(), To: e.Party, Currency: e.Currency, Seal: closed.Head, ClosedAt: closed.MadeAt,
		Figures: Figures{
			PendingOpening: e.PendingOpening, Opening: e.Opening, Movement: e.Movement, PendingClosing: e.PendingClosing, Stated: e.Stated, Carried: e.Carried,
		},
	}
	plans, err := plan.List(ctx, tx, brand)
	if err != nil {
		return nil, err
	}
	st.Terms = termsOf(plans, e.Month)
	payable := ledger.Account{Kind: ledger.Payable, Holder: e.To, Currency: e.Currency}
	st.Terms.Forgiven, err = forgiven(ctx, tx, brand, payable.ID(), e.Month)
	return st, err
}

// termsOf are those of a month: all versions that were in force on a day of it, and the rules of the last, by which it was closed.
func termsOf(plans []plan.Plan, month time.Time) Terms {
	var t Terms
	for day := month; day.Before(month.AddDate(0, 1, 0)); day = day.AddDate(0, 0, 1) {
		p, is := plan.InForce(plans, plan.Day{Time: day})
		if !is {
			continue
		}
		if !slices.Contains(t.PlanVersions, p.Version) {
			t.PlanVersions = append(t.PlanVersions, p.Version)
		}
		t.HoldDays, t.ClawbackDays, t.ClawbackMonthCap = p.HoldDays, p.ClawbackDays, p.ClawbackMonthCapMinor
	}
	return t
}

// linesAtOnce are read in one round trip while a statement is written.
const linesAtOnce = 1000

// all are the lines of a statement, some at a time: what is dated in a closed month changes no more, so no two pages differ.
func (s *Service) all(ctx context.Context, brand shop.BrandID, st period.Statement, t teller) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for page := (shop.Page{Limit: linesAtOnce}); ; {
			var lines []Line
			err := s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
				lines, err = s.page(ctx, tx, brand, st, t, page)
				return err
			})
			if err != nil {
				yield(Line{}, err)
				return
			}
			for _, l := range lines {
				if !yield(l, nil) {
					return
				}
			}
			if len(lines) < linesAtOnce {
				return
			}
			page.After = lines[len(lines)-1].ID
		}
	}
}

// page are some of a statement's lines.
func (s *Service) page(ctx context.Context, tx pgx.Tx, brand shop.BrandID, st period.Statement, t teller, page shop.Page) ([]Line, error) {
	closed, err := period.PeriodOf(ctx, tx, brand, st.Month)
	if err != nil {
		return nil, err
	}
	of := ledger.Dated{To: st.To, Currency: st.Currency, Month: st.Month, Until: closed.MadeAt}
	moved, err := ledger.Movements(ctx, tx, brand, of, page)
	if err != nil {
		return nil, err
	}
	var orders []shop.ID
	var facts []string
	for _, m := range moved {
		switch {
		case !m.Order.IsZero():
			orders = append(orders, m.Order)
		case m.Kind == ledger.Adjusted:
			facts = append(facts, m.Fact)
		}
	}
	sales, err := salesOf(ctx, tx, brand, orders)
	if err != nil {
		return nil, err
	}
	adjusted, err := adjustmentsOf(ctx, tx, brand, facts)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, len(moved))
	for i, m := range moved {
		lines[i] = s.line(st, m, sales[m.Order], adjusted[m.Fact], t)
	}
	return lines, nil
}

// line is a movement as a statement says it. Its state is that at the month's end, as the statement has it: what became of it
// later is in later statements.
func (s *Service) line(st period.Statement, m ledger.Transfer, of sale, by told, t teller) Line {
	l := Line{
		ID: m.ID, PostedAt: m.PostedAt, EffectiveAt: m.EffectiveAt, Kind: m.Kind, Role: m.Role, Order: of.name, OrderID: m.Order, Parcel: m.Parcel, LineNo: m.Line,
		Minor: m.Minor, State: ledger.Payable, Trace: s.trace(st.To, m.Order),
	}
	own := m.Credit
	if m.Debit.Holder == st.To {
		l.Minor, own = -m.Minor, m.Debit
	}
	if own.Kind == ledger.Pending && (of.vested.IsZero() || of.vested.After(st.Month)) {
		l.State = ledger.Pending
	}
	y, month, _ := m.EffectiveAt.In(t.zone).Date()
	l.BelongsTo = time.Date(y, month, 1, 0, 0, 0, 0, time.UTC)
	if !by.belongs.IsZero() {
		l.BelongsTo = by.belongs
	}
	if l.BelongsTo.Equal(st.Month) {
		l.BelongsTo = time.Time{}
	}
	l.Why = t.why(m, by.reason)
	return l
}

// trace is where an order is explained to whoever reads the statement: people read their own, and managers the others.
func (s *Service) trace(to attribution.Beneficiary, order shop.ID) string {
	switch {
	case order.IsZero():
		return ""
	case to.Kind == attribution.ToStaff:
		return s.address + "/v1/staff/orders/" + order.String() + "/credit"
	}
	return s.address + "/v1/manager/orders/" + order.String()
}
