package plan

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Service keeps the versions of a brand's plan.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
}

// New needs the database and a clock.
func New(pool *postgres.Pool, now func() time.Time) *Service { return &Service{pool: pool, now: now} }

var (
	// ErrVersionTaken refuses a second plan of the same version.
	ErrVersionTaken = shop.Refuse(shop.Conflict, "plan_version_taken", "A plan of this version exists; versions never change, so give the new one a higher number.")
	// ErrDayTaken refuses a second plan that begins on the same day.
	ErrDayTaken = shop.Refuse(shop.Conflict, "plan_day_taken", "Another version begins on this day.")
)

var (
	_ = postgres.RefuseOn("plan_version_once", ErrVersionTaken)
	_ = postgres.RefuseOn("plan_one_per_day", ErrDayTaken)
)

// Add stores a new version at once, for Homestore itself: a seed, a story. What people write is drafted by one and approved by
// another. It begins tomorrow at the earliest (ErrNotForward), except the brand's first: there is nothing yet that it could change,
// and orders that are there already are credited by it (ledger.CreditUnplanned).
func (s *Service) Add(ctx context.Context, actor shop.Actor, zone *time.Location, p Plan) (Plan, error) {
	if err := actor.Allow(shop.RoleSystem); err != nil {
		return Plan{}, err
	}
	if err := p.Validate(); err != nil {
		return Plan{}, err
	}
	now := s.now()
	p.ID = shop.NewID(now)
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		before, err := List(ctx, tx, actor.Brand)
		if err != nil {
			return err
		}
		if len(before) > 0 {
			if err := p.forward(DayOf(now, zone)); err != nil {
				return err
			}
		}
		return insertPlan(ctx, tx, actor.Brand, stored{Plan: p, At: now})
	})
	return p, err
}
