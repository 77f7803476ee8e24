package period

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
)

// Service closes months.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
	book *ledger.Ledger
}

// New needs the database, a clock and the book.
func New(pool *postgres.Pool, now func() time.Time, book *ledger.Ledger) *Service {
	return &Service{pool: pool, now: now, book: book}
}

// Close closes a month, named by midnight UTC of its first day, and all before it. Head office alone may; a month that is not
// over is refused (ErrNotOver). Closing it again changes nothing, and finishes what a crash interrupted.
func (s *Service) Close(ctx context.Context, actor shop.Actor, month time.Time) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	now := s.now()
	// Short and on its own: while it is open, every sale of the brand waits.
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		brand, err := team.LoadBrand(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if err := check(month, brand.Day(now)); err != nil {
			return err
		}
		fresh, err := s.book.CloseMonth(ctx, tx, actor, month, now)
		if err != nil || !fresh {
			return err
		}
		return audit.Note(ctx, tx, actor, now, audit.Entry{Act: "month_closed", Detail: map[string]string{"month": month.Format("2006-01")}})
	})
	if err != nil {
		return fmt.Errorf("close %s: %w", month.Format("2006-01"), err)
	}
	err = s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error { return s.book.CountMonth(ctx, tx, actor.Brand, month) })
	if err != nil {
		return fmt.Errorf("count %s: %w", month.Format("2006-01"), err)
	}
	return nil
}
