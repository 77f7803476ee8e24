package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/referral/period"
)

// factsOfOrders are told by systems that may be late and out of order.
var factsOfOrders = []string{"order", "edit", "fulfil", "paid", "cancel", "refund", "price_adjust", "exchange"}

// mayBeLate says whether a fact may be heard of at any time and tell the same. Of a scan that is not there yet nobody can join.
func mayBeLate(s *story, e entry) bool {
	joinsBy := func(j entry) bool { return j.Do == "join" && slices.Contains(j.Clicks, e.Click) }
	return slices.Contains(factsOfOrders, e.Do) || e.Do == "scan" && !slices.ContainsFunc(s.Timeline, joinsBy)
}

const storyTime = "2006-01-02 15:04"

// When a story's facts are heard of, and in which sequence, changes rows and months. When all is known and closed, each has what she
// has in the story as it happened.
func TestAnyArrivalOfAStorysFactsGivesTheSameTotals(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(scenarios, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("no scenarios here: %v", err)
	}
	db, err := throwawayDatabase(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.stop() })
	brand := shop.BrandID(0)
	for _, file := range files {
		s, err := readStory(file)
		if err != nil {
			t.Fatal(err)
		}
		brand++
		want := totalsOf(t, db, brand, ended(s))
		brand++
		if got := totalsOf(t, db, brand, late(t, s, uint64(brand))); got != want {
			t.Errorf("%s, facts late by seed %d:\n got %s\nwant %s", s.Name, brand, got, want)
		}
	}
}

// ended is the story without its expectations, closed long after its end.
func ended(s *story) *story {
	copied := *s
	copied.Timeline = slices.Clone(s.Timeline)
	for i := range copied.Timeline {
		copied.Timeline[i].Expect, copied.Timeline[i].Outcome = nil, ""
	}
	over := lastOf(s).AddDate(0, 14, 0)
	last := entry{At: over.Format(storyTime), Do: "close_month", Month: over.AddDate(0, -1, 0).Format("2006-01")}
	copied.Timeline = append(copied.Timeline, last)
	return &copied
}

func lastOf(s *story) time.Time {
	var last time.Time
	for _, e := range s.Timeline {
		at, err := s.recorded(e)
		if err == nil && at.After(last) {
			last = at
		}
	}
	return last.In(s.zone)
}

// late is the story as it ended, in which every fact of an order, and every scan but those by which somebody joined, is heard of at some time after it happened, before the last close.
// What is decided in a dispute is decided about what was known, so disputed orders are heard of in time. What comes again, or as another order of the same name, is left out: which of the two is the
// first would be the seed's to say.
func late(t *testing.T, s *story, seed uint64) *story {
	t.Helper()
	draw := rand.New(rand.NewPCG(seed, 7))
	once := *s
	once.Timeline = slices.DeleteFunc(slices.Clone(s.Timeline), func(e entry) bool {
		return e.Do == "again" || e.Do == "" || e.Do == "order" && e.Outcome == "ignored"
	})
	copied := ended(&once)
	disputed := map[string]bool{}
	for _, e := range copied.Timeline {
		disputed[e.Order] = disputed[e.Order] || e.Do == "dispute"
	}
	for i, e := range copied.Timeline {
		if !mayBeLate(s, e) || disputed[orderOf(e)] {
			continue
		}
		at, err := s.instant(e.At)
		if err != nil {
			t.Fatal(err)
		}
		minutes := int64(lastOf(s).AddDate(0, 3, 0).Sub(at) / time.Minute)
		heard := at.Add(time.Duration(draw.Int64N(minutes+1)) * time.Minute)
		copied.Timeline[i].Recorded = heard.In(s.zone).Format(storyTime)
	}
	slices.SortStableFunc(copied.Timeline, func(a, b entry) int {
		x, _ := s.recorded(a)
		y, _ := s.recorded(b)
		return x.Compare(y)
	})
	return copied
}

func orderOf(e entry) string {
	if e.Do == "order" {
		return e.ID
	}
	return e.Order
}

// totalsOf plays the story and writes what everybody has in all states together.
func totalsOf(t *testing.T, db *database, brand shop.BrandID, s *story) string {
	t.Helper()
	var totals []string
	err := onStage(t.Context(), db, brand, s, slog.New(slog.DiscardHandler), func(g *stage) error {
		if _, err := g.play(t.Context()); err != nil {
			return err
		}
		return g.domain.pool.Read(t.Context(), g.brand, func(tx pgx.Tx) error {
			for _, who := range g.everybody() {
				states, err := g.balancesIn(t.Context(), tx, who, s.Currency)
				if err != nil {
					return err
				}
				var sum int64
				for _, minor := range states {
					sum += minor
				}
				totals = append(totals, fmt.Sprintf("%s %d", who, sum))
			}
			broken, err := period.Violations(t.Context(), tx, g.brand)
			for _, v := range broken {
				t.Errorf("%s: %s", s.Name, v)
			}
			return err
		})
	})
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return strings.Join(totals, ", ")
}
