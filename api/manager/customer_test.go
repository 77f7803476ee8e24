package manager_test

import (
	"net/http"
	"testing"

	"homestore/clienteling/shop"
)

func TestATransferNeedsAReasonAndBothSidesSeeIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.won()
	body := object{"customers": []shop.ID{who}, "to": object{"store": b.S2, "staff": b.Ben}, "reason": "served in Banqiao"}
	var moved struct {
		Items []struct {
			Store    shop.ID
			Source   string
			Evidence struct{ Reason string }
		}
	}
	b.post("manager", "/v1/manager/bindings/transfer", body).into(http.StatusCreated, &moved)
	if len(moved.Items) != 1 || moved.Items[0].Store != b.S2 || moved.Items[0].Source != "transfer" || moved.Items[0].Evidence.Reason != "served in Banqiao" {
		t.Errorf("%+v", moved)
	}
	var past struct {
		Bindings []struct {
			Store shop.ID
			Until string
		}
		Claims []struct{ Outcome string }
	}
	b.get("manager", "/v1/manager/customers/"+who.String()+"/bindings").into(http.StatusOK, &past)
	if len(past.Bindings) != 2 || past.Bindings[0].Until == "" || past.Bindings[1].Until != "" || len(past.Claims) == 0 || past.Claims[0].Outcome != "won" {
		t.Errorf("%+v", past)
	}
	b.post("manager", "/v1/manager/bindings/transfer", body).refused(http.StatusNotFound, "customer_unknown", "")
}

func TestAManagerReadsThePastOfHerOwnCustomersOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger := b.customer(b.Brand)
	b.get("manager", "/v1/manager/customers/"+stranger.String()+"/bindings").refused(http.StatusNotFound, "customer_unknown", "")
	b.get("finance", "/v1/manager/customers/"+stranger.String()+"/bindings").into(http.StatusOK, nil)
}

func TestAnOfferIsWrittenThenApproved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	draft := object{"kind": "coupon", "title": object{"zh-TW": "九折", "en": "10 % off"}, "body": object{"zh-TW": "回來看看"}, "link": "https://shop.example.test/x",
		"starts_at": "2026-11-23T08:00:00+08:00", "ends_at": "2026-12-31T23:59:59+08:00"}
	var made struct {
		ID         shop.ID
		Name       string
		StartsAt   string `json:"starts_at"`
		ApprovedAt string `json:"approved_at"`
	}
	b.ask("manager", http.MethodPost, "/v1/manager/offers", draft, "Accept-Language", "en").into(http.StatusCreated, &made)
	if made.Name != "10 % off" || made.StartsAt != "2026-11-23T00:00:00Z" || made.ApprovedAt != "" {
		t.Errorf("%+v", made)
	}
	at := "/v1/manager/offers/" + made.ID.String()
	b.post("hq", at+"/approve", nil).into(http.StatusOK, &made)
	if made.ApprovedAt == "" {
		t.Errorf("%+v", made)
	}
	b.get("finance", at).into(http.StatusOK, &made)
	draft["link"] = "https://evil.test/"
	b.post("hq", "/v1/manager/offers", draft).refused(http.StatusUnprocessableEntity, "offer_link_refused", "")
	var list page
	b.get("finance", "/v1/manager/offers").into(http.StatusOK, &list)
	if len(list.Items) != 1 {
		t.Errorf("%+v", list)
	}
}

// approved is an offer that may be sent.
func (b *bundle) approved(who string) shop.ID {
	b.t.Helper()
	var made named
	b.post(who, "/v1/manager/offers", bodyFor("createOffer", b.S1)).into(http.StatusCreated, &made)
	b.post(who, "/v1/manager/offers/"+made.ID.String()+"/approve", nil).into(http.StatusOK, nil)
	return made.ID
}

func TestACampaignIsPlannedBegunAndStopped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	offer := b.approved("hq")
	plan := func(audience object) object { return object{"name": "Sofa week", "offer": offer, "audience": audience} }
	var made named
	b.post("manager", "/v1/manager/campaigns", plan(object{"home_store": b.S1})).into(http.StatusCreated, &made)
	b.post("manager", "/v1/manager/campaigns", plan(object{"all": true})).refused(http.StatusForbidden, "forbidden", "")
	b.post("hq", "/v1/manager/campaigns", plan(object{"everybody": true})).refused(http.StatusBadRequest, "body_invalid", "audience.everybody")
	b.post("hq", "/v1/manager/campaigns", plan(object{"all": true, "home_store": b.S1})).refused(http.StatusUnprocessableEntity, "fields_invalid", "audience")
	b.post("hq", "/v1/manager/campaigns", object{"name": "None", "audience": object{"all": true}}).refused(http.StatusUnprocessableEntity, "fields_invalid", "offer")
	var everybody named
	b.post("hq", "/v1/manager/campaigns", plan(object{"all": true})).into(http.StatusCreated, &everybody)
	at := "/v1/manager/campaigns/" + made.ID.String()
	b.get("manager", "/v1/manager/campaigns/"+everybody.ID.String()).refused(http.StatusNotFound, "not_found", "")

	b.post("manager", at+"/start", nil).into(http.StatusOK, &made)
	if made.State != "running" {
		t.Errorf("%+v", made)
	}
	b.post("manager", at+"/start", nil).refused(http.StatusConflict, "campaign_not_waiting", "")
	b.post("manager", at+"/stop", nil).into(http.StatusOK, &made)
	if made.State != "stopped" {
		t.Errorf("%+v", made)
	}
	var funnel struct {
		Campaign  named
		Customers int
	}
	b.get("finance", at).into(http.StatusOK, &funnel)
	if funnel.Campaign.ID != made.ID || funnel.Customers != 0 {
		t.Errorf("%+v", funnel)
	}
	var list page
	b.get("finance", "/v1/manager/campaigns").into(http.StatusOK, &list)
	if len(list.Items) != 2 {
		t.Errorf("%+v", list)
	}
}

func TestHeadOfficeErasesACustomerAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.won()
	at := "/v1/manager/customers/" + who.String() + "/erase"
	b.post("manager", at, object{"reason": "asked"}).refused(http.StatusForbidden, "forbidden", "")
	b.post("hq", at, object{"reason": " "}).refused(http.StatusUnprocessableEntity, "erasure_reason_required", "")
	b.post("hq", "/v1/manager/customers/"+b.customer(b.other.Brand).String()+"/erase", object{"reason": "asked"}).refused(http.StatusNotFound, "customer_unknown", "")
	var erased struct {
		Customer shop.ID
		ErasedAt string `json:"erased_at"`
	}
	b.post("hq", at, object{"reason": "She asked for it."}).into(http.StatusOK, &erased)
	if erased.Customer != who || erased.ErasedAt == "" {
		t.Errorf("%+v", erased)
	}
	var past struct{ Bindings []struct{ Store shop.ID } }
	b.get("hq", "/v1/manager/customers/"+who.String()+"/bindings").into(http.StatusOK, &past)
	if len(past.Bindings) != 1 || past.Bindings[0].Store != b.S1 {
		t.Errorf("who won her: %+v", past)
	}
}
