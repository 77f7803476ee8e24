package staffapp

import (
	"net/http"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

// Routes is the table of contents.
func (f *Face) Routes() []endpoint.Route {
	get, put, post := http.MethodGet, http.MethodPut, http.MethodPost
	shopFloor := []shop.Role{shop.RoleStaff, shop.RoleManager}
	withHQ := []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleHQ}
	withBooks := []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleHQ, shop.RoleFinance}
	return []endpoint.Route{
		{Method: get, Path: "/v1/staff/me", Operation: "getStaffMember", Roles: withBooks, Handler: endpoint.Handle(f.me)},
		{Method: put, Path: "/v1/staff/me/tags/{store}", Operation: "makeMyTag", Roles: shopFloor, Handler: endpoint.Handle(f.makeTag)},
		{Method: get, Path: "/v1/staff/me/tags/{store}/qr.png", Operation: "drawMyTag", Roles: shopFloor, Handler: endpoint.Handle(f.tagQR)},
		{Method: get, Path: "/v1/staff/me/balances", Operation: "getMyBalances", Roles: withBooks, Handler: endpoint.Handle(f.balances)},
		{Method: get, Path: "/v1/staff/me/earnings", Operation: "getMyEarnings", Roles: withBooks, Handler: endpoint.Handle(f.earnings)},
		{Method: put, Path: "/v1/staff/me/device", Operation: "registerStaffDevice", Roles: withBooks, Handler: endpoint.Handle(f.register)},
		{Method: get, Path: "/v1/staff/me/credits", Operation: "listMyCredits", Roles: withBooks, Handler: endpoint.Handle(f.credits)},
		{Method: get, Path: "/v1/staff/me/statements", Operation: "listMyStatements", Roles: withBooks, Handler: endpoint.Handle(f.myStatements)},
		{Method: get, Path: "/v1/staff/me/statements/{id}", Operation: "getMyStatement", Roles: withBooks, Handler: endpoint.Handle(f.myStatement)},
		{Method: get, Path: "/v1/staff/me/statements/{id}/lines", Operation: "listMyStatementLines", Roles: withBooks, Handler: endpoint.Handle(f.myStatementLines)},
		{Method: get, Path: "/v1/staff/me/statements/{id}/pdf", Operation: "downloadMyStatement", Roles: withBooks, Handler: endpoint.Handle(f.myStatementPDF)},
		{Method: get, Path: "/v1/staff/me/held-claims", Operation: "listMyHeldClaims", Roles: shopFloor, Handler: endpoint.Handle(f.heldClaims)},
		{Method: get, Path: "/v1/staff/orders/{id}/credit", Operation: "getOrderCredit", Roles: withBooks, Handler: endpoint.Handle(f.orderCredit)},

		{Method: get, Path: "/v1/staff/disputes", Operation: "listMyDisputes", Roles: shopFloor, Handler: endpoint.Handle(f.disputes)},
		{Method: post, Path: "/v1/staff/disputes", Operation: "raiseDispute", Roles: shopFloor, Creates: true, Handler: endpoint.Handle(f.raiseDispute)},
		{Method: get, Path: "/v1/staff/disputes/{id}", Operation: "getMyDispute", Roles: shopFloor, Handler: endpoint.Handle(f.dispute)},
		{Method: post, Path: "/v1/staff/disputes/{id}/withdraw", Operation: "withdrawDispute", Roles: shopFloor, Handler: endpoint.Handle(f.withdrawDispute)},

		{Method: post, Path: "/v1/staff/visits", Operation: "showMemberCodeToStaff", Roles: shopFloor, Creates: true, ShowsAnew: true, Handler: endpoint.HandleAnew(f.showCode, f.visit)},
		// A POST although it changes nothing: a name or a telephone number in an address would end in logs.
		{Method: post, Path: "/v1/staff/customers/search", Operation: "searchCustomers", Roles: withHQ, Handler: endpoint.Handle(f.search)},
		{Method: post, Path: "/v1/staff/customers", Operation: "enrolCustomer", Roles: shopFloor, Creates: true, ShowsAnew: true, Handler: endpoint.HandleAnew(f.enrol, f.showEnrolled)},
		{Method: get, Path: "/v1/staff/customers/{id}", Operation: "getCustomerCard", Roles: withHQ, Handler: endpoint.Handle(f.card)},
		{Method: get, Path: "/v1/staff/customers/{id}/purchases", Operation: "listCustomerPurchases", Roles: withHQ, Handler: endpoint.Handle(f.purchases)},
		{Method: post, Path: "/v1/staff/customers/{id}/offers", Operation: "sendOfferToCustomer", Roles: withHQ, Creates: true, Handler: endpoint.Handle(f.sendOffer)},
		{Method: get, Path: "/v1/staff/offers", Operation: "listOffersToSend", Roles: withHQ, Handler: endpoint.Handle(f.offers)},
	}
}
