package guard_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/api/endpoint"
	"homestore/api/guard"
)

type line struct {
	N int `json:"n"`
}

func streams(within time.Duration, act func(ctx context.Context, tell func(line)) error) func(*guard.Server) {
	handler := endpoint.Stream(func(ctx context.Context, _ endpoint.None, tell func(line)) error { return act(ctx, tell) })
	return func(s *guard.Server) {
		route := endpoint.Route{Method: http.MethodGet, Path: "/stream", Operation: "test", Public: true, Within: within, Handler: handler}
		endpoint.Mount(s.App, []endpoint.Route{route}, endpoint.Frame{Fail: s.Fail})
	}
}

// What lasts ten minutes by itself does not hold up a deploy, and whoever listened is told.
func TestStoppingEndsStreams(t *testing.T) {
	t.Parallel()
	var b *bundle
	b = setup(t, guard.Config{}, streams(time.Minute, func(ctx context.Context, tell func(line)) error {
		tell(line{1})
		b.stop()
		<-ctx.Done()
		return ctx.Err()
	}))
	got := b.ask(t, http.MethodGet, "/stream", "")
	if got.status != 200 || !strings.Contains(got.body, `"code":"deadline_exceeded"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if err := <-b.stopped; err != nil {
		t.Error(err)
	}
}

func TestAStreamMayLastLongerThanAnAnswerMayTakeToBeRead(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	b := setup(t, guard.Config{WriteTimeout: 50 * time.Millisecond}, streams(time.Minute, func(_ context.Context, tell func(line)) error {
		tell(line{1})
		<-goOn
		tell(line{2})
		return nil
	}))
	time.AfterFunc(200*time.Millisecond, func() { close(goOn) })
	if got := b.ask(t, http.MethodGet, "/stream", ""); !strings.HasSuffix(got.body, "{\"n\":2}\n") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestWhatGoesWrongInMidStreamIsLoggedOnce(t *testing.T) {
	t.Parallel()
	for _, fail := range []func() error{func() error { return errors.New("the disk is full") }, func() error { panic("the disk is full") }} {
		b := setup(t, guard.Config{}, streams(time.Minute, func(_ context.Context, tell func(line)) error {
			tell(line{1})
			return fail()
		}))
		got := b.ask(t, http.MethodGet, "/stream", "")
		logged := 0
		for _, l := range b.log.about(got.header.Get("X-Request-Id")) {
			if strings.Contains(l, "the disk is full") && strings.Contains(l, `"request failed"`) {
				logged++
			}
		}
		if logged != 1 || strings.Contains(got.body, "disk") {
			t.Errorf("logged %d times in\n%s", logged, b.log)
		}
	}
}
