package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgrestest"
)

func TestEveryChoreOfTheTimetableCanBeDoneTwice(t *testing.T) {
	t.Parallel()
	h, _ := testHouse(t)
	if err := h.welcome(t.Context(), io.Discard); err != nil {
		t.Error(err)
	}
	for _, c := range h.chores {
		for range 2 {
			if err := c.do(t.Context()); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

// A brand that never comes to an end has its share of the time, and no more.
func TestASlowBrandKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		var done []shop.BrandID
		err := inTurn(ctx, []team.Brand{{ID: 1}, {ID: 2}, {ID: 3}}, func(ctx context.Context, brand shop.BrandID) error {
			if brand == 1 {
				<-ctx.Done()
			}
			if ctx.Err() == nil {
				done = append(done, brand)
			}
			return ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) || !slices.Equal(done, []shop.BrandID{2, 3}) {
			t.Errorf("done for %v, %v", done, err)
		}
	})
}

// The queue keeps what is done for a day, and is asked not to do one thing twice at once: neither may keep the next turn away.
func TestAChoreComesAgainAndAgain(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	turns := make(chan struct{})
	chores := []chore{{"turn", 100 * time.Millisecond, func(ctx context.Context) error {
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
		}
		return nil
	}}}
	workers := river.NewWorkers()
	river.AddWorker(workers, &choreWorker{chores: chores})
	queue, err := river.NewClient(riverpgxv5.New(pool.Raw()), &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}}, Workers: workers, PeriodicJobs: periodic(chores),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = queue.StopAndCancel(context.Background()) }()
	late := time.After(time.Minute)
	for n := range 3 {
		select {
		case <-turns:
		case <-late:
			t.Fatalf("it came %d times in a minute", n)
		}
	}
}
