package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

const webhooks = "../../../shared/data/webhooks"

// deliver sends a body as Shopify does, with further headers (name, value pairs), and returns the status of the answer.
func (r running) deliver(t *testing.T, id, topic, secret string, body []byte, headers ...string) int {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.cfg.PublicURL+"/v1/integrations/shopify/webhooks", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "X-Shopify-Shop-Domain": "clearday.myshopify.com", "X-Shopify-Topic": topic,
		"X-Shopify-Webhook-Id": id, "X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
	} {
		req.Header.Set(name, value)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// inbox is the state of each message that was kept, by its topic.
func (r running) inbox(t *testing.T, hq string) map[string]string {
	t.Helper()
	var list struct {
		Items []struct {
			Topic string `json:"topic"`
			State string `json:"state"`
		} `json:"items"`
	}
	a := r.get(t, "/v1/integrations/inbox", hq)
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != http.StatusOK {
		t.Fatalf("inbox: %d %v %s", a.status, err, a.body)
	}
	states := map[string]string{}
	for _, m := range list.Items {
		states[m.Topic] = m.State
	}
	return states
}

// connectShopify has messages of the web shop taken that are signed with a secret.
func (r running) connectShopify(t *testing.T, hq, secret string) {
	t.Helper()
	j := &journey{api: r.cfg.PublicURL, client: client{http: http.DefaultClient}, hq: hq}
	if err := j.learnNames(t.Context()); err != nil {
		t.Fatal(err)
	}
	connect := map[string]any{"name": "web shop", "platform": "shopify", "store": j.stores["WEB"], "scopes": []string{"orders:write"},
		"lookup": "clearday.myshopify.com", "webhook_secret": secret}
	if err := j.post(t.Context(), hq, "/v1/manager/integration-keys", connect, http.StatusCreated, nil); err != nil {
		t.Fatal(err)
	}
}

// Real bodies, in the wrong order, twice, with one that nobody understands and one that nobody signed: through the socket,
// the inbox, the queue and the adapter.
func TestShopifyWebhooksAreTakenAsTheyCome(t *testing.T) {
	t.Parallel()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(webhooks, name))
		if err != nil {
			t.Skipf("no webhook bodies here: %v", err)
		}
		return b
	}
	order, refund := read("shopify_order_450789469_2026-07.json"), read("shopify_refund_509562969_2026-07.json")
	r := runHomestore(t)
	hq := r.signInHQ(t)
	const secret = "a secret of the shop's own"
	r.connectShopify(t, hq, secret)

	if status := r.deliver(t, "w0", "orders/create", "another secret", order); status != http.StatusUnauthorized {
		t.Errorf("a forged message: %d", status)
	}
	if len(r.inbox(t, hq)) != 0 {
		t.Error("a forged message was kept")
	}
	deliveries := []struct {
		id, topic string
		body      []byte
		state     string
	}{
		{"w1", "refunds/create", refund, "waiting"},
		{"w2", "orders/create", order, "applied"},
		{"w3", "products/update", []byte(`{"id": 1, "strange": true}`), "set_aside"},
	}
	for _, d := range deliveries {
		for range 2 { // the platform did not hear our answer and sends it again
			if status := r.deliver(t, d.id, d.topic, secret, d.body); status != http.StatusOK {
				t.Errorf("%s: %d", d.topic, status)
			}
		}
		until(t, d.topic+" is "+d.state, func() bool { return r.inbox(t, hq)[d.topic] == d.state })
	}
}
