package faults

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// traffic is a usual day on a Homestore: phones that scan, people who look, programs and a web shop that tell of orders. It
// writes down what was acknowledged.
type traffic struct {
	*systems
	leave context.CancelFunc
	gone  sync.WaitGroup
	names atomic.Int64 // of orders and messages

	mu       sync.Mutex
	ended    map[string]int // how, by kind: "scan 302"
	took     []time.Duration
	told     map[string]bool // orders: acknowledged or not
	messages int             // acknowledged
}

// trafficPlan is how much of it there is.
type trafficPlan struct {
	callers   int
	kept      int           // of them, on connections that stay open
	every     time.Duration // between two requests of a caller
	areStrong bool          // tell an order again until it is acknowledged
}

// tellAgainAfter is sooner than Retry-After asks for, and late enough for the rate that one program may ask at.
const tellAgainAfter = 500 * time.Millisecond

// kinds are asked by turns: of ten requests six are scans, two orders, one a webhook, one a look.
var kinds = []string{"scan", "order", "scan", "look", "scan", "webhook", "scan", "order", "scan", "scan"}

// startTraffic lets it in. Callers come at their times, whatever became of the request before.
func startTraffic(t *testing.T, s *systems, plan trafficPlan) *traffic {
	t.Helper()
	ctx, leave := context.WithCancel(context.Background())
	f := &traffic{systems: s, leave: leave, ended: map[string]int{}, told: map[string]bool{}}
	f.names.Store(time.Now().UnixMicro())
	for n := range plan.callers {
		c := &caller{address: s.h.address, isKept: n < plan.kept}
		f.gone.Go(func() {
			defer c.hangUp()
			time.Sleep(plan.every * time.Duration(n) / time.Duration(plan.callers)) // not all at once
			every := time.NewTicker(plan.every)
			defer every.Stop()
			for turn := n; ctx.Err() == nil; turn++ {
				f.call(ctx, c, kinds[turn%len(kinds)], plan.areStrong)
				select {
				case <-ctx.Done():
				case <-every.C:
				}
			}
		})
	}
	t.Cleanup(f.depart)
	return f
}

// depart returns when the last caller has her answer.
func (f *traffic) depart() {
	f.leave()
	f.gone.Wait()
}

func (f *traffic) call(ctx context.Context, c *caller, kind string, isStrong bool) {
	n := int(f.names.Add(1))
	switch kind {
	case "scan":
		f.send(c, kind, f.scan(n))
	case "look":
		f.send(c, kind, f.look(n))
	case "webhook":
		if f.send(c, kind, f.webhook(int64(n))) {
			f.mu.Lock()
			f.messages++
			f.mu.Unlock()
		}
	case "order":
		name := fmt.Sprintf("N-%d", n)
		req := f.order(name, n)
		isTold := f.send(c, kind, req)
		for !isTold && isStrong && ctx.Err() == nil {
			time.Sleep(tellAgainAfter)
			req.Body, _ = req.GetBody() // a reader of the same bytes, which cannot fail
			isTold = f.send(c, kind, req)
		}
		f.mu.Lock()
		f.told[name] = isTold
		f.mu.Unlock()
	}
}

// send asks and notes how it ended; true is an acknowledgement.
func (f *traffic) send(c *caller, kind string, req *http.Request) bool {
	began := time.Now()
	got, err := c.ask(req)
	took := time.Since(began)
	how := fmt.Sprint(kind, " ", got.status)
	switch {
	case err != nil:
		how = kind + " broke: " + howItBroke(err)
	case got.status == http.StatusServiceUnavailable && got.header.Get("Retry-After") == "":
		how += " without Retry-After"
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended[how]++
	f.took = append(f.took, took)
	return err == nil && got.status < http.StatusBadRequest
}

// howItBroke is the error without addresses, so that equal ones are counted together.
func howItBroke(err error) string {
	text := err.Error()
	return text[strings.LastIndex(text, ": ")+1:]
}

// tally is how everything ended, with the slowest and the usual wait.
func (f *traffic) tally() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var parts []string
	for _, how := range slices.Sorted(maps.Keys(f.ended)) {
		parts = append(parts, fmt.Sprintf("%s × %d", how, f.ended[how]))
	}
	took := slices.Sorted(slices.Values(f.took))
	return fmt.Sprintf("%d requests, p50 %v, p99 %v, slowest %v: %s", len(took), percentile(took, 50), percentile(took, 99), percentile(took, 100), strings.Join(parts, ", "))
}

// percentile of durations that are sorted.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, len(sorted)*p/100)].Round(100 * time.Microsecond)
}

// mustEnd checks that each request ended in one of the ways, and within the time that any request may take.
func (f *traffic) mustEnd(t *testing.T, ways ...string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for how, times := range f.ended {
		if _, way, _ := strings.Cut(how, " "); !slices.Contains(ways, way) {
			t.Errorf("%d times: %s", times, how)
		}
	}
	if slowest := slices.Max(f.took); slowest > slowestAnswer {
		t.Errorf("somebody waited %v", slowest)
	}
}

// mustBeBooked checks the history: what was acknowledged is there exactly once, what was not at most once, and the queue has
// done its work.
func (f *traffic) mustBeBooked(t *testing.T) {
	t.Helper()
	f.depart()
	db := f.h.db.connect(t)
	late := time.After(60 * time.Second)
	for waiting := -1; waiting != 0; {
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM inbox WHERE state = 'received'`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		select {
		case <-late:
			t.Fatalf("%d messages are in the inbox after a minute\n%s", waiting, f.h.logTail(t))
		case <-time.After(50 * time.Millisecond):
		}
	}
	var applied, orders, transfers int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE state = 'applied') FROM inbox`).Scan(&applied); err != nil {
		t.Fatal(err)
	}
	if applied < f.messages {
		t.Errorf("%d messages were acknowledged, %d are applied", f.messages, applied)
	}
	rows, err := db.Query(t.Context(), `SELECT external_id FROM sales_order WHERE source = 'api'`)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]int{}
	var name string
	for rows.Next() {
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		stored[name]++
		orders++
	}
	for name, isTold := range f.told {
		if n := stored[name]; n > 1 || isTold && n == 0 {
			t.Errorf("order %s, acknowledged: %t, is there %d times", name, isTold, n)
		}
	}
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM ledger_transfer`).Scan(&transfers); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s; %d orders told, %d booked, %d messages applied, %d transfers", f.tally(), len(f.told), orders, applied, transfers)
}
