package report_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/tag"
	"homestore/referral/target"
)

// splitFromFacts divides each order's revenue once more, from the facts and the credits alone.
const splitFromFacts = facts + `, ground AS (
  SELECT order_id, min(CASE WHEN role LIKE 'home%' THEN 1 WHEN role LIKE 'display%' THEN 2 WHEN role = 'assist_staff' THEN 3 END) AS no
  FROM credit WHERE brand_id = $1 GROUP BY order_id
), share AS (
  SELECT c.order_id, c.store_id, sum(c.share_minor) AS weight FROM credit c JOIN ground g ON g.order_id = c.order_id
  WHERE c.brand_id = $1 AND g.no = CASE WHEN role LIKE 'home%' THEN 1 WHEN role LIKE 'display%' THEN 2 WHEN role = 'assist_staff' THEN 3 END
  GROUP BY 1, 2
), whole AS (
  SELECT s.id, to_char(s.placed_at AT TIME ZONE 'Asia/Taipei', 'YYYY-MM') AS month, s.net - s.returned AS net, o.store_id AS seller
  FROM sold s JOIN sales_order o ON o.brand_id = $1 AND o.id = s.id
  WHERE s.currency = 'TWD' AND s.state = 'placed'
), quota AS (
  SELECT w.month, w.id, w.net, coalesce(h.store_id, w.seller) AS store_id, w.net * coalesce(h.weight, 1) / sum(coalesce(h.weight, 1)) OVER (PARTITION BY w.id) AS exact
  FROM whole w LEFT JOIN share h ON h.order_id = w.id
), part AS (
  SELECT month, store_id, floor(exact) + CASE WHEN row_number() OVER (PARTITION BY id ORDER BY exact - floor(exact) DESC, store_id)
    <= net - sum(floor(exact)) OVER (PARTITION BY id) THEN 1 ELSE 0 END AS after
  FROM quota
), both_columns AS (
  SELECT month, seller AS store_id, net AS before, 0 AS after FROM whole UNION ALL SELECT month, store_id, 0, after FROM part
)
SELECT s.code, sum(before)::bigint, sum(after)::bigint FROM both_columns b JOIN store s ON s.brand_id = $1 AND s.id = b.store_id
WHERE month = $2 GROUP BY 1 HAVING (sum(before), sum(after)) <> (0, 0) ORDER BY 1`

// achievedFromFacts: the goods that stayed, of the orders in which somebody earns.
const achievedFromFacts = facts + `, line AS (
  SELECT DISTINCT c.order_id, c.line_no FROM credit c
  WHERE c.brand_id = $1 AND c.beneficiary_id = $3 AND c.role IN ('home_staff', 'selling_staff', 'assist_staff', 'home_store', 'selling_store', 'online_team')
)
SELECT coalesce(floor(sum(net::numeric * (quantity - back) / quantity) + 0.5), 0)::bigint
FROM goods g JOIN line l ON l.order_id = g.id
WHERE g.currency = 'TWD' AND g.state = 'placed' AND to_char(g.placed_at AT TIME ZONE 'Asia/Taipei', 'YYYY-MM') = $2`

// shares adds a plan by which several displays share, and persons earn too.
func (s *shelf) shares() {
	s.t.Helper()
	var p plan.Plan
	rules := `{"version": 2, "first_day": "2026-03-30", "display": {"choice": "even"}, "rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200},
		{"role": "display_store", "rate_bp": 200, "when": {"store_kind": "shop"}}, {"role": "display_staff", "rate_bp": 50}, {"role": "online_team", "rate_bp": 100}]}`
	if err := json.Unmarshal([]byte(rules), &p); err != nil {
		s.t.Fatal(err)
	}
	if _, err := plan.New(s.pool, s.clock).Add(s.t.Context(), shop.System(s.Brand), time.UTC, p); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) split(month string) report.Split {
	s.t.Helper()
	out, err := s.Split(s.t.Context(), s.hq, day(month+"-01"))
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// columns are the two of a month, by store.
func columns(of report.Split) map[string][2]int64 {
	got := map[string][2]int64{}
	for _, r := range of.Stores {
		got[r.Code] = [2]int64{r.Before, r.After}
	}
	return got
}

func (s *shelf) columnsFromFacts(month string) map[string][2]int64 {
	s.t.Helper()
	want := map[string][2]int64{}
	s.read(func(tx pgx.Tx) error {
		rows, err := tx.Query(s.t.Context(), splitFromFacts, s.Brand, month)
		if err != nil {
			return err
		}
		var code string
		var before, after int64
		_, err = pgx.ForEachRow(rows, []any{&code, &before, &after}, func() error {
			want[code] = [2]int64{before, after}
			return nil
		})
		return err
	})
	return want
}

func TestTheSplitIsWhatTheFactsAddUpTo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := setupShelf(t)
			s.shares()
			targets := target.New(s.pool, s.clock)
			holders := []attribution.Beneficiary{attribution.StaffOf(s.Amy), attribution.StaffOf(s.Ben), attribution.StoreOf(s.S1), attribution.StoreOf(s.Web)}
			for _, month := range []string{"2026-03", "2026-04"} {
				for _, holder := range holders {
					if err := targets.Set(t.Context(), s.hq, target.Target{Month: day(month + "-01"), Holder: holder, Minor: 10_000}); err != nil {
						t.Fatal(err)
					}
				}
			}
			s.randomDays(rand.New(rand.NewPCG(seed, 29)), 220) //nolint:gosec // a seed is a story
			s.rolled()
			moved, reached := int64(0), int64(0)
			for _, month := range []string{"2026-03", "2026-04"} {
				got := s.split(month)
				if d := cmp.Diff(s.columnsFromFacts(month), columns(got)); d != "" {
					t.Errorf("%s: %s", month, d)
				}
				before, after := int64(0), int64(0)
				for _, r := range got.Stores {
					before, after = before+r.Before, after+r.After
					if r.Side == report.ShopSide {
						moved += r.After
					}
				}
				if before != after || before != got.Net {
					t.Errorf("%s: %d before, %d after, %d net", month, before, after, got.Net)
				}
				s.costsWhatTheBookSays(got)
				if len(got.Targets) != len(holders) {
					t.Errorf("%s: %d targets", month, len(got.Targets))
				}
				for _, a := range got.Targets {
					if want := s.achieved(month, a.Holder); a.Achieved != want || a.BP != want {
						t.Errorf("%s: %s has reached %d (%d), want %d", month, a.Code, a.Achieved, a.BP, want)
					}
					reached += a.Achieved
				}
			}
			if moved == 0 || reached == 0 {
				t.Errorf("too little happened: %d moved, %d reached", moved, reached)
			}
		})
	}
}

func (s *shelf) achieved(month string, of attribution.Beneficiary) (minor int64) {
	s.t.Helper()
	s.read(func(tx pgx.Tx) error {
		return tx.QueryRow(s.t.Context(), achievedFromFacts, s.Brand, month, of.ID).Scan(&minor)
	})
	return minor
}

// costsWhatTheBookSays: roles add up to the cost, and that is what the report of commission says.
func (s *shelf) costsWhatTheBookSays(got report.Split) {
	s.t.Helper()
	sum := int64(0)
	for _, r := range got.Roles {
		sum += r.Minor
	}
	commission, err := s.Commission(s.t.Context(), s.hq, got.First)
	if err != nil {
		s.t.Fatal(err)
	}
	if sum != got.Cost || got.Cost != commission.Cost["TWD"] {
		s.t.Errorf("the roles add up to %d, cost is %d, by the book %d", sum, got.Cost, commission.Cost["TWD"])
	}
}

func TestRevenueMovesToWhomTheCreditSays(t *testing.T) {
	t.Parallel()
	s := setupShelf(t)
	s1, s2 := s.tag(s.S1, shop.ID{}, tag.Shelf, "SOFA", ""), s.tag(s.S2, shop.ID{}, tag.Shelf, "SOFA", "")
	s.buys(shop.ID{}, 1, "TWD") // nobody's: 999
	hers := s.joins(s.scan(s1, 1, phone))
	s.buys(hers, 2, "TWD")                             // home is S1: 1998
	s.buys(s.person(), 3, "TWD", s.scan(s2, 2, phone)) // display at S2: 2997
	s.buys(hers, 1, "USD")                             // is no revenue of the brand's currency
	gone := s.buys(hers, 4, "TWD")                     // cancelled
	back := s.buys(hers, 5, "TWD")                     // comes back but for one: 999
	s.apply(order.WasCancelled{Order: gone, At: s.now})
	s.apply(order.WasRefunded{Order: back, ExternalID: "r1", At: s.now, Lines: []order.RefundedLine{{Line: "1", Quantity: 4}}})
	for range 2 { // worked out again it is the same
		s.rolled()
		got := s.split("2026-03")
		want := map[string][2]int64{"WEB": {6993, 999}, "S1": {0, 2997}, "S2": {0, 2997}}
		if d := cmp.Diff(want, columns(got)); d != "" {
			t.Error(d)
		}
		if got.Net != 6993 || got.Currency != "TWD" || got.Cost != 220 || got.CostBP != 315 {
			t.Errorf("%+v", got)
		}
		s.noted()
	}
}

// noted has every order worked out again.
func (s *shelf) noted() {
	s.t.Helper()
	err := s.pool.Brand(s.t.Context(), s.Brand, func(tx pgx.Tx) error {
		_, err := tx.Exec(s.t.Context(), `INSERT INTO origin_due (brand_id, id, order_id) SELECT brand_id, id, id FROM sales_order WHERE brand_id = $1`, s.Brand)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestTheSplitIsHeadOfficesAndFinances(t *testing.T) {
	t.Parallel()
	s := setupShelf(t)
	for _, role := range []shop.Role{shop.RoleStaff, shop.RoleManager, shop.RoleCustomer, shop.RoleIntegration} {
		if _, err := s.Split(t.Context(), shop.Actor{Brand: s.Brand, Role: role, Stores: []shop.ID{s.S1}}, day("2026-03-01")); !errors.Is(err, shop.ErrForbidden) {
			t.Errorf("%s: %v", role, err)
		}
	}
	got, err := s.Split(t.Context(), shop.Actor{Brand: s.Brand, Role: shop.RoleFinance}, day("2026-03-01"))
	if err != nil || got.Net != 0 || got.CostBP != 0 || len(got.Stores) != 0 {
		t.Errorf("of a month without orders: %+v, %v", got, err)
	}
}
