// Package fcm sends a push.Message by Firebase Cloud Messaging. It is the only package that imports the Firebase SDK.
//
// Always true: one Send makes at most one request that FCM could accept. The SDK's own retries are off, for FCM has no
// idempotency key, and a retry after a break shows the message twice. Every message has an end (TTL). No error and no
// outcome carries a token or a text. The package keeps nothing: who waits, repeats or drops a token is delivery's matter.
//
// With Config.Endpoint it talks to the local server of package local, without it to Google: the same code either way.
package fcm

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/messaging"
	"google.golang.org/api/option"

	"homestore/notify/push"
)

// Config says where to send and as whom. Endpoint or CredentialsFile must be set.
type Config struct {
	ProjectID       string // Firebase project; empty: the one that the credentials name
	CredentialsFile string // service account key of Google, JSON; empty: no sign-in, for the local server
	Endpoint        string // base URL, such as http://127.0.0.1:8081/v1; empty: Google
	// InFlight is how many sends the caller makes at once; it sizes the connections. 0 means DefaultInFlight.
	InFlight int
	// Now is the clock, for expiry times and Retry-After dates; nil means time.Now.
	Now func() time.Time
}

// DefaultInFlight is enough for 7,700 messages a second at 100 ms each, measured on two cores.
const DefaultInFlight = 1000

// sendTimeout ends a send that FCM does not answer, for the SDK would wait for ever. What ends by it is unknown and parked,
// so it errs on the long side.
const sendTimeout = 15 * time.Second

// Sender sends to one Firebase project. It is safe for concurrent use.
type Sender struct {
	client *messaging.Client
	base   *http.Transport
	now    func() time.Time
}

// New connects nowhere yet. It fails when the configuration is incomplete or the credentials cannot be read.
func New(ctx context.Context, config Config) (*Sender, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.InFlight <= 0 {
		config.InFlight = DefaultInFlight
	}
	if err := config.checkEndpoint(); err != nil {
		return nil, err
	}
	base := newTransport(config)
	signed, projectID, err := signIn(ctx, config, base)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &once{next: signed}, CheckRedirect: followNone}
	options := []option.ClientOption{option.WithHTTPClient(client), option.WithoutAuthentication()} // signed signs in, where needed
	if config.Endpoint != "" {
		options = append(options, option.WithEndpoint(config.Endpoint))
	}
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: projectID}, options...)
	if err != nil {
		return nil, fmt.Errorf("open Firebase project %q: %w", projectID, err)
	}
	messages, err := app.Messaging(ctx)
	if err != nil {
		return nil, fmt.Errorf("open messaging of Firebase project %q: %w", projectID, err)
	}
	return &Sender{client: messages, base: base, now: config.Now}, nil
}

// checkEndpoint refuses to be without any place to send to, and to show credentials to the network.
func (c Config) checkEndpoint() error {
	if c.Endpoint == "" && c.CredentialsFile == "" {
		return fmt.Errorf("push needs credentials of Google or the endpoint of a local FCM")
	}
	if c.Endpoint == "" {
		return nil
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("endpoint %q of FCM is no http or https URL", c.Endpoint)
	}
	if c.CredentialsFile != "" && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return fmt.Errorf("endpoint %q of FCM: credentials go over https or stay on this machine", c.Endpoint)
	}
	return nil
}

// Close lets go of idle connections. Sends that run go on.
func (s *Sender) Close() { s.base.CloseIdleConnections() }

// Send sends the message once and says what became of it. It returns an error only beside the verdict OurFault: what has
// to be mended, for the log. It returns within 15 seconds of reaching FCM, or when ctx ends; then, too, the verdict tells
// whether the message may have left.
func (s *Sender) Send(ctx context.Context, m push.Message, to push.Target) (push.Outcome, error) {
	if err := m.Check(); err != nil {
		return ourFault("MESSAGE_REFUSED"), fmt.Errorf("push %s: %w", m.Kind, err)
	}
	if err := to.Check(); err != nil {
		return push.Outcome{Verdict: push.TokenDead, Reason: "TARGET_MALFORMED"}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	name, err := s.client.Send(ctx, wire(m, to, s.now()))
	outcome := judge(name, err, s.now())
	if outcome.Verdict == push.OurFault {
		return outcome, fmt.Errorf("push %s: FCM answered %s", m.Kind, outcome.Reason)
	}
	return outcome, nil
}

func ourFault(reason string) push.Outcome {
	return push.Outcome{Verdict: push.OurFault, Reason: reason}
}
