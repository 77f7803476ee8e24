// Package api is the whole of the HTTP surface, as a list: the middleware in its order, then what is mounted.
//
// Always true: what is mounted here is what mobile-contract/openapi.yaml promises, both ways, which contract_test.go holds;
// whoever asks is known before a route with roles runs; a flood from one address or one identity is answered 429 before it
// costs a query. The faces speak to the domains; this package knows none of them.
package api

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/api/docs"
	"homestore/api/endpoint"
	"homestore/api/guard"
)

// Face is one of the faces: its table of contents.
type Face interface{ Routes() []endpoint.Route }

// Parts are what the surface is put together from.
type Parts struct {
	Config guard.Config
	Rates  Rates
	Frame  endpoint.Frame
	Checks []guard.Check // what must work for the process to be ready
	Prove  guard.Prove   // whose bearer token this is: api/signin
	Faces  []Face        // signin, shopper, staffapp, brandapp, manager, integration
	Now    func() time.Time
}

// Rates are what one process takes; a zero one takes its default.
type Rates struct {
	Address  guard.Rate // from one address, whoever it is: 50 a second, 200 at once
	SignIn   guard.Rate // from one address at the doors where secrets are guessed: 10 a second, 100 at once
	Webhooks guard.Rate // from one address of a platform: 200 a second, 1000 at once
	Identity guard.Rate // of one person or system: 10 a second, 40 at once
}

// withDefaults: a shop's tablets, and a mall's shoppers, share one address, so that rate is a crowd's. A platform sends the
// web orders of many brands from few addresses, all at once when a sale begins. A person taps; a system that imports has files.
func (r Rates) withDefaults() Rates {
	orElse := func(rate *guard.Rate, perSecond float64, burst int) {
		if *rate == (guard.Rate{}) {
			*rate = guard.Rate{PerSecond: perSecond, Burst: burst}
		}
	}
	orElse(&r.Address, 50, 200)
	orElse(&r.SignIn, 10, 100)
	orElse(&r.Webhooks, 200, 1000)
	orElse(&r.Identity, 10, 40)
	return r
}

// Prefixes that have rules of their own.
const (
	apiPrefix     = "/v1"
	signInPrefix  = "/v1/sign-in/"
	managerPrefix = "/v1/manager/"
	hooksPrefix   = "/v1/integrations/"
	hooksSuffix   = "/webhooks"
	shopifyPrefix = "/v1/integrations/shopify/"
	tagFilePrefix = "/v1/manager/tags/csv"

	payoutFilePrefix = "/v1/manager/payouts/csv"
)

// How much a body may have. A crowd that sends the most there is fills the memory with it before anybody is asked who she is.
const (
	usualBody   = 64 << 10  // what people send; the largest body of the contract that is theirs has some kB
	managerBody = 256 << 10 // lists of customers
	systemsBody = 1 << 20   // an order of 10,000 lines, the most that one may have
	hooksBody   = 2 << 20   // the same in the words of a platform, as the contract promises
	fileBody    = 2 << 20   // 10,000 rows of a CSV with long addresses
)

// New puts the surface together. Serve it with guard.Server.
func New(p Parts) *guard.Server {
	if p.Config.BodyLimits == nil {
		p.Config.BodyLimits = []guard.BodyLimit{
			{Prefix: shopifyPrefix, Bytes: hooksBody}, {Prefix: hooksPrefix, Bytes: systemsBody}, {Prefix: tagFilePrefix, Bytes: fileBody},
			{Prefix: payoutFilePrefix, Bytes: fileBody},
			{Prefix: managerPrefix, Bytes: managerBody},
		}
	}
	if p.Config.BodyLimit == 0 {
		p.Config.BodyLimit = usualBody
	}
	server := guard.New(p.Config) // request id, access log, panics, encodings
	app, rates := server.App, p.Rates.withDefaults()
	p.Frame.Fail = server.Fail

	endpoint.Mount(app, server.HealthRoutes(p.Checks...), p.Frame) // before the limits: probes are never refused

	app.Use(limitAddress(rates, p.Now))
	app.Use(apiPrefix, guard.Authenticate(p.Prove), guard.LimitIdentity(guard.NewLimiter(rates.Identity, p.Now)))

	docs.Mount(app, p.Frame)
	for _, face := range p.Faces {
		endpoint.Mount(app, face.Routes(), p.Frame)
	}
	return server
}

// limitAddress gives each kind of path its own bucket, so that a platform's flood leaves the shops' tablets theirs.
func limitAddress(rates Rates, now func() time.Time) fiber.Handler {
	usual := guard.LimitAddress(guard.NewLimiter(rates.Address, now))
	signIn := guard.LimitAddress(guard.NewLimiter(rates.SignIn, now))
	webhooks := guard.LimitAddress(guard.NewLimiter(rates.Webhooks, now))
	return func(c *fiber.Ctx) error {
		path := c.Path()
		switch {
		case strings.HasPrefix(path, signInPrefix):
			return signIn(c)
		case strings.HasPrefix(path, hooksPrefix) && strings.HasSuffix(path, hooksSuffix):
			return webhooks(c)
		}
		return usual(c)
	}
}
