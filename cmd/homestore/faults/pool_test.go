package faults

import (
	"testing"
	"time"
)

// Two hundred callers of every kind on four connections, of which the queue keeps one: they wait for one another, and nobody
// for ever. Who cannot be served in time is told when to come again.
func TestTwoHundredCallersShareFourConnections(t *testing.T) {
	t.Parallel()
	h := install(t, startDatabase(t), "HOMESTORE_CONNECTIONS=4")
	h.start(t)
	s := connectSystems(t, h, 20)
	f := startTraffic(t, s, trafficPlan{callers: 200, kept: 150, every: 800 * time.Millisecond})
	time.Sleep(6 * time.Second)
	f.depart()
	f.mustEnd(t, "302", "200", "201", "503")
	f.mustBeBooked(t)
	if served := f.served(); served < len(f.took)/2 {
		t.Errorf("of %d requests %d were served", len(f.took), served)
	}
	h.command(t, "doctor") // ends the test when something is wrong
}
