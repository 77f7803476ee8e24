package signin

import (
	"net/http"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

// Routes is the face's table of contents. The public ones are guessed at, so whoever mounts them limits addresses too.
func (f *Face) Routes() []endpoint.Route {
	people := []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleHQ, shop.RoleFinance, shop.RoleCustomer}
	return []endpoint.Route{
		{Method: http.MethodPost, Path: "/v1/sign-in/device", Operation: "enrolDevice", Public: true, Handler: endpoint.Handle(f.enrolDevice)},
		{Method: http.MethodPost, Path: "/v1/sign-in/staff", Operation: "signInStaff", Public: true, Handler: endpoint.Handle(f.signInStaff)},
		{Method: http.MethodPost, Path: "/v1/sign-in/manager", Operation: "signInManager", Public: true, Handler: endpoint.Handle(f.signInManager)},
		{Method: http.MethodPost, Path: "/v1/sign-in/customer", Operation: "signInCustomer", Public: true, Handler: endpoint.Handle(f.signInCustomer)},
		{Method: http.MethodPost, Path: "/v1/sign-in/refresh", Operation: "refreshSession", Public: true, Handler: endpoint.Handle(f.refreshSession)},
		{Method: http.MethodPost, Path: "/v1/sign-in/out", Operation: "signOut", Roles: people, Handler: endpoint.Handle(f.signOut)},
		{Method: http.MethodGet, Path: "/.well-known/jwks.json", Operation: "getKeys", Public: true, Handler: endpoint.Handle(f.getKeys)},
	}
}
