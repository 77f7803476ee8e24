package team

import (
	"errors"
	"sync"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestA7PINWorksOnAnEnrolledDeviceOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, secret := b.tablet(t, b.S1)
	in, err := b.try(t, "amy", amysPIN, secret)
	must(t, err)
	if a := in.Actor; a.Role != shop.RoleStaff || a.ID != b.Amy || a.Device != d.ID || a.Store != b.S1 || len(a.Stores) != 1 || a.Stores[0] != b.S1 {
		t.Errorf("signed in as %+v", a)
	}
	for why, bad := range map[string]string{"none": "", "made up": newDeviceSecret(d.ID), "another id": newDeviceSecret(shop.NewID(noon))} {
		if _, err := b.try(t, "amy", amysPIN, bad); !errors.Is(err, ErrDevice) {
			t.Errorf("secret %s: %v", why, err)
		}
	}
	must(t, b.RevokeDevice(t.Context(), b.system, d.ID))
	_, err = b.try(t, "amy", amysPIN, secret)
	want(t, err, ErrDevice)
	_, err = b.ActorOfSession(t.Context(), b.Brand, in.Session.ID)
	want(t, err, ErrSessionOver)
}

func TestA7TwentyGuessesUntilAManagerResets(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, secret := b.tablet(t, b.S1)
	// ghost works nowhere: whatever amy is answered, it is answered too.
	for guess := range 20 {
		for _, who := range []string{"amy", "ghost"} {
			if _, err := b.try(t, who, wrongPIN, secret); !errors.Is(err, ErrSignIn) {
				t.Fatalf("guess %d at %s: %v", guess+1, who, err)
			}
			if guess%5 == 4 && guess < 19 {
				_, err := b.try(t, who, amysPIN, secret)
				want(t, err, ErrSignInLocked)
			}
		}
		b.later(time.Hour)
	}
	for _, who := range []string{"amy", "ghost"} {
		_, err := b.try(t, who, amysPIN, secret)
		want(t, err, ErrPINExhausted)
	}
	must(t, b.ResetPIN(t.Context(), b.system, b.Amy, "719284"))
	_, err := b.try(t, "amy", "719284", secret)
	must(t, err)
}

func TestA7ParallelGuessesAreCountedToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, secret := b.tablet(t, b.S1)
	var mu sync.Mutex
	var compared int
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			_, err := b.try(t, "amy", wrongPIN, secret)
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, ErrSignIn) {
				compared++
			} else if !errors.Is(err, ErrSignInLocked) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if compared != 5 {
		t.Errorf("%d of 16 parallel guesses were compared, want 5", compared)
	}
}

func TestA7SprayOverEmployeesLocksTheDevice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, secret := b.tablet(t, b.S1)
	for n := range 20 {
		_, err := b.try(t, "number-"+string(rune('a'+n)), wrongPIN, secret)
		want(t, err, ErrSignIn)
	}
	_, err := b.try(t, "amy", amysPIN, secret)
	want(t, err, ErrSignInLocked)
	_, elsewhere := b.tablet(t, b.S1)
	_, err = b.try(t, "amy", amysPIN, elsewhere)
	must(t, err)
}

func TestPINGivesNoRoleOverTheBrand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, secret := b.tablet(t, b.S1)
	p, err := b.AddStaff(t.Context(), b.system, NewStaff{EmployeeNo: "hq1", Name: "總部", Email: "HQ@example.test", BrandRole: shop.RoleHQ, PIN: amysPIN, Password: goodWords})
	must(t, err)
	in, err := b.try(t, "hq1", amysPIN, secret)
	must(t, err)
	if in.Actor.Role != shop.RoleStaff || in.Actor.WorksAt(b.S1) {
		t.Errorf("by PIN: %+v", in.Actor)
	}
	in, err = b.SignInWithPassword(t.Context(), PasswordSignIn{Brand: b.slug, Email: "hq@example.test", Password: goodWords, DeviceSecret: appsSecret})
	must(t, err)
	if in.Actor.Role != shop.RoleHQ || in.Actor.ID != p.ID {
		t.Errorf("by password: %+v", in.Actor)
	}
}

func TestSecondFactorIsAskedForAndWorksOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, err := b.AddStaff(t.Context(), b.system, NewStaff{EmployeeNo: "hq1", Name: "總部", Email: "hq@example.test", BrandRole: shop.RoleHQ, Password: goodWords})
	must(t, err)
	in := PasswordSignIn{Brand: b.slug, Email: "hq@example.test", Password: goodWords, DeviceSecret: appsSecret}
	signedIn, err := b.SignInWithPassword(t.Context(), in)
	must(t, err)
	offer := NewTOTPSecret("Homestore", "hq@example.test")
	secret, _ := parseTOTPSecret(offer.Base32)
	code := func() string { return totpCode(secret, b.clock().Unix()/totpStep) }
	want(t, b.ConfirmTOTP(t.Context(), signedIn.Actor, offer.Base32, "000000"), ErrTOTPCode)
	must(t, b.ConfirmTOTP(t.Context(), signedIn.Actor, offer.Base32, code()))
	want(t, b.ConfirmTOTP(t.Context(), signedIn.Actor, offer.Base32, code()), ErrTOTPSet)

	for range 6 { // asking without a code is no failure
		_, err = b.SignInWithPassword(t.Context(), in)
		want(t, err, ErrTOTPRequired)
	}
	in.TOTP = code()
	_, err = b.SignInWithPassword(t.Context(), in)
	want(t, err, ErrSignIn) // it was used up when the app was set up
	b.later(time.Minute)
	in.TOTP = code()
	_, err = b.SignInWithPassword(t.Context(), in)
	must(t, err)
	_, err = b.SignInWithPassword(t.Context(), in)
	want(t, err, ErrSignIn)
	want(t, b.DropTOTP(t.Context(), signedIn.Actor, p.ID), shop.ErrForbidden)
}

func TestWhoKnowsAnAddressCannotLockItsOwnerOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, err := b.AddStaff(t.Context(), b.system, NewStaff{EmployeeNo: "hq1", Name: "總部", Email: "hq@example.test", BrandRole: shop.RoleHQ, Password: goodWords})
	must(t, err)
	try := func(words, app string) error {
		_, err := b.SignInWithPassword(t.Context(), PasswordSignIn{Brand: b.slug, Email: "hq@example.test", Password: words, DeviceSecret: app})
		return err
	}
	must(t, try(goodWords, appsSecret))
	for range failuresToLock {
		want(t, try("guess", "an attacker's app"), ErrSignIn)
	}
	want(t, try(goodWords, "an attacker's app"), ErrSignInLocked)
	want(t, try(goodWords, "her new laptop"), ErrSignInLocked)
	must(t, try(goodWords, appsSecret))
	for range failuresToLock {
		want(t, try("guess", appsSecret), ErrSignIn)
	}
	want(t, try(goodWords, appsSecret), ErrSignInLocked) // nor is her own app free to guess
	must(t, b.SetPassword(t.Context(), b.system, p.ID, goodWords+"!"))
	must(t, try(goodWords+"!", appsSecret))
}

func TestNobodysSecretIsNoSecret(t *testing.T) {
	t.Parallel()
	h := newHasher(Hashing{MemoryKiB: 64, Passes: 1})
	for _, secret := range []string{"nobody", ""} { // the first is what the dummy was made from
		if ok, err := h.fits(t.Context(), secret, ""); ok || err != nil {
			t.Errorf("%q fitted a name that nobody bears: %v", secret, err)
		}
	}
}
