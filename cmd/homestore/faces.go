package main

import (
	"fmt"
	"time"

	"homestore/api"
	"homestore/api/brandapp"
	"homestore/api/endpoint"
	"homestore/api/guard"
	"homestore/api/integration"
	"homestore/api/integration/shopify"
	"homestore/api/manager"
	"homestore/api/shopper"
	"homestore/api/signin"
	"homestore/api/signin/firebase"
	"homestore/api/staffapp"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/referral/scan"
	"homestore/referral/statement"
)

// buildFaces builds the API's faces, each of the services that it speaks for.
func (h *house) buildFaces() error {
	google, err := firebase.New()
	if err != nil {
		return fmt.Errorf("build the check of Firebase tokens: %w", err)
	}
	h.signIn = signin.New(signin.Config{
		Issuer: h.cfg.PublicURL, Keys: h.keys, Team: h.teams, Members: members{h.pool, h.now}, Now: h.now, Firebase: google,
	})
	statements := statement.New(h.pool, h.periods, h.cfg.PublicURL)
	h.faces = []api.Face{
		h.signIn,
		shopper.New(shopper.Parts{Directory: h.directory, Scans: h.scans, Team: h.teams, Catalogue: h.catalogue, Offers: h.offers, Now: h.now, Log: h.log}),
		staffapp.New(staffapp.Parts{
			Pool: h.pool, Now: h.now, Orders: h.orders, Visits: h.visits, Tags: h.tags, Bindings: h.bindings, Reports: h.reports,
			Devices: h.devices, Offers: h.offers, Campaigns: h.campaigns, Disputes: h.disputes, Statements: statements,
		}),
		brandapp.New(brandapp.Parts{
			Pool: h.pool, Now: h.now, Orders: h.orders, Visits: h.visits, Tags: h.directory, Scans: h.scans, Bindings: h.bindings,
			Devices: h.devices, Offers: h.offers, Deliveries: h.deliveries,
		}),
		integration.New(integration.Parts{Pool: h.pool, Team: h.teams, Orders: h.orders, Inbox: h.inbox, Click: h.goodClick, Answers: h.book, Now: h.now}),
		shopify.NewWebhooks(h.teams, h.inbox, h.now),
		manager.New(manager.Parts{
			Pool: h.pool, Team: h.teams, Tags: h.tags, Scans: h.scans, Alarms: h.alarms, Plans: h.plans, Targets: h.targets, Reports: h.reports, Bindings: h.bindings, Roster: h.roster, Offers: h.offers,
			Customers: customer.New(h.pool, h.now, h.orders, h.visits, h.devices, h.idempotency),
			Campaigns: h.campaigns, Labels: h.labels, WhatIf: h.whatif, Disputes: h.disputes,
			Periods: h.periods, Statements: statements,
		}),
	}
	return nil
}

// goodClick is the scan behind a click id that was good when the order was placed.
func (h *house) goodClick(brand shop.BrandID, token string, at time.Time) (shop.ID, error) {
	return h.scans.Click(brand, token, at, scan.DefaultClickLife)
}

// checks are what must work for this process to be ready.
func (h *house) checks() []guard.Check {
	return []guard.Check{{Name: "database", Run: h.pool.Ping}, {Name: "migrations", Run: h.pool.IsCurrent}}
}

// server is the API over the faces.
func (h *house) server() *guard.Server {
	return api.New(api.Parts{
		Config: guard.Config{Log: h.log, TrustedProxies: h.cfg.TrustedProxies, Observe: h.instruments.requests.observe, Tracer: h.traces.http()},
		Rates:  h.rates,
		Frame:  endpoint.Frame{Keys: h.idempotency},
		Checks: h.checks(),
		Prove:  h.signIn.Authenticate,
		Faces:  h.faces,
		Now:    h.now,
	})
}
