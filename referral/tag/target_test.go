package tag

import (
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestATargetWhoseHostIsNoLongerAllowedLeadsToTheBrandsSite(t *testing.T) {
	t.Parallel()
	target := Target{State: Live}
	if got := target.LeadsAt(time.Now()); got != ToSite {
		t.Fatalf("leads %s", got)
	}
}

func TestTargetURLFillsInWhatTheTagKnows(t *testing.T) {
	t.Parallel()
	target := Target{
		Code: "7K3QXMTWBA2D9", StoreCode: "XINYI", Kind: Variant, Reference: "SOFA-3", Placement: Shelf, Label: "window left", Batch: "2026-11", State: Live,
		Destination: "https://www.brand.tw/{lang}/p/{sku}?utm_source={placement}&utm_campaign={batch}&utm_content={store}-{label}&c={code}",
	}
	want := "https://www.brand.tw/en/p/SOFA-3?utm_source=shelf&utm_campaign=2026-11&utm_content=XINYI-window+left&c=7K3QXMTWBA2D9&hs_click=tok"
	if got := target.URL(Circumstance{Language: shop.English}, "tok"); got != want {
		t.Fatalf("%s\nwant %s", got, want)
	}
}
