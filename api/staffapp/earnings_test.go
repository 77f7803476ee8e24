package staffapp_test

import (
	"net/http"
	"strings"
	"testing"

	"homestore/clienteling/order"
)

func contains(a answer, text string) bool { return strings.Contains(a.body, text) }

func TestEachCentSaysWhyToThoseWhoEarnIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	sold := b.buys(mei, "web-1", 19950) // 19,000 net: 570 to the store, 380 to Amy, 190 to the web team

	b.ask("amy", http.MethodGet, "/v1/staff/me/balances", "").is(t, "hers", 200, `"currency":"TWD"`, `"pending_minor":380`, `"payable_minor":0`)
	b.ask("ben", http.MethodGet, "/v1/staff/me/balances", "").is(t, "nothing yet", 200, `"currency":"TWD"`, `"pending_minor":0`)
	credits := b.ask("amy", http.MethodGet, "/v1/staff/me/credits?month=2026-03", "")
	credits.is(t, "her month", 200, `"external_id":"web-1"`, `"role":"home_staff"`, `"left_minor":380`, `"state":"pending"`, `"source":"till"`, `"rate_bp":200`, `"base":"19000"`)
	credits.hides(t, "the customer is nobody's business here", mei.String(), "王美玲")
	b.ask("amy", http.MethodGet, "/v1/staff/me/credits", "").is(t, "this month is meant", 200, `"left_minor":380`)
	b.ask("amy", http.MethodGet, "/v1/staff/me/credits?month=2026-04", "").is(t, "another month", 200, `{"items":[]}`)
	b.ask("amy", http.MethodGet, "/v1/staff/me/credits?month=March", "").is(t, "no month", 422, `"name":"month"`)

	path := "/v1/staff/orders/" + sold.String() + "/credit"
	whole := b.ask("amy", http.MethodGet, path, "")
	whole.is(t, "the order", 200, `"role":"home_store"`, `"left_minor":570`, `"code":"amy"`, `"name":"林艾咪"`, `"role":"online_team"`, `"left_minor":190`, `"code":"WEB"`)
	whole.hides(t, "the customer is nobody's business here", mei.String())
	b.ask("finance", http.MethodGet, path, "").is(t, "finance", 200, `"left_minor":570`)

	why := "This customer is 林艾咪's since 10 March 2026 (entered at the till). Rule 2 of plan version 1 gives 2 %. Line 1 (SOFA-3): NT$19,000 × 2 % = NT$380.00. The credit is NT$380."
	pending := "Not payable yet: that is 14 days after the customer receives the goods."
	whole.is(t, "in words", 200, why, `"text":["Line 1 (SOFA-3): 1 × NT$19,950, paid NT$19,950, without tax NT$19,000."`, pending)
	credits.is(t, "in words", 200, why+" "+pending)
	b.ask("ben", http.MethodGet, path, "").is(t, "neither he nor his store earns", 404)
	b.ask("foreign", http.MethodGet, path, "").is(t, "another brand", 404)
}

func TestARefundIsTakenBackFromWhatIsLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	b.buys(mei, "web-1", 19950)
	_, err := b.orders.Apply(t.Context(), b.Brand, "test", order.WasRefunded{
		Order: "web-1", ExternalID: "r1", At: noon, Lines: []order.RefundedLine{{Line: "1", Amount: 9975}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.ask("amy", http.MethodGet, "/v1/staff/me/credits", "").is(t, "half", 200, `"minor":380`, `"reversed_minor":190`, `"left_minor":190`)
	b.ask("amy", http.MethodGet, "/v1/staff/customers/"+mei.String()+"/purchases", "").is(t, "half", 200, `"refunded_minor":9975`)
}

func TestMyOwnCodeIsOneAndCanBeDrawn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := "/v1/staff/me/tags/" + b.S1.String()
	b.ask("amy", http.MethodGet, path+"/qr.png", "").is(t, "not made yet", 404)
	made := b.ask("amy", http.MethodPut, path, "")
	code := made.field(t, "code")
	made.is(t, "made", 200, `"qr_text":"https://Q.EXAMPLE.TEST/Q/`+code, `"code":"S1"`)
	if again := b.ask("amy", http.MethodPut, path, ""); code == "" || again.field(t, "code") != code {
		t.Errorf("%s, then %s", made.body, again.body)
	}
	picture := b.ask("amy", http.MethodGet, path+"/qr.png", "")
	if picture.status != 200 || picture.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(picture.body, "\x89PNG") {
		t.Errorf("%d, %s", picture.status, picture.header.Get("Content-Type"))
	}
	b.ask("amy", http.MethodPut, "/v1/staff/me/tags/"+b.S2.String(), "").is(t, "where she does not work", 404)
	b.ask("hq", http.MethodPut, path, "").is(t, "head office sells nothing", 403)
	me := b.ask("amy", http.MethodGet, "/v1/staff/me", "")
	me.is(t, "me", 200, `"employee_no":"amy"`, `"name":"林艾咪"`, `"role":"staff"`, `"stands_at":{`, code, `"time_zone":"Asia/Taipei"`)
}

func TestTheStaffFaceIsForPeopleOfTheBrandOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ask("mei", http.MethodGet, "/v1/staff/me", "").is(t, "a customer", 403, `"forbidden"`)
	b.ask("mei", http.MethodGet, "/v1/staff/customers/"+b.member().String(), "").is(t, "a customer", 403)
	b.ask("finance", http.MethodGet, "/v1/staff/offers", "").is(t, "finance sends nothing", 403)
	b.ask("nobody", http.MethodGet, "/v1/staff/me", "").is(t, "no token of ours", 401)
}
