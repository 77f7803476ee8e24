package faults

import (
	"strings"
	"testing"
	"time"
)

// Three deploys as the operator's README says, under 150 requests a second, with messages in the inbox all the time: nobody
// notices, on connections that a proxy keeps or on new ones, and no job is lost.
func TestThreeDeploysUnderLoadFailNoRequest(t *testing.T) { // alone: it measures waits under load
	h := install(t, startDatabase(t))
	h.start(t)
	s := connectSystems(t, h, 10)
	f := startTraffic(t, s, trafficPlan{callers: 30, kept: 20, every: 200 * time.Millisecond})
	for range 3 {
		h.deploy(t)
	}
	time.Sleep(time.Second) // the last of them answers alone
	f.depart()
	f.mustEnd(t, "302", "200", "201")
	f.mustBeBooked(t)
	if n := len(f.took); n < 500 {
		t.Errorf("only %d requests were made", n)
	}
}

// deploy starts the next process on the same address and the same data directory, and tells the one before to stop. Each has
// a local FCM of its own: in earnest there is none.
func (h *homestore) deploy(t *testing.T) {
	t.Helper()
	const promise = "Homestore runs at"
	before, promises := h.process, strings.Count(h.log(t), promise)
	h.local = freeAddress(t)
	next, err := startChild(h.environment(), h.logFile, h.binary, "serve")
	if err != nil {
		t.Fatal(err)
	}
	h.process = next
	t.Cleanup(next.kill)
	late := time.After(30 * time.Second)
	for strings.Count(h.log(t), promise) == promises {
		select {
		case <-next.done:
			t.Fatalf("the next process ended with %v:\n%s", next.exit, h.logTail(t))
		case <-late:
			t.Fatalf("the next process does not serve within half a minute:\n%s", h.logTail(t))
		case <-time.After(5 * time.Millisecond):
		}
	}
	if err := before.terminate(t); err != nil {
		t.Errorf("told to stop, the process before ended with %v:\n%s", err, h.logTail(t))
	}
}
