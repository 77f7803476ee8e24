package shopify

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgrestest"
)

func TestSignatureVectorsOfOthers(t *testing.T) {
	t.Parallel()
	var vectors []struct {
		Scheme, Secret, Body, Signature string
		Valid                           bool
	}
	if err := json.Unmarshal(fixture(t, "signature_vectors.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, v := range vectors {
		if !strings.HasPrefix(v.Scheme, "shopify") {
			continue
		}
		n++
		if got := isSigned([]byte(v.Body), v.Signature, [][]byte{[]byte(v.Secret)}); got != v.Valid {
			t.Errorf("%s %q: %t", v.Scheme, v.Signature, got)
		}
	}
	if n != 2 {
		t.Errorf("%d vectors of Shopify", n)
	}
}

// W1: our own cases, as far as a platform without time stamps has them. W6: what is not signed is not even parsed: the
// bodies here are no JSON, and the answer is about the signature.
func TestAbuse24W1SignaturesThatAreNotTheShopsAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := []byte(`not {json`)
	other := keyOfAnotherBrand(t, b)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	good := sign(body, []byte(secret))
	tests := []struct {
		why    string
		change func(*http.Request)
		status int
	}{
		{"signed", func(*http.Request) {}, 200},
		{"a dot in the id", header("X-Shopify-Webhook-Id", "a.b.c"), 200},
		{"a text for a time", header("X-Shopify-Triggered-At", "yesterday"), 200},
		{"a domain in capitals", header("X-Shopify-Shop-Domain", "SHOP.myshopify.example"), 200},
		{"no signature", func(r *http.Request) { r.Header.Del("X-Shopify-Hmac-Sha256") }, 401},
		{"no domain", func(r *http.Request) { r.Header.Del("X-Shopify-Shop-Domain") }, 401},
		{"a shop nobody knows", header("X-Shopify-Shop-Domain", "other.myshopify.example"), 401},
		{"another brand's shop", header("X-Shopify-Shop-Domain", other), 401},
		{"hexadecimal", header("X-Shopify-Hmac-Sha256", hex.EncodeToString(good)), 401},
		{"base64 for URLs or without padding", header("X-Shopify-Hmac-Sha256", base64.RawStdEncoding.EncodeToString(good)), 401},
		{"half of it", header("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(good[:16])), 401},
		{"made with an empty secret", header("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(sign(body, nil))), 401},
		{"made over other white space", header("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(sign([]byte(`not  {json`), []byte(secret)))), 401},
		{"a packed body", header("Content-Encoding", "gzip"), 415},
		{"two signatures", func(r *http.Request) { r.Header.Add("X-Shopify-Hmac-Sha256", "AAAA") }, 400},
	}
	for n, test := range tests {
		if status, text := b.send(fmt.Sprint("m", n), "orders/create", body, test.change); status != test.status {
			t.Errorf("%s: %d %s, want %d", test.why, status, text, test.status)
		}
	}
	if n := len(b.messages()); n != 4 {
		t.Errorf("%d messages are kept, want the 4 that were signed", n)
	}
	if isSigned(body, base64.StdEncoding.EncodeToString(sign(body, nil)), [][]byte{{}}) {
		t.Error("an empty secret signs")
	}
}

// keyOfAnotherBrand connects a shop of another brand and returns its domain.
func keyOfAnotherBrand(t *testing.T, b *bundle) string {
	t.Helper()
	other := postgrestest.Brand(t, b.pool).Brand
	_, _, err := b.team.AddIntegrationKey(t.Context(), shop.System(other), team.NewIntegration{
		Name: "x", Platform: Platform, Lookup: "theirs.myshopify.example", WebhookSecret: "another secret of theirs",
	})
	if err != nil {
		t.Fatal(err)
	}
	return "theirs.myshopify.example"
}

func TestFormerSecretIsGoodForAWhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.team.RotateWebhookSecret(t.Context(), shop.System(b.Brand), b.key, "the new secret of the shop"); err != nil {
		t.Fatal(err)
	}
	body := []byte(`{}`)
	withNew := func(r *http.Request) {
		r.Header.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(sign(body, []byte("the new secret of the shop"))))
	}
	for _, step := range []struct {
		after     time.Duration
		old, next int
	}{{0, 200, 200}, {71 * time.Hour, 200, 200}, {73 * time.Hour, 401, 200}} {
		b.clock = now.Add(step.after)
		if status, _ := b.send(fmt.Sprint("old", step.after), "x/y", body); status != step.old {
			t.Errorf("old secret after %s: %d, want %d", step.after, status, step.old)
		}
		if status, _ := b.send(fmt.Sprint("new", step.after), "x/y", body, withNew); status != step.next {
			t.Errorf("new secret after %s: %d, want %d", step.after, status, step.next)
		}
	}
}

func TestDuplicatesChangeNothingEvenAfterDays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := fmt.Appendf(nil, small, `{"id": 1, "quantity": 1, "price": "100"}`, "")
	if status, text := b.send("m1", "orders/create", body); status != 200 || text != `{"status":"received"}` {
		t.Errorf("first: %d %s", status, text)
	}
	b.work()
	b.clock = now.Add(76 * time.Hour)
	for _, again := range [][]byte{body, []byte(strings.Replace(string(body), `"100"`, `"999"`, 1))} {
		if status, text := b.send("m1", "orders/create", again); status != 200 || text != `{"status":"known"}` {
			t.Errorf("again: %d %s", status, text)
		}
	}
	if status, _ := b.send("m2", "orders/updated", body); status != 200 {
		t.Errorf("the same body under another id: %d", status)
	}
	if diff := cmp.Diff(map[string]string{"m1": "applied", "m2": "ignored"}, b.work()); diff != "" {
		t.Error(diff)
	}
	if got := b.order("21072271681728426845564555").Figures().Paid; got != 100 {
		t.Errorf("paid %d", got)
	}
}

func TestSignedAndNotUnderstoodIsKeptWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n, body := range []string{`not {json`, ``, strings.Repeat(`{"a":`, 100_000), `{"id": 1}`} {
		if status, text := b.send(fmt.Sprint("m", n), "orders/create", []byte(body)); status != 200 {
			t.Errorf("message %d: %d %s", n, status, text)
		}
	}
	for id, state := range b.work() {
		if state != string(order.MessageSetAside) {
			t.Errorf("%s: %s", id, state)
		}
	}
}

func TestTooLargeIsRefusedAndHasNoMessage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := &Webhooks{}
	if _, err := w.receive(t.Context(), webhook{Body: make([]byte, BodyLimit+1)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	if n := len(b.messages()); n != 0 {
		t.Errorf("%d messages", n)
	}
}

func TestRefundBeforeItsOrderWaitsForIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.send("m1", "refunds/create", fixture(t, "shopify_refund_509562969_2026-07.json"))
	if diff := cmp.Diff(map[string]string{"m1": "waiting"}, b.work()); diff != "" {
		t.Error(diff)
	}
	b.send("m2", "orders/create", fixture(t, "shopify_order_450789469_2026-07.json"))
	if diff := cmp.Diff(map[string]string{"m1": "applied", "m2": "applied"}, b.work()); diff != "" {
		t.Error(diff)
	}
	o := b.order("450789469")
	if len(o.Refunds) != 1 || o.Figures().Refunded != 391_33 {
		t.Errorf("the refund that both tell of counts %d times, %d back", len(o.Refunds), o.Figures().Refunded)
	}
}
