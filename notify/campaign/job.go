package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"homestore/clienteling/shop"
)

// FanOutArgs has a campaign address its audience.
type FanOutArgs struct {
	Brand    shop.BrandID `json:"brand_id"`
	Campaign shop.ID      `json:"campaign_id"`
}

// Kind is the name in the queue.
func (FanOutArgs) Kind() string { return "campaign_fan_out" }

// enqueue puts the fan-out into the transaction that decided on it; the zero instant means at once.
func (s *Service) enqueue(ctx context.Context, tx pgx.Tx, brand shop.BrandID, id shop.ID, at time.Time) error {
	_, err := s.queue.InsertTx(ctx, tx, FanOutArgs{Brand: brand, Campaign: id}, &river.InsertOpts{ScheduledAt: at})
	if err != nil {
		return fmt.Errorf("enqueue the fan-out: %w", err)
	}
	return nil
}

// fanOutWorker is safe to run twice, and at once: a page is written down together with how far the campaign has come. It
// retries as River does; until it succeeds the campaign stays running, and says so.
type fanOutWorker struct {
	river.WorkerDefaults[FanOutArgs]
	s *Service
}

// fanOutTimeout is some 100,000 customers; then the job makes room and comes back. RescueStuckJobsAfter must be longer.
const fanOutTimeout = 2 * time.Minute

func (w *fanOutWorker) Timeout(*river.Job[FanOutArgs]) time.Duration {
	return fanOutTimeout + time.Minute
}

func (w *fanOutWorker) Work(ctx context.Context, job *river.Job[FanOutArgs]) error {
	turn, cancel := context.WithTimeout(ctx, fanOutTimeout)
	defer cancel()
	err := w.s.FanOut(turn, job.Args.Brand, job.Args.Campaign)
	switch {
	case err != nil && turn.Err() != nil:
		return river.JobSnooze(0)
	case errors.Is(err, errEarly):
		return river.JobSnooze(5 * time.Second)
	case errors.Is(err, shop.ErrNotFound):
		return river.JobCancel(err) // no wait makes it exist
	}
	return err
}

// Register adds the package's workers.
func (s *Service) Register(workers *river.Workers) {
	river.AddWorker(workers, &fanOutWorker{s: s})
}
