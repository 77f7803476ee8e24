package delivery

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/notify/device"
	"homestore/notify/fcm"
	"homestore/notify/fcm/local"
	"homestore/notify/offer"
	"homestore/notify/push"
)

// bundle is the real sender with the real Firebase SDK before a local FCM, and a clock to turn.
type bundle struct {
	postgrestest.Fixture
	pool  *postgres.Pool
	s     *Service
	fcm   *local.Server
	clock *atomic.Int64
	hq    shop.Actor
}

func (b *bundle) now() time.Time          { return time.UnixMilli(b.clock.Load()).UTC() }
func (b *bundle) set(at time.Time)        { b.clock.Store(at.UnixMilli()) }
func (b *bundle) advance(d time.Duration) { b.set(b.now().Add(d)) }

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{pool: postgrestest.New(t), clock: &atomic.Int64{}}
	b.set(noon)
	b.Fixture = postgrestest.Brand(t, b.pool)
	b.hq = shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.NewID(noon)}
	b.fcm = local.New(b.now)
	listening := httptest.NewServer(b.fcm)
	t.Cleanup(listening.Close)
	sender, err := fcm.New(t.Context(), fcm.Config{ProjectID: "demo", Endpoint: listening.URL + "/v1", Now: b.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	queue, err := river.NewClient(riverpgxv5.New(b.pool.Raw()), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b.s = New(b.pool, b.now, Config{Sender: sender, Queue: queue, Brands: oneBrand(b.Brand)})
	return b
}

// oneBrand is the list of brands of a test's database.
type oneBrand shop.BrandID

func (o oneBrand) Brands(context.Context) ([]team.Brand, error) {
	return []team.Brand{{ID: shop.BrandID(o)}}, nil
}

func (b *bundle) inTx(t *testing.T, act func(tx pgx.Tx) error) {
	t.Helper()
	if err := b.pool.Brand(t.Context(), b.Brand, act); err != nil {
		t.Fatal(err)
	}
}

// member is a customer who agreed to push, with a phone whose token is her name.
func (b *bundle) member(t *testing.T, name string, language shop.Language) shop.ID {
	t.Helper()
	var id shop.ID
	b.inTx(t, func(tx pgx.Tx) (err error) {
		if id, err = customer.Resolve(t.Context(), tx, b.Brand, []customer.Identity{{Kind: customer.WebShop, Value: "test:" + name}}, b.now()); err != nil {
			return err
		}
		_, err = customer.Join(t.Context(), tx, shop.System(b.Brand), id, customer.Joining{}, b.now())
		return err
	})
	b.consent(t, id, true)
	b.phone(t, id, name, language)
	return id
}

func (b *bundle) consent(t *testing.T, id shop.ID, granted bool) {
	t.Helper()
	b.inTx(t, func(tx pgx.Tx) error {
		return customer.SetConsents(t.Context(), tx, shop.System(b.Brand), id,
			[]customer.Consent{{Channel: customer.ByPush, Granted: granted, Source: "brand_app"}}, b.now())
	})
}

func (b *bundle) phone(t *testing.T, id shop.ID, token string, language shop.Language) {
	t.Helper()
	_, err := device.New(b.pool, b.now).Register(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: id},
		device.Registration{Target: push.Target{Kind: push.Token, Value: token}, Platform: device.Android, Language: language})
	if err != nil {
		t.Fatal(err)
	}
}

// offer is an approved one that runs for a week.
func (b *bundle) offer(t *testing.T, title string) shop.ID {
	t.Helper()
	return b.offerUntil(t, title, b.now().Add(7*24*time.Hour))
}

func (b *bundle) offerUntil(t *testing.T, title string, ends time.Time) shop.ID {
	t.Helper()
	s := offer.New(b.pool, b.now)
	o, err := s.Create(t.Context(), b.hq, offer.Draft{
		Kind:     offer.Coupon,
		Title:    shop.Text{shop.TraditionalChinese: title + " 優惠", shop.English: title + " offer"},
		Body:     shop.Text{shop.TraditionalChinese: "本週有效。", shop.English: "This week."},
		StartsAt: b.now(), EndsAt: ends,
	})
	if err == nil {
		_, err = s.Approve(t.Context(), b.hq, o.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o.ID
}

func (b *bundle) intend(t *testing.T, what Intent, customers ...shop.ID) (got Addressed) {
	t.Helper()
	b.inTx(t, func(tx pgx.Tx) (err error) {
		got, err = b.s.Intend(t.Context(), tx, b.Brand, what, customers, b.now())
		return err
	})
	return got
}

// one sends an offer as a staff member does.
func one(offer shop.ID) Intent { return Intent{Purpose: offer, Offer: offer} }

func (b *bundle) deliver(t *testing.T) time.Duration {
	t.Helper()
	rest, err := b.s.Deliver(t.Context(), b.Brand)
	if err != nil {
		t.Fatal(err)
	}
	return rest
}

// states are her messages, oldest first, as state or state:why.
func (b *bundle) states(t *testing.T, id shop.ID) string {
	t.Helper()
	var out []string
	for _, d := range b.deliveries(t, id) {
		s := string(d.State)
		if d.Why != "" {
			s += ":" + string(d.Why)
		}
		out = append(out, s)
	}
	return fmt.Sprint(out)
}

func (b *bundle) deliveries(t *testing.T, id shop.ID) (all []Delivery) {
	t.Helper()
	b.inTx(t, func(tx pgx.Tx) (err error) {
		all, _, err = OfCustomer(t.Context(), tx, b.Brand, id, shop.Page{Limit: 200})
		return err
	})
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// alarms are the moments for which the sender is to be woken, of those that lie ahead.
func (b *bundle) alarms(t *testing.T) []time.Time {
	t.Helper()
	rows, err := b.pool.Raw().Query(t.Context(), `
		SELECT scheduled_at FROM river_job WHERE kind = 'delivery_send' AND args ? 'slot' ORDER BY scheduled_at`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		t.Fatal(err)
	}
	return all
}
