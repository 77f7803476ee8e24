package fcm

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"homestore/notify/push"
)

func TestUnreachableFCMIsLaterSinceNothingLeft(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	sender, err := New(t.Context(), Config{ProjectID: "demo", Endpoint: gone.URL + "/v1"})
	if err != nil {
		t.Fatal(err)
	}
	want := push.Outcome{Verdict: push.Later, RetryAfter: failureWait, Reason: "NOT_CONNECTED"}
	if got := send(t, sender); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAnswerThatNeverComesIsUnknown(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 10)
	sender, requests := senderTo(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-arrived
		cancel() // the caller's patience ends while the message is with FCM
	}()
	got, err := sender.Send(ctx, offer(), phone)
	if want := (push.Outcome{Verdict: push.Unknown, Reason: "CONNECTION_CUT"}); err != nil || got != want || requests.Load() != 1 {
		t.Errorf("got %+v, %v after %d requests", got, err, requests.Load())
	}
}

func TestAnswerThatBreaksOffIsUnknownAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	sender, requests := senderTo(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"name":"projects/demo/`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	if got := send(t, sender); got.Verdict != push.Unknown || requests.Load() != 1 {
		t.Errorf("got %+v after %d requests", got, requests.Load())
	}
}

func TestBreakOverHTTP2IsUnknownToo(t *testing.T) {
	t.Parallel()
	var requests, overHTTP2 atomic.Int64
	listening := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		requests.Add(1)
		if r.ProtoMajor == 2 {
			overHTTP2.Add(1)
		}
		panic(http.ErrAbortHandler)
	}))
	listening.EnableHTTP2 = true
	listening.StartTLS()
	t.Cleanup(listening.Close)
	sender, err := New(t.Context(), Config{ProjectID: "demo", Endpoint: listening.URL + "/v1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	sender.base.TLSClientConfig = listening.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	sender.base.TLSClientConfig.NextProtos = nil // the transport of New adds h2 by itself, as it does for Google
	if got := send(t, sender); got.Verdict != push.Unknown || requests.Load() != 1 || overHTTP2.Load() != 1 {
		t.Errorf("got %+v after %d requests, %d over HTTP/2", got, requests.Load(), overHTTP2.Load())
	}
}

func TestCredentialsSignEachSend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why         string
		signIn      http.Handler
		want        push.Outcome
		wantsSigned bool
	}{
		{"signed in", answering(200, "Content-Type: application/json", `{"access_token":"access-1","token_type":"Bearer","expires_in":3600}`),
			push.Outcome{Verdict: push.Sent, MessageID: "projects/from-key/messages/1"}, true},
		{"Google no longer takes the key", answering(400, "Content-Type: application/json", `{"error":"invalid_grant"}`),
			push.Outcome{Verdict: push.OurFault, Reason: "UNAUTHENTICATED"}, false},
		{"the sign-in is away for the moment", answering(500, "", `oops`),
			push.Outcome{Verdict: push.Later, RetryAfter: failureWait, Reason: "NOT_CONNECTED"}, false},
	} {
		var signed atomic.Bool
		fcm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			signed.Store(r.Header.Get("Authorization") == "Bearer access-1" && r.URL.Path == "/v1/projects/from-key/messages:send")
			_, _ = io.WriteString(w, `{"name":"projects/from-key/messages/1"}`)
		}))
		google := httptest.NewServer(c.signIn)
		ctx, cancel := context.WithCancel(t.Context())
		sender, err := New(ctx, Config{CredentialsFile: keyFile(t, google.URL), Endpoint: fcm.URL + "/v1"})
		if err != nil {
			t.Fatal(err)
		}
		cancel() // the context of New must not be the life of the sign-in
		if got := send(t, sender); got != c.want || signed.Load() != c.wantsSigned {
			t.Errorf("%s: got %+v, signed %v", c.why, got, signed.Load())
		}
		sender.Close()
		fcm.Close()
		google.Close()
	}
}

// keyFile writes a service account key as Google's console gives it out, with a sign-in address of our own.
func keyFile(t *testing.T, signIn string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return writeKey(t, map[string]string{
		"type": "service_account", "project_id": "from-key", "client_email": "push@from-key.example", "token_uri": signIn,
		"private_key_id": "1", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
}

func writeKey(t *testing.T, fields map[string]string) string {
	t.Helper()
	b, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestBrokenKeyIsToldAtTheStart(t *testing.T) {
	t.Parallel()
	for why, fields := range map[string]map[string]string{
		"a key of a person":    {"type": "authorized_user", "refresh_token": "r"},
		"no key":               {"type": "service_account", "project_id": "p"},
		"a key that is no PEM": {"type": "service_account", "project_id": "p", "private_key": "secret"},
		"a PEM that is no key": {"type": "service_account", "project_id": "p", "private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
	} {
		if _, err := New(t.Context(), Config{CredentialsFile: writeKey(t, fields)}); err == nil {
			t.Errorf("taken: %s", why)
		}
	}
}
