package shopper_test

import (
	"testing"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

func TestAScanFollowsTheRulesOfItsTag(t *testing.T) {
	t.Parallel()
	b := setup(t)
	yes := true
	made := b.issue(t, func(s *tag.Spec) {
		s.Rules = []tag.Rule{
			{HasApp: &yes, Destination: "https://shop.example.test/app/{sku}"},
			{Language: shop.English, Destination: "https://shop.example.test/{lang}/{sku}"},
		}
	})
	for _, tc := range []struct{ why, query, language, want string }{
		{"no rule holds", "", "zh-TW", "https://shop.example.test/p/SOFA-3?lang=zh-TW&utm_campaign=2026-11"},
		{"her browser's language", "", "en", "https://shop.example.test/en/SOFA-3"},
		{"the link says that she has the app", "?app=1", "en", "https://shop.example.test/app/SOFA-3"},
		{"the link says something else", "?app=https://evil.test", "zh-TW", "https://shop.example.test/p/SOFA-3?lang=zh-TW&utm_campaign=2026-11"},
	} {
		got := b.ask(t, "HEAD", "/Q/"+string(made.Code)+tc.query, nil, "Accept-Language", tc.language)
		if got.StatusCode != 302 || got.Header.Get("Location") != tc.want {
			t.Errorf("%s: %d to %s, want %s", tc.why, got.StatusCode, got.Header.Get("Location"), tc.want)
		}
	}
}
