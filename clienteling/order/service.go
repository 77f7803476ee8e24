package order

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// Service keeps orders.
type Service struct {
	pool      *postgres.Pool
	now       func() time.Time
	listeners []Listener
	exchanges Exchanges // nil: each exchange is an edit
}

// New makes the service. The listeners hear of each changed order in their sequence.
func New(pool *postgres.Pool, now func() time.Time, listeners ...Listener) *Service {
	return &Service{pool: pool, now: now, listeners: listeners}
}

// Outcome is what became of a fact.
type Outcome string

const (
	Applied Outcome = "applied" // it is part of the order now
	Ignored Outcome = "ignored" // known already, or superseded by what is known
	Waiting Outcome = "waiting" // kept until its order comes
)

// Notes on an outcome. A fact with one is kept, and what of it fits has been applied.
const (
	NoteSurplus     = "surplus"      // it takes back more than there was
	NoteUnknownLine = "unknown_line" // it names a line that the order never had
	NoteSuperseded  = "superseded"   // a higher version of the order was there before
	NoteOfAnother   = "of_another"   // a fact that waited for this order has the number of another order's, and was left out
)

// Result is what became of one fact.
type Result struct {
	Order   shop.ID // zero while the fact waits
	Outcome Outcome
	Note    string
	Made    shop.ID // of an exchange that counts as a return: the new order
}

// Apply takes one fact of another system. The same fact again, and any fact that something newer has overtaken, is
// Ignored; a fact whose order has not come is Waiting. Everybody who must hear of the order has heard when Apply returns.
// It is refused with ErrFuture, ErrOfAnother, with shop.ErrFields naming each wrong field, or when it names a store or customer that
// does not exist.
func (s *Service) Apply(ctx context.Context, brand shop.BrandID, source string, f Fact) (Result, error) {
	var result Result
	err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		var err error
		result, err = s.ApplyTx(ctx, tx, brand, source, f, s.now())
		return err
	})
	return result, err
}

// ApplyTx is Apply within the transaction of somebody above.
func (s *Service) ApplyTx(ctx context.Context, tx pgx.Tx, brand shop.BrandID, source string, f Fact, now time.Time) (Result, error) {
	results, err := s.ApplyAll(ctx, tx, brand, source, []Fact{f}, now)
	if err != nil {
		return Result{}, err
	}
	return results[0], nil
}

// ApplyAll takes many facts of one source at once and says of each what became of it. A few hundred orders take about as
// many statements as one. One refused fact refuses all of them.
func (s *Service) ApplyAll(ctx context.Context, tx pgx.Tx, brand shop.BrandID, source string, facts []Fact, now time.Time) ([]Result, error) {
	return s.take(ctx, tx, delivery{brand: brand, source: source, facts: facts, now: now})
}

// ApplyMany is ApplyAll in a transaction of its own: what an import calls for each of its batches.
func (s *Service) ApplyMany(ctx context.Context, brand shop.BrandID, source string, facts []Fact) ([]Result, error) {
	var results []Result
	err := s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		var err error
		results, err = s.ApplyAll(ctx, tx, brand, source, facts, s.now())
		return err
	})
	return results, err
}
