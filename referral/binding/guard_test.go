package binding

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/team"
)

func TestWhatLooksWrong(t *testing.T) {
	t.Parallel()
	g := team.DefaultPolicy().Guard
	for _, tt := range []struct {
		why   string
		saw   sight
		guard func(*team.Guard)
		want  []Sign
	}{
		{"an ordinary claim", sight{today: 12, hour: 3, usualDay: 8, usualHour: 2, orders: 40, returned: 4, onApp: 1}, nil, nil},
		{"her own address", sight{ownContact: true}, nil, []Sign{{Sign: "own_contact", Score: 100}}},
		{"her own phone", sight{ownApp: true}, nil, []Sign{{Sign: "own_app", Score: 100}}},
		{"a family on one phone", sight{onApp: 5}, nil, nil},
		{"a crowd on one phone", sight{onApp: 6}, nil, []Sign{{Sign: "shared_app", Score: 60, Seen: 6, Cap: 5}}},
		{"the last under the cap", sight{today: 100}, nil, nil},
		{"the first over it", sight{today: 101}, nil, []Sign{{Sign: "daily_cap", Score: 100, Seen: 101, Cap: 100}}},
		{"ten times the usual", sight{today: 41, usualDay: 4}, nil, []Sign{{Sign: "unusual_day", Score: 60, Seen: 41, Cap: 40}}},
		{"exactly ten times", sight{today: 40, usualDay: 4}, nil, nil},
		{"a quiet shop's good day is no burst", sight{today: 20, usualDay: 1}, nil, nil},
		{"nothing is usual in a new shop", sight{today: 99}, nil, nil},
		{"the brand looks at no outliers", sight{today: 99, usualDay: 1}, func(g *team.Guard) { g.UsualTimes = 0 }, nil},
		{"a code on a coupon site", sight{hour: 301, usualHour: 3}, nil, []Sign{{Sign: "tag_hourly_cap", Score: 100, Seen: 301, Cap: 300}, {Sign: "unusual_hour", Score: 60, Seen: 301, Cap: 30}}},
		{"a click id that goes round", sight{replays: 6}, nil, []Sign{{Sign: "click_replayed", Score: 100, Seen: 6, Cap: 5}}},
		{"two of three orders given back, of too few to say", sight{orders: 9, returned: 9}, nil, nil},
		{"bought and given back", sight{orders: 10, returned: 6}, nil, []Sign{{Sign: "returns", Score: 60, Seen: 6000, Cap: 5000}}},
		{"half of them is the cap itself", sight{orders: 10, returned: 5}, nil, nil},
		{"a sign that the brand gives nothing for", sight{ownApp: true}, func(g *team.Guard) { g.Scores.OwnApp = 0 }, nil},
	} {
		guard := g
		if tt.guard != nil {
			tt.guard(&guard)
		}
		if d := cmp.Diff(tt.want, signsOf(tt.saw, guard)); d != "" {
			t.Errorf("%s: %s", tt.why, d)
		}
	}
}

func TestWeakSignsAddUp(t *testing.T) {
	t.Parallel()
	g := team.DefaultPolicy().Guard
	for _, tt := range []struct {
		why  string
		saw  sight
		held bool
	}{
		{"a crowd on one phone alone", sight{onApp: 9}, false},
		{"returns alone", sight{orders: 20, returned: 20}, false},
		{"both", sight{onApp: 9, orders: 20, returned: 20}, true},
	} {
		if held := ScoreOf(signsOf(tt.saw, g)) >= g.HoldAt; held != tt.held {
			t.Errorf("%s: held %t", tt.why, held)
		}
	}
}
