package faults

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// readinessFlipsWithin is for /readyz to follow what is so, both ways (issue 3, Instruments).
const readinessFlipsWithin = 5 * time.Second

// PostgreSQL is stopped in good order, killed, and hangs, each under load. While it is away everybody is told when to come
// again, and nobody waits over 5 s; programs tell their orders again until they are acknowledged, and none is there twice.
func TestDatabaseIsStoppedAndStartedUnderLoad(t *testing.T) { // alone: it measures waits under load
	db := startDatabase(t)
	h := install(t, db)
	h.start(t)
	s := connectSystems(t, h, 25)
	f := startTraffic(t, s, trafficPlan{callers: 50, kept: 40, every: 500 * time.Millisecond, areStrong: true})
	for _, outage := range []struct {
		why        string
		begin, end func(*testing.T)
		lasts      time.Duration
	}{
		{"stopped", db.stop, db.start, time.Second},
		{"killed", db.kill, db.start, time.Second},
		{"hangs", db.pause, db.resume, slowestAnswer},
	} {
		time.Sleep(time.Second) // a usual day
		outage.begin(t)
		down := h.untilReadiness(t, false)
		time.Sleep(outage.lasts)
		outage.end(t)
		t.Logf("%s: not ready after %v, ready again %v after its return", outage.why, down, h.untilReadiness(t, true))
	}
	f.usualAgain(250)
	f.depart()
	f.mustEnd(t, "302", "200", "201", "503", "409") // 409: the first try with this Idempotency-Key may still be at work
	f.mustBeBooked(t)
	if served := f.served(); served < 250 {
		t.Errorf("of %d requests %d were served", len(f.took), served)
	}
}

// untilReadiness returns how long it took.
func (h *homestore) untilReadiness(t *testing.T, wanted bool) time.Duration {
	t.Helper()
	began := time.Now()
	for h.isReady(t) != wanted {
		time.Sleep(10 * time.Millisecond)
	}
	took := time.Since(began).Round(time.Millisecond)
	if took > readinessFlipsWithin {
		t.Errorf("readiness was %t only after %v:\n%s", wanted, took, h.logTail(t))
	}
	return took
}

// usualAgain lets the traffic go on for a second, and until so many were served in all, half a minute at most: a program whose order
// was cut off asks in vain until its Idempotency-Key is free again, and longer on a slow disk.
func (f *traffic) usualAgain(served int) {
	time.Sleep(time.Second)
	for late := time.Now().Add(30 * time.Second); f.served() < served && time.Now().Before(late); {
		time.Sleep(100 * time.Millisecond)
	}
}

// served is how many requests got what they asked for.
func (f *traffic) served() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for how, times := range f.ended {
		var status int
		if _, err := fmt.Sscanf(how[strings.Index(how, " ")+1:], "%d", &status); err == nil && status < http.StatusBadRequest {
			n += times
		}
	}
	return n
}
