package endpoint_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

type counted struct {
	N int `json:"n"`
}

type counting struct {
	To int `json:"to"`
}

func (c *counting) Validate() error {
	check := shop.Check{}
	check.That(c.To >= 0, "to", "out_of_range", "0 or more.")
	return check.Err()
}

var errTired = shop.Refuse(shop.Conflict, "test_tired", "Let others count.")

type act func(ctx context.Context, in counting, tell func(counted)) error

func streams(t *testing.T, within time.Duration, a act) (base string) {
	t.Helper()
	return serve(t, endpoint.Frame{}, post("/count", endpoint.Route{Handler: endpoint.Stream(a), Within: within}))
}

// listen begins to read a stream line by line; head is its status and what it says it is, hang hangs up.
func listen(t *testing.T, url string) (lines *bufio.Scanner, head string, hang func()) {
	t.Helper()
	ctx, hang := context.WithCancel(t.Context())
	t.Cleanup(hang)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(`{"to": 3}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return bufio.NewScanner(res.Body), fmt.Sprint(res.StatusCode, " ", res.Header.Get("Content-Type")), hang
}

func TestEachLineOfAStreamIsSentAtOnce(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	base := streams(t, 0, func(_ context.Context, in counting, tell func(counted)) error {
		for n := range in.To {
			tell(counted{n + 1})
			<-goOn // the client has it
		}
		return nil
	})
	lines, head, _ := listen(t, base+"/count")
	if head != "200 application/x-ndjson" {
		t.Error(head)
	}
	for n := range 3 {
		want := fmt.Sprintf(`{"n":%d}`, n+1)
		for lines.Scan() && lines.Text() != want { //nolint:revive // the line before, told again in the silence of a slow machine
		}
		if lines.Text() != want {
			t.Fatalf("line %d is %s", n+1, lines.Text())
		}
		goOn <- struct{}{}
	}
	if lines.Scan() {
		t.Errorf("after the end there is %s", lines.Text())
	}
}

func TestWhatGoesWrongBeforeTheFirstLineIsAnUsualAnswer(t *testing.T) {
	t.Parallel()
	for code, a := range map[string]act{
		"409 test_tired": func(context.Context, counting, func(counted)) error { return errTired },
		"500 internal":   func(context.Context, counting, func(counted)) error { panic("canary") },
	} {
		got := ask(t, http.MethodPost, streams(t, 0, a)+"/count", `{"to": 3}`)
		if p := got.problem(t); fmt.Sprint(got.status, " ", p.Code) != code || strings.Contains(string(got.body), "canary") {
			t.Errorf("%d %s, want %s", got.status, got.body, code)
		}
	}
	base := streams(t, 0, func(context.Context, counting, func(counted)) error { return nil })
	if got := ask(t, http.MethodPost, base+"/count", `{"to": -1}`); got.status != 422 || got.problem(t).Code != "fields_invalid" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask(t, http.MethodPost, base+"/count", `{"to": 3}`); got.status != 200 || len(got.body) > 0 {
		t.Errorf("an act that has nothing to tell: %d %s", got.status, got.body)
	}
}

func TestWhatGoesWrongInMidStreamIsItsLastLine(t *testing.T) {
	t.Parallel()
	for code, fail := range map[string]func() error{
		"test_tired": func() error { return fmt.Errorf("count: %w", errTired) },
		"internal":   func() error { return errors.New("canary of ours") },
		"internal ":  func() error { panic("canary of a panic") },
	} {
		base := streams(t, 0, func(_ context.Context, _ counting, tell func(counted)) error {
			tell(counted{1})
			return fail()
		})
		got := ask(t, http.MethodPost, base+"/count", `{"to": 3}`)
		first, last, _ := strings.Cut(string(got.body), "\n")
		var told struct {
			Problem struct{ Code, RequestID, Detail string }
		}
		if err := json.Unmarshal([]byte(strings.ReplaceAll(last, "request_id", "RequestID")), &told); err != nil {
			t.Fatal(err)
		}
		if got.status != 200 || first != `{"n":1}` || told.Problem.Code != strings.TrimSpace(code) || told.Problem.Detail == "" ||
			told.Problem.RequestID != got.header.Get("X-Request-Id") || strings.Contains(last, "canary") {
			t.Errorf("%d %s, want %s", got.status, got.body, code)
		}
	}
}

func TestAClientThatHangsUpEndsTheAct(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	base := streams(t, time.Minute, func(ctx context.Context, _ counting, tell func(counted)) error {
		tell(counted{1})
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	})
	lines, _, hang := listen(t, base+"/count")
	if !lines.Scan() {
		t.Fatal(lines.Err())
	}
	hang()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(30 * time.Second): // half of what the route gives it
		t.Error("it goes on for nobody")
	}
}

// So a client that has gone is noticed although there is nothing to tell, and one that listens knows that it goes on.
func TestTheLastLineIsToldAgainInSilence(t *testing.T) {
	t.Parallel()
	base := streams(t, time.Minute, func(ctx context.Context, _ counting, tell func(counted)) error {
		tell(counted{1})
		<-ctx.Done()
		return ctx.Err()
	})
	lines, _, hang := listen(t, base+"/count")
	for range 3 {
		if !lines.Scan() || lines.Text() != `{"n":1}` {
			t.Fatalf("%s, %v", lines.Text(), lines.Err())
		}
	}
	hang()
}

func TestAStreamEndsWithTheDeadlineOfItsRoute(t *testing.T) {
	t.Parallel()
	base := streams(t, 50*time.Millisecond, func(ctx context.Context, _ counting, tell func(counted)) error {
		tell(counted{1})
		<-ctx.Done()
		return ctx.Err()
	})
	got := ask(t, http.MethodPost, base+"/count", `{"to": 3}`)
	if got.status != 200 || !strings.Contains(string(got.body), `"code":"deadline_exceeded"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAStreamThatWantsTheRawBodyDoesNotStart(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("it was made")
		}
	}()
	type raw struct {
		Body []byte `body:"raw"`
	}
	endpoint.Stream(func(context.Context, raw, func(counted)) error { return nil })
}
