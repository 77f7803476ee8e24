package notice

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"homestore/clienteling/shop"
	"homestore/notify/push"
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
func (EarnedArgs) InsertOpts() river.InsertOpts { return onceByArgs() }

func (a EarnedArgs) to() addressee { return addressee{a.Brand, a.Staff, a.Device, a.At} }

func (a EarnedArgs) payload(until time.Time, isNight bool) payload {
	return push.Credit{
		CreditID: a.Credit, OrderID: a.Order, Role: a.Role, Amount: a.Minor, Currency: a.Currency, ShowBy: until, IsSilent: isNight,
	}
}

// RuledArgs is one notice to one phone of how a dispute ended.
type RuledArgs struct {
	Brand   shop.BrandID `json:"brand_id" river:"unique"`
	Dispute shop.ID      `json:"dispute_id" river:"unique"`
	Staff   shop.ID      `json:"staff_id" river:"unique"`
	Device  shop.ID      `json:"device_id" river:"unique"`
	State   string       `json:"state"`
	At      time.Time    `json:"at"`
}

// Kind is the name in the queue.
func (RuledArgs) Kind() string { return "dispute_notice" }

// InsertOpts: one for each dispute, person and phone.
func (RuledArgs) InsertOpts() river.InsertOpts { return onceByArgs() }

func (a RuledArgs) to() addressee { return addressee{a.Brand, a.Staff, a.Device, a.At} }

func (a RuledArgs) payload(until time.Time, isNight bool) payload {
	return push.Dispute{DisputeID: a.Dispute, State: a.State, ShowBy: until, IsSilent: isNight}
}

func onceByArgs() river.InsertOpts {
	return river.InsertOpts{Queue: QueueName, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

// args are what a notice in the queue knows.
type args interface {
	river.JobArgs
	to() addressee
	payload(until time.Time, isNight bool) payload
}

// addressee is who is told on which phone of something that came about at an instant.
type addressee struct {
	brand         shop.BrandID
	staff, device shop.ID
	at            time.Time
}

// payload is one of push's.
type payload interface {
	Message(language shop.Language, now time.Time) (push.Message, error)
}

// worker is safe to run twice: the phone shows a second message of one tag in the place of the first. It retries as River does,
// and in the end the notice is left out: within an hour it is no news any more.
type worker[A args] struct {
	river.WorkerDefaults[A]
	s *Service
}

// Timeout is above what one send may take.
func (*worker[A]) Timeout(*river.Job[A]) time.Duration { return 30 * time.Second }

// Work sends the notice, or comes back when Firebase asks to wait.
func (w *worker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	wait, err := w.s.send(ctx, job.Args)
	if err == nil && wait > 0 {
		return river.JobSnooze(wait)
	}
	return err
}

// Register adds the package's workers.
func (s *Service) Register(workers *river.Workers) {
	river.AddWorker(workers, &worker[EarnedArgs]{s: s})
	river.AddWorker(workers, &worker[RuledArgs]{s: s})
}
