package period

import (
	"testing"

	"pgregory.net/rapid"

	"homestore/clienteling/shop"
)

func person(n byte) shop.ID { return shop.ID{15: n} }

func TestPoolIsDividedByTheTimeWorked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why  string
		pool int64
		by   []worked
		want map[shop.ID]int64
	}{
		{"two thirds and one third", 200, []worked{{person(1), "cai", 6000}, {person(2), "dan", 3000}}, map[shop.ID]int64{person(1): 133, person(2): 67}},
		{"a tie goes to the lower number", 101, []worked{{person(1), "dan", 60}, {person(2), "cai", 60}}, map[shop.ID]int64{person(2): 51, person(1): 50}},
		{"who did not work has no part", 10, []worked{{person(1), "cai", 60}, {person(2), "dan", 0}}, map[shop.ID]int64{person(1): 10}},
		{"nobody worked: it stays", 10, []worked{{person(1), "cai", 0}}, map[shop.ID]int64{}},
		{"nothing to divide", 0, []worked{{person(1), "cai", 60}}, map[shop.ID]int64{person(1): 0}},
	}
	for _, tt := range tests {
		got := divide(tt.pool, tt.by)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %v", tt.why, got)
		}
		for who, want := range tt.want {
			if got[who] != want {
				t.Errorf("%s: %s has %d, want %d", tt.why, who, got[who], want)
			}
		}
	}
}

func TestPartsOfAPoolAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pool := rapid.Int64Range(0, 1<<40).Draw(t, "pool")
		var by []worked
		var minutes int64
		for n := range rapid.IntRange(1, 9).Draw(t, "people") {
			w := worked{person(byte(n + 1)), rapid.StringMatching(`[a-z]{1,3}`).Draw(t, "number"), rapid.Int64Range(0, 44640).Draw(t, "minutes")}
			by, minutes = append(by, w), minutes+w.Minutes
		}
		var sum int64
		for _, part := range divide(pool, by) {
			sum += part
		}
		if minutes > 0 && sum != pool {
			t.Fatalf("%d of %d", sum, pool)
		}
	})
}
