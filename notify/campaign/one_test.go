package campaign

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/notify/offer"
)

func TestStaffSendAnApprovedOfferToOneCustomer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.members(t, b.S1, "lin", 1)[0]
	o := b.offer(t)
	p, err := b.s.SendToOne(t.Context(), b.amy, lin, o)
	if err != nil {
		t.Fatal(err)
	}
	b.deliver(t)
	got := b.fcm.Messages("lin0")
	if len(got) != 1 || got[0].Title != "Free shipping today" || got[0].Data["campaign_id"] != "" || !p.From.Equal(noon) || len(p.Grant.Code) != 12 {
		t.Errorf("promised %+v, she got %+v", p, got)
	}
}

func TestWhyAnOfferIsNotSentToOneCustomer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ids := b.members(t, b.S1, "m", 8)
	refuses, phoneless, unseen, had, capped := ids[0], ids[1], ids[2], ids[3], ids[4]
	b.refuse(t, refuses)
	b.forget(t, phoneless)
	b.unseen[unseen] = true
	o, second, third := b.offer(t), b.offer(t), b.offer(t)
	draft := b.draftOffer(t).ID
	send := func(who shop.Actor, customer, offer shop.ID) error {
		_, err := b.s.SendToOne(t.Context(), who, customer, offer)
		return err
	}
	for _, first := range []error{send(b.amy, had, o), send(b.amy, capped, o), send(b.amy, capped, second)} {
		if first != nil {
			t.Fatal(first)
		}
	}
	for _, tc := range []struct {
		why             string
		who             shop.Actor
		customer, offer shop.ID
		want            error
	}{
		{"she refused", b.amy, refuses, o, ErrNoConsent},
		{"she has no phone", b.amy, phoneless, o, ErrNoDevice},
		{"not a customer of this shop: nothing is said of her", b.amy, unseen, o, shop.ErrNotFound},
		{"she has got it", b.amy, had, o, ErrAlreadySent},
		{"two this week", b.amy, capped, third, ErrWeeklyCap},
		{"nobody approved it", b.amy, ids[5], draft, offer.ErrNotApproved},
		{"no such offer", b.amy, ids[5], shop.NewID(noon), shop.ErrNotFound},
		{"finance sends nothing", shop.Actor{Brand: b.Brand, Role: shop.RoleFinance}, ids[5], o, shop.ErrForbidden},
	} {
		if err := send(tc.who, tc.customer, tc.offer); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
	b.clock.Store(noon.Add(7*24*time.Hour - 14*time.Hour).UnixMilli()) // 22:00 of the evening before the offer ends at noon
	if err := send(b.amy, ids[6], o); err != nil {
		t.Errorf("the morning before it ends: %v", err)
	}
	short, err := b.offers.Create(t.Context(), b.hq, offer.Draft{
		Kind: offer.Gift, Title: shop.Text{shop.TraditionalChinese: "今夜"}, StartsAt: b.now(), EndsAt: b.now().Add(time.Hour)})
	if err == nil {
		_, err = b.offers.Approve(t.Context(), b.hq, short.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := send(b.amy, ids[7], short.ID); !errors.Is(err, ErrQuietHours) {
		t.Errorf("over before the morning: %v", err)
	}
	b.clock.Store(noon.Add(7 * 24 * time.Hour).UnixMilli())
	if err := send(b.amy, ids[5], o); !errors.Is(err, offer.ErrOver) {
		t.Errorf("over: %v", err)
	}
}

func TestSixteenColleaguesSendOneOfferOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.members(t, b.S1, "lin", 1)[0]
	o := b.offer(t)
	var sent atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			switch _, err := b.s.SendToOne(t.Context(), b.amy, lin, o); {
			case err == nil:
				sent.Add(1)
			case !errors.Is(err, ErrAlreadySent):
				t.Error(err)
			}
		})
	}
	all.Wait()
	b.deliver(t)
	if sent.Load() != 1 || b.fcm.Accepted() != 1 {
		t.Errorf("%d sent, %d arrived", sent.Load(), b.fcm.Accepted())
	}
}
