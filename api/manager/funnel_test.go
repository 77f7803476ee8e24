package manager_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/scan"
)

type funnelAnswer struct {
	Rows []struct {
		Of            *named
		Unassigned    bool
		Day           string
		Hour          *int
		StartsAt      time.Time `json:"starts_at"`
		CreditPerPing *int64    `json:"credit_per_ping_minor"`
		NetPerPing    *int64    `json:"net_per_ping_minor"`
		funnelSums
	}
	Total funnelSums
}

type funnelSums struct {
	Scans, Sessions, Bindings, Orders int64
	Net                               int64 `json:"net_minor"`
	Credit                            int64 `json:"credit_minor"`
	OwnCredit                         int64 `json:"own_credit_minor"`
	Conversion, AOV                   string
}

// shelfDay is a story of today: two people scan, a customer whom S1 won yesterday and somebody unknown buy, and all is rolled up.
func (b *bundle) shelfDay() {
	b.t.Helper()
	b.twoRoles()
	hq := shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: b.Ben}
	b.buy(b.Fixture, "1", b.won())
	b.buy(b.Fixture, "2", shop.ID{})
	tag := shop.NewID(noon)
	err := b.pool.Brand(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		for n := range 3 { // two of one person at once, one of another
			_, err := tx.Exec(b.t.Context(), `
				INSERT INTO scan (brand_id, id, tag_id, tag_code, store_id, placement, kind, device, scanned_at)
				VALUES ($1, $2, $3, 'X', $4, 'shelf', $5, $6, $7)`,
				b.Brand, shop.NewID(noon.Add(-2*time.Hour)), tag, b.S1, scan.InApp, []byte{byte(n / 2)}, noon.Add(-2*time.Hour))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = b.people.DescribePremises(b.t.Context(), hq, b.S1, team.Premises{AreaTenthPing: 305})
	}
	if err == nil {
		_, err = b.reports.RollUp(b.t.Context(), b.Brand, time.Time{})
	}
	if err == nil {
		_, err = b.reports.RollUpWeeks(b.t.Context(), b.Brand)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

const november = "from=2026-11-01&to=2026-11-30"

func TestAFunnelReconciles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.shelfDay()
	var f funnelAnswer
	b.get("finance", "/v1/manager/reports/funnel?by=store&"+november).into(http.StatusOK, &f)
	if len(f.Rows) != 2 || f.Total.Orders != 2 || f.Total.Net != 40_000 || f.Total.Credit != 1000 {
		t.Fatalf("%+v", f)
	}
	hers, nobodys := f.Rows[0], f.Rows[1]
	if hers.Unassigned {
		hers, nobodys = nobodys, hers
	}
	want := funnelSums{Scans: 3, Sessions: 2, Bindings: 1, Orders: 1, Net: 20_000, Credit: 800, OwnCredit: 600, Conversion: "1/2", AOV: "20000"}
	if hers.Of == nil || hers.Of.Code != "S1" || hers.funnelSums != want {
		t.Errorf("%+v", hers)
	}
	// 600 and 20,000 on 30.5 坪.
	if hers.CreditPerPing == nil || *hers.CreditPerPing != 20 || *hers.NetPerPing != 656 {
		t.Errorf("%+v", hers)
	}
	if !nobodys.Unassigned || nobodys.Of != nil || nobodys.Net != 20_000 || nobodys.Credit != 200 || nobodys.Conversion != "" {
		t.Errorf("%+v", nobodys)
	}
}

func TestAFunnelsFileHasTheRowsOfItsAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.shelfDay()
	for _, by := range []string{"tag", "placement", "product", "batch", "staff", "store"} {
		for _, each := range []string{"range", "day", "hour"} {
			query := "/v1/manager/reports/funnel?by=" + by + "&each=" + each + "&from=2026-11-05&to=2026-11-30"
			var f funnelAnswer
			b.get("hq", query).into(http.StatusOK, &f)
			file := b.get("hq", query+"&format=csv").into(http.StatusOK, nil)
			lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file.body), "\ufeff"))).ReadAll()
			if err != nil || len(lines) != len(f.Rows)+1 || len(f.Rows) == 0 {
				t.Fatalf("%s: %d lines, %d rows: %v", query, len(lines), len(f.Rows), err)
			}
			column := map[string]int{}
			for i, name := range lines[0] {
				column[name] = i
			}
			for i, r := range f.Rows {
				got := func(name string) string { return lines[i+1][column[name]] }
				code, hour := "", ""
				if r.Of != nil {
					code = r.Of.Code
				}
				if r.Hour != nil {
					hour = strconv.Itoa(*r.Hour)
				}
				for name, want := range map[string]string{
					"code": code, "day": r.Day, "hour": hour, "scans": fmt.Sprint(r.Scans), "sessions": fmt.Sprint(r.Sessions), "bindings": fmt.Sprint(r.Bindings),
					"orders": fmt.Sprint(r.Orders), "net_minor": fmt.Sprint(r.Net), "credit_minor": fmt.Sprint(r.Credit), "own_credit_minor": fmt.Sprint(r.OwnCredit), "currency": "TWD",
				} {
					if got(name) != want {
						t.Errorf("%s, row %d: %s is %q, want %q", query, i, name, got(name), want)
					}
				}
			}
		}
	}
}

func TestAManagersReportsAreOfHerStores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.shelfDay()
	var whole, hers, others, asked funnelAnswer
	b.get("hq", "/v1/manager/reports/funnel?by=placement&"+november).into(http.StatusOK, &whole)
	b.get("manager", "/v1/manager/reports/funnel?by=placement&"+november).into(http.StatusOK, &hers)
	b.get("manager", "/v1/manager/reports/funnel?by=placement&store="+b.S2.String()+"&"+november).into(http.StatusOK, &others)
	b.get("hq", "/v1/manager/reports/funnel?by=placement&store="+b.S1.String()+"&"+november).into(http.StatusOK, &asked)
	if whole.Total.Orders != 2 || hers.Total.Orders != 1 || hers.Total.Scans != 3 || len(others.Rows) != 0 || asked.Total != hers.Total {
		t.Errorf("%+v\n%+v\n%+v\n%+v", whole, hers, others, asked)
	}
	for _, path := range []string{"funnel?by=store&", "comparison?by=placement&a=shelf&b=window&", "adoption?"} {
		b.get("staff", "/v1/manager/reports/"+path+november).refused(http.StatusForbidden, "forbidden", "")
	}
	var c struct{ A struct{ Sessions int64 } }
	b.get("manager", "/v1/manager/reports/comparison?by=store&a="+strings.ToUpper(b.S1.String())+"&b="+b.S2.String()+"&"+november).into(http.StatusOK, &c)
	if c.A.Sessions != 2 {
		t.Errorf("%+v", c)
	}
	b.get("manager", "/v1/manager/reports/comparison?by=store&a="+b.other.S1.String()+"&b="+b.S2.String()+"&"+november).into(http.StatusOK, &c)
	if c.A.Sessions != 0 {
		t.Errorf("another brand's: %+v", c)
	}
}

func TestAdoptionIsByStoreAndISOWeek(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.shelfDay()
	type rows struct {
		Rows []struct {
			Week, Monday string
			Store        named
			NewMembers   int64 `json:"new_members"`
			ActiveStaff  int64 `json:"active_staff"`
			CameBack     int64 `json:"came_back"`
		}
	}
	var all, hers, others rows
	b.get("hq", "/v1/manager/reports/adoption?"+november).into(http.StatusOK, &all)
	b.get("manager", "/v1/manager/reports/adoption?"+november).into(http.StatusOK, &hers)
	b.get("manager", "/v1/manager/reports/adoption?store="+b.S2.String()+"&"+november).into(http.StatusOK, &others)
	if len(all.Rows) != 2 || len(hers.Rows) != 2 || len(others.Rows) != 0 {
		t.Fatalf("%+v %+v %+v", all, hers, others)
	}
	// Won on Sunday by Amy, who is all that she saw of the store; on Monday, in another week, she bought.
	for i, want := range []struct {
		week, monday        string
		won, active, cameBy int64
	}{{"2026-W47", "2026-11-16", 1, 1, 0}, {"2026-W48", "2026-11-23", 0, 0, 1}} {
		r := all.Rows[i]
		if r.Week != want.week || r.Monday != want.monday || r.Store.Code != "S1" || r.NewMembers != want.won || r.ActiveStaff != want.active || r.CameBack != want.cameBy {
			t.Errorf("%+v, want %+v", r, want)
		}
	}
	file := b.get("hq", "/v1/manager/reports/adoption?format=csv&"+november).into(http.StatusOK, nil)
	if lines := strings.Split(strings.TrimSpace(string(file.body)), "\r\n"); len(lines) != 3 || !strings.HasSuffix(lines[1], ",S1,信義店,1,1,0") {
		t.Errorf("%q", lines)
	}
}

func TestAReportSaysWhatItCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for query, want := range map[string]string{
		"funnel?by=shop&" + november:                                      "by",
		"funnel?by=store":                                                 "from",
		"funnel?by=store&from=2026-11-01":                                 "to",
		"funnel?by=store&from=2026-11-01&to=2026-11-31":                   "to",
		"funnel?by=store&from=2026-11-02&to=2026-11-01":                   "to",
		"funnel?by=store&from=2025-11-01&to=2026-11-02":                   "to",
		"funnel?by=store&each=hour&from=2026-10-01&to=2026-11-01":         "to",
		"funnel?by=store&each=week&" + november:                           "each",
		"funnel?by=store&format=xml&" + november:                          "format",
		"comparison?by=placement&a=shelf&b=shelf&" + november:             "b",
		"comparison?by=placement&a=shelf&" + november:                     "b",
		"comparison?by=store&a=shelf&b=" + b.S1.String() + "&" + november: "a",
		"adoption?from=2024-01-01&to=2026-01-01":                          "to",
	} {
		b.get("hq", "/v1/manager/reports/"+query).refused(http.StatusUnprocessableEntity, "fields_invalid", want)
	}
	var empty funnelAnswer
	b.get("hq", "/v1/manager/reports/funnel?by=store&each=day&from=2025-11-01&to=2026-11-01").into(http.StatusOK, &empty) // 366 days
	if len(empty.Rows) != 0 || empty.Total != (funnelSums{}) {
		t.Errorf("%+v", empty)
	}
}
