package manager_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"homestore/api"
	"homestore/api/contracttest"
	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/api/manager"
	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/notify/campaign"
	"homestore/notify/delivery"
	"homestore/notify/offer"
	"homestore/referral/alarm"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/label"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/roster"
	"homestore/referral/scan"
	"homestore/referral/statement"
	"homestore/referral/tag"
	"homestore/referral/target"
	"homestore/referral/whatif"
)

// noon is when all tests take place; a Monday in Taipei.
var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// bundle is the face on a real socket and a real database, with two brands.
type bundle struct {
	postgrestest.Fixture
	other    postgrestest.Fixture
	t        *testing.T
	pool     *postgres.Pool
	orders   *order.Service
	plans    *plan.Service
	tags     *tag.Service
	alarms   *alarm.Service
	binds    *binding.Service
	people   *team.Service
	reports  *report.Service
	disputes *dispute.Service
	base     string
	herself  shop.Actor // somebody whom a story takes on
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	b := &bundle{Fixture: postgrestest.Brand(t, pool), other: postgrestest.Brand(t, pool), t: t, pool: pool}
	now := func() time.Time { return noon }
	people, err := team.New(pool, now, team.Config{SealingKeys: [][]byte{bytes.Repeat([]byte("s"), 32)}, Hashing: team.Hashing{MemoryKiB: 64, Passes: 1}})
	if err != nil {
		t.Fatal(err)
	}
	scans := scan.New(scan.Parts{Pool: pool, Now: now})
	book := ledger.New(pool, scans)
	b.people, b.reports = people, report.New(pool)
	b.orders, b.plans, b.tags = order.New(pool, now, book, b.reports), plan.New(pool, now), tag.New(pool, now)
	b.binds, b.alarms = binding.New(pool, now, scans, book, b.reports), alarm.New(pool, scans, now)
	b.disputes = dispute.New(pool, now, b.binds, book)
	periods := period.New(pool, now, book)
	face := manager.New(manager.Parts{
		Pool: pool, Team: people, Tags: b.tags, Scans: scans, Alarms: b.alarms, Plans: b.plans, Targets: target.New(pool, now), Reports: b.reports, Bindings: b.binds, Roster: roster.New(pool, now, b.binds), Offers: offer.New(pool, now),
		Campaigns: b.campaigns(now), Labels: label.New(pool, now, b.tags), WhatIf: whatif.New(pool, now, book), Disputes: b.disputes,
		Periods: periods, Statements: statement.New(pool, periods, "https://hs.example.test"),
		Customers: customer.New(pool, now, b.orders),
	})
	unlimited := guard.Rate{PerSecond: 1e6, Burst: 1e6}
	server := api.New(api.Parts{
		Config: guard.Config{Log: slog.New(slog.DiscardHandler), DrainFor: time.Millisecond},
		Rates:  api.Rates{Address: unlimited, Identity: unlimited},
		Frame:  endpoint.Frame{Keys: endpoint.NewKeys(pool, now)}, Prove: b.prove, Faces: []api.Face{face}, Now: now,
	})
	b.base = serve(t, server)
	return b
}

// campaigns are planned and begun here; nobody works on the queue.
func (b *bundle) campaigns(now func() time.Time) *campaign.Service {
	b.t.Helper()
	queue, err := river.NewClient(riverpgxv5.New(b.pool.Raw()), &river.Config{})
	if err != nil {
		b.t.Fatal(err)
	}
	return campaign.New(b.pool, now, delivery.New(b.pool, now, delivery.Config{Queue: queue}), nil, queue)
}

func serve(t *testing.T, server *guard.Server) (base string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	listener, err := guard.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

var errToken = shop.Refuse(shop.Unauthenticated, "token_invalid", "Sign in again.")

// prove takes a name for a token: the actors of these stories.
func (b *bundle) prove(_ context.Context, bearer string) (shop.Actor, error) {
	actor, ok := map[string]shop.Actor{
		"hq":         {Brand: b.Brand, Role: shop.RoleHQ, ID: b.Ben},
		"other hq":   {Brand: b.Brand, Role: shop.RoleHQ, ID: b.Amy},
		"finance":    {Brand: b.Brand, Role: shop.RoleFinance, ID: b.Ben},
		"manager":    {Brand: b.Brand, Role: shop.RoleManager, ID: b.Amy, Stores: []shop.ID{b.S1}},
		"staff":      {Brand: b.Brand, Role: shop.RoleStaff, ID: b.Amy, Stores: []shop.ID{b.S1}},
		"customer":   {Brand: b.Brand, Role: shop.RoleCustomer, ID: b.Amy},
		"herself":    b.herself,
		"foreign hq": {Brand: b.other.Brand, Role: shop.RoleHQ, ID: b.other.Ben},
	}[bearer]
	if !ok {
		return shop.Actor{}, errToken
	}
	return actor, nil
}

// answer is what came back, held against the contract already.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// ask sends a request as somebody; a POST gets an Idempotency-Key of its own unless headers, name and value pairs, have one.
func (b *bundle) ask(who, method, path string, body any, headers ...string) answer {
	b.t.Helper()
	var sent io.Reader = http.NoBody
	if body != nil {
		text, isText := body.(string)
		if !isText {
			encoded, err := json.Marshal(body)
			if err != nil {
				b.t.Fatal(err)
			}
			text = string(encoded)
		}
		sent = strings.NewReader(text)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, sent)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+who)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", shop.NewID(noon).String())
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	contracttest.Check(b.t, req, res)
	read, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{b.t, res.StatusCode, res.Header, read}
}

func (b *bundle) get(who, path string) answer {
	b.t.Helper()
	return b.ask(who, http.MethodGet, path, nil)
}

func (b *bundle) post(who, path string, body any) answer {
	b.t.Helper()
	return b.ask(who, http.MethodPost, path, body)
}

// into decodes the body of an answer that must have the status.
func (a answer) into(status int, v any) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%d %s, want %d", a.status, a.body, status)
	}
	if v != nil {
		if err := json.Unmarshal(a.body, v); err != nil {
			a.t.Fatalf("%s: %v", a.body, err)
		}
	}
	return a
}

// refused checks the status and code of a refusal, and the field where one is named.
func (a answer) refused(status int, code, field string) {
	a.t.Helper()
	var p struct {
		Code   string
		Fields []struct{ Name string }
	}
	a.into(status, &p)
	if p.Code != code || (field != "") != (len(p.Fields) > 0) || (field != "" && p.Fields[0].Name != field) {
		a.t.Errorf("%s, want %s on %q", a.body, code, field)
	}
}

// named is what a test reads of most answers.
type named struct {
	ID    shop.ID
	Code  string
	Name  string
	State string
	Names shop.Text
}

type page struct {
	Items      []named
	NextCursor string `json:"next_cursor"`
}

type object map[string]any
