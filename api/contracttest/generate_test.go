package contracttest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"homestore/api/contracttest"
)

const anywhere = "http://127.0.0.1:1"

func operations(t *testing.T) []contracttest.Operation {
	t.Helper()
	doc, err := contracttest.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return contracttest.Operations(doc)
}

func TestDrawnRequestsFitTheContractUnlessTheyHaveAFault(t *testing.T) {
	t.Parallel()
	generator := contracttest.Generator{Now: time.Now()}
	for _, o := range operations(t) {
		t.Run(o.OperationID, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				drawn := generator.Request(rt, o)
				req, err := drawn.HTTP(t.Context(), anywhere)
				if err != nil {
					rt.Fatal(err)
				}
				if err := contracttest.Fits(req); err != nil && drawn.Fault == (contracttest.Fault{}) {
					rt.Fatalf("%v\n%v", drawn, err)
				}
			})
		})
	}
}

// within are faults that a contract may bear: they are drawn because readers stumble over them.
var within = []string{
	"less than nothing, and not", "a whole number with an exponent", "a fraction", "more than 64 bits", "half of a sign", "with U+0000", "no UTF-8", "a field twice", "more than a float",
	"of many levels", "twice", "with something after it", "sent as application/json; charset=utf-16", "", // a body that nobody asked for

}

func TestEveryFaultIsDrawnAndLeavesTheContract(t *testing.T) {
	t.Parallel()
	generator := contracttest.Generator{Now: time.Now()}
	refused := map[string]bool{}
	all := operations(t)
	rapid.Check(t, func(rt *rapid.T) {
		for range 300 { // more draws a check, or the rare ones stay away
			drawn := generator.Request(rt, rapid.SampledFrom(all).Draw(rt, "operation"))
			if drawn.Fault.What == "" {
				continue
			}
			req, err := drawn.HTTP(t.Context(), anywhere)
			if err != nil {
				rt.Fatal(err)
			}
			_, what, _ := strings.Cut(drawn.Fault.What, ": ")
			refused[what] = contracttest.Fits(req) != nil || refused[what]
		}
	})
	for what, is := range refused {
		if !is && !slices.Contains(within, what) {
			t.Errorf("a request with %q fits all the same", what)
		}
	}
	for _, what := range []string{"null", "a field that nobody knows", "without a field that it needs", "too long", "not one of them", "cut off", "missing"} {
		if !refused[what] {
			t.Errorf("%q was never drawn", what)
		}
	}
}

func TestDrawnRequestIsShownAsAShellSendsIt(t *testing.T) {
	t.Parallel()
	r := contracttest.Request{
		Method: http.MethodPost, Path: "/v1/x?q=%00", Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte("{\"a\":\"it's\\n\x01\xff信\"}"), Fault: contracttest.Fault{What: "a: no UTF-8"},
	}
	const want = `curl -i -X POST "$HOMESTORE"$'/v1/x?q=%00' -H $'Content-Type: application/json' --data-binary $'{"a":"it\'s\\n\x01\xff信"}' # a: no UTF-8`
	if got := r.String(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
