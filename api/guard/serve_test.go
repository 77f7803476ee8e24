package guard_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/api/problem"
)

// log keeps what was logged.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// about are the lines of one request.
func (l *log) about(requestID string) (lines []string) {
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, `"request_id":"`+requestID+`"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// bundle is a server on a real socket and what it logged.
type bundle struct {
	address string
	log     *log
	stop    func()     // tells it to stop
	stopped chan error // what Serve said in the end
}

func setup(t *testing.T, cfg guard.Config, mount func(*guard.Server)) *bundle {
	t.Helper()
	b := &bundle{log: &log{}, stopped: make(chan error, 1)}
	cfg.Log = slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if cfg.DrainFor == 0 {
		cfg.DrainFor = time.Millisecond
	}
	server := guard.New(cfg)
	mount(server)
	ctx, stop := context.WithCancel(t.Context())
	b.stop = stop
	listener, err := guard.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.address = listener.Addr().String()
	go func() {
		b.stopped <- server.Serve(ctx, listener)
		close(b.stopped)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-b.stopped; err != nil {
			t.Error(err)
		}
	})
	return b
}

// routes mounts GET or POST path for each handler.
func routes(handlers map[string]endpoint.Route) func(*guard.Server) {
	return func(s *guard.Server) {
		var table []endpoint.Route
		for name, route := range handlers {
			route.Method, route.Path, _ = strings.Cut(name, " ")
			route.Operation, route.Public = "test", len(route.Roles) == 0
			table = append(table, route)
		}
		endpoint.Mount(s.App, table, endpoint.Frame{})
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) problem(t *testing.T) problem.Problem {
	t.Helper()
	if got := a.header.Get("Content-Type"); got != problem.ContentType {
		t.Errorf("content type of %s is %q", a.body, got)
	}
	var p problem.Problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%q: %v", a.body, err)
	}
	if p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") || p.Type != "/problems/"+p.Code || p.Status != a.status {
		t.Errorf("the parts of the problem differ: %s, %v", a.body, a.header)
	}
	return p
}

// ask sends a request on a connection of its own; headers are name, value pairs.
func (b *bundle) ask(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	var raw strings.Builder
	raw.WriteString(method + " " + path + " HTTP/1.1\r\nHost: test\r\n")
	for i := 0; i < len(headers); i += 2 {
		raw.WriteString(headers[i] + ": " + headers[i+1] + "\r\n")
	}
	if body != "" {
		raw.WriteString("Content-Type: application/json\r\n")
		raw.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	return b.send(t, raw.String()+"\r\n"+body)
}

// send writes bytes as they are and reads one answer. The server may answer and close before it has read all of it.
func (b *bundle) send(t *testing.T, raw string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, raw)
	return read(t, bufio.NewReader(conn))
}

func read(t *testing.T, from *bufio.Reader) answer {
	t.Helper()
	res, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.Close {
		res.Header.Set("Connection", "close") // net/http takes it out
	}
	return answer{status: res.StatusCode, header: res.Header, body: string(body)}
}
