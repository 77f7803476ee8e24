package staffapp_test

import (
	"net/http"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

func TestThatWasMine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	sold := b.buys(mei, "web-1", 19950).String()
	const path = "/v1/staff/disputes"

	body := `{"order": "` + sold + `", "role": "home_staff", "said": "she came to me first"}`
	raised := b.ask("ben", http.MethodPost, path, body)
	raised.is(t, "raised", 201, `"mine":true`, `"external_id":"web-1"`, `"state":"raised"`, `"said":"she came to me first"`, `"code":"ben"`, `"name":"林艾咪"`)
	raised.hides(t, "of the order its customer is not told", mei.String(), "王美玲")
	id := raised.field(t, "id")
	b.ask("ben", http.MethodPost, path, body).is(t, "again", 409, "dispute_already_raised")
	b.ask("amy", http.MethodPost, path, body).is(t, "she has it", 409, "dispute_over_nothing")
	b.ask("ben", http.MethodPost, path, `{"order": "`+sold+`", "role": "home_store", "said": "ours"}`).is(t, "his manager's to say", 403, "forbidden")
	b.ask("ben", http.MethodPost, path, `{"role": "home_staff", "said": "mine"}`).is(t, "what?", 422, "fields_invalid")
	b.ask("hq", http.MethodPost, path, body).is(t, "nothing is head office's", 403)
	b.ask("foreign", http.MethodPost, path, body).is(t, "another brand", 404)

	seen := b.ask("amy", http.MethodGet, path+"/"+id, "")
	seen.is(t, "she sees what is about her", 200, `"mine":false`, `"state":"raised"`)
	seen.hides(t, "what he said is his side's", "she came to me first")
	b.ask("amy", http.MethodGet, path, "").is(t, "in her list, too", 200, id)
	b.ask("foreign", http.MethodGet, path, "").is(t, "another brand", 200, `{"items":[]}`)
	b.ask("foreign", http.MethodGet, path+"/"+id, "").is(t, "another brand", 404, "dispute_unknown")

	if _, err := b.disputes.Refuse(t.Context(), b.actors["hq"], sureID(t, id), "the till says otherwise"); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"amy", "ben"} {
		b.ask(who, http.MethodGet, path, "").is(t, who+" reads how it ended", 200, `"state":"refused"`, `"reason":"the till says otherwise"`)
	}
	b.ask("ben", http.MethodPost, path+"/"+id+"/withdraw", "").is(t, "it has ended", 409, "dispute_decided")
}

func TestADisputeAboutACustomerNamesHerByHerIdAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mei := b.member()
	b.homeAt(mei, b.S1, b.Amy)
	const path = "/v1/staff/disputes"
	since := noon.Add(-time.Hour).Format(time.RFC3339)
	raised := b.ask("ben", http.MethodPost, path, `{"customer": "`+mei.String()+`", "role": "home_staff", "since": "`+since+`", "said": "mine"}`)
	raised.is(t, "raised", 201, `"customer":"`+mei.String()+`"`)
	raised.hides(t, "nothing of her", "王美玲", "0912", "345678")
	if n := b.looks(mei); n != 1 {
		t.Errorf("%d looks at her in the audit", n)
	}
	id := raised.field(t, "id")
	b.ask("amy", http.MethodPost, path+"/"+id+"/withdraw", "").is(t, "not hers to take back", 404, "dispute_unknown")
	b.ask("ben", http.MethodPost, path+"/"+id+"/withdraw", "").is(t, "taken back", 200, `"state":"withdrawn"`)
}

func sureID(t *testing.T, text string) shop.ID {
	t.Helper()
	id, err := shop.ParseID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
