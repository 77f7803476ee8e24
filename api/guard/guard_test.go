package guard_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"homestore/api/endpoint"
	"homestore/api/guard"
)

type named struct {
	Name string `path:"name"`
	Q    string `query:"q"`
	H    string `header:"X-H"`
	B    string `json:"b"`
}

func TestStringsSurviveLaterRequests(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var keptInputs []named
	keep := func(_ context.Context, in named) (endpoint.None, error) {
		mu.Lock()
		defer mu.Unlock()
		keptInputs = append(keptInputs, in)
		return endpoint.None{}, nil
	}
	b := setup(t, guard.Config{}, routes(map[string]endpoint.Route{"POST /keep/{name}": {Handler: endpoint.Handle(keep)}}))
	const n = 200
	for i := range n {
		s := "value-" + strconv.Itoa(1000+i)
		b.ask(t, "POST", "/keep/"+s+"?q="+s, `{"b":"`+s+`"}`, "X-H", s)
	}
	for i, in := range keptInputs {
		if want := "value-" + strconv.Itoa(1000+i); (in != named{want, want, want, want}) {
			t.Fatalf("request %d became %v", i, in)
		}
	}
	if len(keptInputs) != n {
		t.Errorf("%d requests arrived", len(keptInputs))
	}
}

// Not parallel: it measures the memory of the whole process.
func TestAnEncodedBodyIsRefusedBeforeItIsUnpacked(t *testing.T) { //nolint:paralleltest // see above
	b := setup(t, guard.Config{}, routes(map[string]endpoint.Route{"POST /in": {Handler: endpoint.Handle(nothing)}}))
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	zeros := make([]byte, 1<<20)
	for range 64 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, encoding := range []string{"gzip", "br", "deflate", "identity", "zstd"} {
		if got := b.ask(t, "POST", "/in", packed.String(), "Content-Encoding", encoding); got.status != 415 || got.problem(t).Code != "content_encoding_unsupported" {
			t.Errorf("%s: %d %s", encoding, got.status, got.body)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("%d MB were allocated", grown>>20)
	}
}

func nothing(context.Context, endpoint.None) (endpoint.None, error) { return endpoint.None{}, nil }

func TestABodyOverTheLimitOfItsPathIsRefused(t *testing.T) {
	t.Parallel()
	type raw struct {
		Body []byte `body:"raw"`
	}
	count := func(_ context.Context, in raw) (int, error) { return len(in.Body), nil }
	b := setup(t, guard.Config{BodyLimits: []guard.BodyLimit{{Prefix: "/hooks/", Bytes: 2 << 20}}},
		routes(map[string]endpoint.Route{"POST /in": {Handler: endpoint.Handle(count)}, "POST /hooks/a": {Handler: endpoint.Handle(count)}}))
	for _, tt := range []struct {
		path   string
		bytes  int
		status int
	}{{"/in", 1 << 20, 200}, {"/in", 1<<20 + 1, 413}, {"/hooks/a", 2 << 20, 200}, {"/hooks/a", 2<<20 + 1, 413}} {
		got := b.ask(t, "POST", tt.path, strings.Repeat("x", tt.bytes))
		if got.status != tt.status {
			t.Errorf("%s with %d bytes: %d %s", tt.path, tt.bytes, got.status, got.body)
		}
		if tt.status == 413 && got.problem(t).Code != "body_too_large" {
			t.Error(got.body)
		}
	}
	chunked := "POST /in HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" + strings.Repeat("x", 1<<21) + "\r\n0\r\n\r\n"
	if got := b.send(t, chunked); got.status != 413 {
		t.Errorf("without a length: %d", got.status)
	}
}

func TestWhatTheRouterRefusesLooksLikeEveryOtherRefusal(t *testing.T) {
	t.Parallel()
	b := setup(t, guard.Config{}, routes(map[string]endpoint.Route{"GET /here/{name}": {Handler: endpoint.Handle(nothing)}}))
	const get = "GET /here/a HTTP/1.1\r\nHost: test\r\n"
	tests := []struct {
		raw    string
		status int
		code   string
		why    string
	}{
		{"GET /nowhere HTTP/1.1\r\nHost: test\r\n\r\n", 404, "not_found", "unknown path"},
		{"GET /Here/a HTTP/1.1\r\nHost: test\r\n\r\n", 404, "not_found", "paths have a case"},
		{"GET /here/a/ HTTP/1.1\r\nHost: test\r\n\r\n", 404, "not_found", "and no second spelling"},
		{"POST /here/a HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n", 405, "method_not_allowed", "known path, other method"},
		{"BREW /here/a HTTP/1.1\r\nHost: test\r\n\r\n", 405, "method_not_allowed", "a method that nobody knows"},
		{get + "X-Bomb: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", 431, "headers_too_large", "a header of 1 MB"},
		{get + strings.Repeat("X-A: b\r\n", 10_000) + "\r\n", 431, "headers_too_large", "10,000 headers"},
		{"GET /here/a?" + strings.Repeat("a=1&", 100_000) + " HTTP/1.1\r\nHost: test\r\n\r\n", 431, "headers_too_large", "100,000 parameters"},
		{"nonsense\r\n\r\n", 400, "request_malformed", "not HTTP"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			got := b.send(t, tt.raw)
			if took := time.Since(began); got.status != tt.status || took > time.Second {
				t.Fatalf("%d after %s: %s", got.status, took, got.body)
			}
			if p := got.problem(t); p.Code != tt.code {
				t.Errorf("%s, want %s", p.Code, tt.code)
			}
			if got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("without nosniff")
			}
			if lines := b.log.about(got.header.Get("X-Request-Id")); len(lines) != 1 {
				t.Errorf("logged %d times: %v", len(lines), lines)
			}
		})
	}
	large := get + "Cookie: " + strings.Repeat("c", 12<<10) + "\r\n\r\n"
	if got := b.send(t, large); got.status != 204 {
		t.Errorf("12 kB of cookies: %d", got.status)
	}
}

func TestAPanicIsA500AndTheServerLives(t *testing.T) {
	t.Parallel()
	burn := func(context.Context, endpoint.None) (endpoint.None, error) { panic("amy.chen@example.com") }
	b := setup(t, guard.Config{}, routes(map[string]endpoint.Route{
		"GET /burn": {Handler: endpoint.Handle(burn)}, "GET /fine": {Handler: endpoint.Handle(nothing)}}))
	got := b.ask(t, "GET", "/burn", "")
	if p := got.problem(t); p.Status != 500 || p.Code != "internal" {
		t.Errorf("%d %s", got.status, got.body)
	}
	lines := b.log.about(got.header.Get("X-Request-Id"))
	if len(lines) != 2 || !strings.Contains(lines[0], `"error":"panic: [removed]"`) || !strings.Contains(lines[0], "guard_test.go") {
		t.Errorf("logged: %v", lines)
	}
	if got := b.ask(t, "GET", "/fine", ""); got.status != 204 {
		t.Errorf("afterwards: %d", got.status)
	}
}

func TestASlowRequestIsClosed(t *testing.T) {
	t.Parallel()
	b := setup(t, guard.Config{ReadTimeout: 200 * time.Millisecond}, routes(map[string]endpoint.Route{"POST /in": {Handler: endpoint.Handle(nothing)}}))
	for why, raw := range map[string]string{
		"no byte":       "",
		"half a header": "POST /in HTTP/1.1\r\nHost: te",
		"half a body":   "POST /in HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf",
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			got := b.send(t, raw)
			if took := time.Since(began); got.status != http.StatusRequestTimeout || took > 3*time.Second || got.header.Get("Connection") != "close" {
				t.Errorf("%d after %s, %v", got.status, took, got.header)
			}
		})
	}
}

func TestTheRequestIDIsInTheAnswerAndTheLog(t *testing.T) {
	t.Parallel()
	b := setup(t, guard.Config{}, routes(map[string]endpoint.Route{"GET /here": {Handler: endpoint.Handle(nothing)}}))
	for sent, isTaken := range map[string]bool{
		"0190163d-8694-739b-aea5-966c26f8ad91": true,
		"4bf92f3577b34da6a3ce929d0e0e4736":     true, // a trace id
		"amy-chen-of-taipei-shop":              false,
		"":                                     false,
		"short":                                false,
		"0912345678901234":                     false, // digits alone could be a phone
		"forged\",\"actor\":\"hq:1":            false,
		strings.Repeat("a", 65):                false,
	} {
		got := b.ask(t, "GET", "/here", "", "X-Request-Id", sent)
		id := got.header.Get("X-Request-Id")
		if (id == sent) != isTaken || len(id) < 16 {
			t.Errorf("%q became %q", sent, id)
		}
		if lines := b.log.about(id); len(lines) != 1 || !strings.Contains(lines[0], `"route":"/here","operation":"test","actor":"anonymous","brand":0,"status":204,"outcome":"ok"`) {
			t.Errorf("logged: %v", lines)
		}
	}
}

// Canaries go through every place of a request, and every way it can end.
func TestNoPersonalDataIsLogged(t *testing.T) {
	t.Parallel()
	fail := func(_ context.Context, in named) (endpoint.None, error) {
		return endpoint.None{}, errors.New("insert " + in.B + " for " + in.Q)
	}
	b := setup(t, guard.Config{}, routes(map[string]endpoint.Route{
		"POST /fail/{name}": {Handler: endpoint.Handle(fail)}, "POST /fine/{name}": {Handler: endpoint.Handle(nothing)}}))
	canaries := []string{"0912345678", "+886 912-345-678", "canary@example.com", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjYW5hcnkifQ.c2ln", "4311-9522-1234-5678"}
	for _, canary := range canaries {
		inURL := strings.ReplaceAll(canary, " ", "%20")
		for _, path := range []string{"/fail/", "/fine/", "/unknown/", "/fail/%zz"} {
			b.ask(t, "POST", path+inURL+"?q="+inURL, `{"b":"`+canary+`"}`, "X-H", canary, "X-Request-Id", canary,
				"Authorization", "Bearer "+canary, "Cookie", "c="+canary, "User-Agent", canary, "X-Real-Ip", canary)
		}
		b.ask(t, "POST", "/fail/x", `{"b":"x","`+canary+`":1}`)
		b.ask(t, "POST", "/fail/x", canary)
		b.send(t, canary+" / HTTP/1.1\r\nHost: "+canary+"\r\n\r\n")
		b.send(t, canary+"\r\n\r\n")
	}
	logged := b.log.String()
	if strings.Count(logged, `"msg":"request failed"`) < len(canaries) || strings.Count(logged, `"msg":"request"`) < 8*len(canaries) {
		t.Fatalf("too little was logged to prove anything: %s", logged)
	}
	for _, canary := range append(canaries, "912-345-678", "canary", "eyJ") {
		if strings.Contains(logged, canary) {
			t.Errorf("%s is in the log", canary)
		}
	}
}
