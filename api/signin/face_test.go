package signin_test

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"homestore/api/signin/localissuer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func TestStaffSignsInOnATabletThatAManagerEnrolled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, code, err := b.team.EnrolDevice(t.Context(), b.system, b.S2, "second tablet")
	b.ok(err)
	device := b.want(b.call("/v1/sign-in/device", "", object{"brand": b.slug, "code": code}), 200, "")
	in := b.want(b.call("/v1/sign-in/staff", "", object{"brand": b.slug, "employee_no": "amy", "pin": amysPIN, "device_secret": device.DeviceSecret}), 200, "")
	if in.Actor.ID != b.Amy.String() || in.Actor.Role != "staff" || in.Actor.StoreID != b.S2.String() || len(in.Actor.Stores) != 1 || in.Actor.Stores[0] != b.S1.String() {
		t.Errorf("%s", in.Raw)
	}
	b.want(b.call("/v1/who", in.AccessToken, nil), 200, "")
	b.want(b.call("/v1/sign-in/device", "", object{"brand": b.slug, "code": code}), 401, "enrolment_code_invalid")
	b.want(b.call("/v1/who", "", nil), 401, "unauthenticated")
	b.want(b.call("/v1/who", "made up", nil), 401, "token_invalid")
	b.want(b.call("/v1/who", in.RefreshToken, nil), 401, "token_invalid")
}

func TestA7UnknownNumberAndWrongPINAreOneAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	try := func(number, pin string) answer {
		a := b.call("/v1/sign-in/staff", "", object{"brand": b.slug, "employee_no": number, "pin": pin, "device_secret": b.secret})
		at := strings.Index(a.Raw, `"request_id"`)
		a.Raw = a.Raw[:at]
		return a
	}
	for n := range 8 {
		known, unknown := try("amy", wrongPIN), try("ghost", wrongPIN)
		if !reflect.DeepEqual(known, unknown) {
			t.Errorf("try %d: %+v\n%+v", n, known, unknown)
		}
		if want := map[bool]int{true: 401, false: 429}[n < 5]; known.Status != want {
			t.Errorf("try %d: %d, want %d", n, known.Status, want)
		}
	}
	b.want(b.call("/v1/sign-in/staff", "", object{"brand": b.slug, "employee_no": "amy", "pin": amysPIN, "device_secret": "hs_device_none"}), 401, "device_not_enrolled")
}

func TestA5TwentyParallelRefreshesGiveOneNewToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signInAmy()
	b.later(time.Minute)
	var mu sync.Mutex
	given := map[string]int{}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			out := b.refresh(in.RefreshToken, b.secret)
			mu.Lock()
			defer mu.Unlock()
			given[out.Raw]++
		})
	}
	all.Wait()
	if len(given) != 1 {
		t.Errorf("%d different answers to 20 refreshes: %v", len(given), given)
	}
}

func TestA5RetryWithinTenSecondsGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signInAmy()
	b.later(time.Minute)
	first := b.want(b.refresh(in.RefreshToken, b.secret), 200, "")
	b.later(10 * time.Second)
	if again := b.refresh(in.RefreshToken, b.secret); again.Raw != first.Raw {
		t.Errorf("the retry got\n%s\ninstead of\n%s", again.Raw, first.Raw)
	}
	b.want(b.call("/v1/who", first.AccessToken, nil), 200, "")
	b.want(b.refresh(first.RefreshToken, b.secret), 200, "")
}

func TestA5ReuseOfAnOldTokenEndsTheFamily(t *testing.T) {
	t.Parallel()
	for why, reuse := range map[string]func(b *bundle, old, fresh answer) answer{
		"after the retry window": func(b *bundle, old, _ answer) answer {
			b.later(11 * time.Second)
			return b.refresh(old.RefreshToken, b.secret)
		},
		"by another app, at once":         func(b *bundle, old, _ answer) answer { return b.refresh(old.RefreshToken, appSecret) },
		"the present one, by another app": func(b *bundle, _, fresh answer) answer { return b.refresh(fresh.RefreshToken, appSecret) },
	} {
		b := setup(t)
		old := b.signInAmy()
		fresh := b.want(b.refresh(old.RefreshToken, b.secret), 200, "")
		b.want(b.call("/v1/who", fresh.AccessToken, nil), 200, "")
		b.want(reuse(b, old, fresh), 401, "refresh_token_reused")
		b.want(b.refresh(fresh.RefreshToken, b.secret), 401, "session_over")
		b.later(5 * time.Second)
		if got := b.call("/v1/who", fresh.AccessToken, nil); got.Code != "session_over" {
			t.Errorf("%s: the access token still works: %s", why, got.Raw)
		}
	}
}

func TestA8RevocationWorksWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	for why, c := range map[string]struct {
		revoke func(ctx context.Context, b *bundle) error
		code   string
	}{
		"device": {func(ctx context.Context, b *bundle) error { return b.team.RevokeDevice(ctx, b.system, b.tablet.ID) }, "session_over"},
		"person": {func(ctx context.Context, b *bundle) error { return b.team.RevokeStaff(ctx, b.system, b.Amy) }, "session_over"},
		"PIN":    {func(ctx context.Context, b *bundle) error { return b.team.ResetPIN(ctx, b.system, b.Amy, "719284") }, "session_over"},
	} {
		b := setup(t)
		in := b.signInAmy()
		b.want(b.call("/v1/who", in.AccessToken, nil), 200, "") // now it is remembered
		b.ok(c.revoke(t.Context(), b))
		b.later(5 * time.Second)
		if got := b.call("/v1/who", in.AccessToken, nil); got.Status != 401 || got.Code != c.code {
			t.Errorf("%s: five seconds later: %s", why, got.Raw)
		}
		if got := b.refresh(in.RefreshToken, b.secret); got.Status != 401 {
			t.Errorf("%s: refreshed: %s", why, got.Raw)
		}
	}
}

func TestA8NewAssignmentCountsWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signInAmy()
	b.want(b.call("/v1/who", in.AccessToken, nil), 200, "")
	_, err := b.team.Assign(t.Context(), b.system, team.Assignment{Staff: b.Amy, Store: b.S2, Role: shop.RoleManager, From: noon})
	b.ok(err)
	b.later(5 * time.Second)
	actor, err := b.face.Authenticate(t.Context(), in.AccessToken)
	b.ok(err)
	if actor.Role != shop.RoleManager || !actor.WorksAt(b.S2) || actor.WorksAt(b.S1) {
		t.Errorf("%+v", actor)
	}
}

func TestA8SignedOutIsOutAndAKeyThatWasRevokedIsDead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signInAmy()
	b.want(b.call("/v1/sign-in/out", in.AccessToken, object{}), 204, "")
	key, text, err := b.team.AddIntegrationKey(t.Context(), b.system, team.NewIntegration{Name: "ERP", Platform: team.PlatformAPI, Scopes: []string{"orders:write"}})
	b.ok(err)
	b.want(b.call("/v1/who", text, nil), 200, "")
	b.ok(b.team.RevokeIntegrationKey(t.Context(), b.system, key.ID))
	b.later(5 * time.Second)
	b.want(b.call("/v1/who", in.AccessToken, nil), 401, "session_over")
	b.want(b.refresh(in.RefreshToken, b.secret), 401, "session_over")
	b.want(b.call("/v1/who", text, nil), 401, "api_key_invalid")
}

func TestManagerSignsInWithPassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.team.AddStaff(t.Context(), b.system, team.NewStaff{EmployeeNo: "hq", Name: "總部", Email: "hq@example.test", BrandRole: shop.RoleHQ, Password: password})
	b.ok(err)
	body := object{"brand": b.slug, "email": "HQ@example.test", "password": password, "device_secret": appSecret}
	in := b.want(b.call("/v1/sign-in/manager", "", body), 200, "")
	if in.Actor.Role != "hq" {
		t.Errorf("%s", in.Raw)
	}
	b.want(b.refresh(in.RefreshToken, appSecret), 200, "")
	b.want(b.call("/v1/sign-in/manager", "", object{"brand": b.slug, "email": "hq@example.test", "password": "wrong", "device_secret": appSecret}), 401, "sign_in_refused")
	b.want(b.call("/v1/sign-in/manager", "", object{"brand": "nobody", "email": "hq@example.test", "password": password, "device_secret": appSecret}), 401, "sign_in_refused")
	b.want(b.call("/v1/sign-in/manager", "", object{"brand": b.slug, "device_secret": "short"}), 422, "fields_invalid")
	body["role"] = "hq"
	if got := b.call("/v1/sign-in/manager", "", body); got.Status != 400 {
		t.Errorf("a role in the body: %d %s", got.Status, got.Raw)
	}
}

func TestCustomerSignsInWithATokenOfTheBrandsIssuer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.withLocalIssuer()
	token, err := b.issuer.Token(localissuer.Person{Subject: "may", Phone: "+886912345678", Name: "林美"})
	b.ok(err)
	body := object{"brand": b.slug, "provider": "oidc", "id_token": token, "device_secret": appSecret}
	in := b.want(b.call("/v1/sign-in/customer", "", body), 200, "")
	if in.Actor.Role != "customer" || b.proven.Phone != "+886912345678" || b.proven.Subject != "may" || b.proven.Issuer != b.issuer.Address() {
		t.Errorf("%s %+v", in.Raw, b.proven)
	}
	if again := b.want(b.call("/v1/sign-in/customer", "", body), 200, ""); again.Actor.ID != in.Actor.ID || again.RefreshToken == in.RefreshToken {
		t.Errorf("signed in again: %s", again.Raw)
	}
	b.later(59 * 24 * time.Hour)
	b.want(b.refresh(in.RefreshToken, appSecret), 200, "")
	b.want(b.call("/v1/sign-in/customer", "", body), 401, "id_token_invalid") // the ID token has expired
	body["provider"] = "firebase"
	b.want(b.call("/v1/sign-in/customer", "", body), 401, "id_token_invalid")
	body["brand"] = "nobody"
	b.want(b.call("/v1/sign-in/customer", "", body), 401, "id_token_invalid")
}

func TestKeysArePublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if got := b.call("/.well-known/jwks.json", "", nil); got.Status != 200 || !strings.Contains(got.Raw, `"crv":"Ed25519"`) || strings.Contains(got.Raw, `"d"`) {
		t.Errorf("%s", got.Raw)
	}
}

func TestA9SecretsAndNamesAreInNoAnswerAndNoLog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.withLocalIssuer()
	token, err := b.issuer.Token(localissuer.Person{Subject: "canary-sub", Phone: "+886912345678", Name: "金絲雀"})
	b.ok(err)
	canaries := []string{"canary-no", "918273", "canary@example.test", "canary words of a password", "canary-sub", "+886912345678", "金絲雀", token}
	for _, a := range []answer{
		b.call("/v1/sign-in/staff", "", object{"brand": b.slug, "employee_no": "canary-no", "pin": "918273", "device_secret": b.secret}),
		b.call("/v1/sign-in/manager", "", object{"brand": b.slug, "email": "canary@example.test", "password": "canary words of a password", "device_secret": appSecret}),
		b.call("/v1/sign-in/customer", "", object{"brand": b.slug, "provider": "oidc", "id_token": token + "x", "device_secret": appSecret}),
		b.call("/v1/sign-in/customer", "", object{"brand": b.slug, "provider": "oidc", "id_token": token, "device_secret": appSecret}),
		b.call("/v1/sign-in/refresh", "", object{"refresh_token": token, "device_secret": appSecret}),
		b.call("/v1/who", token, nil),
	} {
		for _, canary := range canaries {
			if strings.Contains(a.Raw, canary) {
				t.Errorf("%q is in an answer: %s", canary, a.Raw)
			}
		}
	}
	for _, canary := range append(canaries, b.secret, appSecret) {
		if strings.Contains(b.log.String(), canary) {
			t.Errorf("%q is in the log", canary)
		}
	}
}
