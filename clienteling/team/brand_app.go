package team

import (
	"context"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/audit"
	"homestore/clienteling/shop"
)

// Apps are the brand's own apps; a zero one is not there. Phones open the brand's codes in them because both sides say so:
// the app names the short domain, and the short domain names the app.
type Apps struct {
	IOS     IOSApp
	Android AndroidApp
}

// IOSApp is an app as Apple knows it.
type IOSApp struct {
	Team   string // ten letters and digits
	Bundle string // com.example.shop
	Store  string // its number in the App Store; empty: not there yet
}

// AndroidApp is an app as Android knows it.
type AndroidApp struct {
	Package      string   // com.example.shop
	Certificates []string // SHA-256 fingerprints of what it is signed with, as keytool prints them: AB:CD:…
}

// HasIOS says whether there is an app for iPhones.
func (a Apps) HasIOS() bool { return a.IOS.Bundle != "" }

// HasAndroid says whether there is an app for Android.
func (a Apps) HasAndroid() bool { return a.Android.Package != "" }

// Forms of what Apple and Google give out.
var (
	teamForm        = regexp.MustCompile(`^[A-Z0-9]{10}$`)
	bundleForm      = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	appStoreForm    = regexp.MustCompile(`^[0-9]{6,12}$`)
	packageForm     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$`)
	certificateForm = regexp.MustCompile(`^[0-9A-F]{2}(:[0-9A-F]{2}){31}$`)
)

const (
	maxAppName       = 200 // above what either store lets an app be called
	mostCertificates = 10  // release, upload, those of testers
)

// Check says what is wrong with what phones are told, all of it at once.
func (a Apps) Check() error {
	var c shop.Check
	if a.HasIOS() || a.IOS != (IOSApp{}) {
		c.That(teamForm.MatchString(a.IOS.Team), "ios.team_id", "team_id_invalid", "Ten letters and digits, as in Apple's developer account.")
		c.That(bundleForm.MatchString(a.IOS.Bundle) && len(a.IOS.Bundle) <= maxAppName, "ios.bundle_id", "bundle_id_invalid", "Such as com.example.shop.")
		c.That(a.IOS.Store == "" || appStoreForm.MatchString(a.IOS.Store), "ios.app_store_id", "app_store_id_invalid", "The number in the app's address in the App Store.")
	}
	if a.HasAndroid() || len(a.Android.Certificates) > 0 {
		c.That(packageForm.MatchString(a.Android.Package) && len(a.Android.Package) <= maxAppName, "android.package_name", "package_name_invalid", "Such as com.example.shop.")
		n := len(a.Android.Certificates)
		c.That(n > 0 && n <= mostCertificates, "android.sha256_fingerprints", "count_invalid", "From 1 to 10.")
		for _, f := range a.Android.Certificates {
			c.That(certificateForm.MatchString(f), "android.sha256_fingerprints", "fingerprint_invalid", "32 pairs of upper-case hex digits with colons, as keytool prints them.")
		}
	}
	return c.Err()
}

// SetApps says which apps the brand has, all of it anew. Head office alone may; shop.ErrFields can come back.
func (s *Service) SetApps(ctx context.Context, actor shop.Actor, apps Apps) error {
	if err := actor.Allow(shop.RoleHQ, shop.RoleSystem); err != nil {
		return err
	}
	if err := apps.Check(); err != nil {
		return err
	}
	now := shop.Millis(s.now())
	return s.act(ctx, actor, now, audit.Entry{Act: "apps_set", Detail: apps}, func(tx pgx.Tx) error {
		return upsertApps(ctx, tx, actor.Brand, apps, now)
	})
}

// Apps are those of the brand, for whoever asks: phones read them before anybody is signed in.
func (s *Service) Apps(ctx context.Context, brand shop.BrandID) (Apps, error) {
	var apps Apps
	err := s.pool.Read(ctx, brand, func(tx pgx.Tx) (err error) {
		apps, err = AppsOf(ctx, tx, brand)
		return err
	})
	if err != nil {
		return Apps{}, fmt.Errorf("apps of brand %d: %w", brand, err)
	}
	return apps, nil
}
