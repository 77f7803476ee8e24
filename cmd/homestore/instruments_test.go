package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"homestore/api/guard"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

func TestAScrapeStaysSmallWhateverCallersSend(t *testing.T) {
	t.Parallel()
	r := runHomestore(t)
	ask(t, r.cfg.PublicURL+"/livez")
	before := r.scrape(t).series()
	const invented = 10_000
	var all sync.WaitGroup
	const clients = 8
	for c := range clients {
		all.Go(func() { r.sendInvented(t, c*invented/clients, (c+1)*invented/clients) })
	}
	all.Wait()
	after := r.scrape(t)
	// 5 classes of status, 10 methods, and the lines of one histogram: the most that requests without a route can make.
	if grown, most := after.series()-before, 50*(len(secondsBuckets)+2); grown > most || after.series() > 2000 {
		t.Errorf("%d series became %d, %d more at most", before, after.series(), most)
	}
	if n, _ := after.of("homestore_http_request_duration_seconds", "route", "unmatched"); n < invented {
		t.Errorf("%v requests without a route were counted, of %d", n, invented)
	}
	if a := ask(t, "http://"+r.cfg.PrivateAddr+"/metrics"); strings.Contains(strings.ToLower(a.body), "invented") {
		t.Error("a scrape holds what a caller invented")
	}
}

// sendInvented sends requests with a method and a path that nobody knows, each third with a method that exists.
func (r running) sendInvented(t *testing.T, from, to int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	for i := from; i < to; i++ {
		method := "INVENTED" + strconv.Itoa(i)
		if i%3 == 0 {
			method = []string{"GET", "POST", "DELETE", "OPTIONS"}[i%4]
		}
		req, err := http.NewRequestWithContext(t.Context(), method, fmt.Sprintf("%s/invented/%d?q=%d", r.cfg.PublicURL, i, i), nil)
		if err != nil {
			t.Error(err)
			return
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

func TestThePrivateListenerIsApartAndStopsWithTheHouse(t *testing.T) {
	t.Parallel()
	r := runHomestore(t)
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if a := ask(t, r.cfg.PublicURL+path); a.status != http.StatusNotFound {
			t.Errorf("the API answers %s with %d", path, a.status)
		}
	}
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap?debug=1", "/debug/pprof/goroutine?debug=1"} {
		if a := ask(t, "http://"+r.cfg.PrivateAddr+path); a.status != http.StatusOK || len(a.body) == 0 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	m := r.scrape(t)
	m.must(t, 1, "homestore_build_info")
	m.must(t, 1, "homestore_ready", "check", "database")
	m.must(t, 1, "homestore_ready", "check", "migrations")
	m.must(t, 1, "homestore_ready", "check", "not_draining")
	m.must(t, 3, "homestore_database_connections_max", "pool", "scan")
	if _, ok := m["go_goroutines"]; !ok {
		t.Error("nothing is said of the Go runtime")
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.DialTimeout("tcp", r.cfg.PrivateAddr, time.Second); err == nil {
		conn.Close()
		t.Error("the private listener outlives the house")
	}
}

func TestAHouseThatIsToldToStopIsNotReady(t *testing.T) {
	t.Parallel()
	h, db := testHouse(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.run(ctx, db, nil, false) }()
	gather(t, h.instruments.registry).must(t, 1, "homestore_ready", "check", "not_draining")
	stop()
	until(t, "a scrape says that it stops", func() bool {
		ready, ok := gather(t, h.instruments.registry).of("homestore_ready", "check", "not_draining")
		return ok && ready == 0
	})
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestQueueAndInboxAreCountedByStateAndAge(t *testing.T) {
	t.Parallel()
	h, db := testHouse(t)
	scrape := func() metrics { // by one who has not asked before
		registry := prometheus.NewRegistry()
		registry.MustRegister(&stateCollector{h: h})
		return gather(t, registry)
	}
	gather(t, h.instruments.registry).must(t, 0, "homestore_inbox_messages", "state", "received")
	brand := h.demoBrand(t)
	for i := range 3 {
		m := order.Message{Brand: brand, Source: "shopify", ExternalID: strconv.Itoa(i), Topic: "orders/create", Body: []byte("{}"), Key: shop.NewID(h.now())}
		if _, err := h.inbox.Receive(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	execAsOwner(t, db, `UPDATE river_job SET scheduled_at = now() - interval '1 hour' WHERE kind = 'order_take_message' AND id = (SELECT min(id) FROM river_job WHERE kind = 'order_take_message')`)
	execAsOwner(t, db, `UPDATE inbox SET received_at = now() - interval '2 hours' WHERE external_id = '1'`)
	if n, _ := gather(t, h.instruments.registry).of("homestore_inbox_messages", "state", "received"); n != 0 {
		t.Errorf("figures that are seconds old are told again; this says %v", n)
	}
	m := scrape()
	m.must(t, 3, "homestore_inbox_messages", "state", "received")
	m.must(t, 0, "homestore_inbox_messages", "state", "set_aside")
	m.must(t, 3, "homestore_queue_jobs", "kind", "order_take_message", "state", "available")
	for name, atLeast := range map[string]time.Duration{"homestore_queue_oldest_job_age_seconds": time.Hour, "homestore_inbox_oldest_message_age_seconds": 2 * time.Hour} {
		age, _ := m.of(name)
		if age < atLeast.Seconds() || age > atLeast.Seconds()+60 {
			t.Errorf("%s is %v, not %s", name, age, atLeast)
		}
	}
}

// A book that somebody with the rights of the owner has changed is seen, and that it was mended is seen too.
func TestDriftOfTheBookIsMeasured(t *testing.T) {
	t.Parallel()
	h, db := testHouse(t)
	measure := func() metrics {
		if err := h.measureDrift(t.Context()); err != nil {
			t.Fatal(err)
		}
		return gather(t, h.instruments.registry)
	}
	gather(t, h.instruments.registry).must(t, 0, "homestore_ledger_drift_measured_timestamp_seconds")
	if total, ok := measure().of("homestore_ledger_drift_rows"); !ok || total != 0 {
		t.Errorf("a sound book drifts by %v (measured: %t)", total, ok)
	}
	const forged = `'00000000-0000-8000-8000-000000000001'`
	execAsOwner(t, db, `INSERT INTO account (brand_id, id, kind, holder_kind, currency) SELECT brand_id, `+forged+`, 'paid', 'brand', 'TWD' FROM brand`)
	execAsOwner(t, db, `INSERT INTO account_day (brand_id, account_id, day, kind, role, slot, debit_minor, credit_minor, entries) SELECT brand_id, `+forged+`, '2026-01-01', 'credit', 'sale', 0, 1, 0, 1 FROM brand`)
	m := measure()
	if total, _ := m.of("homestore_ledger_drift_rows", "invariant", "I1"); total < 1 {
		t.Errorf("a book that does not balance drifts by %v", total)
	}
	if at, _ := m.of("homestore_ledger_drift_measured_timestamp_seconds"); time.Since(time.Unix(int64(at), 0)) > time.Minute {
		t.Errorf("measured at %v", at)
	}
	execAsOwner(t, db, `DELETE FROM account_day WHERE account_id = `+forged)
	measure().must(t, 0, "homestore_ledger_drift_rows", "invariant", "I1")
}

// What scans pay for being counted: no allocation, and far less than a microsecond.
func TestCountingARequestAllocatesNothing(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of the whole process
	i := newInstruments()
	a := guard.Answered{Method: "GET", Route: "/q/{code}", Status: 302, Took: 300 * time.Microsecond}
	if n := testing.AllocsPerRun(1000, func() { i.requests.observe(a) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCountingARequest(b *testing.B) {
	i := newInstruments()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		a := guard.Answered{Method: "GET", Route: "/q/{code}", Status: 302, Took: 300 * time.Microsecond}
		for pb.Next() {
			i.requests.observe(a)
		}
	})
}
