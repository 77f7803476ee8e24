package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

func personAt(s seed, role shop.Role, code string) seedStaff {
	return s.Staff[slices.IndexFunc(s.Staff, func(p seedStaff) bool { return p.Role == role && p.Store == code })]
}

// enrol makes a tablet of a shop.
func (c *cast) enrol(t *testing.T, p *castStore) (id shop.ID, secret string) {
	t.Helper()
	_, code, err := c.house.teams.EnrolDevice(t.Context(), shop.System(p.brand), p.store, "Tablet")
	if err != nil {
		t.Fatal(err)
	}
	d, secret, err := c.house.teams.RedeemEnrolment(t.Context(), p.slug, code)
	if err != nil {
		t.Fatal(err)
	}
	return d.ID, secret
}

func (c *cast) signInClerk(t *testing.T, p *castStore, who seedStaff, tablet string) castActor {
	t.Helper()
	in := c.signIn(t, p, "staff", map[string]any{"brand": p.slug, "employee_no": who.No, "pin": who.PIN, "device_secret": tablet})
	in.seed = who
	return in
}

func (c *cast) signInManager(t *testing.T, p *castStore, who seedStaff) castActor {
	t.Helper()
	in := c.signIn(t, p, "manager", map[string]any{"brand": p.slug, "email": who.Email, "password": who.Password, "device_secret": rand.Text() + rand.Text()})
	in.seed = who
	return in
}

// signInCustomer makes a member whose home store it is, with a phone that takes messages.
func (c *cast) signInCustomer(t *testing.T, p *castStore) castActor {
	t.Helper()
	token := c.idToken(t, fmt.Sprint("member ", c.next()))
	who := c.signIn(t, p, "customer", map[string]any{"brand": p.slug, "provider": "oidc", "id_token": token, "device_secret": rand.Text() + rand.Text()})
	c.winFor(t, p, who.id)
	return who
}

// idToken is the local issuer's, of somebody whom it calls so.
func (c *cast) idToken(t *testing.T, sub string) string {
	t.Helper()
	var token struct {
		IDToken string `json:"id_token"`
	}
	c.ask(t, request{method: http.MethodPost, url: c.local + issuerPath + "/token", body: map[string]any{"sub": sub}}).into(t, &token)
	return token.IDToken
}

// again is the same person with another session; of a customer another one of the same store.
func (c *cast) again(t *testing.T, who castActor) castActor {
	t.Helper()
	p, name := who.at, who.name
	if p == nil {
		p = c.xinyi
	}
	switch who.role {
	case shop.RoleCustomer:
		who = c.signInCustomer(t, p)
	case shop.RoleStaff:
		who = c.signInClerk(t, p, who.seed, p.tablet)
	default:
		who = c.signInManager(t, p, who.seed)
	}
	who.name, who.at = name, p
	return who
}

func (c *cast) signIn(t *testing.T, p *castStore, how string, body any) castActor {
	t.Helper()
	var in struct {
		signedIn
		RefreshToken string `json:"refresh_token"`
	}
	c.ask(t, request{method: http.MethodPost, url: c.cfg.PublicURL + "/v1/sign-in/" + how, body: body}).into(t, &in)
	return castActor{role: in.Actor.Role, id: in.Actor.ID, token: in.AccessToken, refresh: in.RefreshToken, brand: p.brand}
}

func (c *cast) integrationKey(t *testing.T, brand shop.BrandID, scopes ...string) castActor {
	t.Helper()
	made, key, err := c.house.teams.AddIntegrationKey(t.Context(), shop.System(brand), team.NewIntegration{
		Name: "Web shop", Platform: team.PlatformAPI, Store: c.storeOf(t, brand, "WEB"), Scopes: scopes,
	})
	if err != nil {
		t.Fatal(err)
	}
	return castActor{role: shop.RoleIntegration, id: made.ID, token: key, brand: brand}
}

func (c *cast) platformKey(t *testing.T, p *castStore) string {
	t.Helper()
	made, _, err := c.house.teams.AddIntegrationKey(t.Context(), shop.System(p.brand), team.NewIntegration{
		Name: "Shop", Platform: "shopify", Store: c.storeOf(t, p.brand, "WEB"), Lookup: fmt.Sprintf("shop-%d.example.test", c.next()), WebhookSecret: "a secret of the shop's own",
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.ID.String()
}

func (c *cast) storeOf(t *testing.T, brand shop.BrandID, code string) shop.ID {
	t.Helper()
	stores, _, err := c.house.teams.ListStores(t.Context(), shop.System(brand), shop.Page{Limit: shop.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	return stores[slices.IndexFunc(stores, func(st team.Store) bool { return st.Code == code })].ID
}
