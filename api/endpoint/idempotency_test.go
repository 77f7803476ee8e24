package endpoint_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

type order struct {
	Number string `json:"number"`
}

type receipt struct {
	Number string `json:"number"`
	Run    int64  `json:"run"`
}

// till is a route that creates, and how often it ran.
type till struct {
	url    string
	pool   *postgres.Pool
	keys   *endpoint.Keys
	offset atomic.Int64 // of the clock
	runs   atomic.Int64
	act    func(ctx context.Context, run int64, in order) error // called in the handler when set
}

func (x *till) now() time.Time {
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(time.Duration(x.offset.Load()))
}

func (x *till) sell(ctx context.Context, in order) (receipt, error) {
	run := x.runs.Add(1)
	if x.act != nil {
		if err := x.act(ctx, run, in); err != nil {
			return receipt{}, err
		}
	}
	return receipt{Number: in.Number, Run: run}, nil
}

func setupTill(t *testing.T, act func(ctx context.Context, run int64, in order) error) *till {
	t.Helper()
	x := &till{pool: postgrestest.New(t), act: act}
	x.keys = endpoint.NewKeys(x.pool, x.now)
	x.url = serve(t, endpoint.Frame{Keys: x.keys},
		post("/v1/orders", endpoint.Route{Roles: []shop.Role{shop.RoleStaff, shop.RoleHQ}, Creates: true, Handler: endpoint.Handle(x.sell)})) + "/v1/orders"
	return x
}

func (x *till) post(t *testing.T, token, key, body string) answer {
	t.Helper()
	return ask(t, http.MethodPost, x.url, body, "Authorization", "Bearer "+token, "Idempotency-Key", key)
}

// L2: one key and 64 parallel calls are one execution; the same key with another body is refused.
func TestL2OneKeyIsOneExecution(t *testing.T) {
	t.Parallel()
	x := setupTill(t, nil)
	const callers = 64
	answers := make([]answer, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() { answers[i] = x.post(t, "amy", "k1", `{"number":"1"}`) })
	}
	wg.Wait()
	first := x.post(t, "amy", "k1", `{"number":"1"}`)
	if first.status != 201 || first.header.Get("Idempotent-Replay") != "true" || first.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s %v", first.status, first.body, first.header)
	}
	originals := 0
	for _, a := range answers {
		switch {
		case a.status == 409 && a.problem(t).Code == "idempotency_key_in_flight" && a.header.Get("Retry-After") == "1":
		case a.status == 201 && string(a.body) == string(first.body):
			if a.header.Get("Idempotent-Replay") == "" {
				originals++
			}
		default:
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if x.runs.Load() != 1 || originals != 1 {
		t.Errorf("%d runs, %d first answers", x.runs.Load(), originals)
	}
	for i := range callers {
		wg.Go(func() { answers[i] = x.post(t, "amy", "k1", `{"number":"2"}`) })
	}
	wg.Wait()
	for _, a := range answers {
		if a.status != 422 || a.problem(t).Code != "idempotency_key_reused" {
			t.Errorf("with another body: %d %s", a.status, a.body)
		}
	}
	if x.runs.Load() != 1 {
		t.Errorf("%d runs after other bodies came under the key", x.runs.Load())
	}
}

func TestAKeyStandsForOneRequestOfOneActor(t *testing.T) {
	t.Parallel()
	x := setupTill(t, nil)
	long := strings.Repeat("k", 255)
	steps := []struct {
		token, key, body string
		status           int
		code             string
		run              int64
		why              string
	}{
		{"amy", "", `{"number":"1"}`, 400, "idempotency_key_required", 0, "without a key"},
		{"amy", "two words", `{"number":"1"}`, 400, "idempotency_key_invalid", 0, "visible characters only"},
		{"amy", long + "k", `{"number":"1"}`, 400, "idempotency_key_invalid", 0, "at most 255"},
		{"amy", long, `{"number":"1"}`, 201, "", 1, "the first"},
		{"amy", long, `{"number":"1"}`, 201, "", 1, "the same again"},
		{"amy", long, `{"number":"2"}`, 422, "idempotency_key_reused", 1, "another body"},
		{"amy", long, `{"number": "1"}`, 422, "idempotency_key_reused", 1, "bytes count, not meaning"},
		{"hq", long, `{"number":"1"}`, 201, "", 2, "somebody else's key"},
		{"amy", "b", `{"number":"1"}`, 201, "", 3, "another key"},
	}
	for _, s := range steps {
		got := x.post(t, s.token, s.key, s.body)
		if got.status != s.status || s.code != "" && got.problem(t).Code != s.code || x.runs.Load() != s.run {
			t.Errorf("%s: %d %s after %d runs", s.why, got.status, got.body, x.runs.Load())
		}
	}
}

func TestOnlyAnswersThatStandAreKept(t *testing.T) {
	t.Parallel()
	errSoldOut := shop.Refuse(shop.Conflict, "sold_out", "There is none left.")
	ids := map[string][]shop.ID{}
	x := setupTill(t, func(ctx context.Context, run int64, in order) error {
		ids[in.Number] = append(ids[in.Number], endpoint.CreationID(ctx))
		switch {
		case in.Number == "refused":
			return errSoldOut
		case in.Number == "slow down":
			return shop.Refuse(shop.TooMany, "rate_limited", "Later.")
		case run%2 == 0:
			return nil
		case in.Number == "failed":
			return errors.New("boom")
		case in.Number == "panicked":
			panic("boom")
		}
		return nil
	})
	tests := []struct {
		number        string
		first, second int
		runs          int64
		why           string
	}{
		{"failed", 500, 201, 2, "a failure of ours may be tried again at once"},
		{"panicked", 500, 201, 2, "so may a panic"},
		{"slow down", 429, 429, 2, "so may a limit"},
		{"refused", 409, 409, 1, "a refusal is an answer"},
	}
	for _, tt := range tests {
		x.runs.Store(0)
		body := fmt.Sprintf(`{"number":%q}`, tt.number)
		first, second := x.post(t, "amy", "key-"+tt.number[:3], body), x.post(t, "amy", "key-"+tt.number[:3], body)
		if first.status != tt.first || second.status != tt.second || x.runs.Load() != tt.runs {
			t.Errorf("%s: %d, %d after %d runs", tt.why, first.status, second.status, x.runs.Load())
		}
		if made := ids[tt.number]; made[0] != made[len(made)-1] || made[0].IsZero() {
			t.Errorf("%s, as the same request, since it may be done: %v", tt.why, made)
		}
		if tt.runs == 1 && (string(first.body) != string(second.body) || second.header.Get("Content-Type") != "application/problem+json") {
			t.Errorf("%s: %s became %s", tt.why, first.body, second.body)
		}
	}
}

// A process that died leaves its claim. Here the first request hangs in its act, which looks the same from outside; when it
// wakes, its answer no longer counts, although the second has not answered yet.
func TestAnAbandonedKeyIsTakenOverWithTheSameCreationID(t *testing.T) {
	t.Parallel()
	const body = `{"number":"1"}`
	ids, hanging := make(chan shop.ID, 3), make(chan int64, 3)
	wake := map[int64]chan struct{}{1: make(chan struct{}), 2: make(chan struct{}), 3: make(chan struct{})}
	close(wake[3])
	x := setupTill(t, func(ctx context.Context, run int64, _ order) error {
		ids <- endpoint.CreationID(ctx)
		hanging <- run
		<-wake[run]
		return nil
	})
	first, second := make(chan answer, 1), make(chan answer, 1)
	go func() { first <- x.post(t, "amy", "k", body) }()
	<-hanging
	if got := x.post(t, "amy", "k", body); got.status != 409 {
		t.Errorf("while it runs: %d", got.status)
	}
	x.offset.Store(int64(endpoint.DefaultDeadline + 11*time.Second))
	go func() { second <- x.post(t, "amy", "k", body) }()
	if run := <-hanging; run != 2 {
		t.Fatalf("run %d", run)
	}
	close(wake[1])
	if got := <-first; got.status != 409 || got.problem(t).Code != "idempotency_key_in_flight" {
		t.Errorf("the answer of the first came too late and was given: %d %s", got.status, got.body)
	}
	close(wake[2])
	kept := <-second
	if got := x.post(t, "amy", "k", body); kept.status != 201 || string(got.body) != string(kept.body) || x.runs.Load() != 2 {
		t.Errorf("%d %s became %s after %d runs", kept.status, kept.body, got.body, x.runs.Load())
	}
	x.post(t, "amy", "other", body)
	if id, again, another := <-ids, <-ids, <-ids; id != again || id == another || id.IsZero() {
		t.Errorf("creation ids: %s, again %s, of another key %s", id, again, another)
	}
}

func TestAKeyIsForgottenAfterADay(t *testing.T) {
	t.Parallel()
	x := setupTill(t, nil)
	x.post(t, "amy", "k", `{"number":"1"}`)
	x.offset.Store(int64(24*time.Hour + time.Second))
	if got := x.post(t, "amy", "k", `{"number":"2"}`); got.status != 201 || x.runs.Load() != 2 {
		t.Errorf("the key is new again: %d %s", got.status, got.body)
	}
	for want := int64(1); want >= 0; want-- {
		x.offset.Store(int64(49 * time.Hour))
		if n, err := x.keys.Forget(t.Context(), amy.Brand); err != nil || n != want {
			t.Errorf("forgot %d of %d, %v", n, want, err)
		}
	}
}

func TestWithoutADatabaseNothingIsCreated(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), postgres.Config{URL: "host=" + t.TempDir() + " dbname=none"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	x := &till{pool: pool}
	x.keys = endpoint.NewKeys(pool, x.now)
	x.url = serve(t, endpoint.Frame{Keys: x.keys},
		post("/v1/orders", endpoint.Route{Roles: []shop.Role{shop.RoleStaff}, Creates: true, Handler: endpoint.Handle(x.sell)})) + "/v1/orders"
	got := x.post(t, "amy", "k", `{"number":"1"}`)
	if got.status != 503 || got.problem(t).Code != "database_away" || got.header.Get("Retry-After") != "5" || x.runs.Load() != 0 {
		t.Errorf("%d %s after %d runs", got.status, got.body, x.runs.Load())
	}
}

func TestASecretIsShownOnceAndKeptNowhere(t *testing.T) {
	t.Parallel()
	x := &till{pool: postgrestest.New(t)}
	x.keys = endpoint.NewKeys(x.pool, x.now)
	x.url = serve(t, endpoint.Frame{Keys: x.keys}, post("/v1/keys", endpoint.Route{
		Roles: []shop.Role{shop.RoleHQ}, Creates: true, ShowsOnce: true, Handler: endpoint.Handle(x.sell)})) + "/v1/keys"
	if first := x.post(t, "hq", "k", `{"number":"canary-secret"}`); first.status != 201 || !strings.Contains(string(first.body), "canary-secret") {
		t.Fatalf("%d %s", first.status, first.body)
	}
	again := x.post(t, "hq", "k", `{"number":"canary-secret"}`)
	if again.status != 409 || again.problem(t).Code != "idempotency_answer_shown_once" || x.runs.Load() != 1 {
		t.Errorf("%d %s after %d runs", again.status, again.body, x.runs.Load())
	}
	err := x.pool.Read(t.Context(), 1, func(tx pgx.Tx) error {
		var kept int
		err := tx.QueryRow(t.Context(), `SELECT coalesce(sum(length(response)), 0) FROM idempotency_key WHERE brand_id = 1`).Scan(&kept)
		if kept != 0 {
			t.Errorf("%d bytes of the answer are kept", kept)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatACallerMaySeeIsMadeAnewAndKeptNowhere(t *testing.T) {
	t.Parallel()
	x := &till{pool: postgrestest.New(t)}
	x.keys = endpoint.NewKeys(x.pool, x.now)
	var gone atomic.Bool
	act := func(_ context.Context, in order) (int64, error) { return x.runs.Add(1), nil }
	show := func(_ context.Context, run int64) (receipt, error) {
		if gone.Load() {
			return receipt{}, shop.ErrNotFound
		}
		return receipt{Number: fmt.Sprint("canary at ", x.now().Hour()), Run: run}, nil
	}
	x.url = serve(t, endpoint.Frame{Keys: x.keys}, post("/v1/visits", endpoint.Route{
		Roles: []shop.Role{shop.RoleStaff}, Creates: true, ShowsAnew: true, Handler: endpoint.HandleAnew(act, show)})) + "/v1/visits"
	if first := x.post(t, "amy", "k", `{"number":"1"}`); first.status != 201 || string(first.body) != `{"number":"canary at 12","run":1}` {
		t.Fatalf("%d %s", first.status, first.body)
	}
	x.offset.Store(int64(3 * time.Hour))
	again := x.post(t, "amy", "k", `{"number":"1"}`)
	if again.status != 201 || string(again.body) != `{"number":"canary at 15","run":1}` || again.header.Get("Idempotent-Replay") != "true" {
		t.Errorf("%d %s", again.status, again.body)
	}
	gone.Store(true)
	if again := x.post(t, "amy", "k", `{"number":"1"}`); again.status != 404 || x.runs.Load() != 1 {
		t.Errorf("%d %s after %d runs", again.status, again.body, x.runs.Load())
	}
	err := x.pool.Read(t.Context(), 1, func(tx pgx.Tx) error {
		var kept string
		err := tx.QueryRow(t.Context(), `SELECT convert_from(response, 'UTF8') FROM idempotency_key WHERE brand_id = 1`).Scan(&kept)
		if kept != "1" {
			t.Errorf("%s is kept", kept)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
