package team

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"homestore/clienteling/shop"
)

var fingerprint = strings.Repeat("AB:", 31) + "0F"

func ourApps() Apps {
	return Apps{
		IOS:     IOSApp{Team: "A1B2C3D4E5", Bundle: "com.example.shop", Store: "1234567890"},
		Android: AndroidApp{Package: "com.example.shop", Certificates: []string{fingerprint}},
	}
}

func TestAppsAreWhatAppleAndGoogleKnow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		why    string
		change func(*Apps)
		field  string // empty: nothing is wrong
	}{
		{"both", func(*Apps) {}, ""},
		{"none", func(a *Apps) { *a = Apps{} }, ""},
		{"iPhones alone", func(a *Apps) { a.Android = AndroidApp{} }, ""},
		{"not in the App Store yet", func(a *Apps) { a.IOS.Store = "" }, ""},
		{"signed by two", func(a *Apps) { a.Android.Certificates = append(a.Android.Certificates, fingerprint) }, ""},
		{"a team without an app", func(a *Apps) { a.IOS = IOSApp{Team: "A1B2C3D4E5"} }, "ios.bundle_id"},
		{"an app of no team", func(a *Apps) { a.IOS.Team = "" }, "ios.team_id"},
		{"a team in small letters", func(a *Apps) { a.IOS.Team = "a1b2c3d4e5" }, "ios.team_id"},
		{"every app of the team", func(a *Apps) { a.IOS.Bundle = "*" }, "ios.bundle_id"},
		{"markup", func(a *Apps) { a.IOS.Bundle = `com.example"><script>` }, "ios.bundle_id"},
		{"an address for a number", func(a *Apps) { a.IOS.Store = "https://evil.example" }, "ios.app_store_id"},
		{"no certificate", func(a *Apps) { a.Android.Certificates = nil }, "android.sha256_fingerprints"},
		{"SHA-1", func(a *Apps) { a.Android.Certificates = []string{fingerprint[:59]} }, "android.sha256_fingerprints"},
		{"small letters", func(a *Apps) { a.Android.Certificates = []string{strings.ToLower(fingerprint)} }, "android.sha256_fingerprints"},
		{"certificates of no app", func(a *Apps) { a.Android.Package = "" }, "android.package_name"},
		{"a package that leads elsewhere", func(a *Apps) { a.Android.Package = "com.example;S.browser_fallback_url=x" }, "android.package_name"},
	} {
		apps := ourApps()
		tc.change(&apps)
		err := apps.Check()
		var refusal *shop.Refusal
		if tc.field == "" && err != nil || tc.field != "" && (!errors.As(err, &refusal) || refusal.Fields[0].Name != tc.field) {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}

func TestHeadOfficeSaysWhichAppsThereAre(t *testing.T) {
	t.Parallel()
	b := setup(t)
	none, err := b.Apps(t.Context(), b.Brand)
	if err != nil || none.HasIOS() || none.HasAndroid() {
		t.Fatalf("%+v, %v", none, err)
	}
	hq := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Amy}
	for _, want := range []Apps{ourApps(), {IOS: ourApps().IOS, Android: AndroidApp{Certificates: []string{}}}} {
		must(t, b.SetApps(t.Context(), hq, want))
		if got, err := b.Apps(t.Context(), b.Brand); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
	manager := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: b.Amy, Stores: []shop.ID{b.S1}}
	if err := b.SetApps(t.Context(), manager, Apps{}); !errors.Is(err, shop.ErrForbidden) {
		t.Errorf("a manager of one store: %v", err)
	}
}
