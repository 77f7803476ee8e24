package notice

import (
	"context"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/notify/device"
	"homestore/notify/fcm"
	"homestore/notify/fcm/local"
	"homestore/notify/push"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) // 12:00 in Taipei

// bundle is everything from an earning to a phone: real PostgreSQL, the real queue and Firebase SDK, a local FCM.
type bundle struct {
	postgrestest.Fixture
	t     *testing.T
	pool  *postgres.Pool
	s     *Service
	queue *river.Client[pgx.Tx]
	done  <-chan *river.Event
	fcm   *local.Server
	clock atomic.Int64
}

func (b *bundle) now() time.Time   { return time.UnixMilli(b.clock.Load()).UTC() }
func (b *bundle) is(now time.Time) { b.clock.Store(now.UnixMilli()) }

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, pool: postgrestest.New(t)}
	b.is(noon)
	b.Fixture = postgrestest.Brand(t, b.pool)
	b.fcm = local.New(b.now)
	listening := httptest.NewServer(b.fcm)
	t.Cleanup(listening.Close)
	sender, err := fcm.New(t.Context(), fcm.Config{ProjectID: "demo", Endpoint: listening.URL + "/v1", Now: b.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	workers := river.NewWorkers()
	b.queue, err = river.NewClient(riverpgxv5.New(b.pool.Raw()), &river.Config{
		Workers: workers, Queues: map[string]river.QueueConfig{QueueName: {MaxWorkers: 2}}, TestOnly: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.s = New(b.pool, b.now, Config{Sender: sender, Queue: b.queue})
	b.s.Register(workers)
	return b
}

// works lets the queue work from now on, and says when a notice is done with.
func (b *bundle) works() {
	b.t.Helper()
	var forget func()
	b.done, forget = b.queue.Subscribe(river.EventKindJobCompleted, river.EventKindJobSnoozed, river.EventKindJobFailed, river.EventKindJobCancelled)
	if err := b.queue.Start(context.WithoutCancel(b.t.Context())); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if err := b.queue.Stop(context.Background()); err != nil {
			b.t.Error(err)
		}
		forget()
	})
}

func (b *bundle) waits() river.EventKind {
	b.t.Helper()
	select {
	case e := <-b.done:
		return e.Kind
	case <-time.After(time.Minute):
		b.t.Fatal("nothing was done with in a minute")
		return ""
	}
}

// phone is the staff app on which somebody has signed in.
func (b *bundle) phone(staff shop.ID, token string, language shop.Language) device.OfStaff {
	b.t.Helper()
	who := shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: staff, Session: shop.NewID(b.now())}
	b.in(func(tx pgx.Tx) error {
		_, err := tx.Exec(b.t.Context(), `
			INSERT INTO sign_in_session (brand_id, id, subject, subject_id, method, device_hash, generation, rotated_at, expires_at, created_at)
			VALUES ($1, $2, 'staff', $3, 'password', 'x', 1, $4, $4, $4)`, b.Brand, who.Session, staff, b.now())
		return err
	})
	d, err := device.New(b.pool, b.now).RegisterStaff(b.t.Context(), who, device.Registration{
		Target: push.Target{Kind: push.Token, Value: token}, Platform: device.IOS, Language: language,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

func (b *bundle) in(act func(tx pgx.Tx) error) {
	b.t.Helper()
	if err := b.pool.Brand(b.t.Context(), b.Brand, act); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) earned(earnings ...Earning) {
	b.t.Helper()
	b.in(func(tx pgx.Tx) error { return b.s.Earned(b.t.Context(), tx, b.Brand, earnings, b.now()) })
}

func (b *bundle) earning(staff shop.ID) Earning {
	return Earning{Credit: shop.NewID(b.now()), Order: shop.NewID(b.now()), Staff: staff, Role: "home_staff", Minor: 600, Currency: "TWD"}
}

func (b *bundle) queued() (n int) {
	b.t.Helper()
	if err := b.pool.Raw().QueryRow(b.t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'credit_notice'`).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func TestWhoEarnedHearsOfItOnEachOfHerPhonesInItsLanguage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.phone(b.Amy, "amys", shop.TraditionalChinese)
	b.phone(b.Amy, "tablet", shop.English)
	b.phone(b.Ben, "bens", shop.English)
	b.works()
	e := b.earning(b.Amy)
	b.earned(e)
	for range 2 {
		if kind := b.waits(); kind != river.EventKindJobCompleted {
			t.Fatal(kind)
		}
	}
	for token, title := range map[string]string{"amys": "您賺得 TWD 600", "tablet": "You earned TWD 600"} {
		got := b.fcm.Messages(token)
		if len(got) != 1 || got[0].Title != title || got[0].Data["order_id"] != e.Order.String() || got[0].Tag != e.Credit.String() || got[0].Priority != "high" || got[0].TTL != "36000s" {
			t.Errorf("%s got %+v", token, got)
		}
	}
	if n := b.fcm.Accepted(); n != 2 {
		t.Errorf("%d messages", n)
	}
}

func TestNoticeIsOneForAnOrderAPersonAndAPhone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.phone(b.Amy, "amys", shop.English)
	e := b.earning(b.Amy)
	b.earned(e)
	again := e
	again.Credit, again.Minor = shop.NewID(b.now()), 700
	b.earned(again, b.earning(b.Amy), b.earning(b.Ben)) // another order; and somebody without a phone
	if n := b.queued(); n != 2 {
		t.Fatalf("%d notices are queued", n)
	}
	b.works()
	b.waits()
	b.waits()
	b.earned(again) // when the first is done with
	if n := b.queued(); n != 2 {
		t.Errorf("%d notices, after one was sent", n)
	}
	if n := b.fcm.Accepted(); n != 2 {
		t.Errorf("%d messages", n)
	}
}

func TestNoticeIsThereWithItsTransactionOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.phone(b.Amy, "amys", shop.English)
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		if err := b.s.Earned(t.Context(), tx, b.Brand, []Earning{b.earning(b.Amy)}, noon); err != nil {
			return err
		}
		return context.Canceled
	})
	if err == nil || b.queued() != 0 {
		t.Errorf("%v, and %d queued", err, b.queued())
	}
}

// It says how, and neither why nor about whom; told twice it is one notice.
func TestWhoRaisedADisputeHearsOnHerPhonesHowItEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.phone(b.Amy, "amys", shop.English)
	b.phone(b.Ben, "bens", shop.English)
	r := Ruling{Dispute: shop.NewID(b.now()), Staff: b.Amy, State: "refused"}
	for range 2 {
		b.in(func(tx pgx.Tx) error { return b.s.Ruled(t.Context(), tx, b.Brand, r, b.now()) })
	}
	nobody := Ruling{Dispute: r.Dispute, Staff: shop.NewID(b.now()), State: "upheld"}
	b.in(func(tx pgx.Tx) error { return b.s.Ruled(t.Context(), tx, b.Brand, nobody, b.now()) })
	b.works()
	if kind := b.waits(); kind != river.EventKindJobCompleted {
		t.Fatal(kind)
	}
	got := b.fcm.Messages("amys")
	if len(got) != 1 || got[0].Title != "Your dispute was not upheld" || got[0].Data["dispute_id"] != r.Dispute.String() || got[0].Data["state"] != "refused" || got[0].Tag != r.Dispute.String() {
		t.Errorf("she got %+v", got)
	}
	if n := b.fcm.Accepted(); n != 1 {
		t.Errorf("%d messages", n)
	}
	var waiting int
	if err := b.pool.Raw().QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'dispute_notice'`).Scan(&waiting); err != nil || waiting != 1 {
		t.Errorf("%d notices were queued, %v", waiting, err)
	}
}

func TestNightIsSilent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.phone(b.Amy, "amys", shop.English)
	b.is(noon.Add(11 * time.Hour)) // 23:00
	b.works()
	b.earned(b.earning(b.Amy))
	b.waits()
	got := b.fcm.Messages("amys")
	if len(got) != 1 || got[0].Title != "" || got[0].Body != "" || got[0].Priority != "normal" || got[0].Data["amount_minor"] != "600" || got[0].TTL != "32400s" {
		t.Errorf("%+v", got)
	}
}

func TestWhatFirebaseCannotTakeNowWaitsAndWhatItMayHaveTakenDoesNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.phone(b.Amy, "amys", shop.English)
	e := b.earning(b.Amy)
	args := EarnedArgs{Brand: b.Brand, Order: e.Order, Staff: e.Staff, Device: d.ID, Credit: e.Credit, Role: e.Role, Minor: e.Minor, Currency: e.Currency, At: noon}
	send := func(fault local.Fault, times int) time.Duration {
		b.fcm.Break(fault, times)
		wait, err := b.s.send(t.Context(), args)
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	if wait := send(local.QuotaExceeded, 1); wait != leastWait { // Firebase says 7 s
		t.Errorf("out of quota: %s", wait)
	}
	if wait := send(local.CutAfterAccept, 1); wait != 0 || b.fcm.Accepted() != 1 {
		t.Errorf("cut off after it was taken: %s, %d taken", wait, b.fcm.Accepted())
	}
	b.is(noon.Add(giveUpAfter + time.Second))
	if wait := send("", 0); wait != 0 || b.fcm.Accepted() != 1 {
		t.Errorf("an hour later: %s, %d taken", wait, b.fcm.Accepted())
	}
	b.is(noon)
	b.fcm.Uninstall("amys")
	if wait := send("", 0); wait != 0 {
		t.Errorf("uninstalled: %s", wait)
	}
	b.in(func(tx pgx.Tx) error {
		live, err := device.LiveOfStaff(t.Context(), tx, b.Brand, []shop.ID{b.Amy}, noon)
		if len(live) != 0 {
			t.Errorf("a dead phone is alive: %+v", live)
		}
		return err
	})
}

func TestPhoneThatIsAnothersBySendingTimeHearsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.phone(b.Amy, "tablet", shop.English)
	b.earned(b.earning(b.Amy))
	b.phone(b.Ben, "tablet", shop.English)
	b.works()
	b.waits()
	if n := b.fcm.Accepted(); n != 0 {
		t.Errorf("%d messages", n)
	}
}

// A process that was killed between the send and its note leaves the job as running. It is done again, and the phone shows the
// second in the place of the first.
func TestKilledSenderLeavesANoticeThatIsSentAgainUnderOneTag(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.phone(b.Amy, "amys", shop.English)
	e := b.earning(b.Amy)
	b.earned(e)
	if _, err := b.s.send(t.Context(), b.job()); err != nil { // and killed
		t.Fatal(err)
	}
	b.works()
	b.waits()
	got := b.fcm.Messages("amys")
	if len(got) != 2 || got[0].Tag != got[1].Tag || got[0].Tag != e.Credit.String() {
		t.Errorf("%+v", got)
	}
}

// job is what is queued.
func (b *bundle) job() (a EarnedArgs) {
	b.t.Helper()
	if err := b.pool.Raw().QueryRow(b.t.Context(), `SELECT args FROM river_job WHERE kind = 'credit_notice'`).Scan(&a); err != nil {
		b.t.Fatal(err)
	}
	return a
}
