package localissuer

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func start(t *testing.T, dir string) *Issuer {
	t.Helper()
	i, err := New(dir, "http://127.0.0.1:1/issuer", func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (i *Issuer) call(method, path, body string) (status int, said map[string]any) {
	w := httptest.NewRecorder()
	i.Handler().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	_ = json.Unmarshal(w.Body.Bytes(), &said)
	return w.Code, said
}

func TestKeyOutlivesARestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first, again, other := start(t, dir), start(t, dir), start(t, t.TempDir())
	if first.kid != again.kid || first.kid == other.kid {
		t.Errorf("kids %s, %s after a restart, %s elsewhere", first.kid, again.kid, other.kid)
	}
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, keyFile), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(dir, "http://127.0.0.1:1", time.Now); err == nil {
		t.Error("started with a key that is none")
	}
}

func TestDiscoveryLeadsToKeysAndToken(t *testing.T) {
	t.Parallel()
	i := start(t, t.TempDir())
	_, document := i.call(http.MethodGet, "/.well-known/openid-configuration", "")
	if document["issuer"] != i.Address() || document["jwks_uri"] != i.JWKSURL() {
		t.Errorf("%v", document)
	}
	if _, keys := i.call(http.MethodGet, "/jwks.json", ""); len(keys["keys"].([]any)) != 1 {
		t.Errorf("%v", keys)
	}
	status, said := i.call(http.MethodPost, "/token", `{"sub": "may", "phone": "+886912345678", "name": "林美"}`)
	if token, _ := said["id_token"].(string); status != http.StatusOK || strings.Count(token, ".") != 2 {
		t.Errorf("%d %v", status, said)
	}
}

func TestTokenIsForSomebody(t *testing.T) {
	t.Parallel()
	i := start(t, t.TempDir())
	for why, body := range map[string]string{
		"nobody": `{}`, "not JSON": `sub=may`, "an unknown field": `{"sub": "may", "role": "hq"}`, "too much": `{"sub": "` + strings.Repeat("x", mostBody) + `"}`,
	} {
		if status, said := i.call(http.MethodPost, "/token", body); status != http.StatusBadRequest || said["error"] != "invalid_request" {
			t.Errorf("%s: %d %v", why, status, said)
		}
	}
}
