package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/tag"
)

// namedBy is what each parameter and each id of a body names: a kind of things. A path parameter goes by the path that leads to
// it, everything else by its name, or by its operation and name where one name means several things. The texts by which other
// systems and people call things are here too; the contract cannot tell them from other texts.
var namedBy = map[string]string{
	"/v1/staff/me/tags/{store}":         "store",
	"/v1/staff/orders/{id}":             "order",
	"/v1/staff/customers/{id}":          "customer",
	"/v1/member/devices/{id}":           "phone",
	"/v1/member/deliveries/{id}":        "delivery",
	"/v1/manager/stores/{id}":           "store",
	"/v1/manager/stores/{id}/close":     "spare store",
	"/v1/manager/successions/{id}":      "succession",
	"from_store":                        "store",
	"to_store":                          "spare store",
	"heirs[].store":                     "store",
	"heirs[].staff":                     "staff",
	"/v1/manager/staff/{id}":            "staff",
	"/v1/manager/assignments/{id}":      "assignment",
	"/v1/manager/devices/{id}":          "device",
	"/v1/manager/integration-keys/{id}": "integration key",
	"rotateWebhookSecret id":            "platform key",
	"/v1/manager/tags/{id}":             "tag",
	"/v1/manager/tag-alarms/{id}":       "tag alarm",
	"/v1/manager/tag-batches/{id}":      "tag batch",
	"/v1/manager/tags/{id}/publish":     "draft tag",
	"/v1/manager/tags/{id}/resume":      "paused tag",
	"/v1/manager/tag-templates/{name}":  "template",
	"/v1/manager/orders/{id}":           "order",
	"/v1/manager/orders/held/{id}":      "held order",
	"/v1/manager/plans/{id}":            "plan version",
	"/v1/manager/plan-drafts/{id}":      "plan draft",
	"/v1/manager/customers/{id}":        "customer",
	"/v1/manager/statements/{id}":       "statement",
	"/v1/staff/me/statements/{id}":      "statement",
	"statements[]":                      "statement",
	"/v1/manager/adjustments/{id}":      "adjustment",
	"to.id":                             "staff",
	"/v1/manager/offers/{id}":           "offer",
	"/v1/manager/offers/{id}/approve":   "draft offer",
	"/v1/manager/campaigns/{id}":        "campaign",
	"/v1/manager/bindings/held/{id}":    "held claim",
	"/v1/member/claims/{id}":            "my claim",
	"/v1/staff/disputes/{id}":           "dispute",
	"/v1/manager/disputes/{id}":         "dispute",
	"order":                             "order",
	"customer":                          "customer",
	"/v1/integrations/inbox/{id}":       "message",
	"/q/{code}":                         "tag code",
	"/Q/{code}":                         "tag code",
	"productPage brand":                 "brand",
	"brandPage brand":                   "brand",
	"productPage sku":                   "sku",
	"/docs/{file}":                      "file",
	"store":                             "store",
	"to.store":                          "store",
	"audience.home_store":               "store",
	"tags[].store":                      "store",
	"stores[]":                          "store",
	"staff":                             "staff",
	"to.staff":                          "staff",
	"tags[].staff":                      "staff",
	"offer":                             "offer",
	"gift_offer":                        "offer",
	"tags[].gift_offer":                 "offer",
	"putTagTemplate name":               "template name",
	"putLabelTemplate name":             "template name",
	"printLabels template":              "label template",
	"printLabels tags[]":                "tag",
	"issueTag template":                 "template",
	"changeTagDestination template":     "template",
	"changeTagRules rules[].template":   "template",
	"by":                                "tag",
	"customers[]":                       "customer",
	"audience.customers[]":              "customer",
	"clicks[]":                          "click",
	"member_code":                       "member code",
	"scanInApp code":                    "tag code",
	"enrolDevice code":                  "enrolment code",
	"signInStaff device_secret":         "tablet",
	"tellOrder store":                   "store code",
	"tellOrder staff":                   "employee number",
	"tellOrder assist_store":            "store code",
	"tellOrder assist_staff":            "employee number",
	"tellOrder pickup_store":            "store code",
	"tellFulfilment store":              "store code",
	"tellEdit order":                    "order name",
	"tellRefund order":                  "order name",
	"tellFulfilment order":              "order name",
	"tellExchange order":                "order name",
	"tellExchange store":                "store code",
	"tellExchange staff":                "employee number",
	"tellPriceAdjustment order":         "order name",
	"tellPayment order":                 "order name",
	"tellCancellation order":            "order name",
}

// Elsewhere is how a thing of another store of the brand is answered to people whose role ends at their stores.
const (
	open = "open" // like one's own
	// Everything else that stands here is the code of a refusal, and what does not stand here looks unknown.
)

// elsewhere are the exceptions from "what is not yours is answered as what does not exist", each by product.md.
var elsewhere = map[string]string{
	"getCustomerCard id":                "open",         // that she is a member and her tier, no more: see membershipOnly
	"listCustomerPurchases id":          "visit_needed", // so it is known that she is a member; her history needs a visit
	"sendOfferToCustomer id":            "visit_needed",
	"sendOfferToCustomer offer":         open, // an offer is the brand's
	"readOffer id":                      open,
	"downloadPlan id":                   open, // a plan is the brand's
	"approveOffer id":                   open,
	"createCampaign offer":              open,
	"showMemberCodeToStaff member_code": open, // she stands there
	"enrolCustomer member_code":         open,
	"listHeldClaims store":              open, // a filter
	"listHeldOrders store":              open,
	"listDisputes store":                open,
	"raiseDispute customer":             open,                   // what somebody else has is what one quarrels about
	"raiseDispute order":                "dispute_over_nothing", // nobody has the role
	"chooseHomeStore store":             open,                   // hers to choose
	"scanInApp code":                    open,
	"joinAsMember clicks[]":             open,
	"assignStaff id":                    open, // people help out elsewhere 支援
	"transferCustomers to.store":        open, // a manager gives away her own store's customers
	"transferCustomers to.staff":        open,
	"previewTransfer to.store":          open,
	"previewTransfer to.staff":          open,
	"setHours staff":                    open, // somebody who helped out
	"issueTag staff":                    open, // somebody who helps out may stand on a tag
	"issueTags tags[].staff":            open,
	"issueTag gift_offer":               open, // an offer is the brand's
	"issueTags tags[].gift_offer":       open,
	"describeTag gift_offer":            open,
	"issueTag template":                 open,
	"changeTagDestination template":     open,
	"changeTagRules rules[].template":   open,
	"listTagTemplateChanges name":       open, // and so is a template
	"printLabels template":              open,
	"listTagAlarms store":               open,
	"exportTags store":                  open,
	"exportTags staff":                  open,
	"listTags store":                    open, // a filter: of another's store nothing is found
	"listTags staff":                    open,
	"reportTags store":                  open,
	"reportFunnel store":                open, // filters, too
	"reportAdoption store":              open,
	"reportTags staff":                  open,
}

// bearsUnknown are the names with which nothing goes wrong when nobody bears them: the answer is a success that holds nothing.
var bearsUnknown = map[string]bool{
	"listHeldClaims store": true, "listHeldOrders store": true, "listDisputes store": true,
	"listTags store": true, "listTags staff": true, "exportTags store": true, "exportTags staff": true, "listTagAlarms store": true, "reportTags store": true, "reportTags staff": true, // filters
	"reportFunnel store": true, "reportAdoption store": true,
	"joinAsMember clicks[]": true, "tellOrder clicks[]": true, // counted, and she is a member all the same
	"createCampaign audience.customers[]": true, // counted as lost
	"putTagTemplate name":                 true, // made
	"putLabelTemplate name":               true,
	"tellEdit order":                      true, "tellRefund order": true, "tellFulfilment order": true, // waits for its order
	"tellExchange order": true, "tellPriceAdjustment order": true,
	"tellPayment order": true, "tellCancellation order": true,
}

// ofTheStore are kinds of which people whose role ends at their stores find no other store's in any list.
var ofTheStore = []string{"statement", "held claim", "held order", "dispute", "staff", "device", "tag", "draft tag", "paused tag", "tag batch", "tag alarm", "order", "customer", "campaign", "phone", "delivery"}

// instead says which name goes from a body where another takes its place.
var instead = map[string]string{"createCampaign audience.customers[]": "audience.home_store", "printLabels store": "tags[]", "setTarget store": "staff", "raiseDispute order": "customer"}

// refusedAnyway are operations whose example is refused to everybody: what they need is nobody's of these.
var refusedAnyway = map[string]int{
	"receiveShopifyWebhook": http.StatusUnauthorized, "changePassword": http.StatusUnprocessableEntity, "confirmTOTP": http.StatusUnprocessableEntity,
}

// usesUp are operations after which whoever asked cannot ask again.
var usesUp = map[string]bool{"signOut": true, "chooseHomeStore": true}

// bodies are what an example lacks for being asked here and now, several times.
var bodies = map[string]func(*cast, *testing.T, *castStore) map[string]any{
	"enrolDevice": func(_ *cast, _ *testing.T, p *castStore) map[string]any { return map[string]any{"brand": p.slug} },
	"signInStaff": func(_ *cast, _ *testing.T, p *castStore) map[string]any {
		return map[string]any{"brand": p.slug, "employee_no": p.clerk.seed.No, "pin": p.clerk.seed.PIN}
	},
	"signInManager": func(_ *cast, _ *testing.T, p *castStore) map[string]any {
		return map[string]any{"brand": p.slug, "email": p.manager.seed.Email, "password": p.manager.seed.Password, "totp_code": ""}
	},
	"signInCustomer": func(c *cast, t *testing.T, p *castStore) map[string]any {
		return map[string]any{"brand": p.slug, "id_token": c.idToken(t, fmt.Sprint("new ", c.next())), "nonce": ""}
	},
	"refreshSession": func(c *cast, t *testing.T, p *castStore) map[string]any {
		who := c.signInClerk(t, p, p.clerk.seed, p.tablet)
		return map[string]any{"refresh_token": who.refresh, "device_secret": p.tablet}
	},
	"addStore": func(c *cast, _ *testing.T, _ *castStore) map[string]any {
		return map[string]any{"code": fmt.Sprint("S", c.next())}
	},
	"addStaff": func(c *cast, _ *testing.T, _ *castStore) map[string]any {
		return map[string]any{"employee_no": fmt.Sprint("E", c.next())}
	},
	"addPlan": aLaterPlan, "lintPlan": aLaterPlan,
	"replacePlanDraft": func(c *cast, t *testing.T, p *castStore) map[string]any {
		later := aLaterPlan(c, t, p)
		later["rules"] = []any{}
		return map[string]any{"plan": later}
	},
	"replayPlan": func(*cast, *testing.T, *castStore) map[string]any { // its days: from is today
		return map[string]any{"to": time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)}
	},
	"raiseDispute": func(*cast, *testing.T, *castStore) map[string]any { return map[string]any{"customer": nil} },
	"printLabels":  func(*cast, *testing.T, *castStore) map[string]any { return map[string]any{"tags": []any{}} },
	"createCampaign": func(*cast, *testing.T, *castStore) map[string]any {
		return map[string]any{"audience": map[string]any{}}
	},
	"createOffer": func(*cast, *testing.T, *castStore) map[string]any { return map[string]any{"link": ""} },
	"tellOrder": func(c *cast, _ *testing.T, p *castStore) map[string]any {
		return map[string]any{"order": fmt.Sprint("T-", c.next()), "assist_store": codeAt(p, "XINYI", abroadStore)}
	},
	"tellRefund": numbered("external_id"), "tellFulfilment": numbered("external_id"),
	"tellExchange": numbered("external_id"), "tellPriceAdjustment": numbered("external_id"),
}

// files are the bodies that are files, with the names that they hold.
var files = map[string]func(*cast, *castStore) string{
	"recordPayouts": func(*cast, *castStore) string { return "reference,outcome\n" },
	"draftPlanFile": func(c *cast, p *castStore) string {
		n := c.next() + 1000
		return fmt.Sprintf("version: %d\nfirst_day: %s\nrules:\n  - {role: home_store, rate_bp: 300}\n", n, time.Now().AddDate(0, 0, n).Format(time.DateOnly))
	},
	"importReferrers": func(_ *cast, p *castStore) string { return "phone,store\n0912345678," + p.code + "\n" },
	"importHours": func(_ *cast, p *castStore) string {
		return "month,store,employee_no,hours\n2024-11," + p.code + "," + codeAt(p, "X001", abroadStaff) + ",7.5\n"
	},
	"importTargets": func(c *cast, p *castStore) string {
		return fmt.Sprintf("month,employee_no,target\n2026-11,%s,%d\n", p.clerk.seed.No, c.next())
	},
	"issueTagFile": func(c *cast, p *castStore) string {
		return fmt.Sprintf("store,placement,label,destination\n%s,shelf,T-%d,%s/p/%s/{sku}\n", p.code, c.next(), c.cfg.PublicURL, p.slug)
	},
}

// aLaterPlan has a number and a day that no other has.
func aLaterPlan(c *cast, _ *testing.T, _ *castStore) map[string]any {
	n := c.next() + 1000
	return map[string]any{"version": n, "first_day": time.Now().AddDate(0, 0, n).Format(time.DateOnly)}
}

func numbered(field string) func(*cast, *testing.T, *castStore) map[string]any {
	return func(c *cast, _ *testing.T, _ *castStore) map[string]any {
		return map[string]any{field: fmt.Sprint("T-", c.next())}
	}
}

// today are the instants and days of a body, moved to where they make sense whenever the test runs.
func (c *cast) today(p *castStore, body any) any {
	now := time.Now().UTC()
	moved := map[string]string{
		"starts_at": now.Add(-time.Hour).Format(time.RFC3339), "ends_at": now.AddDate(0, 1, 0).Format(time.RFC3339),
		"scheduled_at": now.AddDate(0, 0, 1).Format(time.RFC3339), "placed_at": now.Format(time.RFC3339), "at": now.Format(time.RFC3339),
		"from": now.Format(time.DateOnly), "last_day": now.Format(time.DateOnly), "destination": c.cfg.PublicURL + "/p/" + p.slug + "/{sku}",
		"address": c.cfg.PublicURL + "/p/" + p.slug + "/{sku}", "since": now.Add(-time.Hour).Format(time.RFC3339),
	}
	switch value := body.(type) {
	case map[string]any:
		for name, v := range value {
			if text, isMoved := moved[name]; isMoved {
				value[name] = text
			} else {
				value[name] = c.today(p, v)
			}
		}
	case []any:
		for i := range value {
			value[i] = c.today(p, value[i])
		}
	}
	return body
}

// nobodys is a name of a kind that nothing bears.
func (c *cast) nobodys(kind string) string {
	switch kind {
	case "tag code":
		return string(tag.NewCode())
	case "order name", "store code", "employee number":
		return fmt.Sprint("NONE-", c.next())
	case "member code":
		return strings.ToUpper(rand.Text()[:8])
	case "template", "template name", "label template":
		return "t" + strings.ToLower(rand.Text()[:8])
	case "enrolment code", "click", "tablet", "brand", "sku", "file":
		return rand.Text()[:20]
	}
	return shop.NewID(time.Now()).String()
}
