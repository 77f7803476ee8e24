package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// chore is something that is done again and again. Each may be done twice or late without harm; what makes it so is said
// where it is defined.
type chore struct {
	name  string // also in the queue: never renamed
	every time.Duration
	do    func(ctx context.Context) error
}

// timetable is everything that happens by the clock.
func (h *house) timetable(ownerURL string) []chore {
	return []chore{
		{"make_payable", time.Minute, h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
			_, err := h.book.Vest(ctx, brand, h.now())
			return err
		})},
		{"finish_closed_months", time.Minute, h.eachBrand(h.periods.Finish)},
		// Two looks: a short one often, for what was posted lately, and one at the whole book, for what committed very late.
		{"seal_ledger", time.Minute, h.sealer(func() time.Time { return h.now().Add(-48 * time.Hour) })},
		{"seal_whole_ledger", 24 * time.Hour, h.sealer(func() time.Time { return time.Time{} })},
		{"credit_unplanned_orders", time.Minute, h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
			_, err := h.book.CreditUnplanned(ctx, brand, h.now())
			return err
		})},
		{"credit_arrived_scans", time.Minute, h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
			_, err := h.book.CreditArrived(ctx, brand, h.now())
			return err
		})},
		{"follow_successions", time.Minute, h.eachBrand(h.bindings.Follow)},
		// Three looks, for the same reason: scans come late from the spool, and the more there are the dearer is it to count them.
		{"roll_up_funnel", time.Minute, h.rollUp(func() time.Time { return h.now().Add(-3 * time.Hour) })},
		{"roll_up_late_scans", time.Hour, h.rollUp(func() time.Time { return h.now().Add(-48 * time.Hour) })},
		{"roll_up_whole_funnel", 24 * time.Hour, h.rollUp(func() time.Time { return time.Time{} })},
		{"roll_up_adoption", 15 * time.Minute, h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
			_, err := h.reports.RollUpWeeks(ctx, brand)
			return err
		})},
		// Each brand has its morning; whoever comes earlier, or again, finds nothing to do.
		{"look_for_tag_alarms", 5 * time.Minute, h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
			_, err := h.alarms.Morning(ctx, brand)
			return err
		})},
		{"sweep_deliveries", time.Minute, func(ctx context.Context) error { return h.deliveries.Sweep(ctx) }},
		{"measure_ledger_drift", 6 * time.Hour, h.measureDrift},
		{"reconcile_ledger", time.Hour, h.reconcile},
		{"partitions_ahead", 12 * time.Hour, func(ctx context.Context) error {
			return postgres.MakePartitionsAhead(ctx, ownerURL, h.now())
		}},
		{"lapse_claims", 10 * time.Minute, h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
			_, err := h.bindings.Lapse(ctx, brand)
			return err
		})},
		{"forget_idempotency_keys", time.Hour, h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
			_, err := h.idempotency.Forget(ctx, brand)
			return err
		})},
		{"seal_secrets_anew", time.Hour, h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
			_, err := h.teams.SealAnew(ctx, brand)
			return err
		})},
		{"forget_ended_sessions", 6 * time.Hour, h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
			_, err := h.teams.Forget(ctx, brand)
			return err
		})},
	}
}

// sealer seals what every brand posted since an instant.
func (h *house) sealer(since func() time.Time) func(context.Context) error {
	return h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
		_, err := h.book.Seal(ctx, brand, since(), h.now())
		return err
	})
}

// rollUp works out what is due in the reports of every brand: whatever was noted, and the hours since an instant that have grown.
func (h *house) rollUp(since func() time.Time) func(context.Context) error {
	return h.eachBrand(func(ctx context.Context, brand shop.BrandID) error {
		_, err := h.reports.RollUp(ctx, brand, since())
		return err
	})
}

// eachBrand does the chore for every brand.
func (h *house) eachBrand(do func(ctx context.Context, brand shop.BrandID) error) func(context.Context) error {
	return func(ctx context.Context) error {
		brands, err := h.teams.Brands(ctx)
		if err != nil {
			return err
		}
		return inTurn(ctx, brands, do)
	}
}

// inTurn does something for every brand. One that fails does not keep the others waiting, nor one that is slow: each has its share
// of the time that is left, and goes on at its next turn where it was.
func inTurn(ctx context.Context, brands []team.Brand, do func(ctx context.Context, brand shop.BrandID) error) (failed error) {
	for n, b := range brands {
		share, cancel := ctx, context.CancelFunc(func() {})
		if end, has := ctx.Deadline(); has {
			share, cancel = context.WithTimeout(ctx, time.Until(end)/time.Duration(len(brands)-n))
		}
		if err := do(share, b.ID); err != nil {
			failed = errors.Join(failed, fmt.Errorf("brand %d: %w", b.ID, err))
		}
		cancel()
	}
	return failed
}

// choreArgs name one chore of the timetable.
type choreArgs struct {
	Name string `json:"name" river:"unique"`
}

// Kind is the queue's name for chores.
func (choreArgs) Kind() string { return "chore" }

// InsertOpts: one of each waits or runs at a time, however many processes keep the timetable. One that is done counts no more:
// River keeps it for a day, and by its default would let no other in for so long. A chore that fails is not tried again: its next
// turn comes.
func (choreArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled, rivertype.JobStateRetryable,
	}}}
}

type choreWorker struct {
	river.WorkerDefaults[choreArgs]
	chores []chore
}

// Work does the chore. One that an older program knew and this one does not is nobody's any more.
func (w *choreWorker) Work(ctx context.Context, job *river.Job[choreArgs]) error {
	for _, c := range w.chores {
		if c.name == job.Args.Name {
			return c.do(ctx)
		}
	}
	return river.JobCancel(fmt.Errorf("there is no chore %q", job.Args.Name))
}

// periodic puts the timetable into the queue. River's elected leader alone inserts.
func periodic(chores []chore) []*river.PeriodicJob {
	jobs := make([]*river.PeriodicJob, len(chores))
	for i, c := range chores {
		jobs[i] = river.NewPeriodicJob(river.PeriodicInterval(c.every), func() (river.JobArgs, *river.InsertOpts) {
			return choreArgs{Name: c.name}, nil
		}, &river.PeriodicJobOpts{RunOnStart: true})
	}
	return jobs
}
