package team

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

// Secrets that pass the rules.
const (
	amysPIN    = "482193"
	wrongPIN   = "918273"
	goodWords  = "correct horse battery"
	appsSecret = "an app's own secret"
)

type bundle struct {
	*Service
	postgrestest.Fixture
	pool   *postgres.Pool
	system shop.Actor
	slug   string

	mu sync.Mutex
	at time.Time
}

func (b *bundle) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

func (b *bundle) later(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = b.at.Add(d)
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{pool: postgrestest.New(t), at: noon}
	b.Fixture = postgrestest.Brand(t, b.pool)
	service, err := New(b.pool, b.clock, Config{SealingKeys: [][]byte{draw(32)}, Hashing: Hashing{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	b.Service, b.system = service, shop.System(b.Brand)
	brand, err := service.BrandByID(t.Context(), b.Brand)
	if err != nil {
		t.Fatal(err)
	}
	b.slug = brand.Slug
	must(t, b.ResetPIN(t.Context(), b.system, b.Amy, amysPIN))
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got %v, want %v", err, target)
	}
}

// tablet enrols a device in a store and returns it with its secret.
func (b *bundle) tablet(t *testing.T, store shop.ID) (Device, string) {
	t.Helper()
	_, code, err := b.EnrolDevice(t.Context(), b.system, store, "tablet")
	must(t, err)
	d, secret, err := b.RedeemEnrolment(t.Context(), b.slug, code)
	must(t, err)
	return d, secret
}

func (b *bundle) try(t *testing.T, employeeNo, pin, secret string) (SignedIn, error) {
	return b.SignInWithPIN(t.Context(), PINSignIn{Brand: b.slug, EmployeeNo: employeeNo, PIN: pin, DeviceSecret: secret})
}

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

func TestManagerActsOnHerOwnStoresOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	boss, err := b.AddStaff(t.Context(), b.system, NewStaff{EmployeeNo: "boss", Name: "店長", PIN: amysPIN})
	must(t, err)
	_, err = b.Assign(t.Context(), b.system, Assignment{Staff: boss.ID, Store: b.S1, Role: shop.RoleManager, From: noon})
	must(t, err)
	manager, err := b.ActorOf(t.Context(), b.Brand, boss.ID)
	must(t, err)
	if manager.Role != shop.RoleManager {
		t.Fatalf("%+v", manager)
	}
	must(t, b.ResetPIN(t.Context(), manager, b.Amy, "719284"))
	want(t, b.ResetPIN(t.Context(), manager, b.Ben, "719284"), shop.ErrNotFound)
	want(t, b.RevokeStaff(t.Context(), manager, b.Ben), shop.ErrNotFound)
	_, _, err = b.EnrolDevice(t.Context(), manager, b.S2, "tablet")
	want(t, err, ErrStoreUnknown)
	d, _ := b.tablet(t, b.S2)
	want(t, b.RevokeDevice(t.Context(), manager, d.ID), shop.ErrNotFound)
	_, err = b.Assign(t.Context(), manager, Assignment{Staff: b.Ben, Store: b.S1, Role: shop.RoleManager, From: noon})
	want(t, err, shop.ErrForbidden)
	_, err = b.Assign(t.Context(), manager, Assignment{Staff: b.Ben, Store: b.S1, Role: shop.RoleStaff, From: noon})
	must(t, err)
	staff, _, err := b.ListStaff(t.Context(), manager, shop.Page{Limit: 10})
	must(t, err)
	if len(staff) != 3 { // herself, amy, and ben who helps out since today
		t.Errorf("she sees %d people", len(staff))
	}
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

func TestAPIKeyNamesItsBrandAndScopes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in, key, err := b.AddIntegrationKey(t.Context(), b.system, NewIntegration{Name: "ERP", Platform: PlatformAPI, Store: b.Web, Scopes: []string{"orders:write"}})
	must(t, err)
	actor, err := b.ActorOfKey(t.Context(), key)
	must(t, err)
	if actor.Brand != b.Brand || actor.Role != shop.RoleIntegration || !actor.MayScope("orders:write") || actor.MayScope("orders:read") || actor.Store != b.Web {
		t.Errorf("%+v", actor)
	}
	_, err = b.ActorOfKey(t.Context(), newAPIKey())
	want(t, err, ErrAPIKey)
	must(t, b.RevokeIntegrationKey(t.Context(), b.system, in.ID))
	_, err = b.ActorOfKey(t.Context(), key)
	want(t, err, ErrAPIKey)
}

func TestWebhookSecretComesBackForItsShop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := NewIntegration{Name: "Web", Platform: "shopify", Store: b.Web, Lookup: "Clear-Day.myshopify.test", WebhookSecret: "0123456789abcdef"}
	in, key, err := b.AddIntegrationKey(t.Context(), b.system, n)
	must(t, err)
	if key != "" {
		t.Error("a platform got an API key")
	}
	got, err := b.WebhookKeyOf(t.Context(), "shopify", "clear-day.myshopify.test")
	must(t, err)
	if string(got.Secret) != n.WebhookSecret || got.Brand != b.Brand || got.Store != b.Web {
		t.Errorf("%+v", got)
	}
	_, _, err = b.AddIntegrationKey(t.Context(), b.system, n)
	want(t, err, ErrIntegrationExists)
	must(t, b.RevokeIntegrationKey(t.Context(), b.system, in.ID))
	_, err = b.WebhookKeyOf(t.Context(), "shopify", "clear-day.myshopify.test")
	want(t, err, shop.ErrNotFound)
	_, _, err = b.AddIntegrationKey(t.Context(), b.system, n)
	must(t, err)
}

func TestAssignmentsAndEmploymentAreByDay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	_, err := b.Assign(t.Context(), b.system, Assignment{Staff: b.Amy, Store: b.S2, Role: shop.RoleStaff, From: day("2026-03-02"), To: day("2026-03-04")})
	must(t, err)
	err = b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		for d, is := range map[string]bool{"2026-03-01": false, "2026-03-02": true, "2026-03-04": true, "2026-03-05": false} {
			if got, err := AssignedAt(t.Context(), tx, b.Brand, b.Amy, b.S2, day(d)); err != nil || got != is {
				t.Errorf("%s: %v %v", d, got, err)
			}
		}
		if err := Leave(t.Context(), tx, b.Brand, b.Amy, day("2026-03-03")); err != nil {
			return err
		}
		for d, is := range map[string]bool{"2019-12-31": false, "2020-01-01": true, "2026-03-03": true, "2026-03-04": false} {
			if got, err := EmployedAt(t.Context(), tx, b.Brand, b.Amy, day(d)); err != nil || got != is {
				t.Errorf("employed %s: %v %v", d, got, err)
			}
		}
		places, err := AssignmentsOf(t.Context(), tx, b.Brand, b.Amy)
		for _, a := range places {
			if !a.To.Equal(day("2026-03-03")) {
				t.Errorf("after she left: %+v", a)
			}
		}
		return err
	})
	must(t, err)
}

func TestPolicyOfAnInstantIsTheLastThatHadBegun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := DefaultPolicy()
	p.ClickDays = 7
	must(t, b.SetPolicy(t.Context(), b.system, p, noon.Add(time.Hour)))
	err := b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		for at, days := range map[time.Time]int{noon: 30, noon.Add(time.Hour - time.Millisecond): 30, noon.Add(time.Hour): 7, noon.Add(2 * time.Hour): 7} {
			if got, err := PolicyAt(t.Context(), tx, b.Brand, at); err != nil || got.ClickDays != days {
				t.Errorf("at %s: %d days, %v", at, got.ClickDays, err)
			}
		}
		return nil
	})
	must(t, err)
}

func TestBrandsAndStoresAreFoundByTheirNames(t *testing.T) {
	t.Parallel()
	b := setup(t)
	brand := Brand{
		ID: 900, Slug: "night-market", Name: shop.Text{shop.English: "Night Market"}, TimeZone: "Asia/Taipei", Language: shop.TraditionalChinese,
		Currency: "TWD", TaxBP: 500, SiteURL: "https://night.example.test", ShortDomain: "q.example.test", AllowedHosts: []string{"night.example.test"},
	}
	_, err := b.AddBrand(t.Context(), brand)
	must(t, err)
	_, err = b.AddBrand(t.Context(), brand)
	want(t, err, ErrBrandExists)
	got, err := b.BrandBySlug(t.Context(), "night-market")
	must(t, err)
	if day := got.Day(time.Date(2026, 3, 1, 17, 0, 0, 0, time.UTC)); day.Day() != 2 {
		t.Errorf("one in the morning in Taipei is %s", day)
	}
	_, err = b.BrandBySlug(t.Context(), "day-market")
	want(t, err, shop.ErrNotFound)
	st, err := b.AddStore(t.Context(), shop.System(900), Store{Code: "C1", Name: shop.Text{shop.English: "Counter"}, Kind: Counter, HouseBP: 2800})
	must(t, err)
	_, err = b.AddStore(t.Context(), shop.System(900), Store{Code: "C1", Name: shop.Text{shop.English: "Counter"}, Kind: Counter})
	want(t, err, ErrStoreExists)
	must(t, b.pool.Read(t.Context(), 900, func(tx pgx.Tx) error {
		found, err := StoreByCode(t.Context(), tx, 900, "C1")
		if err == nil && (found.ID != st.ID || found.HouseBP != 2800 || !found.OpenOn(noon)) {
			t.Errorf("%+v", found)
		}
		return err
	}))
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

func TestA11DevicesRolesAndKeysAreAudited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d, secret := b.tablet(t, b.S1)
	_, err := b.try(t, "amy", amysPIN, secret)
	must(t, err)
	_, err = b.Assign(t.Context(), b.system, Assignment{Staff: b.Amy, Store: b.S2, Role: shop.RoleManager, From: noon})
	must(t, err)
	in, _, err := b.AddIntegrationKey(t.Context(), b.system, NewIntegration{Name: "ERP", Platform: PlatformAPI})
	must(t, err)
	must(t, b.RevokeIntegrationKey(t.Context(), b.system, in.ID))
	must(t, b.SetPolicy(t.Context(), b.system, DefaultPolicy(), time.Time{}))
	must(t, b.RevokeDevice(t.Context(), b.system, d.ID))
	must(t, b.RevokeStaff(t.Context(), b.system, b.Amy))
	written := map[string]int{}
	must(t, b.pool.Read(t.Context(), b.Brand, func(tx pgx.Tx) error {
		rows, _ := tx.Query(t.Context(), `SELECT act FROM audit WHERE brand_id = $1`, b.Brand)
		acts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, act := range acts {
			written[act]++
		}
		return err
	}))
	for _, act := range []string{
		"pin_reset", "device_code_made", "device_enrolled", "signed_in", "staff_assigned", "integration_added", "integration_revoked",
		"policy_set", "device_revoked", "staff_revoked",
	} {
		if written[act] != 1 {
			t.Errorf("%s is in the audit %d times", act, written[act])
		}
	}
}
