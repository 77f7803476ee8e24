package campaign

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"homestore/clienteling/shop"
	"homestore/notify/delivery"
	"homestore/notify/offer"
)

func TestCampaignReachesExactlyItsAudienceWithConsent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// The stores take turns, so that the audience lies scattered among all members, in two pages of each.
	s1 := b.members(t, b.S1, "s1-", 160)
	b.members(t, b.S2, "s2-", 70)
	b.members(t, b.Web, "web-", 70)
	more := b.members(t, b.S1, "s1b-", 160)
	s1 = append(s1, more...)
	for _, id := range s1[:20] {
		b.refuse(t, id)
	}
	for _, id := range s1[20:30] {
		b.forget(t, id)
	}
	b.fcm.Uninstall("s1-30")
	c := b.create(t, Draft{Name: "雨天", Offer: b.offer(t), Audience: Audience{HomeStore: b.S1}, ScheduledAt: noon})
	b.fanOut(t, c)
	b.fanOut(t, c) // the job runs twice
	b.deliver(t)
	got, f := b.find(t, c)
	if got.State != Finished || f.Counts.Audience != 320 || f.Counts.Intended != 290 || f.Counts.Lost[delivery.NoConsent] != 20 || f.Counts.Lost[delivery.NoDevice] != 10 {
		t.Errorf("%s with %+v", got.State, f.Counts)
	}
	if f.Messages.Sent != 289 || f.Messages.Dead != 1 || f.Messages.Why["UNREGISTERED"] != 1 || b.fcm.Accepted() != 289 {
		t.Errorf("messages %+v, %d accepted", f.Messages, b.fcm.Accepted())
	}
	for i := range 160 {
		want := 1
		if i <= 30 {
			want = 0
		}
		if n := len(b.fcm.Messages(fmt.Sprintf("s1-%d", i))); n != want {
			t.Errorf("s1-%d got %d messages", i, n)
		}
	}
	for _, stranger := range []string{"s2-0", "s2-69", "web-0"} {
		if n := len(b.fcm.Messages(stranger)); n != 0 {
			t.Errorf("%s got %d messages", stranger, n)
		}
	}
}

func TestThreeHundredCustomersOfThreeStoresGetItOnceUnderSixteenFanOuts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, store := range []shop.ID{b.S1, b.S2, b.Web} {
		b.members(t, store, fmt.Sprintf("m%d-", i), 110)
	}
	c := b.create(t, Draft{Name: "all", Offer: b.offer(t), Audience: Audience{All: true}, ScheduledAt: noon})
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if err := b.s.FanOut(t.Context(), b.Brand, c.ID); err != nil {
				t.Error(err)
			}
			if _, err := b.deliveries.Deliver(t.Context(), b.Brand); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b.deliver(t)
	_, f := b.find(t, c)
	if f.Counts.Audience != 330 || f.Counts.Intended != 330 || f.Messages.Sent != 330 || b.fcm.Accepted() != 330 {
		t.Errorf("%+v, %d accepted", f, b.fcm.Accepted())
	}
}

func TestNamedCustomersAreAddressedAndStrangersCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ids := b.members(t, b.S1, "m", 3)
	named := []shop.ID{ids[0], ids[2], ids[0], shop.NewID(noon)}
	c := b.create(t, Draft{Name: "three", Offer: b.offer(t), Audience: Audience{Customers: named}, ScheduledAt: noon})
	b.fanOut(t, c)
	b.deliver(t)
	_, f := b.find(t, c)
	if f.Counts.Audience != 3 || f.Counts.Intended != 2 || f.Counts.Lost[delivery.NotOurs] != 1 || len(b.fcm.Messages("m1")) != 0 {
		t.Errorf("%+v", f.Counts)
	}
}

// From the act to the phone through the queue, with nobody calling anything by hand.
func TestPreparedCampaignRunsThroughTheQueueWhenItIsStarted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.members(t, b.S1, "m", 5)
	c := b.create(t, Draft{Name: "颱風", Offer: b.offer(t), Audience: Audience{All: true}, Emergency: true})
	events, cancel := b.queue.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed)
	defer cancel()
	if err := b.queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { <-b.queue.Stopped() }) // t.Context ends before
	if _, err := b.s.Start(t.Context(), b.hq, c.ID); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(20 * time.Second)
	for b.fcm.Accepted() < 5 {
		select {
		case e := <-events:
			if e.Kind == river.EventKindJobFailed {
				t.Fatalf("job %s failed: %v", e.Job.Kind, e.Job.Errors)
			}
		case <-deadline:
			t.Fatalf("%d of 5 arrived", b.fcm.Accepted())
		}
	}
	if _, err := b.s.Start(t.Context(), b.hq, c.ID); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("started again: %v", err)
	}
}

func TestScheduledCampaignDoesNotBeginEarly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.members(t, b.S1, "m", 2)
	c := b.create(t, Draft{Name: "evening", Offer: b.offer(t), Audience: Audience{All: true}, ScheduledAt: noon.Add(7 * time.Hour)})
	if err := b.s.FanOut(t.Context(), b.Brand, c.ID); !errors.Is(err, errEarly) {
		t.Errorf("early: %v", err)
	}
	b.clock.Store(noon.Add(7 * time.Hour).UnixMilli())
	b.fanOut(t, c)
	b.deliver(t)
	if got, f := b.find(t, c); got.State != Finished || f.Messages.Sent != 2 || !got.StartedAt.Equal(b.now()) {
		t.Errorf("%+v %+v", got, f)
	}
}

func TestStoppedCampaignSendsNothingMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.members(t, b.S1, "m", 4)
	c := b.create(t, Draft{Name: "night", Offer: b.offer(t), Audience: Audience{All: true}, ScheduledAt: noon})
	b.clock.Store(noon.Add(11 * time.Hour).UnixMilli()) // 23:00: all of it waits for the morning
	b.fanOut(t, c)
	if _, f := b.find(t, c); f.Messages.Waiting != 4 {
		t.Fatalf("waiting: %+v", f.Messages)
	}
	if _, err := b.s.Stop(t.Context(), b.hq, c.ID); err != nil {
		t.Fatal(err)
	}
	b.clock.Store(noon.Add(22 * time.Hour).UnixMilli())
	b.deliver(t)
	got, f := b.find(t, c)
	if got.State != Stopped || f.Messages.Dropped != 4 || f.Messages.Why[delivery.Stopped] != 4 || b.fcm.Accepted() != 0 {
		t.Errorf("%s %+v, %d accepted", got.State, f.Messages, b.fcm.Accepted())
	}
	if _, err := b.s.Stop(t.Context(), b.hq, c.ID); !errors.Is(err, ErrOver) {
		t.Errorf("stopped again: %v", err)
	}
	before := b.create(t, Draft{Name: "never", Offer: c.Offer, Audience: Audience{All: true}, ScheduledAt: b.now().Add(time.Hour)})
	if _, err := b.s.Stop(t.Context(), b.hq, before.ID); err != nil {
		t.Fatal(err)
	}
	b.clock.Store(b.now().Add(2 * time.Hour).UnixMilli())
	b.fanOut(t, before)
	if got, f := b.find(t, before); got.State != Stopped || f.Counts.Audience != 0 {
		t.Errorf("stopped before it began: %s %+v", got.State, f.Counts)
	}
}

func TestFunnelCountsOpenedAndRedeemed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ids := b.members(t, b.S1, "m", 3)
	c := b.create(t, Draft{Name: "f", Offer: b.offer(t), Audience: Audience{All: true}, ScheduledAt: noon})
	b.fanOut(t, c)
	b.deliver(t)
	lin := shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: ids[0]}
	opened, err := shop.ParseID(b.fcm.Messages("m0")[0].Data["delivery_id"])
	if err != nil {
		t.Fatal(err)
	}
	if err := b.deliveries.Opened(t.Context(), lin, opened); err != nil {
		t.Fatal(err)
	}
	mine, _, err := b.offers.Mine(t.Context(), lin, shop.Page{Limit: 5})
	if err != nil || len(mine) != 1 {
		t.Fatalf("her offers: %v, %v", mine, err)
	}
	if _, err := b.offers.Redeem(t.Context(), b.hq, mine[0].Grant.Code, shop.NewID(noon)); err != nil {
		t.Fatal(err)
	}
	if _, f := b.find(t, c); f.Messages.Sent != 3 || f.Messages.Opened != 1 || f.Redeemed != 1 {
		t.Errorf("%+v", f)
	}
}

func TestManagerSeesCampaignsOfHerOwnStoresAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.offer(t)
	all := b.create(t, Draft{Name: "all", Offer: o, Audience: Audience{All: true}})
	manager := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: b.Amy, Stores: []shop.ID{b.S1}}
	mine, err := b.s.Create(t.Context(), manager, Draft{Name: "mine", Offer: o, Audience: Audience{HomeStore: b.S1}})
	if err != nil {
		t.Fatal(err)
	}
	seen, _, err := b.s.List(t.Context(), manager, shop.Page{Limit: 10})
	if err != nil || len(seen) != 1 || seen[0].ID != mine.ID {
		t.Errorf("she sees %v, %v", seen, err)
	}
	if _, _, err := b.s.Find(t.Context(), manager, all.ID); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("another's: %v", err)
	}
	if _, err := b.s.Stop(t.Context(), manager, all.ID); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("stops another's: %v", err)
	}
	if _, err := b.s.Create(t.Context(), manager, Draft{Name: "n", Offer: b.draftOffer(t).ID, Audience: Audience{HomeStore: b.S1}}); !errors.Is(err, offer.ErrNotApproved) {
		t.Errorf("an offer that nobody approved: %v", err)
	}
}
