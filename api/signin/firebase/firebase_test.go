package firebase

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"homestore/api/signin"
	"homestore/clienteling/team"
)

const project = "clear-day-home"

var issuer = team.Issuer{Provider: "firebase", Issuer: "https://securetoken.google.com/" + project, Audience: project}

// google answers in the place of www.googleapis.com: the SDK's address of Firebase's certificates is fixed, so its connections
// are led here.
var google struct {
	key    *rsa.PrivateKey
	isAway atomic.Bool
}

func TestMain(m *testing.M) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	google.key = key
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "firebase"}, DNSNames: []string{"www.googleapis.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if google.isAway.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_ = json.NewEncoder(w).Encode(map[string]string{"k1": certificate})
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(certificate))
	transport := http.DefaultTransport.(*http.Transport)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	transport.Proxy = nil
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}
	code := m.Run()
	server.Close()
	os.Exit(code)
}

func token(t *testing.T, key *rsa.PrivateKey, change jwt.MapClaims) string {
	t.Helper()
	now := time.Now()
	c := jwt.MapClaims{
		"iss": issuer.Issuer, "aud": project, "sub": "u-1", "user_id": "u-1", "iat": now.Add(-time.Minute).Unix(), "auth_time": now.Unix(),
		"exp": now.Add(time.Hour).Unix(), "phone_number": "+886912345678", "email": "may@example.test", "email_verified": false, "name": "林美", "nonce": "n",
	}
	for name, value := range change {
		c[name] = value
	}
	made := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
	made.Header["kid"] = "k1"
	text, err := made.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func provider(t *testing.T) *Provider {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTokenOfTheBrandsProjectProvesWhoSheIs(t *testing.T) {
	other := issuer
	other.Audience, other.Issuer = "another-project", "https://securetoken.google.com/another-project"
	who, err := provider(t).Prove(t.Context(), []team.Issuer{other, issuer}, token(t, google.key, nil), "n")
	want := signin.Proven{Provider: "firebase", Issuer: issuer.Issuer, Subject: "u-1", Phone: "+886912345678", Name: "林美"}
	if err != nil || who != want {
		t.Errorf("%+v %v", who, err)
	}
	who, err = provider(t).Prove(t.Context(), []team.Issuer{issuer}, token(t, google.key, jwt.MapClaims{"email_verified": true}), "")
	if err != nil || who.Email != "may@example.test" {
		t.Errorf("a verified address: %+v %v", who, err)
	}
}

func TestForgedTokensAreRefused(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := provider(t)
	for why, text := range map[string]string{
		"a stranger's":    token(t, stranger, nil),
		"another project": token(t, google.key, jwt.MapClaims{"aud": "another-project"}),
		"another issuer":  token(t, google.key, jwt.MapClaims{"iss": "https://securetoken.google.com/another-project"}),
		"expired":         token(t, google.key, jwt.MapClaims{"exp": time.Now().Add(-time.Hour).Unix()}),
		"nobody's":        token(t, google.key, jwt.MapClaims{"sub": ""}),
		"no token":        "a.b.c",
	} {
		if _, err := p.Prove(t.Context(), []team.Issuer{issuer}, text, ""); !errors.Is(err, signin.ErrIDToken) {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, err := p.Prove(t.Context(), []team.Issuer{issuer}, token(t, google.key, nil), "another nonce"); !errors.Is(err, signin.ErrIDToken) {
		t.Errorf("another nonce: %v", err)
	}
}

func TestFirebaseAwayIsNotHerFault(t *testing.T) {
	google.isAway.Store(true)
	defer google.isAway.Store(false)
	if _, err := provider(t).Prove(t.Context(), []team.Issuer{issuer}, token(t, google.key, nil), ""); !errors.Is(err, signin.ErrIssuerAway) {
		t.Errorf("got %v", err)
	}
}

func TestTheEmulatorIsRefused(t *testing.T) {
	t.Setenv(emulator, "localhost:9099")
	if _, err := New(); err == nil {
		t.Error("took the emulator, whose tokens nobody signs")
	}
}
