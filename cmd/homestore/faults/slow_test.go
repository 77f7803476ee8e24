package faults

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	slowClients      = 400
	slowClosedWithin = 10 * time.Second // quality.md, Faults
)

// slowly are the ways to keep a server waiting: what is sent at once, and what is sent a byte a second from then on.
var slowly = []struct{ why, first, drops string }{
	{"connects and says nothing", "", ""},
	{"a header a byte at a time", "GET /readyz HTTP/1.1\r\nHost: slow\r\nX-Slow: ", strings.Repeat("x", 60)},
	{"a body a byte at a time", "POST /v1/sign-in/manager HTTP/1.1\r\nHost: slow\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", strings.Repeat(" ", 60)},
	{"asks for much and reads nothing", strings.Repeat("GET /openapi.yaml HTTP/1.1\r\nHost: slow\r\nX-Real-IP: %s\r\n\r\n", 100), ""},
}

// 400 clients that are slow in each way: the server is rid of all of them within 10 s, others are answered meanwhile, and what
// they held is free again.
func TestSlowClientsAreClosedAndNobodyWaitsForThem(t *testing.T) {
	t.Parallel()
	h := install(t, startDatabase(t))
	h.start(t)
	s := connectSystems(t, h, 4)
	usual := startTraffic(t, s, trafficPlan{callers: 10, kept: 10, every: 200 * time.Millisecond})
	time.Sleep(time.Second) // the pool has its connections
	files, memory := h.process.descriptors(t), h.process.residentMB(t)
	var all sync.WaitGroup
	for n := range slowClients {
		conn, err := slowConn(h.address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		all.Go(func() { beSlow(conn, n) })
	}
	began := time.Now()
	most, late := 0, time.After(3*slowClosedWithin)
	for open := 0; most < files+slowClients*9/10 || open > files+30; { // the traffic's own come and go, and 20 of the pool
		open = h.process.descriptors(t)
		most = max(most, open)
		select {
		case <-late:
			t.Fatalf("%d descriptors before, %d at the most, %d now:\n%s", files, most, open, h.logTail(t))
		case <-time.After(20 * time.Millisecond):
		}
	}
	took := time.Since(began)
	if took > slowClosedWithin {
		t.Errorf("%d descriptors before, %d at the most, all closed after %v", files, most, took)
	}
	usual.depart()
	usual.mustEnd(t, "302", "200", "201")
	grown := h.process.residentMB(t) - memory
	if grown > bombMemoryMB {
		t.Errorf("%.0f MB more", grown)
	}
	t.Logf("closed after %v, %.0f MB more than %.0f; the others: %s", took, grown, memory, usual.tally())
	all.Wait()
}

// slowConn has room for little that is not read.
func slowConn(address string) (net.Conn, error) {
	small := func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}
	return (&net.Dialer{Control: small, Timeout: slowestAnswer}).Dial("tcp", address)
}

// beSlow returns when the server has hung up, or when all has been said.
func beSlow(conn net.Conn, n int) {
	way := slowly[n%len(slowly)]
	if _, err := fmt.Fprint(conn, strings.ReplaceAll(way.first, "%s", fmt.Sprintf("10.9.%d.%d", n/250, n%250))); err != nil {
		return
	}
	for _, drop := range way.drops {
		time.Sleep(time.Second)
		if _, err := fmt.Fprint(conn, string(drop)); err != nil {
			return
		}
	}
}
