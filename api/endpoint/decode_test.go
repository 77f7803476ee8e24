package endpoint_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
)

type line struct {
	SKU      string `json:"sku"`
	Quantity int32  `json:"quantity"`
}

type sale struct {
	Store    shop.ID        `path:"store"`
	DryRun   bool           `query:"dry_run"`
	Tags     []string       `query:"tag"`
	Till     string         `header:"X-Till"`
	Number   string         `json:"number"`
	Amount   int64          `json:"amount"`
	Placed   *time.Time     `json:"placed"`
	Lines    []line         `json:"lines"`
	Extra    map[string]any `json:"extra"`
	Seller   *shop.ID       `json:"seller"`
	Untagged string
}

func (s sale) Validate() error {
	var check shop.Check
	check.That(s.Number != "", "number", "number_missing", "Give the receipt's number.")
	return check.Err()
}

func echo(_ context.Context, in sale) (sale, error) { return in, nil }

const aStore = "0190163d-8694-739b-aea5-966c26f8ad91"

func TestWhatABodyMayNotSayIsRefusedWithTheFieldNamed(t *testing.T) {
	t.Parallel()
	base := serve(t, endpoint.Frame{}, post("/v1/stores/{store}/sales", endpoint.Route{Handler: endpoint.Handle(echo)}))
	tests := []struct {
		body   string
		status int
		code   string
		fields string // names, in order
		why    string
	}{
		{`{"number":"1"}`, 200, "", "", "a body of what is known"},
		{`{"number":"1","role":"hq"}`, 400, "body_invalid", "role", "nobody gives herself a role"},
		{`{"number":"1","brand_id":2,"Amount":3}`, 400, "body_invalid", "brand_id Amount", "all at once; names are exact, encoding/json would take Amount"},
		{`{"number":"1","Store":"x"}`, 400, "body_invalid", "Store", "what comes from the path cannot come from the body"},
		{`{"number":"1","Untagged":"x"}`, 400, "body_invalid", "Untagged", "fields without a name for JSON do not exist"},
		{`{"number":"1","lines":[{"sku":"a"},{"sku":"b","cost":1}]}`, 400, "body_invalid", "lines[1].cost", "the path leads to the field"},
		{`{"number":"1","number":"2"}`, 400, "body_invalid", "number", "readers disagree about which of two counts"},
		{`{"number":"1","extra":{"a":{"b":1,"b":2}}}`, 400, "body_invalid", "extra.a.b", "also where anything goes"},
		{`{"number":7}`, 400, "body_invalid", "number", "a number is no text"},
		{`{"number":"1","amount":"7"}`, 400, "body_invalid", "amount", "a text is no number"},
		{`{"number":"1","amount":1.5}`, 400, "body_invalid", "amount", "minor units are whole"},
		{`{"number":"1","amount":9223372036854775808}`, 400, "body_invalid", "amount", "2^63 does not fit"},
		{`{"number":"1","lines":[{"quantity":2147483648}]}`, 400, "body_invalid", "lines[0].quantity", "2^31 does not fit"},
		{`{"number":"1","lines":{}}`, 400, "body_invalid", "lines", "an object is no list"},
		{`{"number":"1","seller":"amy"}`, 400, "body_invalid", "seller", "an id is a UUID"},
		{`{"number":"1","placed":"yesterday"}`, 400, "body_invalid", "placed", "a time is RFC 3339"},
		{`{"number":null}`, 400, "body_invalid", "number", "null is no text"},
		{`{"number":"1","seller":null,"lines":[null]}`, 400, "body_invalid", "seller lines[0]", "what has no value is left out"},
		{`{"number":"1","extra":{"a":null}}`, 200, "", "", "null where anything goes"},
		{`{"number":"1","seller":"00000000-0000-0000-0000-000000000000"}`, 400, "body_invalid", "seller", "our own word for nobody"},
		{`{"number":"1","seller":""}`, 400, "body_invalid", "seller", "nor is an empty text somebody"},
		{`{"number":"1","placed":"0001-01-01T00:00:00Z"}`, 400, "body_invalid", "placed", "our own word for never"},
		{`{"number":"1\u0000"}`, 400, "body_invalid", "number", "PostgreSQL cannot keep U+0000"},
		{"{\"number\":\"\xff\"}", 400, "json_malformed", "", "not UTF-8: encoding/json would change it silently"},
		{`{"number":"1"} {}`, 400, "json_malformed", "", "one object, no more"},
		{`{"number":"1"}]`, 400, "json_malformed", "", "no bracket too many"},
		{`{"number":"1",}`, 400, "json_malformed", "", "no comma too many"},
		{`{"number":"1"`, 400, "json_malformed", "", "cut off"},
		{`[]`, 400, "json_malformed", "", "a list at the root"},
		{`null`, 400, "json_malformed", "", "nothing at the root"},
		{``, 400, "body_required", "", "no body at all"},
		{`{}`, 422, "fields_invalid", "number", "Validate has the last word"},
		{`{"number":"1","extra":{"a":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}}`, 200, "", "", "32 levels are taken"},
		{`{"number":"1","extra":{"a":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}}`, 400, "json_too_deep", "", "33 are not"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got := ask(t, http.MethodPost, base+"/v1/stores/"+aStore+"/sales", tt.body)
			if got.status != tt.status {
				t.Fatalf("%d %s, want %d", got.status, got.body, tt.status)
			}
			if tt.code == "" {
				return
			}
			p := got.problem(t)
			var names []string
			for _, f := range p.Fields {
				names = append(names, f.Name)
			}
			if p.Code != tt.code || strings.Join(names, " ") != tt.fields {
				t.Errorf("%s %v, want %s %s", p.Code, names, tt.code, tt.fields)
			}
		})
	}
}

func TestParametersComeFromWhereTheirTagsSay(t *testing.T) {
	t.Parallel()
	read := func(_ context.Context, in sale) (endpoint.List[string], error) {
		list := endpoint.List[string]{Items: in.Tags}
		if in.DryRun {
			list.NextCursor = in.Store.String() + " " + in.Till
		}
		return list, nil
	}
	base := serve(t, endpoint.Frame{}, post("/v1/stores/{store}/sales", endpoint.Route{Handler: endpoint.Handle(read)}))
	tests := []struct {
		path   string
		status int
		want   string
		why    string
	}{
		{aStore + "/sales?dry_run=true&tag=a&tag=%E6%9E%97", 200, `{"items":["a","林"],"next_cursor":"` + aStore + ` 7"}`, "path, query, repeated query and header"},
		{aStore + "/sales", 200, `{"items":[]}`, "an empty list is [], and absent parameters are no error"},
		{aStore + "/sales?utm_source=line", 200, `{"items":[]}`, "what campaigns add to a link is left alone"},
		{"7/sales?dry_run=maybe", 400, "store id_malformed dry_run boolean_invalid", "all wrong parameters at once"},
		{aStore + "/sales?dry_run=true&dry_run=false", 400, "dry_run parameter_repeated", "one value, or none"},
		{aStore + "/sales?tag=%00", 400, "tag text_invalid", "PostgreSQL cannot keep U+0000"},
		{aStore + "/sales?tag=%ff", 400, "tag text_invalid", "not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got := ask(t, http.MethodPost, base+"/v1/stores/"+tt.path, `{"number":"1"}`, "X-Till", "7")
			said := string(got.body)
			if got.status != http.StatusOK {
				var parts []string
				for _, f := range got.problem(t).Fields {
					parts = append(parts, f.Name, f.Code)
				}
				said = strings.Join(parts, " ")
			}
			if got.status != tt.status || said != tt.want {
				t.Errorf("%d %s, want %d %s", got.status, said, tt.status, tt.want)
			}
		})
	}
}

func TestAListIsAskedForByCursorAndLimit(t *testing.T) {
	t.Parallel()
	type search struct {
		endpoint.Paging
		Name string `query:"name"`
	}
	read := func(_ context.Context, in search) (shop.Page, error) { return in.Page() }
	base := serve(t, endpoint.Frame{}, endpoint.Route{Method: "GET", Path: "/list", Operation: "a", Public: true, Handler: endpoint.Handle(read)})
	id, err := shop.ParseID(aStore)
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                                   `{"After":"","Limit":50}`,
		"?limit=7&cursor=" + shop.Cursor(id): `{"After":"` + aStore + `","Limit":7}`,
		"?limit=1000":                        `{"After":"","Limit":200}`,
	} {
		if got := ask(t, http.MethodGet, base+"/list"+query, ""); string(got.body) != want {
			t.Errorf("%s: %s, want %s", query, got.body, want)
		}
	}
	if got := ask(t, http.MethodGet, base+"/list?limit=0", ""); got.status != 400 || got.problem(t).Fields[0].Name != "limit" {
		t.Errorf("a page of nothing: %d %s", got.status, got.body)
	}
	if got := ask(t, http.MethodGet, base+"/list?cursor=nonsense", ""); got.status != 400 || got.problem(t).Code != "cursor_invalid" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestOnlyJSONIsTakenAsJSON(t *testing.T) {
	t.Parallel()
	base := serve(t, endpoint.Frame{}, post("/v1/stores/{store}/sales", endpoint.Route{Handler: endpoint.Handle(echo)}))
	tests := []struct {
		mediaType string
		status    int
		why       string
	}{
		{"application/json", 200, "as it should be"},
		{"application/json; charset=UTF-8", 200, "as many clients say it"},
		{"application/json; charset=big5", 415, "another encoding would be garbled"},
		{"text/plain", 415, "what a form of another site can send without asking"},
		{"application/x-www-form-urlencoded", 415, "a form"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			got := ask(t, http.MethodPost, base+"/v1/stores/"+aStore+"/sales", `{"number":"1"}`, "Content-Type", tt.mediaType)
			if got.status != tt.status {
				t.Errorf("%s: %d, want %d", tt.mediaType, got.status, tt.status)
			}
		})
	}
}

func TestARawBodyIsTheExactBytes(t *testing.T) {
	t.Parallel()
	type hook struct {
		Signature string `header:"X-Signature"`
		Body      []byte `body:"raw"`
	}
	read := func(_ context.Context, in hook) (endpoint.File, error) {
		return endpoint.File{ContentType: "text/plain", Name: "收據.txt", Body: append([]byte(in.Signature+":"), in.Body...)}, nil
	}
	base := serve(t, endpoint.Frame{}, post("/v1/hooks", endpoint.Route{Handler: endpoint.Handle(read)}))
	const sent = "  {\"a\": 1, \"a\" : 2}\n\x00\xff"
	got := ask(t, http.MethodPost, base+"/v1/hooks", sent, "X-Signature", "s", "Content-Type", "anything/goes")
	if got.status != 200 || string(got.body) != "s:"+sent {
		t.Errorf("%d %q", got.status, got.body)
	}
	if d := got.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename*=utf-8''") {
		t.Errorf("disposition %q", d)
	}
}

// Bombs are answered within a second, small in what they cost and in what is said back.
func TestBombsInABodyAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	base := serve(t, endpoint.Frame{}, post("/v1/stores/{store}/sales", endpoint.Route{Handler: endpoint.Handle(echo)}))
	var crowd strings.Builder
	crowd.WriteString(`{"number":"1"`)
	for i := range 100_000 {
		crowd.WriteString(`,"` + string(rune('a'+i%26)) + strings.Repeat("x", 1+i%3) + `":1`)
	}
	crowd.WriteString(`}`)
	for why, body := range map[string]string{
		"200,000 levels":             `{"extra":` + strings.Repeat("[", 200_000),
		"200,000 objects":            strings.Repeat(`{"extra":`, 100_000),
		"100,000 fields":             crowd.String(),
		"a field name of 1 MB":       `{"` + strings.Repeat("n", 1<<20-100) + `":1}`,
		"a number of 500,000 digits": `{"amount":` + strings.Repeat("9", 500_000) + `}`,
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			got := ask(t, http.MethodPost, base+"/v1/stores/"+aStore+"/sales", body)
			if took := time.Since(began); got.status != http.StatusBadRequest || took > time.Second {
				t.Errorf("%d after %s", got.status, took)
			}
			if len(got.body) > 8<<10 {
				t.Errorf("%d bytes said back", len(got.body))
			}
		})
	}
}

func TestAListHasAnEnd(t *testing.T) {
	t.Parallel()
	type list struct {
		Items []int `json:"items"`
	}
	count := func(_ context.Context, in list) (int, error) { return len(in.Items), nil }
	base := serve(t, endpoint.Frame{}, post("/v1/lists", endpoint.Route{Handler: endpoint.Handle(count)}))
	for _, tt := range []struct{ items, status int }{{10_000, 200}, {10_001, 400}} {
		got := ask(t, http.MethodPost, base+"/v1/lists", `{"items":[`+strings.Repeat("1,", tt.items-1)+`1]}`)
		if got.status != tt.status {
			t.Errorf("%d items: %d %s", tt.items, got.status, got.body)
		}
		if tt.status == 400 && !strings.Contains(string(got.body), `"code":"too_many"`) {
			t.Errorf("%s", got.body)
		}
	}
}
