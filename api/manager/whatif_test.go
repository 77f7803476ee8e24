package manager_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"homestore/clienteling/shop"
)

type whatIfLine struct {
	Done    int
	Of      int
	Outcome *struct {
		From, To string
		Orders   int
		Months   []string
		Books    []struct {
			ChangeMinor int64 `json:"change_minor"`
			Winners     []struct {
				To                struct{ Kind, Code, Name string }
				ChangeMinor       int64 `json:"change_minor"`
				MonthsBeforeMinor int64 `json:"months_before_minor"`
				MonthsAfterMinor  int64 `json:"months_after_minor"`
				WholeChangeMinor  int64 `json:"whole_change_minor"`
			}
		}
	}
}

var draft = object{"version": 9, "first_day": "2030-01-01", "rules": []object{{"role": "online_team", "rate_bp": 500}},
	"month_min_minor": object{"online_team": 1000000}}

func linesOf(t *testing.T, body []byte) (all []whatIfLine) {
	t.Helper()
	for d := json.NewDecoder(bytes.NewReader(body)); ; {
		var l whatIfLine
		if err := d.Decode(&l); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		all = append(all, l)
	}
}

func TestHeadOfficeTriesADraftOnPastOrders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy(b.Fixture, "W-1", shop.ID{})
	got := b.post("hq", "/v1/manager/what-if", object{"plan": draft, "from": "2026-11-01", "to": "2026-11-30"}).into(http.StatusOK, nil)
	if got.header.Get("Content-Type") != "application/x-ndjson" {
		t.Error(got.header)
	}
	all := linesOf(t, got.body)
	first, last := all[0], all[len(all)-1]
	if first.Done != 0 || first.Of != 1 || first.Outcome != nil || last.Done != 1 || last.Of != 1 || last.Outcome == nil {
		t.Fatalf("%s", got.body)
	}
	o := last.Outcome
	if o.From != "2026-11-01" || o.To != "2026-11-30" || o.Orders != 1 || len(o.Books) != 1 || len(o.Books[0].Winners) != 1 || len(o.Months) != 1 || o.Months[0] != "2026-11" {
		t.Fatalf("%s", got.body)
	}
	w := o.Books[0].Winners[0]
	if w.To.Kind != "store" || w.To.Code != "WEB" || w.To.Name != "官網" || w.ChangeMinor <= 0 || w.ChangeMinor != o.Books[0].ChangeMinor {
		t.Errorf("%s", got.body)
	}
	if w.MonthsBeforeMinor != 0 || w.MonthsAfterMinor <= 0 || w.WholeChangeMinor != w.ChangeMinor+w.MonthsAfterMinor {
		t.Errorf("%s", got.body)
	}
}

func TestADraftThatCannotBeTriedIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.post("hq", "/v1/manager/what-if", object{"plan": draft, "from": "2026-11-02", "to": "2026-11-01"}).refused(422, "whatif_range_backward", "")
	b.post("hq", "/v1/manager/what-if", object{"plan": draft, "from": "2026-11-02"}).refused(422, "fields_invalid", "to")
	odd := object{"version": 9, "first_day": "2030-01-01", "rules": []object{}, "hold_days": 1}
	b.post("hq", "/v1/manager/what-if", object{"plan": odd, "from": "2026-11-01", "to": "2026-11-01"}).refused(422, "fields_invalid", "plan.hold_days")
	odd = object{"version": 9, "first_day": "2030-01-01", "rulez": []object{}}
	b.post("hq", "/v1/manager/what-if", object{"plan": odd, "from": "2026-11-01", "to": "2026-11-01"}).refused(422, "fields_invalid", "plan.rulez")
}

// The connection is what holds a replay: whoever closes it makes room for the next.
func TestClosingTheConnectionCancelsAReplay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy(b.Fixture, "W-1", shop.ID{})
	body, err := json.Marshal(object{"plan": draft, "from": "2026-11-01", "to": "2026-11-30"})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		ctx, hangUp := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.base+"/v1/manager/what-if", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer hq")
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == http.StatusOK && !bufio.NewScanner(res.Body).Scan() {
			t.Error("it was answered by nothing")
		}
		hangUp()
		_ = res.Body.Close()
	}
	for {
		got := b.post("hq", "/v1/manager/what-if", object{"plan": draft, "from": "2026-11-01", "to": "2026-11-30"})
		if got.status == http.StatusOK && strings.Contains(string(got.body), `"outcome"`) {
			return // each of the others has ended
		}
		got.refused(http.StatusConflict, "whatif_busy", "")
	}
}
