package fcm

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// The SDK sends again, up to four times, after an error of the transport and after a 503. These statuses, which no server
// uses, keep it from that and still tell what happened.
const (
	statusUnavailable = 598 // FCM said 503: not taken
	statusCut         = 599 // the connection broke while the message was under way: perhaps taken
	statusNotSent     = 597 // no connection was had: certainly not taken
)

// messagingScope is the only right that a send needs.
const messagingScope = "https://www.googleapis.com/auth/firebase.messaging"

// maxAnswerBytes bounds what is read of an answer; FCM's are below 2 kB.
const maxAnswerBytes = 64 << 10

// newTransport sizes the connections. HTTP/2 carries about 100 requests on each; a local server without TLS speaks
// HTTP/1.1, where each carries one.
func newTransport(config Config) *http.Transport {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxConnsPerHost = config.InFlight/100 + 2
	if strings.HasPrefix(config.Endpoint, "http:") {
		base.MaxConnsPerHost = min(config.InFlight, 128)
	}
	base.MaxIdleConnsPerHost = base.MaxConnsPerHost
	base.HTTP2 = &http.HTTP2Config{SendPingTimeout: sendTimeout, PingTimeout: 5 * time.Second} // finds a connection that went dead in silence
	return base
}

// signIn puts the service account's access token on each request. The SDK would do so by itself, but not for a client of
// ours: WithHTTPClient drops it in silence.
func signIn(ctx context.Context, config Config, base *http.Transport) (http.RoundTripper, string, error) {
	if config.CredentialsFile == "" {
		return base, config.ProjectID, nil
	}
	key, err := os.ReadFile(config.CredentialsFile)
	if err != nil {
		return nil, "", fmt.Errorf("read the credentials of Firebase: %w", err)
	}
	// The token source keeps ctx for its own requests for as long as it lives, so it must not end with New.
	ctx = context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, &http.Client{Timeout: sendTimeout})
	if err := checkKey(key); err != nil {
		return nil, "", fmt.Errorf("credentials of Firebase in %s: %w", config.CredentialsFile, err)
	}
	credentials, err := google.CredentialsFromJSONWithType(ctx, key, google.ServiceAccount, messagingScope)
	if err != nil {
		return nil, "", fmt.Errorf("credentials of Firebase in %s: %w", config.CredentialsFile, err)
	}
	projectID := config.ProjectID
	if projectID == "" {
		projectID = credentials.ProjectID
	}
	return &oauth2.Transport{Base: base, Source: credentials.TokenSource}, projectID, nil
}

// checkKey finds a broken key at the start; Google's library finds it at the first send, which would then wait for ever.
// Its errors say nothing of what is in the file.
func checkKey(file []byte) error {
	var account struct {
		Type       string `json:"type"`
		PrivateKey string `json:"private_key"`
	}
	if json.Unmarshal(file, &account) != nil || account.Type != "service_account" {
		return errors.New("not a service account key in JSON")
	}
	block, _ := pem.Decode([]byte(account.PrivateKey))
	if block == nil {
		return errors.New("private_key is no PEM")
	}
	if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		return errors.New("private_key is no PKCS #8 key")
	}
	return nil
}

// once is a transport that the SDK never repeats: it always returns an answer, read to its end, with a status on which the
// SDK gives up.
type once struct{ next http.RoundTripper }

func (o *once) RoundTrip(req *http.Request) (*http.Response, error) {
	var isUnderWay atomic.Bool // from the moment at which there is a connection, which is before the first byte is written
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { isUnderWay.Store(true) }}
	resp, err := o.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	switch {
	case err != nil && isUnderWay.Load():
		return made(req, statusCut, ""), nil
	case err != nil && areCredentialsRefused(err):
		return made(req, http.StatusUnauthorized, `{"error":{"status":"UNAUTHENTICATED"}}`), nil
	case err != nil:
		return made(req, statusNotSent, ""), nil //nolint:nilerr // the status is the error, in the only form that is not tried again
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	_ = resp.Body.Close()
	if err != nil {
		return made(req, statusCut, ""), nil //nolint:nilerr // as above
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if resp.StatusCode == http.StatusServiceUnavailable {
		resp.StatusCode = statusUnavailable
	}
	return resp, nil
}

// areCredentialsRefused tells a key that Google no longer takes from a sign-in that merely failed this time.
func areCredentialsRefused(err error) bool {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return false
	}
	status := refused.Response.StatusCode
	return status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
}

// made is an answer of our own making.
func made(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Request: req, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader([]byte(body))),
	}
}

// followNone leaves redirects alone: FCM sends none, and a message must not follow one to somebody else.
func followNone(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
