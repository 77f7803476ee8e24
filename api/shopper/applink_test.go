package shopper_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// fingerprint is that of the contract's examples.
const fingerprint = "14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5"

// haveApps gives the brand its apps; by head office, as its managers do.
func (b *bundle) haveApps(t *testing.T) {
	t.Helper()
	err := b.team.SetApps(t.Context(), b.hq, team.Apps{
		IOS:     team.IOSApp{Team: "A1B2C3D4E5", Bundle: "com.example.shop", Store: "1234567890"},
		Android: team.AndroidApp{Package: "com.example.shop", Certificates: []string{fingerprint}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPhonesAreToldWhichAppOpensTheCodesOfADomain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const apple, google = "/.well-known/apple-app-site-association", "/.well-known/assetlinks.json"
	for _, path := range []string{apple, google} {
		if got := b.ask(t, "GET", path, nil); got.StatusCode != 404 {
			t.Errorf("%s of a brand without apps: %d", path, got.StatusCode)
		}
	}
	b.haveApps(t)
	for path, example := range map[string]string{apple: "apple-app-site-association.example.json", google: "assetlinks.example.json"} {
		want, err := os.ReadFile(filepath.Join("../../mobile-contract/applinks", example))
		if err != nil {
			t.Fatal(err)
		}
		got := b.ask(t, "GET", path, nil)
		if got.StatusCode != 200 || got.Header.Get("Content-Type") != "application/json" || !reflect.DeepEqual(fromJSON(t, got.body), fromJSON(t, string(want))) {
			t.Errorf("%s: %d %s %s", path, got.StatusCode, got.Header.Get("Content-Type"), got.body)
		}
		if elsewhere := b.ask(t, "GET", path, nil, "Host", "go.nobody.example"); elsewhere.StatusCode != 404 {
			t.Errorf("%s of nobody's domain: %d", path, elsewhere.StatusCode)
		}
	}
	if err := b.team.SetApps(t.Context(), shop.System(b.Brand), team.Apps{}); err != nil {
		t.Fatal(err)
	}
	if got := b.ask(t, "GET", apple, nil); got.StatusCode != 404 {
		t.Errorf("after the app is gone: %d", got.StatusCode)
	}
}

func fromJSON(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}
