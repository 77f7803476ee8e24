package delivery

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/notify/fcm/local"
	"homestore/notify/push"
)

func TestCustomerNeverGetsTheSameTwiceUnderSixteenGoroutines(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var members []shop.ID
	for i := range 60 {
		members = append(members, b.member(t, fmt.Sprintf("m%d", i), shop.English))
	}
	what := one(b.offer(t, "A"))
	var intended atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
				got, err := b.s.Intend(t.Context(), tx, b.Brand, what, members, b.now())
				if err == nil {
					intended.Add(int64(len(got.Customers)))
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			if _, err := b.s.Deliver(t.Context(), b.Brand); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b.deliver(t)
	if intended.Load() != 60 || b.fcm.Accepted() != 60 {
		t.Errorf("%d intended, %d accepted", intended.Load(), b.fcm.Accepted())
	}
	for i := range members {
		if got := b.fcm.Messages(fmt.Sprintf("m%d", i)); len(got) != 1 {
			t.Errorf("m%d got %d messages", i, len(got))
		}
	}
}

func TestInterruptedMessagesAreUnknownAndNeverComeTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin, chen := b.member(t, "lin", shop.English), b.member(t, "chen", shop.English)
	b.intend(t, one(b.offer(t, "A")), lin, chen)
	parcels, _, err := b.s.claim(t.Context(), b.Brand)
	if err != nil || len(parcels) != 2 {
		t.Fatalf("claimed %d, %v", len(parcels), err)
	}
	for _, p := range parcels { // one left the house before the kill, the other did not
		if p.Customer == lin {
			if _, err := b.s.cfg.Sender.Send(t.Context(), p.message, p.target); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.deliver(t)
	if got := b.states(t, lin) + b.states(t, chen); got != "[sending][sending]" {
		t.Fatalf("within the lease: %s", got)
	}
	b.advance(lease)
	if err := b.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.deliver(t)
	if got := b.states(t, lin) + b.states(t, chen); got != "[unknown:interrupted][unknown:interrupted]" {
		t.Errorf("after the lease: %s", got)
	}
	if b.fcm.Accepted() != 1 {
		t.Errorf("%d messages arrived", b.fcm.Accepted())
	}
	// The dead sender comes back with its result: the lease is over, and so is its say.
	err = b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		return b.s.settle(t.Context(), tx, b.Brand, parcels, []result{{state: Later, next: b.now()}, {state: Later, next: b.now()}}, b.now(), b.now())
	})
	if err != nil {
		t.Fatal(err)
	}
	b.deliver(t)
	if b.fcm.Accepted() != 1 {
		t.Error("a late result had a message sent again")
	}
	// She opens it: it has arrived after all.
	d := b.deliveries(t, lin)[0]
	if err := b.s.Opened(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: lin}, d.ID); err != nil {
		t.Fatal(err)
	}
	if got := b.states(t, lin); got != "[sent]" {
		t.Errorf("opened, and yet %s", got)
	}
}

func TestConnectionThatBreaksAfterItWasAcceptedIsParked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.member(t, "lin", shop.English)
	b.fcm.Break(local.CutAfterAccept, 1)
	b.intend(t, one(b.offer(t, "A")), lin)
	b.deliver(t)
	b.advance(time.Hour)
	b.deliver(t)
	if got := b.states(t, lin); got != "[unknown:CONNECTION_CUT]" || b.fcm.Accepted() != 1 {
		t.Errorf("%s, %d accepted", got, b.fcm.Accepted())
	}
}

func TestWhatIsUnderWayIsFinishedWhenTheSenderStops(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, stop := context.WithCancel(t.Context())
	b.s.cfg.Sender = stopping{b.s.cfg.Sender, stop}
	var members []shop.ID
	for i := range markSize {
		members = append(members, b.member(t, fmt.Sprintf("m%d", i), shop.English))
	}
	b.intend(t, one(b.offer(t, "A")), members...)
	if _, err := b.s.Deliver(ctx, b.Brand); err != nil {
		t.Fatal(err)
	}
	for _, id := range members {
		if got := b.states(t, id); got != "[sent]" {
			t.Errorf("left behind: %s", got)
		}
	}
}

type stopping struct {
	Sender
	stop func()
}

func (s stopping) Send(ctx context.Context, m push.Message, to push.Target) (push.Outcome, error) {
	s.stop()
	return s.Sender.Send(ctx, m, to)
}
