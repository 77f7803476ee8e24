package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"homestore/clienteling/shop"
)

func (j *journey) makeKey(ctx context.Context) error {
	body := map[string]any{"name": "web shop and tills", "platform": "api", "store": j.stores["WEB"], "scopes": []string{"orders:write"}}
	var made struct {
		Key string `json:"key"`
	}
	if err := j.post(ctx, j.hq, "/v1/manager/integration-keys", body, http.StatusCreated, &made); err != nil {
		return err
	}
	j.apiKey = made.Key
	j.say("key %s… may write orders; it is shown once", made.Key[:12])
	return nil
}

// sale is an order of the journey and what must come of it, by role and beneficiary.
type sale struct {
	name    string
	body    map[string]any
	credits map[string]int64
}

// lostToHome are the claims of her own scan: it was at her home store, which is not paid twice.
var lostToHome = []string{"display_staff X001 same_store", "display_store XINYI same_store"}

func (j *journey) order(channel, store string, lines ...map[string]any) map[string]any {
	return map[string]any{
		"order":     "D-" + strings.ToUpper(j.subject[len(j.subject)-6:]) + fmt.Sprint(len(j.orders)+1),
		"placed_at": instant(), "channel": channel, "store": store, "currency": "TWD",
		"customer": map[string]any{"identities": []map[string]any{{"kind": "phone", "value": j.number, "verified": true}}}, "lines": lines,
	}
}

// instant is now to the millisecond, as ids carry it: an order of the same second as the scan comes after it.
func instant() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func line(no int, sku, name, category string, quantity int, minor int64) map[string]any {
	return map[string]any{
		"line": no, "sku": sku, "name": name, "category": category, "quantity": quantity,
		"unit_price_minor": minor, "tax_included": true,
	}
}

func (j *journey) buyOnTheWeb(ctx context.Context) error {
	body := j.order("online", "WEB", line(1, "SOFA-CLOUD-OAT", "雲朵三人沙發 燕麥白", "sofa", 1, 31500))
	body["clicks"] = []string{j.click}
	j.say("31,500 with 5 %% tax is 30,000 net; the scan's shop is her home store and is not paid twice")
	return j.sell(ctx, sale{"web", body, map[string]int64{
		"home_store XINYI": 900, "home_staff X001": 600, "online_team WEB": 300,
	}})
}

func (j *journey) buyAtTheTill(ctx context.Context) error {
	body := j.order("till", "BANQIAO", line(1, "LAMP-PAPER", "和紙立燈", "lamp", 1, 4200))
	body["staff"] = "B001"
	j.say("4,200 is 4,000 net: Banqiao sold it, Xinyi is still her home")
	return j.sell(ctx, sale{"till", body, map[string]int64{
		"home_store XINYI": 120, "home_staff X001": 80, "selling_store BANQIAO": 80, "selling_staff B001": 40,
	}})
}

func (j *journey) collect(ctx context.Context) error {
	body := j.order("online", "WEB", line(1, "CUSHION-SAND", "亞麻抱枕 沙色", "textile", 2, 1050))
	body["pickup_store"] = "TAICHUNG"
	s := sale{"collected", body, map[string]int64{"home_store XINYI": 60, "home_staff X001": 40, "online_team WEB": 20}}
	if err := j.sell(ctx, s); err != nil {
		return err
	}
	handover := map[string]any{
		"external_id": "H-" + j.nameOf("collected"), "order": j.nameOf("collected"), "kind": "pickup", "store": "TAICHUNG",
		"at": instant(),
	}
	if err := j.post(ctx, j.apiKey, "/v1/integrations/fulfilments", handover, http.StatusOK, nil); err != nil {
		return err
	}
	j.say("handed over in Taichung, which earns 60 for it")
	s.credits["pickup_store TAICHUNG"] = 60
	return j.explain(ctx, s)
}

func (j *journey) refund(ctx context.Context) error {
	body := map[string]any{
		"external_id": "R-" + j.nameOf("collected"), "order": j.nameOf("collected"), "at": instant(),
		"lines": []map[string]any{{"line": "1", "quantity": 1}},
	}
	if err := j.post(ctx, j.apiKey, "/v1/integrations/refunds", body, http.StatusOK, nil); err != nil {
		return err
	}
	j.say("half of 60, 40 and 20 is taken back; the 60 for the handover stays: the work was done")
	return j.explain(ctx, sale{"collected", nil, map[string]int64{
		"home_store XINYI": 30, "home_staff X001": 20, "online_team WEB": 10, "pickup_store TAICHUNG": 60,
	}})
}

// nameOf is what the brand's systems call the order.
func (j *journey) nameOf(name string) string { return j.names[name] }

// sell tells Homestore of an order and looks at what it made of it.
func (j *journey) sell(ctx context.Context, s sale) error {
	var taken struct {
		Order   shop.ID `json:"order"`
		Outcome string  `json:"outcome"`
	}
	if err := j.post(ctx, j.apiKey, "/v1/integrations/orders", s.body, http.StatusOK, &taken); err != nil {
		return err
	}
	if err := must(taken.Outcome == "applied", "the order was %s", taken.Outcome); err != nil {
		return err
	}
	j.orders[s.name], j.names[s.name] = taken.Order, s.body["order"].(string)
	return j.explain(ctx, s)
}

// explanation is the answer to "why this cent?".
type explanation struct {
	State   string `json:"state"`
	Credits []struct {
		Role     string `json:"role"`
		To       party  `json:"to"`
		Line     int    `json:"line"`
		Minor    int64  `json:"minor"`
		Reversed int64  `json:"reversed_minor"`
		Left     int64  `json:"left_minor"`
		Reason   why    `json:"reason"`
	} `json:"credits"`
	Lost []struct {
		Role string `json:"role"`
		To   party  `json:"to"`
		Why  string `json:"why"`
	} `json:"lost"`
}

type party struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

type why struct {
	Base    string `json:"base"`
	Share   string `json:"share"`
	Grounds []struct {
		Rule   int   `json:"rule"`
		RateBP int64 `json:"rate_bp"`
		Fixed  int64 `json:"fixed_minor"`
		Source string
		Tag    string `json:"tag"`
	} `json:"grounds"`
}

func (w why) String() string {
	if len(w.Grounds) == 0 {
		return "no ground is given"
	}
	g := w.Grounds[0]
	if g.Fixed > 0 {
		return fmt.Sprintf("rule %d: %d for each handover", g.Rule, g.Fixed)
	}
	text := fmt.Sprintf("rule %d: %d.%02d %% of %s", g.Rule, g.RateBP/100, g.RateBP%100, w.Base)
	if g.Source != "" {
		text += ", bound by " + g.Source
	}
	return text
}

// explain prints an order's credits with their reasons, and compares them with what they must be.
func (j *journey) explain(ctx context.Context, s sale) error {
	var e explanation
	if err := j.get(ctx, j.hq, "/v1/manager/orders/"+j.orders[s.name].String(), &e); err != nil {
		return err
	}
	got := map[string]int64{}
	for _, c := range e.Credits {
		got[c.Role+" "+c.To.Code] += c.Left
		taken := ""
		if c.Reversed > 0 {
			taken = fmt.Sprintf(" (%d less %d)", c.Minor, c.Reversed)
		}
		j.say("%6d  %-13s %-9s %s%s: %s", c.Left, c.Role, c.To.Code, c.To.Name, taken, c.Reason)
	}
	var lost []string
	for _, l := range e.Lost {
		lost = append(lost, l.Role+" "+l.To.Code+" "+l.Why)
		j.say("     –  %-13s %-9s %s: %s", l.Role, l.To.Code, l.To.Name, l.Why)
	}
	if !maps.Equal(got, s.credits) {
		return fmt.Errorf("credits are %s, want %s", sums(got), sums(s.credits))
	}
	slices.Sort(lost)
	if !slices.Equal(lost, lostToHome) {
		return fmt.Errorf("lost claims are %v, want %v", lost, lostToHome)
	}
	j.sold[s.name] = s.credits
	return nil
}

// readReport sums the report of this month by role and beneficiary, and says it line by line when asked.
func (j *journey) readReport(ctx context.Context, aloud bool) (map[string]int64, error) {
	zone, err := time.LoadLocation(j.Brand.TimeZone)
	if err != nil {
		return nil, err
	}
	month := time.Now().In(zone).Format("2006-01")
	var r struct {
		Rows []struct {
			To       party  `json:"to"`
			Role     string `json:"role"`
			Credited int64  `json:"credited_minor"`
			Refunded int64  `json:"refunded_minor"`
			Net      int64  `json:"net_minor"`
		} `json:"rows"`
		Net  json.RawMessage `json:"net"`
		Cost json.RawMessage `json:"cost"`
	}
	if err := j.get(ctx, j.hq, "/v1/manager/reports/commission?month="+month, &r); err != nil {
		return nil, err
	}
	sums := map[string]int64{}
	for _, row := range r.Rows {
		sums[row.Role+" "+row.To.Code] += row.Net
		if aloud {
			j.say("%s %-13s %-9s %s: %d credited, %d taken back, %d net", month, row.Role, row.To.Code, row.To.Name, row.Credited, row.Refunded, row.Net)
		}
	}
	return sums, must(string(r.Net) == string(r.Cost), "the rows sum to %s and the brand's cost is %s", r.Net, r.Cost)
}

func (j *journey) report(ctx context.Context) error {
	after, err := j.readReport(ctx, true)
	if err != nil {
		return err
	}
	want := maps.Clone(j.before)
	for _, credits := range j.sold {
		for who, minor := range credits {
			want[who] += minor
		}
	}
	j.say("rows and cost reconcile")
	return must(maps.Equal(after, want), "the report says %s, want %s", sums(after), sums(want))
}
