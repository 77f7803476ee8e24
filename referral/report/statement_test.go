package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
	"homestore/referral/period"
	"homestore/referral/plan"
	"homestore/referral/report"
	"homestore/referral/scan"
	"homestore/referral/statement"
	"homestore/referral/target"
)

// books is a brand with whatever moves money: tiers, caps, a least, returns after the return period, pools and adjustments.
type books struct {
	postgrestest.Fixture
	t          *testing.T
	pool       *postgres.Pool
	now        time.Time
	book       *ledger.Ledger
	orders     *order.Service
	bindings   *binding.Service
	periods    *period.Service
	targets    *target.Service
	statements *statement.Service
	reports    *report.Service
	finance    shop.Actor
}

const everything = `{"version": 1, "first_day": "2020-01-01", "leaver": "pool", "hold_days": 7, "clawback_month_cap_minor": 3,
	"rules": [{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 200}, {"role": "online_team", "rate_bp": 133}],
	"tiers": [{"role": "home_store", "kind": "marginal", "steps": [{"from_minor": 50000, "extra_bp": 100}]}],
	"month_cap_minor": {"online_team": 2000}}`

func setupBooks(t *testing.T) *books {
	t.Helper()
	pool := postgrestest.New(t)
	b := &books{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool, now: time.Date(2026, 1, 1, 4, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return b.now }
	scans := scan.New(scan.Parts{Pool: pool, Now: clock})
	b.book = ledger.New(pool, scans)
	b.reports = report.New(pool)
	b.orders = order.New(pool, clock, b.book, b.reports)
	b.bindings = binding.New(pool, clock, scans, b.book)
	b.periods = period.New(pool, clock, b.book)
	b.targets = target.New(pool, clock)
	b.statements = statement.New(pool, b.periods, "https://hs.example.tw")
	b.finance = shop.Actor{Brand: b.Brand, Role: shop.RoleFinance, ID: shop.NewID(b.now)}
	var p plan.Plan
	b.must(json.Unmarshal([]byte(everything), &p))
	_, err := plan.New(pool, clock).Add(t.Context(), shop.System(b.Brand), time.UTC, p)
	b.must(err)
	return b
}

func (b *books) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// won makes a customer of a person's.
func (b *books) won(name string, store, staff shop.ID) shop.ID {
	b.t.Helper()
	var who shop.ID
	b.must(b.pool.Brand(b.t.Context(), b.Brand, func(tx pgx.Tx) (err error) {
		who, err = customer.Resolve(b.t.Context(), tx, b.Brand, []customer.Identity{{Kind: customer.POS, Value: "pos:" + name}}, b.now)
		return err
	}))
	_, err := b.bindings.Claim(b.t.Context(), shop.System(b.Brand), binding.Attempt{Customer: who, Store: store, Staff: staff, Source: binding.FromTill})
	b.must(err)
	return who
}

func (b *books) apply(f order.Fact) {
	b.t.Helper()
	_, err := b.orders.Apply(b.t.Context(), b.Brand, "test", f)
	b.must(err)
}

// draw plays three months of orders of two people's customers, returns early, late and of closed months, a leaver whose customers go
// to the pool, and closes each month.
func (b *books) draw(dice *rand.Rand) {
	amys, bens := b.won("mei", b.S1, b.Amy), b.won("lan", b.S2, b.Ben)
	no := 0
	for month := range 3 {
		for day := range 28 {
			b.now = time.Date(2026, time.Month(1+month), 1+day, 5, day, 0, 0, time.UTC)
			if month == 1 && day == 9 {
				_, err := b.bindings.StaffLeaves(b.t.Context(), shop.System(b.Brand), binding.Departure{Staff: b.Amy})
				b.must(err)
			}
			if dice.IntN(2) == 0 {
				no++
				name := fmt.Sprint("o", no)
				b.apply(order.WasPlaced{
					Order: name, PlacedAt: b.now, Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500, Customer: []shop.ID{amys, bens, {}}[dice.IntN(3)],
					Lines: []order.Line{
						{ExternalID: "1", SKU: "A", Kind: order.Merchandise, Quantity: 1, UnitPrice: 1 + dice.Int64N(30_000), TaxIncluded: true},
						{ExternalID: "2", SKU: "B", Kind: order.Merchandise, Quantity: 3, UnitPrice: 777, TaxIncluded: true},
					},
				})
				b.apply(order.WasFulfilled{Order: name, ExternalID: "f-" + name, Kind: order.Ship, At: b.now})
			}
			if no > 0 && dice.IntN(4) == 0 { // of any order so far, also of a month that is closed
				back := order.WasRefunded{Order: fmt.Sprint("o", 1+dice.IntN(no)), ExternalID: fmt.Sprint("r", month, "-", day), At: b.now, Amount: 1 + dice.Int64N(900)}
				b.apply(back)
			}
		}
		first := time.Date(2026, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC)
		b.adjust(attribution.StaffOf(b.Ben), 100+dice.Int64N(100))
		b.must(b.targets.SetHours(b.t.Context(), shop.System(b.Brand), target.Hours{Month: first, Store: b.S1, Staff: b.Ben, Minutes: 600}))
		b.now = first.AddDate(0, 1, 1)
		b.must(b.periods.Close(b.t.Context(), b.finance, first))
	}
}

func (b *books) adjust(to attribution.Beneficiary, minor int64) {
	b.t.Helper()
	a, err := b.periods.Adjust(b.t.Context(), b.finance, period.Adjustment{To: to, Minor: minor, Reason: "=三月展場支援", BelongsTo: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)})
	b.must(err)
	if a.Outcome == "" {
		_, err = b.periods.DecideAdjustment(b.t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleHQ, ID: shop.NewID(b.now)}, a.ID, period.Approved, "")
		b.must(err)
	}
}

// drilled are the lines of a statement page by page.
func (b *books) drilled(actor shop.Actor, id shop.ID, limit int) (lines []statement.Line) {
	b.t.Helper()
	for page := (shop.Page{Limit: limit}); ; {
		some, next, err := b.statements.Lines(b.t.Context(), actor, id, shop.English, page)
		b.must(err)
		lines = append(lines, some...)
		if next == "" {
			return lines
		}
		page, err = shop.NewPage(next, limit)
		b.must(err)
	}
}

// exported is the sum of the line rows of a statement's CSV, and how many there are.
func (b *books) exported(st *statement.Statement) (sum int64, rows int) {
	b.t.Helper()
	var out bytes.Buffer
	b.must(st.Write(&out, statement.CSV))
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
	b.must(err)
	for _, row := range table {
		if row[0] == "Line" {
			minor, err := st.Currency.ParseAmount(strings.TrimPrefix(row[10], "-"))
			b.must(err)
			if strings.HasPrefix(row[10], "-") {
				minor = -minor
			}
			sum += minor
			rows++
		}
	}
	return sum, rows
}

func TestI8ReportDrillDownAndExportAreTheSame(t *testing.T) {
	t.Parallel()
	for round := range 3 {
		seed := uint64(round + 1)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			b := setupBooks(t)
			b.draw(rand.New(rand.NewPCG(seed, 29)))
			kinds := map[ledger.TransferKind]int{}
			for month := range 3 {
				b.reconciles(time.Date(2026, time.Month(1+month), 1, 0, 0, 0, 0, time.UTC), kinds)
			}
			for _, kind := range []ledger.TransferKind{ledger.Credited, ledger.Refunded, ledger.Tier, ledger.MonthCap, ledger.ClawbackCap, ledger.Divided, ledger.Adjusted} {
				if kinds[kind] == 0 {
					t.Errorf("nothing of the kind %s was drawn: %v", kind, kinds)
				}
			}
		})
	}
}

// reconciles holds a month's report against its statements, these against their lines, and the lines against the file.
func (b *books) reconciles(month time.Time, kinds map[ledger.TransferKind]int) {
	b.t.Helper()
	whole, err := b.reports.Commission(b.t.Context(), b.finance, month)
	b.must(err)
	if whole.Net["TWD"] != whole.Cost["TWD"] || len(whole.Cost) != 1 {
		b.t.Errorf("%s: the rows are %v, the brand's expense is %v", month.Format("2006-01"), whole.Net, whole.Cost)
	}
	reported, divided := map[attribution.Beneficiary]int64{}, int64(0)
	for _, r := range whole.Rows {
		reported[r.To] += r.Net
		divided += r.Divided
		if r.Credited-r.Refunded+r.Corrected+r.TrueUps+r.Divided+r.Adjusted != r.Net {
			b.t.Errorf("a row does not add up: %+v", r)
		}
	}
	if divided != 0 {
		b.t.Errorf("what pools divide is neither more nor less than what people get: %d is left", divided)
	}
	entries, _, err := b.statements.List(b.t.Context(), b.finance, month, "", shop.English, shop.Page{Limit: shop.MaxLimit})
	b.must(err)
	for _, e := range entries {
		st, _, err := b.statements.Read(b.t.Context(), b.finance, e.ID, shop.English)
		b.must(err)
		drilled := int64(0)
		lines := b.drilled(b.finance, e.ID, 3)
		for _, l := range lines {
			drilled += l.Minor
			kinds[l.Kind]++
			if l.Why == "" {
				b.t.Errorf("%s says nothing of %+v", e.Party.Code, l)
			}
		}
		exported, rows := b.exported(st)
		if e.Movement != drilled || e.Movement != exported || e.Movement != reported[e.To] || rows != len(lines) {
			b.t.Errorf("%s %s: the statement moves %d, its %d lines %d, its file %d, the report %d", month.Format("2006-01"), e.To, e.Movement, len(lines), drilled, exported, reported[e.To])
		}
		delete(reported, e.To)
	}
	for to, net := range reported {
		if net != 0 {
			b.t.Errorf("%s: the report has %d for %s, who has no statement", month.Format("2006-01"), net, to)
		}
	}
}

func TestWhatComesLateSaysToWhichMonthItBelongs(t *testing.T) {
	t.Parallel()
	b := setupBooks(t)
	mei := b.won("mei", b.S1, b.Amy)
	b.now = time.Date(2026, 1, 20, 4, 0, 0, 0, time.UTC)
	b.apply(order.WasPlaced{Order: "=W1", PlacedAt: b.now, Channel: order.Online, Store: b.Web, Currency: "TWD", TaxBP: 500, Customer: mei,
		Lines: []order.Line{{SKU: "A", Quantity: 1, UnitPrice: 21_000, TaxIncluded: true}}})
	january, february := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	b.now = time.Date(2026, 2, 2, 4, 0, 0, 0, time.UTC)
	b.must(b.periods.Close(t.Context(), b.finance, january))
	b.apply(order.WasRefunded{Order: "=W1", ExternalID: "r1", At: time.Date(2026, 1, 31, 4, 0, 0, 0, time.UTC), Amount: 21_000})
	b.now = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	b.must(b.periods.Close(t.Context(), b.finance, february))
	for _, tt := range []struct {
		why     string
		month   time.Time
		kind    ledger.TransferKind
		minor   int64
		belongs time.Time
		says    string
	}{
		{"a credit of the month itself", january, ledger.Credited, 400, time.Time{}, "Plan version 1: 2 % of 20,000"},
		{"a return of January, heard of in February", february, ledger.Refunded, -400, january, "Refund r1 of 31 January 2026: NT$400 taken back."},
	} {
		entries, _, err := b.statements.List(t.Context(), b.finance, tt.month, attribution.ToStaff, shop.English, shop.Page{Limit: 10})
		if err != nil || len(entries) != 1 {
			t.Fatalf("%s: %+v, %v", tt.why, entries, err)
		}
		lines := b.drilled(b.finance, entries[0].ID, 10)
		if len(lines) != 1 {
			t.Fatalf("%s: %+v", tt.why, lines)
		}
		l := lines[0]
		if l.Kind != tt.kind || l.Minor != tt.minor || !l.BelongsTo.Equal(tt.belongs) || l.Why != tt.says || l.Order != "=W1" || l.State != ledger.Pending ||
			l.Trace != "https://hs.example.tw/v1/staff/orders/"+l.OrderID.String()+"/credit" {
			t.Errorf("%s: %+v", tt.why, l)
		}
	}
}

func TestAStatementIsForWhoseItIsAndWhoAnswersForHer(t *testing.T) {
	t.Parallel()
	b := setupBooks(t)
	b.draw(rand.New(rand.NewPCG(4, 4)))
	january := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	all, _, err := b.statements.List(t.Context(), b.finance, january, "", shop.TraditionalChinese, shop.Page{Limit: 100})
	b.must(err)
	for _, tt := range []struct {
		why   string
		actor shop.Actor
		sees  func(attribution.Beneficiary) bool
	}{
		{"head office", shop.Actor{Brand: b.Brand, Role: shop.RoleHQ}, func(attribution.Beneficiary) bool { return true }},
		{"the manager of S1, also of Amy, who has left since", shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: shop.NewID(b.now), Stores: []shop.ID{b.S1}},
			func(to attribution.Beneficiary) bool { return to.ID == b.S1 || to.ID == b.Amy }},
		{"Ben, who manages nothing", shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Ben, Stores: []shop.ID{b.S2}},
			func(to attribution.Beneficiary) bool { return to.ID == b.Ben }},
		{"a manager has her own too", shop.Actor{Brand: b.Brand, Role: shop.RoleManager, ID: b.Ben, Stores: []shop.ID{b.S1}},
			func(to attribution.Beneficiary) bool { return to.ID == b.Ben || to.ID == b.S1 || to.ID == b.Amy }},
	} {
		for _, e := range all {
			_, _, err := b.statements.Read(t.Context(), tt.actor, e.ID, shop.English)
			_, _, lines := b.statements.Lines(t.Context(), tt.actor, e.ID, shop.English, shop.Page{Limit: 1})
			if tt.sees(e.To) && (err != nil || lines != nil) || !tt.sees(e.To) && (!errors.Is(err, shop.ErrNotFound) || !errors.Is(lines, shop.ErrNotFound)) {
				t.Errorf("%s, of %s: %v, its lines %v", tt.why, e.To, err, lines)
			}
		}
	}
	other := postgrestest.Brand(t, b.pool)
	if _, _, err := b.statements.Read(t.Context(), shop.Actor{Brand: other.Brand, Role: shop.RoleHQ}, all[0].ID, shop.English); !errors.Is(err, shop.ErrNotFound) {
		t.Errorf("another brand's head office: %v", err)
	}
	mine, _, err := b.statements.Mine(t.Context(), shop.Actor{Brand: b.Brand, Role: shop.RoleStaff, ID: b.Ben}, shop.English, shop.Page{Limit: 2})
	if err != nil || len(mine) != 2 || !mine[0].Month.After(mine[1].Month) || mine[0].Party.Code != "ben" {
		t.Errorf("Ben's own, the last month first: %+v, %v", mine, err)
	}
}
