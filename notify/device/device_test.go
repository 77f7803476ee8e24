package device

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/notify/push"
)

type bundle struct {
	*postgrestest.Fixture
	pool *postgres.Pool
	s    *Service
	now  time.Time
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{pool: postgrestest.New(t), now: time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)}
	f := postgrestest.Brand(t, b.pool)
	b.Fixture = &f
	b.s = New(b.pool, func() time.Time { return b.now })
	return b
}

func (b *bundle) inTx(t *testing.T, act func(tx pgx.Tx) error) {
	t.Helper()
	if err := b.pool.Brand(t.Context(), b.Brand, act); err != nil {
		t.Fatal(err)
	}
}

// newCustomer is somebody, as the actor that her app acts as.
func (b *bundle) newCustomer(t *testing.T, name string) shop.Actor {
	t.Helper()
	actor := shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer}
	b.inTx(t, func(tx pgx.Tx) (err error) {
		actor.ID, err = customer.Resolve(t.Context(), tx, b.Brand, []customer.Identity{{Kind: customer.WebShop, Value: "test:" + name}}, b.now)
		return err
	})
	return actor
}

func (b *bundle) live(t *testing.T, who shop.Actor) (live []Device) {
	t.Helper()
	b.inTx(t, func(tx pgx.Tx) error {
		all, err := LiveOf(t.Context(), tx, b.Brand, []shop.ID{who.ID}, b.now)
		live = all[who.ID]
		return err
	})
	return live
}

func phone(token string) Registration {
	return Registration{Target: push.Target{Kind: push.Token, Value: token}, Platform: IOS, Language: shop.TraditionalChinese}
}

func (b *bundle) register(t *testing.T, who shop.Actor, r Registration) Device {
	t.Helper()
	d, err := b.s.Register(t.Context(), who, r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRegisteredPhoneIsLiveAndRegisteringAgainKeepsIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.newCustomer(t, "lin")
	first := b.register(t, lin, phone("token-1"))
	b.now = b.now.Add(time.Hour)
	changed := phone("token-1")
	changed.Language = shop.English
	again := b.register(t, lin, changed)
	if again.ID != first.ID || !again.RegisteredAt.Equal(first.RegisteredAt) || !again.SeenAt.Equal(b.now) {
		t.Errorf("registered as %+v, then as %+v", first, again)
	}
	live := b.live(t, lin)
	if len(live) != 1 || live[0] != again || live[0].Language != shop.English {
		t.Errorf("live devices %+v", live)
	}
}

// Found by asking with what the contract allows: the index over addresses refused it, as an error of ours.
func TestLongestAddressThatMayBeIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.newCustomer(t, "lin")
	longest := ""
	for len(longest) < push.MaxTargetBytes {
		longest += rand.Text() // by chance, which PostgreSQL cannot press into less
	}
	b.register(t, lin, phone(longest[:push.MaxTargetBytes]))
	if live := b.live(t, lin); len(live) != 1 {
		t.Errorf("live devices %+v", live)
	}
}

// Abuse 40: whoever registers another's token gets messages of her own on it, never the other's.
func TestTokenMovesToItsLastOwner(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin, chen := b.newCustomer(t, "lin"), b.newCustomer(t, "chen")
	hers := b.register(t, lin, phone("shared"))
	b.now = b.now.Add(time.Minute)
	moved := b.register(t, chen, phone("shared"))
	if moved.ID == hers.ID || moved.Customer != chen.ID {
		t.Errorf("moved device is %+v, was %+v", moved, hers)
	}
	if left := b.live(t, lin); len(left) != 0 {
		t.Errorf("the former owner still has %+v", left)
	}
	if got := b.live(t, chen); len(got) != 1 || got[0].Target.Value != "shared" {
		t.Errorf("the last owner has %+v", got)
	}
	var acts []string
	b.inTx(t, func(tx pgx.Tx) error {
		records, _, err := audit.OfCustomer(t.Context(), tx, b.Brand, lin.ID, shop.Page{Limit: 10})
		for _, r := range records {
			acts = append(acts, r.Act)
		}
		return err
	})
	if fmt.Sprint(acts) != "[device_moved_away device_registered]" {
		t.Errorf("the former owner's audit says %v", acts)
	}
}

func TestDeadAndSilentPhonesAreNotLiveUntilTheyRegisterAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.newCustomer(t, "lin")
	dead, silent := b.register(t, lin, phone("dead")), b.register(t, lin, phone("silent"))
	b.inTx(t, func(tx pgx.Tx) error { return MarkDead(t.Context(), tx, b.Brand, dead.ID, b.now, b.now) })
	if live := b.live(t, lin); len(live) != 1 || live[0].ID != silent.ID {
		t.Fatalf("live beside a dead one: %+v", live)
	}
	b.now = b.now.Add(270 * 24 * time.Hour)
	if live := b.live(t, lin); len(live) != 0 {
		t.Errorf("live after 270 silent days: %+v", live)
	}
	b.register(t, lin, phone("dead"))
	if live := b.live(t, lin); len(live) != 1 || live[0].ID != dead.ID {
		t.Errorf("live after registering again: %+v", live)
	}
}

func TestPhoneThatRegisteredSinceTheSendStaysAlive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.newCustomer(t, "lin")
	d := b.register(t, lin, phone("token"))
	sentAt := b.now
	b.now = b.now.Add(time.Second)
	b.register(t, lin, phone("token"))
	b.inTx(t, func(tx pgx.Tx) error { return MarkDead(t.Context(), tx, b.Brand, d.ID, sentAt, b.now) })
	if len(b.live(t, lin)) != 1 {
		t.Error("a late verdict killed a phone that is there")
	}
}

func TestCustomerForgetsHerOwnPhoneAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin, chen := b.newCustomer(t, "lin"), b.newCustomer(t, "chen")
	d := b.register(t, lin, phone("token"))
	if err := b.s.Forget(t.Context(), chen, d.ID); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("another customer got %v", err)
	}
	if err := b.s.Forget(t.Context(), lin, d.ID); err != nil {
		t.Fatal(err)
	}
	if mine, err := b.s.Mine(t.Context(), lin); err != nil || len(mine) != 0 {
		t.Errorf("left: %+v, %v", mine, err)
	}
}

func TestElevenPhonesAreTenEvenWhenTheyRegisterAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.newCustomer(t, "lin")
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if _, err := b.s.Register(t.Context(), lin, phone(fmt.Sprintf("token-%d", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if live := b.live(t, lin); len(live) != 10 {
		t.Errorf("%d phones are live", len(live))
	}
}

func TestWhatIsNoPhoneIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lin := b.newCustomer(t, "lin")
	broken := func(change func(*Registration)) Registration {
		r := phone("token")
		change(&r)
		return r
	}
	for _, tc := range []struct {
		why  string
		who  shop.Actor
		r    Registration
		want error
	}{
		{"no address", lin, broken(func(r *Registration) { r.Target.Value = "" }), push.ErrNoTarget},
		{"an address of two words", lin, broken(func(r *Registration) { r.Target.Value = "a b" }), push.ErrNoTarget},
		{"a kind of address that nobody sends to", lin, broken(func(r *Registration) { r.Target.Kind = "topic" }), push.ErrNoTarget},
		{"an unknown platform", lin, broken(func(r *Registration) { r.Platform = "fridge" }), shop.ErrFields},
		{"a language that the brand does not speak", lin, broken(func(r *Registration) { r.Language = "fr" }), shop.ErrFields},
		{"staff have no member's phone", shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy}, phone("token"), shop.ErrForbidden},
		{"nobody", shop.Actor{Brand: b.Brand, Role: shop.RoleCustomer, ID: shop.NewID(b.now)}, phone("token"), customer.ErrUnknown},
	} {
		if _, err := b.s.Register(t.Context(), tc.who, tc.r); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.why, err, tc.want)
		}
	}
}
