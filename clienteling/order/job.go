package order

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
)

// TakeMessage is the job of understanding one message of the inbox.
type TakeMessage struct {
	Brand   shop.BrandID `json:"brand"`
	Message shop.ID      `json:"message"`
}

// Kind is what the queue calls the job. It is never renamed: jobs of an older program wait under it.
func (TakeMessage) Kind() string { return "order_take_message" }

// takeAttempts is how often a message is tried before it is set aside: with River's waits of n^4 seconds, over 78 minutes,
// so that a deployment has long passed.
const takeAttempts = 8

// untilDatabaseIsBack is the wait after an outage, which counts as no attempt: it is not the message that failed.
const untilDatabaseIsBack = 2 * time.Second

// setAsideWithin is for a message whose last attempt may have used up the job's time.
const setAsideWithin = 5 * time.Second

// InsertOpts is how the queue keeps the job.
func (TakeMessage) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: takeAttempts} }

// TakeMessageWorker works on messages.
//
// It is safe to run twice, also at once: the message is locked, one that is no longer in state received is left alone, and
// facts count once. A message that is refused is set aside at once, since trying again would not help; one that fails is
// tried eight times over 78 minutes and then set aside; an outage of the database counts as no try. Others do not wait for it: each message is a job of its own.
type TakeMessageWorker struct {
	river.WorkerDefaults[TakeMessage]
	inbox *Inbox
}

// Worker is what cmd adds to the queue's workers.
func (i *Inbox) Worker() *TakeMessageWorker { return &TakeMessageWorker{inbox: i} }

// Timeout is far above any message that was ever seen; River's default would be a minute.
func (*TakeMessageWorker) Timeout(*river.Job[TakeMessage]) time.Duration { return 30 * time.Second }

// Work takes the message. Its error goes to the queue, which logs it and tries again.
func (w *TakeMessageWorker) Work(ctx context.Context, job *river.Job[TakeMessage]) error {
	brand, id := job.Args.Brand, job.Args.Message
	err := w.inbox.take(ctx, brand, id)
	switch {
	case err == nil:
		return nil
	case postgres.IsDown(err):
		return river.JobSnooze(untilDatabaseIsBack)
	case job.Attempt >= job.MaxAttempts:
		// The error itself stays with the queue: it may quote the body.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), setAsideWithin)
		defer cancel()
		return errors.Join(err, w.inbox.setAside(ctx, brand, id, "failed: every attempt ended in an error of ours, see the log"))
	}
	counted := w.inbox.orders.pool.Brand(ctx, brand, func(tx pgx.Tx) error { return noteAttempt(ctx, tx, brand, id) })
	return errors.Join(err, counted)
}
