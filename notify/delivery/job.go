package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"homestore/clienteling/shop"
)

// SendArgs wakes the sender of a brand.
type SendArgs struct {
	Brand shop.BrandID `json:"brand_id"`
	// Slot makes the alarms of later moments one per ten seconds; zero for at once, which is never too many: one per page of a
	// campaign, or per offer to one customer.
	Slot int64 `json:"slot,omitempty"`
}

// Kind is the name in the queue.
func (SendArgs) Kind() string { return "delivery_send" }

// slot is how exactly the sender is woken for later.
const slot = 10 * time.Second

// wake puts the sender's alarm into the transaction that gives it something to do.
func (s *Service) wake(ctx context.Context, tx pgx.Tx, brand shop.BrandID, at, now time.Time) error {
	args, opts := SendArgs{Brand: brand}, &river.InsertOpts{}
	if at.After(now) {
		at = at.Add(slot - 1).Truncate(slot)
		args.Slot, opts.ScheduledAt = at.Unix(), at
		// Finished jobs do not count: an alarm of the same slot that has rung already hears nothing any more.
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled, rivertype.JobStateRetryable,
		}}
	}
	if _, err := s.cfg.Queue.InsertTx(ctx, tx, args, opts); err != nil {
		return fmt.Errorf("wake the sender: %w", err)
	}
	return nil
}

// sendWorker is safe to run twice, and at once: a message is claimed by one. It retries as River does, for a day or so; what
// it leaves lying the sweep finds.
type sendWorker struct {
	river.WorkerDefaults[SendArgs]
	s *Service
}

const (
	// sendingTime is how long a job claims messages before it makes room for another brand's.
	sendingTime = 5 * time.Minute
	// sendJobTimeout leaves what was claimed last its fifteen seconds, and the results their time.
	sendJobTimeout = sendingTime + time.Minute
)

// Timeout is above what Work takes. The client's RescueStuckJobsAfter must be longer.
func (w *sendWorker) Timeout(*river.Job[SendArgs]) time.Duration { return sendJobTimeout }

// Work sends what is due, and comes back when it has more or must rest.
func (w *sendWorker) Work(ctx context.Context, job *river.Job[SendArgs]) error {
	sending, cancel := context.WithTimeout(ctx, sendingTime)
	defer cancel()
	rest, err := w.s.Deliver(sending, job.Args.Brand)
	switch {
	case err != nil:
		return err
	case rest > 0:
		return river.JobSnooze(rest)
	case sending.Err() != nil:
		return river.JobSnooze(0)
	}
	return nil
}

// SweepArgs looks for messages of any brand that nobody was woken for.
type SweepArgs struct{}

// Kind is the name in the queue.
func (SweepArgs) Kind() string { return "delivery_sweep" }

// sweepWorker is safe to run twice: it only parks what a dead sender left, and wakes. The next sweep makes good what fails.
type sweepWorker struct {
	river.WorkerDefaults[SweepArgs]
	s *Service
}

func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[SweepArgs]) error { return w.s.Sweep(ctx) }

// Sweep parks, in every brand, what senders left under way when they died, and wakes the sender where something is due. It is
// meant for every minute.
func (s *Service) Sweep(ctx context.Context) error {
	brands, err := s.cfg.Brands.Brands(ctx)
	if err != nil {
		return fmt.Errorf("sweep deliveries: %w", err)
	}
	var failed []error
	for _, b := range brands {
		if err := s.sweep(ctx, b.ID); err != nil { // of one brand, which is no reason to leave the others
			failed = append(failed, fmt.Errorf("sweep deliveries of brand %d: %w", b.ID, err))
		}
	}
	return errors.Join(failed...)
}

func (s *Service) sweep(ctx context.Context, brand shop.BrandID) error {
	if err := s.park(ctx, brand); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	return s.pool.Brand(ctx, brand, func(tx pgx.Tx) error {
		ids, _, err := dueIDs(ctx, tx, brand, now)
		if err != nil || len(ids) == 0 {
			return err
		}
		return s.wake(ctx, tx, brand, now, now)
	})
}

// Register adds the package's workers.
func (s *Service) Register(workers *river.Workers) {
	river.AddWorker(workers, &sendWorker{s: s})
	river.AddWorker(workers, &sweepWorker{s: s})
}
