package team

import (
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
)

func TestRevokedPersonIsSignedOutAndStaysOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, secret := b.tablet(t, b.S1)
	in, err := b.try(t, "amy", amysPIN, secret)
	must(t, err)
	must(t, b.RevokeStaff(t.Context(), b.system, b.Amy))
	_, err = b.ActorOfSession(t.Context(), b.Brand, in.Session.ID)
	want(t, err, ErrSessionOver)
	_, err = b.Refresh(t.Context(), b.Brand, in.Session.ID, 1, secret)
	want(t, err, ErrSessionOver)
	_, err = b.try(t, "amy", amysPIN, secret)
	want(t, err, ErrSignIn)
	must(t, b.RestoreStaff(t.Context(), b.system, b.Amy))
	_, err = b.try(t, "amy", amysPIN, secret)
	must(t, err)
}

func TestEnrolmentCodeWorksOnceAndNotForLong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, code, err := b.EnrolDevice(t.Context(), b.system, b.S1, "tablet")
	must(t, err)
	_, _, err = b.RedeemEnrolment(t.Context(), b.slug, code)
	must(t, err)
	_, _, err = b.RedeemEnrolment(t.Context(), b.slug, code)
	want(t, err, ErrEnrolmentCode)
	_, code, err = b.EnrolDevice(t.Context(), b.system, b.S1, "tablet")
	must(t, err)
	b.later(enrolWithin)
	_, _, err = b.RedeemEnrolment(t.Context(), b.slug, code)
	want(t, err, ErrEnrolmentCode)
	_, _, err = b.RedeemEnrolment(t.Context(), "no-such-brand", code)
	want(t, err, ErrEnrolmentCode)
}

func TestA5TwentyParallelRefreshesRotateOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, err := b.StartCustomerSession(t.Context(), b.Brand, shop.NewID(noon), appsSecret)
	must(t, err)
	var mu sync.Mutex
	generations := map[int]int{}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			out, err := b.Refresh(t.Context(), b.Brand, in.Session.ID, 1, appsSecret)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			generations[out.Session.Generation]++
		})
	}
	all.Wait()
	if len(generations) != 1 || generations[2] != 20 {
		t.Errorf("generations given out: %v, want 20 times the second", generations)
	}
}

func TestA5ReuseEndsTheFamily(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, err := b.StartCustomerSession(t.Context(), b.Brand, shop.NewID(noon), appsSecret)
	must(t, err)
	_, err = b.Refresh(t.Context(), b.Brand, in.Session.ID, 1, appsSecret)
	must(t, err)
	b.later(retryWithin + time.Millisecond)
	_, err = b.Refresh(t.Context(), b.Brand, in.Session.ID, 1, appsSecret)
	want(t, err, ErrReused)
	_, err = b.Refresh(t.Context(), b.Brand, in.Session.ID, 2, appsSecret)
	want(t, err, ErrSessionOver) // the thief's and the owner's: the database remembers the refusal
	_, err = b.ActorOfSession(t.Context(), b.Brand, in.Session.ID)
	want(t, err, ErrSessionOver)
}

func TestSessionSlides(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, secret := b.tablet(t, b.S1)
	in, err := b.try(t, "amy", amysPIN, secret)
	must(t, err)
	for generation := 1; generation <= 3; generation++ {
		b.later(staffIdle - time.Minute)
		in, err = b.Refresh(t.Context(), b.Brand, in.Session.ID, generation, secret)
		must(t, err)
	}
	b.later(staffIdle)
	_, err = b.Refresh(t.Context(), b.Brand, in.Session.ID, 4, secret)
	want(t, err, ErrSessionOver)
	b.later(forgetAfter + time.Hour)
	forgotten, err := b.Forget(t.Context(), b.Brand)
	must(t, err)
	if forgotten < 1 {
		t.Errorf("%d rows forgotten", forgotten)
	}
}

func TestDeviceOutOfUseEndsASessionByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, secret := b.tablet(t, b.S1)
	in, err := b.try(t, "amy", amysPIN, secret)
	must(t, err)
	// As when she signs in at the very moment in which the device is revoked: her session is not among those that were ended.
	must(t, b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error { return updateDeviceRevoked(t.Context(), tx, b.Brand, d.ID, noon) }))
	_, err = b.ActorOfSession(t.Context(), b.Brand, in.Session.ID)
	want(t, err, ErrSessionOver)
}

// Row 32 of the abuses and A8: who is signed in when she leaves is out, at once or, when it was told ahead, at that instant.
func TestLeaverIsSignedOutWhenSheLeavesAndNotBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, secret := b.tablet(t, b.S1)
	in, err := b.try(t, "amy", amysPIN, secret)
	must(t, err)
	leaves := b.now().Add(10 * time.Minute)
	must(t, b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error { return Leave(t.Context(), tx, b.Brand, b.Amy, leaves, b.now()) }))
	_, err = b.ActorOfSession(t.Context(), b.Brand, in.Session.ID)
	must(t, err)
	b.later(10 * time.Minute)
	_, err = b.ActorOfSession(t.Context(), b.Brand, in.Session.ID)
	want(t, err, ErrSessionOver)
	_, err = b.Refresh(t.Context(), b.Brand, in.Session.ID, 1, secret)
	want(t, err, ErrSessionOver)
	_, err = b.try(t, "amy", amysPIN, secret)
	want(t, err, ErrSignIn)
}

func TestWhoMovesWorksInTheSameRoleAtTheOtherStoreFromThatDayOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	boss, err := b.AddStaff(t.Context(), b.system, NewStaff{EmployeeNo: "boss", Name: "店長"})
	must(t, err)
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	_, err = b.Assign(t.Context(), b.system, Assignment{Staff: boss.ID, Store: b.S1, Role: shop.RoleManager, From: day("2024-01-01")})
	must(t, err)
	midnight := time.Date(2026, 3, 20, 0, 0, 0, 0, time.FixedZone("", 8*60*60))
	for range 2 { // said again, it is the same
		must(t, b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error { return MoveStaff(t.Context(), tx, b.Brand, boss.ID, b.S1, b.S2, midnight) }))
		must(t, b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
			all, err := AssignmentsOf(t.Context(), tx, b.Brand, boss.ID)
			if len(all) != 2 || !all[0].To.Equal(day("2026-03-19")) || all[1].Store != b.S2 || !all[1].From.Equal(day("2026-03-20")) || all[1].Role != shop.RoleManager {
				t.Errorf("%+v", all)
			}
			return err
		}))
	}
	must(t, b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		return CloseStore(t.Context(), tx, b.Brand, b.S2, []shop.ID{b.S1}, midnight.AddDate(0, 1, 0))
	}))
	must(t, b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		st, err := StoreByID(t.Context(), tx, b.Brand, b.S2)
		if !st.ClosedOn.Equal(day("2026-04-19")) || st.Successor != b.S1 {
			t.Errorf("%+v", st)
		}
		if is, err := AssignedAt(t.Context(), tx, b.Brand, boss.ID, b.S2, midnight.AddDate(0, 1, 0)); err != nil || is {
			t.Errorf("somebody works in a closed store: %v %v", is, err)
		}
		return err
	}))
}
