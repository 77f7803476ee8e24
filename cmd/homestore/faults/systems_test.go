package faults

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// systems are what a brand has beside its people: programs with an API key, and a web shop that signs.
type systems struct {
	h       *homestore
	keys    []string
	tokens  []string // of people: head office, finance, a manager
	secret  string   // of the web shop
	codes   []string
	storeID string // the web store
}

const webShop = "clearday.myshopify.test"

// connectSystems signs people in and lets so many programs and the web shop in.
func connectSystems(t *testing.T, h *homestore, programs int) *systems {
	t.Helper()
	s := &systems{h: h, secret: rand.Text() + rand.Text(), codes: h.codes(t)}
	for email, password := range map[string]string{
		"hq@clearday.example": "clear-day-demo-hq", "finance@clearday.example": "clear-day-demo-finance", "xinyi@clearday.example": "clear-day-demo-xinyi",
	} { // as in seed.json
		var in struct {
			AccessToken string `json:"access_token"`
		}
		s.post(t, "/v1/sign-in/manager", "", map[string]any{
			"brand": "clearday", "email": email, "password": password, "device_secret": rand.Text() + rand.Text(),
		}, &in)
		s.tokens = append(s.tokens, in.AccessToken)
	}
	hq := h.signInHQ(t)
	if err := h.db.connect(t).QueryRow(t.Context(), `SELECT id::text FROM store WHERE code = 'WEB'`).Scan(&s.storeID); err != nil {
		t.Fatal(err)
	}
	for n := range programs {
		var made struct {
			Key string `json:"key"`
		}
		s.post(t, "/v1/manager/integration-keys", hq, map[string]any{
			"name": fmt.Sprintf("program %d", n), "platform": "api", "store": s.storeID, "scopes": []string{"orders:write", "catalogue:write", "customers:write"},
		}, &made)
		s.keys = append(s.keys, made.Key)
	}
	s.post(t, "/v1/manager/integration-keys", hq, map[string]any{
		"name": "web shop", "platform": "shopify", "store": s.storeID, "scopes": []string{"orders:write"}, "lookup": webShop, "webhook_secret": s.secret,
	}, nil)
	return s
}

func (s *systems) post(t *testing.T, path, token string, body map[string]any, into any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&caller{address: s.h.address}).ask(s.request(http.MethodPost, path, token, text))
	if err != nil || got.status >= http.StatusBadRequest {
		t.Fatalf("POST %s: %d %s %v\n%s", path, got.status, got.body, err, s.h.logTail(t))
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(got.body, into); err != nil {
		t.Fatal(err)
	}
}

// request is by somebody with an address of her own: the limits of one address are not what is tested here.
func (s *systems) request(method, path, token string, body []byte) *http.Request {
	req, err := http.NewRequest(method, s.h.url(path), bytes.NewReader(body))
	if err != nil {
		panic(err) // a path of these tests is wrong
	}
	var from [3]byte
	_, _ = rand.Read(from[:]) // documented never to fail
	req.Header.Set("X-Real-IP", fmt.Sprintf("10.%d.%d.%d", from[0], from[1], from[2]))
	req.Header.Set("User-Agent", phoneBrowser)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", rand.Text())
	}
	return req
}

func (s *systems) scan(n int) *http.Request {
	return s.request(http.MethodGet, "/q/"+s.codes[n%len(s.codes)], "", nil)
}

func (s *systems) look(n int) *http.Request {
	paths := []string{"/v1/manager/stores", "/v1/manager/tags", "/v1/manager/offers"}
	return s.request(http.MethodGet, paths[n%len(paths)], s.tokens[n%len(s.tokens)], nil)
}

// order is told under its own name and under that name as its Idempotency-Key: telling it again is the same request.
func (s *systems) order(name string, n int) *http.Request {
	req := s.request(http.MethodPost, "/v1/integrations/orders", s.keys[n%len(s.keys)], fmt.Appendf(nil,
		`{"order": %q, "placed_at": %q, "channel": "online", "customer": {"identities": [{"kind": "email", "value": "buyer-%d@example.com", "verified": true}]},
		"lines": [{"external_id": "1", "sku": "LAMP-PAPER", "quantity": 1, "unit_price_minor": 4200}]}`,
		name, time.Now().UTC().Format("2006-01-02T15:04:05Z"), n%500))
	req.Header.Set("Idempotency-Key", name)
	return req
}

// webhook is an order that the web shop tells of: kept at once, booked by a job.
func (s *systems) webhook(id int64) *http.Request {
	now := time.Now().UTC().Format(time.RFC3339)
	body := fmt.Appendf(nil, `{"id": %d, "created_at": %q, "processed_at": %q, "updated_at": %q, "financial_status": "paid", "source_name": "web", "currency": "TWD",
		"taxes_included": true, "total_discounts": "0", "line_items": [{"id": 1, "sku": "LAMP-PAPER", "title": "Lamp", "quantity": 1, "price": "4200.00", "total_discount": "0"}]}`,
		id, now, now, now)
	req := s.request(http.MethodPost, "/v1/integrations/shopify/webhooks", "", body)
	mac := hmac.New(sha256.New, []byte(s.secret))
	mac.Write(body)
	req.Header.Set("X-Shopify-Shop-Domain", webShop)
	req.Header.Set("X-Shopify-Topic", "orders/create")
	req.Header.Set("X-Shopify-Webhook-Id", fmt.Sprintf("w-%d", id))
	req.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return req
}
