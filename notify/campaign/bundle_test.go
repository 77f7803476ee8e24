package campaign

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
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/notify/delivery"
	"homestore/notify/device"
	"homestore/notify/fcm"
	"homestore/notify/fcm/local"
	"homestore/notify/offer"
	"homestore/notify/push"
)

// bundle is everything from a campaign to a phone: real PostgreSQL, the real Firebase SDK, a local FCM.
type bundle struct {
	postgrestest.Fixture
	pool       *postgres.Pool
	s          *Service
	deliveries *delivery.Service
	offers     *offer.Service
	queue      *river.Client[pgx.Tx]
	fcm        *local.Server
	clock      *atomic.Int64
	hq, amy    shop.Actor
	unseen     map[shop.ID]bool // whom staff may not see
}

func (b *bundle) now() time.Time { return time.UnixMilli(b.clock.Load()).UTC() }

// MaySee is visit's part in these tests.
func (b *bundle) MaySee(_ context.Context, _ pgx.Tx, _ shop.Actor, customer shop.ID, _ time.Time) error {
	if b.unseen[customer] {
		return shop.ErrNotFound
	}
	return nil
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{pool: postgrestest.New(t), clock: &atomic.Int64{}, unseen: map[shop.ID]bool{}}
	b.clock.Store(noon.UnixMilli())
	b.Fixture = postgrestest.Brand(t, b.pool)
	b.hq = shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.NewID(noon)}
	b.amy = shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy, Stores: []shop.ID{b.S1}}
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
		Workers: workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}, TestOnly: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.deliveries = delivery.New(b.pool, b.now, delivery.Config{Sender: sender, Queue: b.queue})
	b.offers = offer.New(b.pool, b.now)
	b.s = New(b.pool, b.now, b.deliveries, b, b.queue)
	b.s.Register(workers)
	b.deliveries.Register(workers)
	return b
}

// members are customers of a home store, each with consent and a phone whose token is her name, but for the changes.
func (b *bundle) members(t *testing.T, store shop.ID, prefix string, n int) []shop.ID {
	t.Helper()
	ids := make([]shop.ID, n)
	for i := range ids {
		name := fmt.Sprintf("%s%d", prefix, i)
		err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
			if ids[i], err = customer.Resolve(t.Context(), tx, b.Brand, []customer.Identity{{Kind: customer.WebShop, Value: "test:" + name}}, b.now()); err != nil {
				return err
			}
			consent := customer.Joining{Consents: []customer.Consent{{Channel: customer.ByPush, Granted: true, Source: "brand_app"}}}
			if _, err = customer.Join(t.Context(), tx, shop.System(b.Brand), ids[i], consent, b.now()); err != nil {
				return err
			}
			return customer.NoteHome(t.Context(), tx, b.Brand, ids[i], store, shop.ID{}, b.now())
		})
		if err != nil {
			t.Fatal(err)
		}
		b.phone(t, ids[i], name)
	}
	return ids
}

func (b *bundle) phone(t *testing.T, id shop.ID, token string) {
	t.Helper()
	_, err := device.New(b.pool, b.now).Register(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: id},
		device.Registration{Target: push.Target{Kind: push.Token, Value: token}, Platform: device.IOS, Language: shop.English})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) refuse(t *testing.T, id shop.ID) {
	t.Helper()
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		no := []customer.Consent{{Channel: customer.ByPush, Source: "brand_app"}}
		return customer.SetConsents(t.Context(), tx, shop.System(b.Brand), id, no, b.now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) forget(t *testing.T, id shop.ID) {
	t.Helper()
	who := shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: id}
	mine, err := device.New(b.pool, b.now).Mine(t.Context(), who)
	if err == nil {
		err = device.New(b.pool, b.now).Forget(t.Context(), who, mine[0].ID)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) draftOffer(t *testing.T) offer.Offer {
	t.Helper()
	o, err := b.offers.Create(t.Context(), b.hq, offer.Draft{
		Kind: offer.FreeShipping, Title: shop.Text{shop.TraditionalChinese: "今日免運", shop.English: "Free shipping today"},
		StartsAt: b.now(), EndsAt: b.now().Add(7 * 24 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (b *bundle) offer(t *testing.T) shop.ID {
	t.Helper()
	o := b.draftOffer(t)
	if _, err := b.offers.Approve(t.Context(), b.hq, o.ID); err != nil {
		t.Fatal(err)
	}
	return o.ID
}

func (b *bundle) create(t *testing.T, d Draft) Campaign {
	t.Helper()
	c, err := b.s.Create(t.Context(), b.hq, d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bundle) fanOut(t *testing.T, c Campaign) {
	t.Helper()
	if err := b.s.FanOut(t.Context(), b.Brand, c.ID); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) deliver(t *testing.T) {
	t.Helper()
	if _, err := b.deliveries.Deliver(t.Context(), b.Brand); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) find(t *testing.T, c Campaign) (Campaign, Funnel) {
	t.Helper()
	c, f, err := b.s.Find(t.Context(), b.hq, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c, f
}
