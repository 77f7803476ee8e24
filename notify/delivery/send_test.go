package delivery

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/notify/fcm/local"
)

func TestOfferComesInHerLanguageAndSaysOnlyTheFirstTimeHowToRefuse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin, amelia := b.member(t, "lin", shop.TraditionalChinese), b.member(t, "amelia", shop.English)
	first := b.offer(t, "A")
	b.intend(t, one(first), lin, amelia)
	b.deliver(t)
	b.advance(time.Second)
	b.intend(t, one(b.offer(t, "B")), lin, amelia)
	b.deliver(t)
	for _, tc := range []struct{ token, title, refuse string }{
		{"lin", "優惠", "不想再收到"}, {"amelia", "offer", "Turn them off"},
	} {
		got := b.fcm.Messages(tc.token) // newest first
		if len(got) != 2 || got[1].Title != "A "+tc.title || got[0].Title != "B "+tc.title {
			t.Fatalf("%s got %+v", tc.token, got)
		}
		if !strings.Contains(got[1].Body, tc.refuse) || strings.Contains(got[0].Body, tc.refuse) {
			t.Errorf("%s read first %q, then %q", tc.token, got[1].Body, got[0].Body)
		}
	}
	d := b.deliveries(t, lin)[0]
	m := b.fcm.Messages("lin")[1]
	if d.State != Sent || m.Data["delivery_id"] != d.ID.String() || m.Data["offer_id"] != first.String() || m.Data["campaign_id"] != "" || m.TTL != "36000s" {
		t.Errorf("delivery %+v, message %+v: from noon until the night are ten hours", d, m)
	}
}

func TestEachOfHerPhonesGetsItOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.member(t, "lin", shop.TraditionalChinese)
	b.phone(t, lin, "tablet", shop.English)
	b.intend(t, one(b.offer(t, "A")), lin, lin)
	b.deliver(t)
	b.deliver(t)
	if p, q := b.fcm.Messages("lin"), b.fcm.Messages("tablet"); len(p) != 1 || len(q) != 1 || q[0].Title != "A offer" {
		t.Errorf("phone %v, tablet %v", p, q)
	}
}

// A process that died after it had marked messages, and perhaps sent them: nobody knows, and nobody sends again.
// A caller that ends while messages are under way: they are finished, nothing new is begun.
func TestQuietHoursPutAMessageOffUntilMorning(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.member(t, "lin", shop.English)
	what := one(b.offer(t, "A"))
	b.set(clock(t, "2026-11-22 22:30:00", taipei))
	morning := clock(t, "2026-11-23 09:00:00", taipei)
	got := b.intend(t, what, lin)
	b.deliver(t)
	if !got.From.Equal(morning) || b.fcm.Accepted() != 0 {
		t.Fatalf("from %s, %d accepted at night", got.From, b.fcm.Accepted())
	}
	if alarms := b.alarms(t); len(alarms) != 1 || !alarms[0].Equal(morning) {
		t.Errorf("alarms %v", alarms)
	}
	b.set(morning.Add(-time.Second))
	b.deliver(t)
	if b.fcm.Accepted() != 0 {
		t.Error("a second too early")
	}
	b.set(morning)
	b.deliver(t)
	if got := b.states(t, lin); got != "[sent]" || b.fcm.Accepted() != 1 {
		t.Errorf("in the morning: %s", got)
	}
}

// Firebase was away at 21:59; by the time it is back she sleeps.
func TestRepeatIsPutOffInQuietHoursToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.member(t, "lin", shop.English)
	what := one(b.offer(t, "A"))
	b.set(clock(t, "2026-11-22 21:59:50", taipei))
	b.fcm.Break(local.Unavailable, 1)
	b.intend(t, what, lin)
	b.deliver(t)
	if got := b.states(t, lin); got != "[later:UNAVAILABLE]" {
		t.Fatalf("first attempt: %s", got)
	}
	b.advance(15 * time.Second)
	b.deliver(t)
	if got := b.states(t, lin); got != "[intended]" || b.fcm.Accepted() != 0 {
		t.Errorf("at night: %s, %d accepted", got, b.fcm.Accepted())
	}
	b.set(clock(t, "2026-11-23 09:00:00", taipei))
	b.deliver(t)
	if got := b.states(t, lin); got != "[sent]" {
		t.Errorf("in the morning: %s", got)
	}
}

func TestWeeklyCapHoldsOverAllAndAnEmergencyPasses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.member(t, "lin", shop.English)
	b.intend(t, one(b.offer(t, "A")), lin)
	b.deliver(t)
	b.intend(t, one(b.offer(t, "B")), lin) // still to be sent, and counts
	late := b.offer(t, "C")
	if got := b.intend(t, one(late), lin); got.Lost[lin] != WeeklyCap {
		t.Errorf("the third of a week: %+v", got)
	}
	b.deliver(t)
	typhoon := Intent{Purpose: shop.NewID(noon), Offer: b.offer(t, "T"), Emergency: true}
	if got := b.intend(t, typhoon, lin); len(got.Customers) != 1 {
		t.Errorf("an emergency: %+v", got)
	}
	b.deliver(t)
	if got := b.fcm.Messages("lin"); len(got) != 3 || got[0].Data["campaign_id"] != typhoon.Purpose.String() {
		t.Errorf("she got %+v", got)
	}
	b.advance(7*24*time.Hour - time.Hour)
	next := b.offer(t, "D")
	if got := b.intend(t, one(next), lin); got.Lost[lin] != WeeklyCap {
		t.Errorf("within the week: %+v", got)
	}
	b.advance(time.Hour)
	if got := b.intend(t, one(next), lin); len(got.Customers) != 1 {
		t.Errorf("a week later: %+v", got)
	}
}

// The rules are asked again just before the send: consent withdrawn, cap lowered, phone gone, offer over.
func TestWhatIsNoLongerAllowedIsNotSent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why    string
		change func(t *testing.T, b *bundle, lin shop.ID)
		want   string
	}{
		{"she refuses", func(t *testing.T, b *bundle, lin shop.ID) { b.advance(time.Second); b.consent(t, lin, false) }, "[dropped:no_consent]"},
		{"her phone is somebody else's now", func(t *testing.T, b *bundle, _ shop.ID) {
			b.phone(t, b.member(t, "chen", shop.English), "lin", shop.English)
		}, "[dead:no_device]"},
		{"the brand sends no marketing any more", func(t *testing.T, b *bundle, _ shop.ID) {
			teams, err := team.New(b.pool, b.now, team.Config{SealingKeys: [][]byte{make([]byte, 32)}})
			if err != nil {
				t.Fatal(err)
			}
			p := team.DefaultPolicy()
			p.WeeklyCap = 0
			if _, err := teams.SetPolicy(t.Context(), b.hq, p, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}, "[dropped:weekly_cap]"},
		{"the offer is over", func(_ *testing.T, b *bundle, _ shop.ID) { b.advance(8 * 24 * time.Hour) }, "[expired:offer_over]"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			lin := b.member(t, "lin", shop.English)
			b.intend(t, one(b.offer(t, "A")), lin)
			tc.change(t, b, lin)
			b.deliver(t)
			if got := b.states(t, lin); got != tc.want || b.fcm.Accepted() != 0 {
				t.Errorf("%s, %d accepted", got, b.fcm.Accepted())
			}
		})
	}
}

func TestDeadTokenMarksThePhone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.member(t, "lin", shop.English)
	b.fcm.Uninstall("lin")
	b.intend(t, one(b.offer(t, "A")), lin)
	b.deliver(t)
	if got := b.states(t, lin); got != "[dead:UNREGISTERED]" {
		t.Errorf("state %s", got)
	}
	if got := b.intend(t, one(b.offer(t, "B")), lin); got.Lost[lin] != NoDevice {
		t.Errorf("the next message: %+v", got)
	}
}

func TestQuotaRestsTheWholeSenderAndThenAllIsSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin, chen := b.member(t, "lin", shop.English), b.member(t, "chen", shop.English)
	b.fcm.Break(local.QuotaExceeded, 1)
	b.intend(t, one(b.offer(t, "A")), lin)
	if rest := b.deliver(t); rest != local.RetryAfterSeconds*time.Second {
		t.Errorf("rests for %s", rest)
	}
	b.intend(t, one(b.offer(t, "B")), chen)
	if rest := b.deliver(t); rest == 0 || b.fcm.Accepted() != 0 {
		t.Errorf("sent while Firebase asked for rest: %s, %d", rest, b.fcm.Accepted())
	}
	b.advance(20 * time.Second)
	if rest := b.deliver(t); rest != 0 || b.fcm.Accepted() != 2 {
		t.Errorf("afterwards: rests %s, %d accepted", rest, b.fcm.Accepted())
	}
	if alarms := b.alarms(t); len(alarms) == 0 || alarms[0].Before(noon.Add(10*time.Second)) {
		t.Errorf("nobody wakes the sender for the repeat: %v", alarms)
	}
}

func TestMessageIsGivenUpAfterAnHour(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.member(t, "lin", shop.English)
	b.fcm.Break(local.Unavailable, 1000)
	b.intend(t, one(b.offer(t, "A")), lin)
	attempts := 0
	for range 200 {
		b.deliver(t)
		if d := b.deliveries(t, lin)[0]; d.State == Expired {
			attempts = d.Attempts
			break
		}
		b.advance(time.Minute)
	}
	if got := b.states(t, lin); got != "[expired:gave_up]" || attempts < 5 || attempts > 12 || b.now().Sub(noon) > time.Hour {
		t.Errorf("%s after %d attempts and %s", got, attempts, b.now().Sub(noon))
	}
}

func TestOnlySheNotesThatSheOpenedIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin, chen := b.member(t, "lin", shop.English), b.member(t, "chen", shop.English)
	what := one(b.offer(t, "A"))
	b.intend(t, what, lin)
	id := b.deliveries(t, lin)[0].ID
	as := func(who shop.ID) error {
		return b.s.Opened(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: who}, id)
	}
	if err := as(lin); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("before it was sent: %v", err)
	}
	b.deliver(t)
	if err := as(chen); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("somebody else: %v", err)
	}
	for range 2 {
		if err := as(lin); err != nil {
			t.Fatal(err)
		}
		b.advance(time.Minute)
	}
	if d := b.deliveries(t, lin)[0]; !d.OpenedAt.Equal(noon) {
		t.Errorf("opened at %s", d.OpenedAt)
	}
	b.inTx(t, func(tx pgx.Tx) error {
		f, err := FunnelOf(t.Context(), tx, b.Brand, what.Purpose, noon, noon)
		if f.Sent != 1 || f.Opened != 1 || f.Waiting != 0 {
			t.Errorf("funnel %+v", f)
		}
		return err
	})
}
