package brandapp

import (
	"net/http"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

// Routes is the table of contents.
func (f *Face) Routes() []endpoint.Route {
	get, put, post, del := http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete
	routes := []endpoint.Route{
		{Method: post, Path: "/v1/member", Operation: "joinAsMember", Creates: true, Handler: endpoint.Handle(f.join)},
		{Method: get, Path: "/v1/member", Operation: "getMember", Handler: endpoint.Handle(f.me)},
		{Method: get, Path: "/v1/member/home", Operation: "getHomeStore", Handler: endpoint.Handle(f.home)},
		{Method: put, Path: "/v1/member/home", Operation: "chooseHomeStore", Handler: endpoint.Handle(f.choose)},
		{Method: get, Path: "/v1/member/claims", Operation: "listMyClaims", Handler: endpoint.Handle(f.claims)},
		{Method: post, Path: "/v1/member/claims/{id}/confirm", Operation: "confirmMyClaim", Handler: endpoint.Handle(f.confirm)},
		{Method: post, Path: "/v1/member/claims/{id}/deny", Operation: "denyMyClaim", Handler: endpoint.Handle(f.deny)},
		// No Idempotency-Key: its answer would keep the code in the clear for a day, and a second code harms nobody.
		{Method: post, Path: "/v1/member/code", Operation: "showMemberCode", Handler: endpoint.Handle(f.code)},
		{Method: post, Path: "/v1/member/scans", Operation: "scanInApp", Creates: true, Handler: endpoint.Handle(f.scan)},
		{Method: get, Path: "/v1/member/devices", Operation: "listMyDevices", Handler: endpoint.Handle(f.devices)},
		{Method: put, Path: "/v1/member/devices", Operation: "registerDevice", Handler: endpoint.Handle(f.register)},
		{Method: del, Path: "/v1/member/devices/{id}", Operation: "forgetDevice", Handler: endpoint.Handle(f.forget)},
		{Method: get, Path: "/v1/member/consents", Operation: "getConsents", Handler: endpoint.Handle(f.consents)},
		{Method: put, Path: "/v1/member/consents", Operation: "setConsents", Handler: endpoint.Handle(f.consent)},
		{Method: get, Path: "/v1/member/offers", Operation: "listMyOffers", Handler: endpoint.Handle(f.offers)},
		{Method: get, Path: "/v1/member/orders", Operation: "listMyOrders", Handler: endpoint.Handle(f.orders)},
		{Method: post, Path: "/v1/member/deliveries/{id}/opened", Operation: "noteMessageOpened", Handler: endpoint.Handle(f.opened)},
	}
	for i := range routes {
		routes[i].Roles = []shop.Role{shop.RoleCustomer}
	}
	return routes
}
