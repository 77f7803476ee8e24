package staffapp_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

func TestStaffOfAnotherStoreSeeHerMembershipOnlyUntilAVisit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	b.buys(mei, "web-1", 19950)
	card, purchases := "/v1/staff/customers/"+mei.String(), "/v1/staff/customers/"+mei.String()+"/purchases"

	before := b.ask("ben", http.MethodGet, card, "")
	before.is(t, "no visit", 200, `"sight":"member_only"`, `"member":true`)
	before.hides(t, "no visit", "details", "王美玲", "0912")
	b.ask("ben", http.MethodGet, purchases, "").is(t, "no visit", 403, `"visit_needed"`)

	shown := b.ask("ben", http.MethodPost, "/v1/staff/visits", fmt.Sprintf(`{"member_code":%q}`, b.code(mei)))
	shown.is(t, "journey 3", 201, `"proof":"member_code"`, `"until":"2026-03-10T06:00:00Z"`, `"sight":"full"`, `"name":"王美玲"`, `"phone":"0912•••678"`,
		`"code":"S1"`, `"name":"Xinyi"`, `"staff":"林艾咪"`, `"spent_minor":19950`, `"external_id":"web-1"`, `"channel":"online"`, `"takes_push":true`)
	shown.hides(t, "masked", "912345678")
	b.ask("ben", http.MethodGet, purchases, "").is(t, "during the visit", 200, `"external_id":"web-1"`, `"paid_minor":19950`)
	if n := b.looks(mei); n != 4 {
		t.Errorf("%d looks are in the audit: the card, the refused history, the visit's card, the history", n)
	}
}

func TestAMemberCodeWorksOnceAndARepeatedRequestGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	body := fmt.Sprintf(`{"member_code":%q}`, b.code(mei))
	b.ask("ben", http.MethodPost, "/v1/staff/visits", body, "tap-1").is(t, "first", 201, `"sight":"full"`)
	again := b.ask("ben", http.MethodPost, "/v1/staff/visits", body, "tap-1")
	again.is(t, "the network swallowed the answer", 201, `"sight":"full"`)
	if again.header.Get("Idempotent-Replay") != "true" {
		t.Error("the code was used again")
	}
	b.ask("amy", http.MethodPost, "/v1/staff/visits", body).is(t, "a screenshot of it", 422, `"member_code_refused"`)
	b.ask("ben", http.MethodPost, "/v1/staff/visits", `{"member_code":""}`).is(t, "no code", 422, `"name":"member_code"`)
}

// The process died after the code was spent and before the answer was kept, or what followed failed: the same request goes on.
func TestACodeThatWasSpentBeforeACrashIsSpentForTheSameRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei, lin := b.member(), b.member()
	visits, visit := "/v1/staff/visits", fmt.Sprintf(`{"member_code":%q}`, b.code(mei))
	first := b.ask("ben", http.MethodPost, visits, visit, "tap")
	b.losesTheAnswer("tap")
	again := b.ask("ben", http.MethodPost, visits, visit, "tap")
	again.is(t, "again", 201, `"sight":"full"`, first.field(t, "visit", "id"), first.field(t, "visit", "proven_at"))
	b.ask("ben", http.MethodPost, visits, visit).is(t, "as another request", 422, `"member_code_refused"`)
	b.losesTheAnswer("tap")
	b.ask("amy", http.MethodPost, visits, visit, "tap").is(t, "somebody else under the same key", 422, `"member_code_refused"`)

	customers, enrol := "/v1/staff/customers", fmt.Sprintf(`{"member_code":%q}`, b.code(lin))
	b.ask("ben", http.MethodPost, customers, enrol, "enrol").is(t, "enrolled", 201, `"refused":[]`, `"sight":"full"`)
	b.losesTheAnswer("enrol")
	b.ask("ben", http.MethodPost, customers, enrol, "enrol").is(t, "enrolled again", 201, `"sight":"full"`, lin.String())

	code := b.code(mei)
	b.ask("ben", http.MethodPost, customers, fmt.Sprintf(`{"member_code":%q,"store":%q}`, code, b.S1)).is(t, "at a store where he does not stand", 422, `"store_not_known"`)
	b.ask("ben", http.MethodPost, customers, fmt.Sprintf(`{"member_code":%q}`, code)).is(t, "the code was not spent by that", 201, mei.String())
}

func TestARepeatedRequestShowsWhatTheCallerMaySeeByThen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	visits, visit := "/v1/staff/visits", fmt.Sprintf(`{"member_code":%q}`, b.code(mei))
	b.ask("ben", http.MethodPost, visits, visit, "tap").is(t, "the visit", 201, `"sight":"full"`, "王美玲")
	customers, enrol := "/v1/staff/customers", `{"phone":"0987654321","name":"陳小姐"}`
	made := b.ask("ben", http.MethodPost, customers, enrol, "enrol")
	made.is(t, "enrolled", 201, `"first":true`, `"member_no":"`, "陳小姐")

	b.later(8 * time.Hour)
	looks := b.looks(mei)
	again := b.ask("ben", http.MethodPost, visits, visit, "tap")
	again.is(t, "in the evening", 201, `"proof":"member_code"`, `"sight":"member_only"`)
	again.hides(t, "in the evening", "details", "王美玲", "0912")
	if n := b.looks(mei); n != looks+1 {
		t.Errorf("%d looks are in the audit, want %d and the one in the evening", n, looks)
	}
	made.is(t, "who she is", 201, b.ask("ben", http.MethodPost, customers, enrol, "enrol").field(t, "customer", "id"))

	hq, erase := shop.System(b.Brand), customer.New(b.pool, now)
	for who, ask := range map[string][3]string{mei.String(): {visits, visit, "tap"}, made.field(t, "customer", "id"): {customers, enrol, "enrol"}} {
		id, err := shop.ParseID(who)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := erase.Erase(t.Context(), hq, id, "She asked for it."); err != nil {
			t.Fatal(err)
		}
		b.ask("ben", http.MethodPost, ask[0], ask[1], ask[2]).is(t, "erased", 404, `"customer_unknown"`)
	}
}

func TestAFragmentFindsOwnCustomersAndAWholeNumberAnybody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	search := func(who, text string) answer {
		return b.ask(who, http.MethodPost, "/v1/staff/customers/search", fmt.Sprintf(`{"text":%q}`, text))
	}
	search("amy", "5678").is(t, "the last digits", 200, mei.String(), `"phone":"0912•••678"`, `"name":"王美玲"`, `"code":"S1"`)
	search("amy", "美玲").is(t, "part of the name", 200, mei.String())
	search("ben", "5678").is(t, "another store's customer", 200, `{"items":[]}`)
	whole := search("ben", "0912 345 678")
	whole.is(t, "a whole number", 200, mei.String(), `"sight":"member_only"`)
	whole.hides(t, "a whole number", "王美玲", "0912")
	search("amy", "78").is(t, "too short", 422, `"search_too_short"`, `"name":"text"`)
	search("finance", "5678").is(t, "finance", 403)
	search("foreign", "0912345678").is(t, "another brand", 200, `{"items":[]}`)
}

func TestAForeignBrandsCustomerDoesNotExist(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	for _, path := range []string{"", "/purchases"} {
		b.ask("foreign", http.MethodGet, "/v1/staff/customers/"+mei.String()+path, "").is(t, path, 404, `"customer_unknown"`)
	}
	b.ask("foreign", http.MethodPost, "/v1/staff/visits", fmt.Sprintf(`{"member_code":%q}`, b.code(mei))).is(t, "her code", 422, `"member_code_refused"`)
	if n := b.looks(mei); n != 0 {
		t.Errorf("%d looks", n)
	}
}

func TestHistoryComesAPageAtATime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	for n := range 3 {
		b.buys(mei, fmt.Sprintf("web-%d", n), 1000)
	}
	path := "/v1/staff/customers/" + mei.String() + "/purchases?limit=2"
	first := b.ask("amy", http.MethodGet, path, "")
	second := b.ask("amy", http.MethodGet, path+"&cursor="+first.field(t, "next_cursor"), "")
	seen := map[string]int{}
	for n := range 3 {
		name := fmt.Sprintf("web-%d", n)
		for _, page := range []answer{first, second} {
			page.is(t, "page", 200)
			if contains(page, name) {
				seen[name]++
			}
		}
	}
	if len(seen) != 3 || seen["web-0"]+seen["web-1"]+seen["web-2"] != 3 || second.field(t, "next_cursor") != "" {
		t.Errorf("%v; %s; %s", seen, first.body, second.body)
	}
	b.ask("amy", http.MethodGet, path+"&cursor=x", "").is(t, "not a cursor of ours", 400, `"cursor_invalid"`)
}

func TestEnrolledAtTheTillSheIsTheStaffMembersAndThere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := `{"phone":"0987 654 321","name":"陳小姐","language":"zh-TW","consents":{"push":true,"sms":false}}`
	made := b.ask("amy", http.MethodPost, "/v1/staff/customers", body)
	made.is(t, "enrolled", 201, `"first":true`, `"member_no":"`, `"refused":[]`, `"sight":"full"`, `"phone":"0987•••321"`, `"staff":"林艾咪"`, `"takes_push":true`)
	made.hides(t, "masked", "987654321")

	again := b.ask("ben", http.MethodPost, "/v1/staff/customers", `{"phone":"+886987654321","name":"別人"}`)
	again.is(t, "somebody types a member's number", 201, `"first":false`, `"member_code_needed"`, `"sight":"member_only"`)
	again.hides(t, "somebody types a member's number", "陳小姐", "member_no")

	for _, tc := range []struct{ why, who, body, field string }{
		{"no number", "amy", `{"phone":"","name":"x"}`, `"name":"phone"`},
		{"no telephone number", "amy", `{"phone":"12","name":"x"}`, `"name":"phone"`},
		{"a language we do not speak, of a member", "amy", `{"phone":"0987654321","language":"fr"}`, `"name":"language"`},
		{"a language we do not speak", "amy", `{"phone":"0911111111","language":"fr"}`, `"name":"language"`},
	} {
		b.ask(tc.who, http.MethodPost, "/v1/staff/customers", tc.body).is(t, tc.why, 422, tc.field)
	}
	b.ask("amy", http.MethodPost, "/v1/staff/customers", fmt.Sprintf(`{"phone":"0911111111","store":%q}`, b.S2)).is(t, "another store", 403)
	b.ask("amy", http.MethodPost, "/v1/staff/customers", `{"phone":"0911111111","brand_id":1}`).is(t, "unknown field", 400, `"field_unknown"`)
	b.ask("hq", http.MethodPost, "/v1/staff/customers", body).is(t, "head office stands at no till", 403)
}

func TestAnOfferGoesToHerWhomOneMaySee(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	b.registerPhone(mei)
	ten := b.approvedOffer()
	path, body := "/v1/staff/customers/"+mei.String()+"/offers", fmt.Sprintf(`{"offer":%q}`, ten)
	b.ask("amy", http.MethodGet, "/v1/staff/offers", "").is(t, "list", 200, ten.String(), `"title":"Ten off"`)
	b.ask("ben", http.MethodPost, path, body).is(t, "not his customer", 403, `"visit_needed"`)
	if n := b.looks(mei); n != 1 {
		t.Errorf("%d looks: who tried is to be known", n)
	}
	b.ask("foreign", http.MethodPost, path, body).is(t, "another brand", 404)
	b.ask("amy", http.MethodPost, path, body).is(t, "sent", 201, `"from":"2026-03-10T04:00:00Z"`)
	b.ask("amy", http.MethodPost, path, body).is(t, "twice", 409)
	b.ask("amy", http.MethodPost, path, `{}`).is(t, "none named", 422, `"name":"offer"`)
	b.ask("amy", http.MethodGet, "/v1/staff/customers/"+mei.String(), "").is(t, "on her card, without the code, which is hers to show", 200,
		fmt.Sprintf(`"offers":[{"id":%q,"kind":"coupon","title":"Ten off","ends_at":"2026-03-17T04:00:00Z"}]`, ten))
}
