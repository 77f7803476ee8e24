package contracttest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"homestore/api/contracttest"
)

const store = `{"id":"0199a1f0-2a31-7c55-9d2e-6f1f0c7a9b01","code":"S1","name":"Xinyi","names":{"en":"Xinyi"},"kind":"shop","house_bp":0,"opened_on":"2020-01-01","premises":{},"created_at":"2026-11-22T08:30:00Z"`

func TestAnswersAreHeldAgainstTheContract(t *testing.T) {
	t.Parallel()
	problem := func(code string) string {
		return `{"type":"/problems/` + code + `","title":"T","status":409,"code":"` + code + `","detail":"d","request_id":"r"}`
	}
	const good = `{"code":"S1","names":{"en":"Xinyi"},"kind":"shop"}`
	for _, tt := range []struct {
		why, method, path, asked string
		status                   int
		media, answered, wrong   string
	}{
		{"as it should be", "POST", "/v1/manager/stores", good, 201, "application/json", store + `}`, ""},
		{"a field that nobody promised", "POST", "/v1/manager/stores", good, 201, "application/json", store + `,"margin":1}`, "margin"},
		{"a promised field is missing", "POST", "/v1/manager/stores", good, 201, "application/json", `{"id":"0199a1f0-2a31-7c55-9d2e-6f1f0c7a9b01"}`, "missing"},
		{"an id that is none", "POST", "/v1/manager/stores", good, 201, "application/json", strings.Replace(store, "0199a1f0", "x", 1) + `}`, "uuid"},
		{"a success that nobody promised", "POST", "/v1/manager/stores", good, 200, "application/json", store + `}`, "Content-Type"},
		{"a request that does not fit went through", "POST", "/v1/manager/stores", `{"code":"S1"}`, 201, "application/json", store + `}`, "does not fit"},
		{"a path that nobody promised", "GET", "/v1/manager/shops", "", 200, "application/json", `{}`, "no such operation"},
		{"a refusal of its own", "POST", "/v1/manager/stores", good, 409, "application/problem+json", problem("store_exists"), ""},
		{"a refusal of everybody", "POST", "/v1/manager/stores", `{}`, 409, "application/problem+json", problem("idempotency_key_in_flight"), ""},
		{"a refusal of another operation", "POST", "/v1/manager/stores", good, 409, "application/problem+json", problem("tag_retired"), "tag_retired"},
		{"a refusal for those who create, of one that does not", "GET", "/v1/manager/stores", "", 409, "application/problem+json", problem("idempotency_key_in_flight"), "idempotency_key_in_flight"},
		{"a refusal that is no problem", "POST", "/v1/manager/stores", good, 409, "text/plain", "no", "text/plain"},
		{"a refusal without its body", "HEAD", "/q/7K3QXMTWBA2D9", "", 431, "application/problem+json", "", ""},
		{"a page for people", "GET", "/q/7K3QXMTWBA2D9", "", 404, "text/html; charset=utf-8", "<!doctype html>", ""},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), tt.method, "http://127.0.0.1:1"+tt.path, strings.NewReader(tt.asked))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Idempotency-Key", "k")
			res := &http.Response{StatusCode: tt.status, Header: http.Header{"Content-Type": {tt.media}}, Body: io.NopCloser(strings.NewReader(tt.answered))}
			err = contracttest.Verify(req, res)
			if (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%v, want something about %q", err, tt.wrong)
			}
			if left, err := io.ReadAll(res.Body); err != nil || tt.wrong == "" && string(left) != tt.answered {
				t.Errorf("%q is left of the body: %v", left, err)
			}
		})
	}
}
