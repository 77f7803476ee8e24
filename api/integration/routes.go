// Package integration is the face for a brand's own systems: web shops, tills, ERP and CRM that speak our words. Platforms
// with words of their own have an adapter each in a folder below.
//
// Always true: a fact is named by the system that tells it, so telling it again changes nothing, with an Idempotency-Key and
// without; stores and people are named by the codes that the brand gave them; amounts are whole minor units.
package integration

import (
	"context"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
)

// Parts are what the face speaks to.
type Parts struct {
	Pool   *postgres.Pool
	Team   *team.Service
	Orders *order.Service
	Inbox  *order.Inbox
	// Click is the scan behind a click id that was good at the instant.
	Click func(brand shop.BrandID, token string, at time.Time) (shop.ID, error)
	// Answers knows what is answered to a fact that was applied, after everybody has heard of it.
	Answers Answers
	Now     func() time.Time
}

// Answers is the word of the rules on a fact: the order alone does not know until when a refund is taken back.
type Answers interface {
	Answer(ctx context.Context, tx pgx.Tx, brand shop.BrandID, f order.Fact, r order.Result) (note string, err error)
}

// Face is the systems'.
type Face struct{ Parts }

// New makes the face.
func New(p Parts) *Face { return &Face{p} }

// Routes is the table of contents.
func (f *Face) Routes() []endpoint.Route {
	post := func(path, operation, scope string, route endpoint.Route) endpoint.Route {
		route.Method, route.Path, route.Operation, route.Scope = http.MethodPost, "/v1/integrations"+path, operation, scope
		route.Roles, route.TakesKey = []shop.Role{shop.RoleIntegration}, true
		return route
	}
	return []endpoint.Route{
		post("/orders", "tellOrder", team.ScopeOrders, endpoint.Route{Handler: endpoint.Handle(f.tellOrder)}),
		post("/edits", "tellEdit", team.ScopeOrders, endpoint.Route{Handler: endpoint.Handle(f.tellEdit)}),
		post("/refunds", "tellRefund", team.ScopeOrders, endpoint.Route{Handler: endpoint.Handle(f.tellRefund)}),
		post("/exchanges", "tellExchange", team.ScopeOrders, endpoint.Route{Handler: endpoint.Handle(f.tellExchange)}),
		post("/price-adjustments", "tellPriceAdjustment", team.ScopeOrders, endpoint.Route{Handler: endpoint.Handle(f.tellPriceAdjustment)}),
		post("/fulfilments", "tellFulfilment", team.ScopeOrders, endpoint.Route{Handler: endpoint.Handle(f.tellFulfilment)}),
		post("/payments", "tellPayment", team.ScopeOrders, endpoint.Route{Handler: endpoint.Handle(f.tellPayment)}),
		post("/cancellations", "tellCancellation", team.ScopeOrders, endpoint.Route{Handler: endpoint.Handle(f.tellCancellation)}),
		post("/products", "putProducts", team.ScopeCatalogue, endpoint.Route{Handler: endpoint.Handle(f.putProducts)}),
		post("/customers", "tellCustomer", team.ScopeCustomers, endpoint.Route{Handler: endpoint.Handle(f.tellCustomer)}),
		{Method: http.MethodGet, Path: "/v1/integrations/inbox", Operation: "listInbox", Roles: readers, Scope: team.ScopeReadInbox, Handler: endpoint.Handle(f.listInbox)},
		{Method: http.MethodPost, Path: "/v1/integrations/inbox/{id}/replay", Operation: "replayMessage", Roles: readers, Scope: team.ScopeReplay, Handler: endpoint.Handle(f.replayMessage)},
	}
}

// readers see the inbox: the systems themselves, and head office, who must mend what was set aside.
var readers = []shop.Role{shop.RoleIntegration, shop.RoleHQ}
