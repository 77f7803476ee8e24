package period

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
)

// Service closes months, and keeps what is paid and adjusted.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
	book *ledger.Ledger
}

// New needs the database, a clock and the book.
func New(pool *postgres.Pool, now func() time.Time, book *ledger.Ledger) *Service {
	return &Service{pool: pool, now: now, book: book}
}

// Close closes a month, named by midnight UTC of its first day, and all before it. Head office and finance may; a month that is not
// over is refused (ErrNotOver). Closing it again changes nothing, and finishes what was interrupted, as Finish does.
//
// Its steps: what fell due is made payable; the month is closed to everybody else, for a moment; true-ups, pools and statements
// are posted into it; it is counted and sealed. Sales wait for the second step alone.
func (s *Service) Close(ctx context.Context, actor shop.Actor, month time.Time) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleFinance, shop.RoleSystem); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	if err := s.mayClose(ctx, actor, month, now); err != nil {
		return fmt.Errorf("close %s: %w", month.Format("2006-01"), err)
	}
	if _, err := s.book.Vest(ctx, actor.Brand, now); err != nil {
		return fmt.Errorf("close %s: %w", month.Format("2006-01"), err)
	}
	if err := s.shut(ctx, actor, month, now); err != nil {
		return fmt.Errorf("close %s: %w", month.Format("2006-01"), err)
	}
	return s.Finish(ctx, actor.Brand)
}

func (s *Service) mayClose(ctx context.Context, actor shop.Actor, month, now time.Time) error {
	return s.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		return check(month, brand.Day(now))
	})
}

// shut is short and on its own: while it is open, every sale of the brand waits.
func (s *Service) shut(ctx context.Context, actor shop.Actor, month, now time.Time) error {
	return s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		fresh, err := s.book.CloseMonth(ctx, tx, actor, month, now)
		if err != nil || !fresh {
			return err
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "month_closed", Detail: map[string]string{"month": month.Format("2006-01")}})
	})
}

// Finish does what a crash or a deadline left undone of closed months, the first first: each state starts from the one before.
// When nothing is left, it changes nothing.
func (s *Service) Finish(ctx context.Context, brand shop.BrandID) error {
	var left []closing
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		left, err = unmade(ctx, tx, brand)
		return err
	})
	if err != nil {
		return err
	}
	now := shop.Millis(s.now())
	for _, c := range left {
		if err := s.state(ctx, brand, c, now); err != nil {
			return fmt.Errorf("state %s: %w", c.Month.Format("2006-01"), err)
		}
		if err := s.count(ctx, brand, c.Month, now); err != nil {
			return fmt.Errorf("count %s: %w", c.Month.Format("2006-01"), err)
		}
	}
	return nil
}

// closing is a month and who closes it.
type closing struct {
	Month time.Time
	By    string // pseudonym
}

// state makes the statements of a closed month, unless they are made.
func (s *Service) state(ctx context.Context, brand shop.BrandID, c closing, now time.Time) error {
	return s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		if err := lockClosing(ctx, tx, brand); err != nil {
			return err
		}
		_, err := PeriodOf(ctx, tx, brand, c.Month)
		if err == nil || !errors.Is(err, ErrOpen) {
			return err
		}
		_, err = s.settle(ctx, tx, brand, c, now)
		return err
	})
}

func (s *Service) settle(ctx context.Context, tx pgx.Tx, id shop.BrandID, c closing, now time.Time) ([]Statement, error) {
	brand, err := team.LoadBrand(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	work := &settling{brand: brand, month: c.Month, now: now, book: s.book}
	if work.before, err = closedBefore(ctx, tx, id, c.Month); err != nil {
		return nil, err
	}
	if err := insertPeriod(ctx, tx, id, Period{Month: c.Month, Since: work.windowFrom(), ClosedBy: c.By, MadeAt: now}); err != nil {
		return nil, err
	}
	statements, err := work.settle(ctx, tx)
	if err != nil {
		return nil, err
	}
	return statements, insertStatements(ctx, tx, id, statements)
}

// count keeps what is dated in the month, seals what was posted since it began (older ones are the daily look's) and keeps the end of the chain, which statements print.
func (s *Service) count(ctx context.Context, brand shop.BrandID, month, now time.Time) error {
	err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error { return s.book.CountMonth(ctx, tx, brand, month) })
	if err != nil {
		return err
	}
	if _, err := s.book.Seal(ctx, brand, month.AddDate(0, 0, -2), now); err != nil {
		return err
	}
	return s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		head, err := ledger.HeadOf(ctx, tx, brand)
		if err != nil && !errors.Is(err, shop.ErrNotFound) {
			return err
		}
		if errors.Is(err, shop.ErrNotFound) {
			head.SealedAt = now // there is nothing in the book
		}
		return insertPeriodSeal(ctx, tx, brand, month, head)
	})
}
