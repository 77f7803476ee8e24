package target

import (
	"errors"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func TestHoursAreReadAsWholeMinutesOrNot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want int64 // -1: refused
	}{
		{"0", 0}, {"152", 9120}, {"152.5", 9150}, {"152.50", 9150}, {"7.25", 435}, {"0.05", 3}, {"7.1", 426}, {"152:30", 9150}, {"0:05", 5},
		{"7.33", -1}, {"7.333", -1}, {"7.", 420}, {".5", -1}, {"-3", -1}, {"1e2", -1}, {"152:60", -1}, {"152:5", -1}, {"152:+5", -1}, {"1,5", -1},
		{"", -1}, {"99999999999", -1}, {"７", -1}, {"7.-5", -1},
	}
	for _, tt := range tests {
		got, hint := parseHours(tt.text, "TWD")
		if hint != "" {
			got = -1
		}
		if got != tt.want {
			t.Errorf("%q: got %d, want %d", tt.text, got, tt.want)
		}
	}
}

func TestAnEntryIsOfAMonthAndFitsIt(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC)
	month := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	tests := []struct {
		why    string
		kind   kind
		month  time.Time
		amount int64
		ok     bool
	}{
		{"hours of this month, so far", hours, month(2026, 3, 1), 60, true},
		{"hours of next month", hours, month(2026, 4, 1), 60, false},
		{"a target of next month", targets, month(2026, 4, 1), 60, true},
		{"a day within the month", targets, month(2026, 4, 2), 60, false},
		{"an hour within the day", targets, month(2026, 4, 1).Add(time.Hour), 60, false},
		{"no month at all", targets, time.Time{}, 60, false},
		{"the last century", targets, month(1999, 12, 1), 60, false},
		{"the next", targets, month(2100, 1, 1), 60, false},
		{"no hours", hours, month(2026, 3, 1), 0, true},
		{"fewer", hours, month(2026, 3, 1), -1, false},
		{"31 days and nights", hours, month(2026, 3, 1), 44640, true},
		{"a minute more", hours, month(2026, 3, 1), 44641, false},
		{"more than there is money", targets, month(2026, 3, 1), largest + 1, false},
	}
	for _, tt := range tests {
		var c shop.Check
		tt.kind.check(&c, entry{place{month: tt.month}, tt.amount}, today)
		if (c.Err() == nil) != tt.ok {
			t.Errorf("%s: %v", tt.why, c.Err())
		}
	}
}

func TestTargetsAreSetByWhoAnswersForThem(t *testing.T) {
	t.Parallel()
	march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s1, s2, amy, boss := shop.ID{15: 1}, shop.ID{15: 2}, shop.ID{15: 3}, shop.ID{15: 4}
	r := reach{
		stores: map[shop.ID]bool{s1: true},
		staff:  map[place]bool{{month: march, staff: amy}: true, {month: march, staff: boss}: true, {staff: amy}: true},
	}
	manager, hq := shop.Actor{Role: shop.RoleManager, ID: boss}, shop.Actor{Role: shop.RoleHQ, ID: boss}
	at := func(store, staff shop.ID) place { return place{march, store, staff} }
	tests := []struct {
		why   string
		may   func(shop.Actor, place, reach) *shop.Refusal
		actor shop.Actor
		place place
		want  error
	}{
		{"a manager for her people", mayTarget, manager, at(shop.ID{}, amy), nil},
		{"not for herself", mayTarget, manager, at(shop.ID{}, boss), ErrOwnTarget},
		{"nor does head office", mayTarget, hq, at(shop.ID{}, boss), ErrOwnTarget},
		{"not for her store, from which she earns", mayTarget, manager, at(s1, shop.ID{}), ErrStoreTarget},
		{"which head office does", mayTarget, hq, at(s1, shop.ID{}), nil},
		{"a store that is not hers is unknown", mayTarget, manager, at(s2, shop.ID{}), team.ErrStoreUnknown},
		{"so is who does not work there that month", mayTarget, manager, place{march.AddDate(0, 1, 0), shop.ID{}, amy}, team.ErrStaffUnknown},
		{"of nobody", mayTarget, hq, at(shop.ID{}, shop.ID{}), ErrHolder},
		{"of two", mayTarget, hq, at(s1, amy), ErrHolder},
		{"hours of anybody at her store", mayHours, manager, at(s1, amy), nil},
		{"but not at another", mayHours, manager, at(s2, amy), team.ErrStoreUnknown},
		{"nor of nobody", mayHours, manager, at(s1, shop.ID{}), team.ErrStaffUnknown},
	}
	for _, tt := range tests {
		got := tt.may(tt.actor, tt.place, r)
		if got == nil && tt.want == nil {
			continue
		}
		if got == nil || !errors.Is(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.why, got, tt.want)
		}
	}
}
