// Package firebase checks Firebase ID tokens with Firebase's own SDK, for brands whose app signs its customers in with it. It is a
// package of its own because the SDK brings 326 others.
package firebase

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"

	firebase "firebase.google.com/go/v4"
	"firebase.google.com/go/v4/auth"
	"google.golang.org/api/option"

	"homestore/api/signin"
	"homestore/clienteling/team"
)

// Provider checks tokens of any Firebase project that a brand has registered. Public keys suffice, so it has no credentials.
type Provider struct {
	mu       sync.Mutex
	projects map[string]*auth.Client
}

// emulator makes the SDK take tokens that nobody has signed.
const emulator = "FIREBASE_AUTH_EMULATOR_HOST"

// mostProjects bounds the clients; a brand has one.
const mostProjects = 1000

// New makes the provider. It fails where the SDK is told to believe its emulator.
func New() (*Provider, error) {
	if os.Getenv(emulator) != "" {
		return nil, errors.New(emulator + " is set: Firebase would take unsigned tokens")
	}
	return &Provider{projects: map[string]*auth.Client{}}, nil
}

// Prove checks the token against the brand's projects: an issuer's audience is a project's id.
func (p *Provider) Prove(ctx context.Context, issuers []team.Issuer, token, nonce string) (signin.Proven, error) {
	for _, issuer := range issuers {
		client, err := p.client(ctx, issuer.Audience)
		if err != nil {
			return signin.Proven{}, err
		}
		t, err := client.VerifyIDToken(ctx, token)
		switch {
		case auth.IsIDTokenInvalid(err):
			continue // another project's, or nobody's
		case err != nil:
			return signin.Proven{}, signin.ErrIssuerAway // its keys could not be fetched; the SDK's words quote the token
		case t.Issuer != issuer.Issuer || (nonce != "" && t.Claims["nonce"] != nonce):
			return signin.Proven{}, signin.ErrIDToken
		}
		return proven(t), nil
	}
	return signin.Proven{}, signin.ErrIDToken
}

// client lives as long as the provider, and with it the keys that it has fetched, so it does not take the request's context.
func (p *Provider) client(ctx context.Context, project string) (*auth.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if client, ok := p.projects[project]; ok {
		return client, nil
	}
	ctx = context.WithoutCancel(ctx)
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: project}, option.WithoutAuthentication())
	if err != nil {
		return nil, err
	}
	client, err := app.Auth(ctx)
	if err != nil {
		return nil, err
	}
	if len(p.projects) >= mostProjects {
		clear(p.projects)
	}
	p.projects[project] = client
	return client, nil
}

// proven takes the phone number as it is: Firebase puts one into a token only after a code came back. An address it marks.
func proven(t *auth.Token) signin.Proven {
	text := func(name string) string {
		s, _ := t.Claims[name].(string)
		return s
	}
	who := signin.Proven{Provider: "firebase", Issuer: t.Issuer, Subject: t.UID, Phone: text("phone_number"), Name: text("name")}
	if slices.Contains([]any{true, "true"}, t.Claims["email_verified"]) {
		who.Email = text("email")
	}
	return who
}
