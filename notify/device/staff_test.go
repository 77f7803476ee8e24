package device

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/notify/push"
)

// signedIn is a person of a shop with a session.
func (b *bundle) signedIn(t *testing.T, staff shop.ID) shop.Actor {
	t.Helper()
	who := shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: staff, Session: shop.NewID(b.now)}
	b.inTx(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			INSERT INTO sign_in_session (brand_id, id, subject, subject_id, method, device_hash, generation, rotated_at, expires_at, created_at)
			VALUES ($1, $2, 'staff', $3, 'password', 'x', 1, $4, $5, $4)`, b.Brand, who.Session, staff, b.now, b.now.Add(12*time.Hour))
		return err
	})
	return who
}

func (b *bundle) does(t *testing.T, statement string, args ...any) {
	t.Helper()
	b.inTx(t, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), statement, args...)
		return err
	})
}

func (b *bundle) liveOfStaff(t *testing.T, people ...shop.ID) (live []OfStaff) {
	t.Helper()
	b.inTx(t, func(tx pgx.Tx) (err error) {
		live, err = LiveOfStaff(t.Context(), tx, b.Brand, people, b.now)
		return err
	})
	return live
}

func (b *bundle) registerStaff(t *testing.T, who shop.Actor, token string) OfStaff {
	t.Helper()
	d, err := b.s.RegisterStaff(t.Context(), who, phone(token))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// While she registers, somebody else has her device and waits for her: PostgreSQL ends her act, and the pool runs it again.
func TestRegistrationThatRunsAgainIsTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy := b.signedIn(t, b.Amy)
	first := b.registerStaff(t, amy, "tablet")
	var again OfStaff
	var registering sync.WaitGroup
	b.inTx(t, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SELECT FROM staff_device WHERE brand_id = $1 AND id = $2 FOR UPDATE`, b.Brand, first.ID); err != nil {
			return err
		}
		registering.Go(func() { again = b.registerStaff(t, amy, "tablet") })
		time.Sleep(300 * time.Millisecond) // under the second after which PostgreSQL looks for a deadlock
		_, err := tx.Exec(t.Context(), `SELECT FROM staff WHERE brand_id = $1 AND id = $2 FOR UPDATE`, b.Brand, b.Amy)
		return err
	})
	registering.Wait()
	if again.ID != first.ID || again.Staff != b.Amy {
		t.Errorf("first %+v, then %+v", first, again)
	}
}

func TestTabletIsHersWhoSignedInOnItLast(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy, ben := b.signedIn(t, b.Amy), b.signedIn(t, b.Ben)
	first := b.registerStaff(t, amy, "tablet")
	b.now = b.now.Add(time.Hour)
	if again := b.registerStaff(t, amy, "tablet"); again.ID != first.ID || !again.RegisteredAt.Equal(first.RegisteredAt) || !again.SeenAt.Equal(b.now) {
		t.Errorf("registered as %+v, then as %+v", first, again)
	}
	moved := b.registerStaff(t, ben, "tablet")
	if moved.ID == first.ID || moved.Staff != b.Ben || moved.Session != ben.Session {
		t.Errorf("moved as %+v", moved)
	}
	if live := b.liveOfStaff(t, b.Amy, b.Ben); len(live) != 1 || live[0] != moved {
		t.Errorf("live are %+v", live)
	}
}

func TestNobodyHearsWhereSheHasSignedOut(t *testing.T) {
	t.Parallel()
	for why, end := range map[string]string{
		"she signed out":           `UPDATE sign_in_session SET revoked_at = now(), revoked_why = 'signed_out' WHERE brand_id = $1`,
		"she was revoked":          `UPDATE staff SET revoked_at = now() WHERE brand_id = $1`,
		"she has left":             `UPDATE staff SET left_on = '2026-11-21', left_at = '2026-11-21 16:00Z' WHERE brand_id = $1`,
		"her session is forgotten": `DELETE FROM sign_in_session WHERE brand_id = $1`,
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.registerStaff(t, b.signedIn(t, b.Amy), "hers")
			b.now = b.now.Add(13 * time.Hour) // not refreshed for longer than a shift
			if live := b.liveOfStaff(t, b.Amy); len(live) != 1 {
				t.Fatalf("before: %+v", live)
			}
			b.does(t, end, b.Brand)
			if live := b.liveOfStaff(t, b.Amy); len(live) != 0 {
				t.Errorf("%+v", live)
			}
		})
	}
}

func TestPhoneOfStaffDiesAndComesBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy := b.signedIn(t, b.Amy)
	d := b.registerStaff(t, amy, "hers")
	dies := func(since time.Time) {
		b.inTx(t, func(tx pgx.Tx) error { return MarkStaffDead(t.Context(), tx, b.Brand, d.ID, since, b.now) })
	}
	dies(b.now.Add(-time.Second)) // she registered while the send was under way
	if live := b.liveOfStaff(t, b.Amy); len(live) != 1 {
		t.Errorf("registered later, and dead: %+v", live)
	}
	dies(b.now)
	if live := b.liveOfStaff(t, b.Amy); len(live) != 0 {
		t.Errorf("dead, and %+v", live)
	}
	b.registerStaff(t, amy, "hers")
	if live := b.liveOfStaff(t, b.Amy); len(live) != 1 {
		t.Errorf("registered again, and %+v", live)
	}
	b.now = b.now.Add(silence)
	if live := b.liveOfStaff(t, b.Amy); len(live) != 0 {
		t.Errorf("silent for 270 days, and %+v", live)
	}
}

func TestPersonHasTenPhonesAtMost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	amy := b.signedIn(t, b.Amy)
	for i := range mostPerPerson + 2 {
		b.registerStaff(t, amy, fmt.Sprint("phone-", i))
		b.now = b.now.Add(time.Minute)
	}
	live := b.liveOfStaff(t, b.Amy)
	if len(live) != mostPerPerson || live[mostPerPerson-1].Target.Value != "phone-2" {
		t.Errorf("%d phones, the oldest %+v", len(live), live[len(live)-1])
	}
}

func TestOnlyStaffRegisterTheStaffApp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.s.RegisterStaff(t.Context(), b.newCustomer(t, "lin"), phone("hers")); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("a customer: %v", err)
	}
	if _, err := b.s.RegisterStaff(t.Context(), b.signedIn(t, b.Amy), phone("")); !errors.Is(err, push.ErrNoTarget) {
		t.Errorf("no address: %v", err)
	}
}
