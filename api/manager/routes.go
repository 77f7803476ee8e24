// Package manager is the face for store managers, head office and finance: stores and people, devices, tags, plans, who won
// whom, offers and campaigns, the reports, and the keys of a brand's other systems.
//
// Always true: what a person may touch is decided by the services, which are handed the actor as she was proven; what is not
// hers is answered as what does not exist; amounts are whole minor units beside their currency, times are RFC 3339 in UTC,
// days are YYYY-MM-DD in the brand's zone. A customer is never read here but by her id: see api/staffapp and visit.
package manager

import (
	"net/http"
	"reflect"
	"time"

	"github.com/gofiber/fiber/v2"

	"homestore/api/endpoint"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/notify/campaign"
	"homestore/notify/offer"
	"homestore/referral/alarm"
	"homestore/referral/binding"
	"homestore/referral/dispute"
	"homestore/referral/label"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/roster"
	"homestore/referral/scan"
	"homestore/referral/statement"
	"homestore/referral/tag"
	"homestore/referral/target"
	"homestore/referral/whatif"
)

// Parts are what the face speaks to.
type Parts struct {
	Pool      *postgres.Pool
	Team      *team.Service
	Tags      *tag.Service
	Labels    *label.Service
	Scans     *scan.Service
	Alarms    *alarm.Service
	Plans     *plan.Service
	Targets   *target.Service
	Reports   *report.Service
	Bindings  *binding.Service
	Customers *customer.Service
	Roster    *roster.Service
	Offers    *offer.Service
	Campaigns *campaign.Service
	WhatIf    *whatif.Service
	Disputes  *dispute.Service

	Periods    *period.Service
	Statements *statement.Service
}

// Face is the managers'.
type Face struct{ Parts }

// New makes the face. It panics, when the program starts, on a part that was forgotten.
func New(p Parts) *Face {
	for field, part := range reflect.ValueOf(p).Fields() {
		if part.IsNil() {
			panic("manager: nobody gave the face its " + field.Name)
		}
	}
	return &Face{p}
}

// Who calls. A manager acts within her stores, which the services see to.
var (
	hq     = []shop.Role{shop.RoleHQ}
	office = []shop.Role{shop.RoleHQ, shop.RoleFinance}
	runs   = []shop.Role{shop.RoleManager, shop.RoleHQ}
	reads  = []shop.Role{shop.RoleManager, shop.RoleHQ, shop.RoleFinance}
)

// Routes is the table of contents.
func (f *Face) Routes() []endpoint.Route {
	var all []endpoint.Route
	for _, some := range [][]endpoint.Route{f.teamRoutes(), f.secretRoutes(), f.tagRoutes(), f.labelRoutes(), f.batchRoutes(), f.planRoutes(), f.moneyRoutes(), f.targetRoutes(), f.disputeRoutes(), f.monthRoutes(), f.customerRoutes()} {
		all = append(all, some...)
	}
	return all
}

func (f *Face) teamRoutes() []endpoint.Route {
	return []endpoint.Route{
		get("/v1/manager/stores", "listStores", reads, endpoint.Handle(f.listStores)),
		creates("/v1/manager/stores", "addStore", hq, endpoint.Handle(f.addStore)),
		put("/v1/manager/stores/{id}/premises", "describePremises", runs, endpoint.Handle(f.describePremises)),

		get("/v1/manager/staff", "listStaff", reads, endpoint.Handle(f.listStaff)),
		creates("/v1/manager/staff", "addStaff", hq, endpoint.Handle(f.addStaff)),
		get("/v1/manager/staff/{id}/assignments", "listAssignments", hq, endpoint.Handle(f.listAssignments)),
		creates("/v1/manager/staff/{id}/assignments", "assignStaff", runs, endpoint.Handle(f.assignStaff)),
		post("/v1/manager/assignments/{id}/end", "endAssignment", hq, endpoint.Handle(f.endAssignment)),
		put("/v1/manager/staff/{id}/pin", "resetPIN", runs, endpoint.Handle(f.resetPIN)),
		post("/v1/manager/staff/{id}/revoke", "revokeStaff", runs, endpoint.Handle(f.revokeStaff)),
		post("/v1/manager/staff/{id}/restore", "restoreStaff", hq, endpoint.Handle(f.restoreStaff)),

		creates("/v1/manager/staff/{id}/leave", "staffLeaves", hq, endpoint.Handle(f.staffLeaves)),
		creates("/v1/manager/staff/{id}/move", "staffMoves", hq, endpoint.Handle(f.staffMoves)),
		creates("/v1/manager/stores/{id}/close", "storeCloses", hq, endpoint.Handle(f.storeCloses)),
		get("/v1/manager/successions", "listSuccessions", reads, endpoint.Handle(f.listSuccessions)),
		get("/v1/manager/successions/{id}/customers", "listHandedOver", runs, endpoint.Handle(f.listHandedOver)),

		get("/v1/manager/devices", "listDevices", runs, endpoint.Handle(f.listDevices)),
		showsOnce("/v1/manager/devices", "makeDeviceCode", runs, endpoint.Handle(f.makeDeviceCode)),
		post("/v1/manager/devices/{id}/revoke", "revokeDevice", runs, endpoint.Handle(f.revokeDevice)),

		get("/v1/manager/apps", "readApps", hq, endpoint.Handle(f.readApps)),
		put("/v1/manager/apps", "setApps", hq, endpoint.Handle(f.setApps)),

		get("/v1/manager/integration-keys", "listIntegrationKeys", hq, endpoint.Handle(f.listIntegrationKeys)),
		showsOnce("/v1/manager/integration-keys", "addIntegrationKey", hq, endpoint.Handle(f.addIntegrationKey)),
		post("/v1/manager/integration-keys/{id}/revoke", "revokeIntegrationKey", hq, endpoint.Handle(f.revokeIntegrationKey)),
		put("/v1/manager/integration-keys/{id}/webhook-secret", "rotateWebhookSecret", hq, endpoint.Handle(f.rotateWebhookSecret)),
		put("/v1/manager/integration-keys/{id}/places", "mapPlace", hq, endpoint.Handle(f.mapPlace)),
		get("/v1/manager/issuers", "listIssuers", hq, endpoint.Handle(f.listIssuers)),
		put("/v1/manager/issuers", "setIssuer", hq, endpoint.Handle(f.setIssuer)),
	}
}

func (f *Face) secretRoutes() []endpoint.Route {
	return []endpoint.Route{
		put("/v1/manager/me/password", "changePassword", reads, endpoint.Handle(f.changePassword)),
		post("/v1/manager/me/totp", "offerTOTP", reads, endpoint.Handle(f.offerTOTP)),
		put("/v1/manager/me/totp", "confirmTOTP", reads, endpoint.Handle(f.confirmTOTP)),
		put("/v1/manager/staff/{id}/password", "setPassword", hq, endpoint.Handle(f.setPassword)),
		post("/v1/manager/staff/{id}/drop-totp", "dropTOTP", hq, endpoint.Handle(f.dropTOTP)),
	}
}

func (f *Face) tagRoutes() []endpoint.Route {
	return []endpoint.Route{
		get("/v1/manager/tags", "listTags", reads, endpoint.Handle(f.listTags)),
		creates("/v1/manager/tags", "issueTag", runs, endpoint.Handle(f.issueTag)),
		creates("/v1/manager/tags/several", "issueTags", runs, endpoint.Handle(f.issueTags)),
		get("/v1/manager/tags/csv", "exportTags", reads, endpoint.Handle(f.exportTags)), // before {id}, which it would be
		get("/v1/manager/tags/{id}", "readTag", reads, endpoint.Handle(f.readTag)),
		put("/v1/manager/tags/{id}/destination", "changeTagDestination", runs, endpoint.Handle(f.changeTagDestination)),
		put("/v1/manager/tags/{id}/rules", "changeTagRules", runs, endpoint.Handle(f.changeTagRules)),
		put("/v1/manager/tags/{id}/details", "describeTag", runs, endpoint.Handle(f.describeTag)),
		get("/v1/manager/tags/{id}/changes", "listTagChanges", reads, endpoint.Handle(f.listTagChanges)),
		post("/v1/manager/tags/{id}/publish", "publishTag", runs, endpoint.Handle(f.publishTag)),
		post("/v1/manager/tags/{id}/pause", "pauseTag", runs, endpoint.Handle(f.pauseTag)),
		post("/v1/manager/tags/{id}/resume", "resumeTag", runs, endpoint.Handle(f.resumeTag)),
		post("/v1/manager/tags/{id}/retire", "retireTag", runs, endpoint.Handle(f.retireTag)),
		post("/v1/manager/tags/{id}/replace", "replaceTag", runs, endpoint.Handle(f.replaceTag)),

		get("/v1/manager/tag-templates", "listTagTemplates", reads, endpoint.Handle(f.listTagTemplates)),
		put("/v1/manager/tag-templates/{name}", "putTagTemplate", hq, endpoint.Handle(f.putTagTemplate)),
		get("/v1/manager/tag-templates/{name}/changes", "listTagTemplateChanges", reads, endpoint.Handle(f.listTagTemplateChanges)),
	}
}

func (f *Face) labelRoutes() []endpoint.Route {
	return []endpoint.Route{
		get("/v1/manager/tags/{id}/qr", "drawTag", reads, endpoint.Handle(f.drawTag)),
		get("/v1/manager/label-templates", "listLabelTemplates", reads, endpoint.Handle(f.listLabelTemplates)),
		put("/v1/manager/label-templates/{name}", "putLabelTemplate", hq, endpoint.Handle(f.putLabelTemplate)),
		post("/v1/manager/label-sheets", "printLabels", runs, endpoint.Handle(f.printLabels)),
	}
}

func (f *Face) batchRoutes() []endpoint.Route {
	return []endpoint.Route{
		post("/v1/manager/tags/csv", "issueTagFile", runs, endpoint.Handle(f.issueTagFile)),
		creates("/v1/manager/tags/grid", "issueTagGrid", runs, endpoint.Handle(f.issueTagGrid)),
		post("/v1/manager/tags/cards", "issueCards", runs, endpoint.Handle(f.issueCards)),
		get("/v1/manager/tag-batches", "listTagBatches", reads, endpoint.Handle(f.listTagBatches)),
		post("/v1/manager/tag-batches/{id}/revoke", "revokeTagBatch", runs, endpoint.Handle(f.revokeTagBatch)),
		get("/v1/manager/tag-alarms", "listTagAlarms", reads, endpoint.Handle(f.listTagAlarms)),
		post("/v1/manager/tag-alarms/{id}/seen", "markTagAlarmSeen", runs, endpoint.Handle(f.markTagAlarmSeen)),
		post("/v1/manager/tag-alarms/{id}/dismiss", "dismissTagAlarm", runs, endpoint.Handle(f.dismissTagAlarm)),
	}
}

func (f *Face) customerRoutes() []endpoint.Route {
	return []endpoint.Route{
		get("/v1/manager/customers/{id}/bindings", "readBindings", reads, endpoint.Handle(f.readBindings)),
		post("/v1/manager/customers/{id}/erase", "eraseCustomer", hq, endpoint.Handle(f.eraseCustomer)),
		get("/v1/manager/bindings/held", "listHeldClaims", reads, endpoint.Handle(f.listHeldClaims)),
		post("/v1/manager/bindings/held/{id}/release", "releaseHeldClaim", runs, endpoint.Handle(f.releaseHeldClaim)),
		post("/v1/manager/bindings/held/{id}/refuse", "refuseHeldClaim", runs, endpoint.Handle(f.refuseHeldClaim)),
		post("/v1/manager/bindings/transfer/preview", "previewTransfer", runs, endpoint.Handle(f.previewTransfer)),
		post("/v1/manager/bindings/import", "importReferrers", hq, endpoint.Handle(f.importReferrers)),
		creates("/v1/manager/bindings/transfer", "transferCustomers", runs, endpoint.Handle(f.transferCustomers)),

		get("/v1/manager/offers", "listOffers", reads, endpoint.Handle(f.listOffers)),
		creates("/v1/manager/offers", "createOffer", runs, endpoint.Handle(f.createOffer)),
		get("/v1/manager/offers/{id}", "readOffer", reads, endpoint.Handle(f.readOffer)),
		post("/v1/manager/offers/{id}/approve", "approveOffer", runs, endpoint.Handle(f.approveOffer)),

		get("/v1/manager/campaigns", "listCampaigns", reads, endpoint.Handle(f.listCampaigns)),
		creates("/v1/manager/campaigns", "createCampaign", runs, endpoint.Handle(f.createCampaign)),
		get("/v1/manager/campaigns/{id}", "readCampaign", reads, endpoint.Handle(f.readCampaign)),
		post("/v1/manager/campaigns/{id}/start", "startCampaign", runs, endpoint.Handle(f.startCampaign)),
		post("/v1/manager/campaigns/{id}/stop", "stopCampaign", runs, endpoint.Handle(f.stopCampaign)),
	}
}

func get(path, operation string, roles []shop.Role, handler fiber.Handler) endpoint.Route {
	return endpoint.Route{Method: http.MethodGet, Path: path, Operation: operation, Roles: roles, Handler: handler}
}

// post is an act that is the same when it is done again.
func post(path, operation string, roles []shop.Role, handler fiber.Handler) endpoint.Route {
	return endpoint.Route{Method: http.MethodPost, Path: path, Operation: operation, Roles: roles, Handler: handler}
}

func put(path, operation string, roles []shop.Role, handler fiber.Handler) endpoint.Route {
	return endpoint.Route{Method: http.MethodPut, Path: path, Operation: operation, Roles: roles, Handler: handler}
}

// monthWithin is how long one may wait for a whole month of a brand: less than the usual proxy does.
const monthWithin = 25 * time.Second

// within is a route that may take longer than others do.
func within(deadline time.Duration, route endpoint.Route) endpoint.Route {
	route.Within = deadline
	return route
}

func creates(path, operation string, roles []shop.Role, handler fiber.Handler) endpoint.Route {
	route := post(path, operation, roles, handler)
	route.Creates = true
	return route
}

// showsOnce creates something and tells a secret of it, which is kept nowhere, also not under the Idempotency-Key.
func showsOnce(path, operation string, roles []shop.Role, handler fiber.Handler) endpoint.Route {
	route := creates(path, operation, roles, handler)
	route.ShowsOnce = true
	return route
}

// byID is the input of what names one thing.
type byID struct {
	ID shop.ID `path:"id"`
}
