package brandapp_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/notify/delivery"
	"homestore/notify/offer"
)

func TestAMemberCodeIsFreshAndKeptNowhereElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.ask("mei", http.MethodPost, "/v1/member/code", ""), b.ask("mei", http.MethodPost, "/v1/member/code", "")
	first.is(t, "first", 200, `"expires_at":"2026-03-10T04:03:00Z"`)
	if first.field(t, "code") == second.field(t, "code") || len(first.field(t, "code")) != 8 {
		t.Errorf("%s, %s", first.body, second.body)
	}
	var kept int
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM idempotency_key WHERE brand_id = $1`, b.Brand).Scan(&kept)
	})
	if err != nil || kept != 0 {
		t.Errorf("%d answers are kept, %v", kept, err)
	}
}

func TestConsentsChangeOneByOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ask("mei", http.MethodGet, "/v1/member/consents", "").is(t, "never asked", 200, `{"items":[]}`)
	b.ask("mei", http.MethodPut, "/v1/member/consents", `{"push":true,"line":true}`).is(t, "two", 200, `"channel":"push","granted":true`)
	b.ask("mei", http.MethodPut, "/v1/member/consents", `{"push":false}`).is(t, "one taken back", 200, `"channel":"push","granted":false`, `"channel":"line","granted":true`)
	b.ask("mei", http.MethodPut, "/v1/member/consents", `{"fax":true}`).is(t, "no such channel", 400, `"field_unknown"`)
}

func TestHerPhonesComeAndGoAndTheirAddressesAreNeverTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made := b.ask("mei", http.MethodPut, "/v1/member/devices", `{"target":"secret-token","platform":"ios"}`)
	made.is(t, "registered", 200, `"platform":"ios"`, `"language":"en"`, `"live":true`)
	list := b.ask("mei", http.MethodGet, "/v1/member/devices", "")
	list.is(t, "list", 200, made.field(t, "id"))
	list.hides(t, "address", "secret-token")
	b.ask("lan", http.MethodDelete, "/v1/member/devices/"+made.field(t, "id"), "").is(t, "another customer's", 404)
	b.ask("mei", http.MethodDelete, "/v1/member/devices/"+made.field(t, "id"), "").is(t, "signed out", 204)
	b.ask("mei", http.MethodGet, "/v1/member/devices", "").is(t, "gone", 200, `{"items":[]}`)
	b.ask("mei", http.MethodPut, "/v1/member/devices", `{"target":"","platform":"ios"}`).is(t, "no address", 422, `"name":"target"`)
	b.ask("mei", http.MethodPut, "/v1/member/devices", `{"target":"t","platform":"fax"}`).is(t, "no such platform", 422, `"name":"platform"`)
}

func TestAnOfferIsInHerAppWithHerCodeAndOpeningItIsNoted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ask("mei", http.MethodPost, "/v1/member", `{"name":"王美玲","consents":{"push":true}}`).is(t, "joined", 201)
	b.ask("mei", http.MethodPut, "/v1/member/devices", `{"target":"token","platform":"android"}`).is(t, "phone", 200)
	o, err := b.offers.Create(t.Context(), b.actors["hq"], offer.Draft{
		Kind: offer.Coupon, Title: shop.Text{shop.TraditionalChinese: "沙發九折", shop.English: "Ten off"}, StartsAt: noon, EndsAt: noon.Add(24 * time.Hour),
	})
	if err == nil {
		_, err = b.offers.Approve(t.Context(), b.actors["hq"], o.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	mei := b.actors["mei"].ID
	promised, err := b.campaigns.SendToOne(t.Context(), b.actors["hq"], mei, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.ask("mei", http.MethodGet, "/v1/member/offers", "").is(t, "hers", 200, `"title":"Ten off"`, promised.Grant.Code)
	b.ask("lan", http.MethodGet, "/v1/member/offers", "").is(t, "not hers", 200, `{"items":[]}`)

	var message shop.ID
	err = b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		all, _, err := delivery.OfCustomer(t.Context(), tx, b.Brand, mei, shop.Page{Limit: 10})
		if err == nil && len(all) == 1 {
			message = all[0].ID // as a sender leaves it that died with the message under way
			_, err = tx.Exec(t.Context(), `UPDATE delivery SET state = 'unknown' WHERE brand_id = $1 AND id = $2`, b.Brand, message)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	path := "/v1/member/deliveries/" + message.String() + "/opened"
	b.ask("lan", http.MethodPost, path, "").is(t, "not sent to her", 404)
	b.ask("mei", http.MethodPost, path, "").is(t, "opened", 204)
	b.ask("mei", http.MethodPost, path, "").is(t, "again", 204)
}

func TestHerOrdersOfEveryChannelSayWhatWentBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n, f := range []order.Fact{
		order.WasPlaced{
			Order: "web-1", PlacedAt: noon.Add(-time.Hour), Customer: b.actors["mei"].ID, Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500,
			Lines: []order.Line{{SKU: "SOFA-3", Name: "三人沙發", Kind: order.Merchandise, Quantity: 2, UnitPrice: 500, TaxIncluded: true}},
		},
		order.WasRefunded{Order: "web-1", ExternalID: "r1", At: noon, Lines: []order.RefundedLine{{Line: "1", Quantity: 1}}},
		order.WasPlaced{
			Order: "till-1", PlacedAt: noon, Customer: b.actors["mei"].ID, Channel: order.Till, Store: b.S1, Currency: "TWD", TaxBP: 500,
			Lines: []order.Line{{Name: "抱枕", Kind: order.Merchandise, Quantity: 1, UnitPrice: 300, TaxIncluded: true}},
		},
	} {
		if _, err := b.orders.Apply(t.Context(), b.Brand, "test", f); err != nil {
			t.Fatal(n, err)
		}
	}
	first := b.ask("mei", http.MethodGet, "/v1/member/orders?limit=1", "")
	first.is(t, "newest first", 200, `"external_id":"till-1"`, `"channel":"till"`, `"code":"S1"`)
	second := b.ask("mei", http.MethodGet, "/v1/member/orders?limit=1&cursor="+first.field(t, "next_cursor"), "")
	second.is(t, "the next", 200, `"external_id":"web-1"`, `"paid_minor":1000`, `"refunded_minor":500`, `"name":"Web shop"`)
	b.ask("lan", http.MethodGet, "/v1/member/orders", "").is(t, "not hers", 200, `{"items":[]}`)
}

func TestTheMembersFaceIsForCustomersOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, who := range []string{"amy", "hq"} {
		b.ask(who, http.MethodGet, "/v1/member", "").is(t, who, 403, `"forbidden"`)
	}
	b.ask("nobody", http.MethodGet, "/v1/member", "").is(t, "no token of ours", 401)
	b.ask("foreign", http.MethodPut, "/v1/member/home", fmt.Sprintf(`{"store":%q}`, b.S1)).is(t, "another brand's store", 422, `"store_unknown"`)
}
