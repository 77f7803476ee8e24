package team

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestAStoreIsOpenAsItsHoursSay(t *testing.T) {
	t.Parallel()
	hours := Hours{
		"fri": {{Opens: "11:00", Closes: "14:00"}, {Opens: "17:00", Closes: "02:00"}},
		"sun": {{Opens: "00:00", Closes: "00:00"}},
	}
	friday := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		why  string
		h    Hours
		at   time.Duration
		want bool
	}{
		{"nothing is known", nil, 3 * time.Hour, true},
		{"before it opens", hours, 11*time.Hour - time.Minute, false},
		{"the minute it opens", hours, 11 * time.Hour, true},
		{"the minute it closes", hours, 14 * time.Hour, false},
		{"the second opening", hours, 23 * time.Hour, true},
		{"past midnight it is Friday's still", hours, 25 * time.Hour, true},
		{"until it closes", hours, 26 * time.Hour, false},
		{"a day without openings", hours, 36 * time.Hour, false},
		{"round the clock", hours, 2*24*time.Hour + 5*time.Hour, true},
		{"the small hours of a Friday are not its evening's", hours, time.Hour, false},
	} {
		if got := tc.h.OpenAt(friday.Add(tc.at)); got != tc.want {
			t.Errorf("%s: %v", tc.why, got)
		}
	}
}

func TestAManagerDescribesHerOwnStoreOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	manager := shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: shop.NewID(time.Now()), Stores: []shop.ID{b.S1}}
	want := Premises{
		Hours:         Hours{"mon": {{Opens: "10:30", Closes: "21:00"}}},
		Networks:      []netip.Prefix{netip.MustParsePrefix("203.0.113.8/29"), netip.MustParsePrefix("2001:db8:7::/48")},
		AreaTenthPing: 825,
	}
	got, err := b.DescribePremises(t.Context(), manager, b.S1, want)
	if err != nil || got.AreaTenthPing != 825 || got.Hours["mon"][0].Opens != "10:30" || !got.Has(netip.MustParseAddr("203.0.113.9")) ||
		!got.Has(netip.MustParseAddr("::ffff:203.0.113.15")) || !got.Has(netip.MustParseAddr("2001:db8:7::1")) || got.Has(netip.MustParseAddr("203.0.113.16")) {
		t.Fatalf("%+v, %v", got.Premises, err)
	}
	for _, foreign := range []shop.ID{b.S2, {}} {
		if _, err := b.DescribePremises(t.Context(), manager, foreign, want); !errors.Is(err, shop.ErrNotFound) {
			t.Errorf("store %s: %v", foreign, err)
		}
	}
	if got, err = b.DescribePremises(t.Context(), manager, b.S1, Premises{}); err != nil || len(got.Hours)+len(got.Networks)+got.AreaTenthPing != 0 {
		t.Errorf("forgotten: %+v, %v", got.Premises, err)
	}
}

func TestWhatNoPlaceIsLikeIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tc := range []struct {
		why   string
		p     Premises
		field string
	}{
		{"a day that there is not", Premises{Hours: Hours{"monday": nil}}, "hours"},
		{"an hour that there is not", Premises{Hours: Hours{"mon": {{Opens: "24:00", Closes: "25:00"}}}}, "hours"},
		{"half the internet", Premises{Networks: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/1")}}, "networks"},
		{"an address within its network", Premises{Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.9/29")}}, "networks"},
		{"no network", Premises{Networks: []netip.Prefix{{}}}, "networks"},
		{"less than nothing", Premises{AreaTenthPing: -1}, "area_tenth_ping"},
	} {
		_, err := b.DescribePremises(t.Context(), b.system, b.S1, tc.p)
		var refusal *shop.Refusal
		if !errors.As(err, &refusal) || len(refusal.Fields) != 1 || refusal.Fields[0].Name != tc.field {
			t.Errorf("%s: %v", tc.why, err)
		}
	}
}
