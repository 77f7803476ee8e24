package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// Config is what the service is built with.
type Config struct {
	Sender Sender
	Queue  *river.Client[pgx.Tx] // wakes the sender; its workers may be registered afterwards
	Brands interface {           // for the sweep: team.Service
		Brands(ctx context.Context) ([]team.Brand, error)
	}
	Log *slog.Logger // hears of faults that somebody has to mend
	// InFlight is how many messages are under way at once; 0 means 500. The sender's connections are sized by the same number.
	InFlight int
}

// Service intends messages and sends them.
type Service struct {
	pool  *postgres.Pool
	now   func() time.Time
	cfg   Config
	marks int // of markSize messages under way at once

	mu        sync.Mutex
	heldUntil time.Time // Firebase asked this process to rest
}

// defaultInFlight carries some 4,000 messages a second at 100 ms each.
const defaultInFlight = 500

// New makes the service.
func New(pool *postgres.Pool, now func() time.Time, cfg Config) *Service {
	if cfg.InFlight <= 0 {
		cfg.InFlight = defaultInFlight
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{pool: pool, now: now, cfg: cfg, marks: max(1, cfg.InFlight/markSize)}
}

// Opened notes that the customer opened the message on her phone; again changes nothing. It proves that a message of which
// nobody knew has arrived. shop.ErrNotFound when it was not sent to her.
func (s *Service) Opened(ctx context.Context, actor shop.Actor, id shop.ID) error {
	if err := actor.Allow(shop.RoleCustomer); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	err := s.pool.Brand(ctx, actor.Brand, func(tx pgx.Tx) error {
		found, err := updateOpened(ctx, tx, actor.Brand, actor.ID, id, now)
		if err == nil && !found {
			return shop.ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("note that delivery %s was opened: %w", id, err)
	}
	return nil
}

// OfCustomer are the messages to a customer, newest first, as long as they are kept.
func OfCustomer(ctx context.Context, db postgres.DB, brand shop.BrandID, customer shop.ID, page shop.Page) ([]Delivery, string, error) {
	all, err := pageOfCustomer(ctx, db, brand, customer, page)
	if err != nil {
		return nil, "", fmt.Errorf("deliveries of customer %s: %w", customer, err)
	}
	all, next := shop.Cut(page, all, func(d Delivery) shop.ID { return d.ID })
	return all, next, nil
}

// Withdraw drops what is still to be sent of a purpose and was intended between two instants. What is under way arrives.
func Withdraw(ctx context.Context, tx pgx.Tx, brand shop.BrandID, purpose shop.ID, from, until time.Time) error {
	if err := updateWithdrawn(ctx, tx, brand, purpose, from, until); err != nil {
		return fmt.Errorf("withdraw deliveries of %s: %w", purpose, err)
	}
	return nil
}

// Funnel is what became of the messages of one purpose, in messages: a customer with two phones has two.
type Funnel struct {
	Waiting int // intended, under way, or to be tried again
	Sent    int // Firebase took them, which is not yet that they were seen
	Dead    int
	Failed  int
	Unknown int
	Expired int
	Dropped int
	Opened  int
	Why     map[Why]int // of dead, failed, unknown, expired and dropped
}

// FunnelOf reads the messages of a purpose that were intended between two instants.
func FunnelOf(ctx context.Context, db postgres.DB, brand shop.BrandID, purpose shop.ID, from, until time.Time) (Funnel, error) {
	counts, err := countStates(ctx, db, brand, purpose, from, until)
	if err != nil {
		return Funnel{}, fmt.Errorf("funnel of %s: %w", purpose, err)
	}
	f := Funnel{Why: map[Why]int{}}
	for _, c := range counts {
		f.Opened += c.Opened
		if c.State == Sent {
			f.Sent += c.Messages
			continue
		}
		into := map[State]*int{
			Intended: &f.Waiting, Sending: &f.Waiting, Later: &f.Waiting,
			Dead: &f.Dead, Failed: &f.Failed, Unknown: &f.Unknown, Expired: &f.Expired, Dropped: &f.Dropped,
		}[c.State]
		*into += c.Messages
		if into != &f.Waiting {
			f.Why[c.Why] += c.Messages
		}
	}
	return f, nil
}
