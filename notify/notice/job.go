package notice

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"homestore/clienteling/shop"
)

// QueueName is a queue of its own: a campaign that sends for minutes must not stand before what is promised in seconds.
const QueueName = "notice"

const (
	// giveUpAfter: what was earned an hour ago is seen in the app, and is no news.
	giveUpAfter = time.Hour
	// leastWait is Firebase's own advice after a failure.
	leastWait = 10 * time.Second
)

// EarnedArgs is one notice to one phone. It names nobody but the one who is told, and carries the amount, since whoever keeps
// the book is not to be asked from here.
type EarnedArgs struct {
	Brand    shop.BrandID  `json:"brand_id" river:"unique"`
	Order    shop.ID       `json:"order_id" river:"unique"`
	Staff    shop.ID       `json:"staff_id" river:"unique"`
	Device   shop.ID       `json:"device_id" river:"unique"`
	Credit   shop.ID       `json:"credit_id"`
	Role     string        `json:"role"`
	Minor    int64         `json:"amount_minor"`
	Currency shop.Currency `json:"currency"`
	At       time.Time     `json:"at"`
}

// Kind is the name in the queue.
func (EarnedArgs) Kind() string { return "credit_notice" }

// InsertOpts: one for each order, person and phone, also when an earlier one is done with.
func (EarnedArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueName, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

// worker is safe to run twice: the phone shows a second message of one tag in the place of the first. It retries as River does,
// and in the end the notice is left out: within an hour it is no news any more.
type worker struct {
	river.WorkerDefaults[EarnedArgs]
	s *Service
}

// Timeout is above what one send may take.
func (*worker) Timeout(*river.Job[EarnedArgs]) time.Duration { return 30 * time.Second }

// Work sends the notice, or comes back when Firebase asks to wait.
func (w *worker) Work(ctx context.Context, job *river.Job[EarnedArgs]) error {
	wait, err := w.s.send(ctx, job.Args)
	if err == nil && wait > 0 {
		return river.JobSnooze(wait)
	}
	return err
}

// Register adds the package's worker.
func (s *Service) Register(workers *river.Workers) { river.AddWorker(workers, &worker{s: s}) }
