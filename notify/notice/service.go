package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/notify/device"
	"homestore/notify/push"
)

// Sender hands one message to Firebase: fcm.Sender. It makes at most one request that Firebase could accept.
type Sender interface {
	Send(ctx context.Context, m push.Message, to push.Target) (push.Outcome, error)
}

// Queue is what puts jobs into a transaction: river.Client.
type Queue interface {
	InsertManyTx(ctx context.Context, tx pgx.Tx, params []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
}

// Config is what the service works with.
type Config struct {
	Sender Sender
	Queue  Queue
	Log    *slog.Logger // hears of faults that somebody has to mend; nil: nobody does
}

// Service puts notices into the queue and sends them.
type Service struct {
	pool *postgres.Pool
	now  func() time.Time
	cfg  Config
}

// New makes the service.
func New(pool *postgres.Pool, now func() time.Time, cfg Config) *Service {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{pool, now, cfg}
}

// Earned puts a notice for each phone of those who earned into the queue, in the transaction of what earned it. Who has no
// phone costs one look.
func (s *Service) Earned(ctx context.Context, tx pgx.Tx, brand shop.BrandID, earnings []Earning, now time.Time) error {
	people := make([]shop.ID, len(earnings))
	for i, e := range earnings {
		people[i] = e.Staff
	}
	phones, err := device.LiveOfStaff(ctx, tx, brand, people, now)
	if err != nil || len(phones) == 0 {
		return err
	}
	var jobs []river.InsertManyParams
	for _, e := range earnings {
		for _, phone := range phones {
			if phone.Staff == e.Staff {
				jobs = append(jobs, river.InsertManyParams{Args: EarnedArgs{
					Brand: brand, Order: e.Order, Staff: e.Staff, Device: phone.ID, Credit: e.Credit, Role: e.Role, Minor: e.Minor, Currency: e.Currency,
					At: shop.Millis(now),
				}})
			}
		}
	}
	return s.queue(ctx, tx, jobs)
}

// Ruled puts a notice for each phone of who raised a dispute into the queue, in the transaction that decides it.
func (s *Service) Ruled(ctx context.Context, tx pgx.Tx, brand shop.BrandID, r Ruling, now time.Time) error {
	phones, err := device.LiveOfStaff(ctx, tx, brand, []shop.ID{r.Staff}, now)
	if err != nil || len(phones) == 0 {
		return err
	}
	var jobs []river.InsertManyParams
	for _, phone := range phones {
		jobs = append(jobs, river.InsertManyParams{Args: RuledArgs{
			Brand: brand, Dispute: r.Dispute, Staff: r.Staff, Device: phone.ID, State: r.State, At: shop.Millis(now),
		}})
	}
	return s.queue(ctx, tx, jobs)
}

func (s *Service) queue(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error {
	if _, err := s.cfg.Queue.InsertManyTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("put %d notices into the queue: %w", len(jobs), err)
	}
	return nil
}

// send sends one notice. It returns how long to wait before it may be sent again; 0: it is done with.
func (s *Service) send(ctx context.Context, a args) (time.Duration, error) {
	now := s.now()
	m, to, err := s.prepare(ctx, a, now)
	if err != nil || to.ID.IsZero() {
		return 0, err
	}
	out, err := s.cfg.Sender.Send(ctx, m, to.Target)
	switch out.Verdict {
	case push.TokenDead:
		brand := a.to().brand
		return 0, s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
			return device.MarkStaffDead(ctx, tx, brand, to.ID, now, shop.Millis(s.now()))
		})
	case push.Later:
		return max(out.RetryAfter, leastWait), nil
	case push.OurFault:
		s.cfg.Log.Error("a notice cannot be sent", "reason", out.Reason, "error", err)
	}
	return 0, nil
}

// prepare is the message and the phone it goes to; no phone when there is nobody to tell any more, or it is too late.
func (s *Service) prepare(ctx context.Context, a args, now time.Time) (push.Message, device.OfStaff, error) {
	who := a.to()
	var to device.OfStaff
	var brand team.Brand
	err := s.pool.Read(ctx, who.brand, func(tx pgx.Tx) (err error) {
		if brand, err = team.LoadBrand(ctx, tx, who.brand); err != nil {
			return err
		}
		phones, err := device.LiveOfStaff(ctx, tx, who.brand, []shop.ID{who.staff}, now)
		if i := slices.IndexFunc(phones, func(d device.OfStaff) bool { return d.ID == who.device }); i >= 0 {
			to = phones[i]
		}
		return err
	})
	if err != nil || to.ID.IsZero() || now.Sub(who.at) > giveUpAfter {
		return push.Message{}, device.OfStaff{}, err
	}
	isNight, until := hours(now, brand.Zone())
	m, err := a.payload(until, isNight).Message(to.Language, now)
	if errors.Is(err, push.ErrTooLate) {
		return push.Message{}, device.OfStaff{}, nil // the last second of the day
	}
	return m, to, err
}
