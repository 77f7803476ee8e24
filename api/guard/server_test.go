package guard_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"homestore/api/endpoint"
	"homestore/api/guard"
)

func TestStoppingLosesNoRequestInFlight(t *testing.T) {
	t.Parallel()
	const inFlight = 20
	arrived, release := make(chan struct{}, inFlight), make(chan struct{})
	hold := func(context.Context, endpoint.None) (endpoint.None, error) {
		arrived <- struct{}{}
		<-release
		return endpoint.None{}, nil
	}
	b := setup(t, guard.Config{DrainFor: 300 * time.Millisecond}, func(s *guard.Server) {
		routes(map[string]endpoint.Route{"GET /hold": {Handler: endpoint.Handle(hold)}})(s)
		endpoint.Mount(s.App, s.HealthRoutes(), endpoint.Frame{})
	})
	answers := make(chan answer, inFlight)
	for range inFlight {
		go func() { answers <- b.ask(t, "GET", "/hold", "") }()
	}
	for range inFlight {
		<-arrived
	}
	idle, err := net.Dial("tcp", b.address) // open, and answered once, when the stop begins
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	idleAnswers := bufio.NewReader(idle)
	if got := overConn(t, idle, idleAnswers, "/livez"); got.status != 200 || got.header.Get("Connection") == "close" {
		t.Fatalf("before: %d %v", got.status, got.header)
	}
	b.stop()
	for b.ask(t, "GET", "/readyz", "").status == 200 { // until the server has taken notice
	}
	if got := overConn(t, idle, idleAnswers, "/livez"); got.status != 200 || got.header.Get("Connection") != "close" {
		t.Errorf("while it drains an open connection is answered and sent elsewhere: %d %v", got.status, got.header)
	}
	if got := b.ask(t, "GET", "/livez", ""); got.status != 200 {
		t.Errorf("while it drains a new connection is answered: %d", got.status)
	}
	select {
	case err := <-b.stopped:
		t.Fatalf("it stopped with requests in flight: %v", err)
	case <-closedFor(t, b.address):
	}
	close(release)
	for range inFlight {
		if got := <-answers; got.status != 204 {
			t.Errorf("a request in flight got %d", got.status)
		}
	}
	if err := <-b.stopped; err != nil {
		t.Error(err)
	}
}

func overConn(t *testing.T, conn net.Conn, from *bufio.Reader, path string) answer {
	t.Helper()
	if _, err := io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: test\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return read(t, from)
}

// closedFor is closed once nobody listens on the address.
func closedFor(t *testing.T, address string) <-chan struct{} {
	t.Helper()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		for {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	return closed
}

func TestReadinessFollowsItsChecks(t *testing.T) {
	t.Parallel()
	var isAway atomic.Bool
	database := guard.Check{Name: "database", Run: func(context.Context) error {
		if isAway.Load() {
			return errors.New("dial tcp 10.0.0.7: refused")
		}
		return nil
	}}
	b := setup(t, guard.Config{}, func(s *guard.Server) { endpoint.Mount(s.App, s.HealthRoutes(database), endpoint.Frame{}) })
	if got := b.ask(t, "GET", "/readyz", ""); got.status != 200 || got.body != `{"status":"ok"}` {
		t.Errorf("%d %s", got.status, got.body)
	}
	isAway.Store(true)
	got := b.ask(t, "GET", "/readyz", "")
	if p := got.problem(t); got.status != 503 || got.header.Get("Retry-After") != "1" || !strings.Contains(p.Detail, "database") || strings.Contains(got.body, "10.0.0.7") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := b.ask(t, "GET", "/livez", ""); got.status != 200 {
		t.Errorf("a process without its database lives: %d", got.status)
	}
}

func TestAServerThatIsToldToStopBeforeItStartedStops(t *testing.T) {
	t.Parallel()
	for range 20 {
		b := setup(t, guard.Config{DrainFor: time.Nanosecond}, func(*guard.Server) {})
		b.stop()
		if err := <-b.stopped; err != nil {
			t.Error(err)
		}
	}
}

func TestTwoProcessesMayListenDuringADeploy(t *testing.T) {
	t.Parallel()
	first, err := guard.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := guard.Listen(t.Context(), first.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
}
