package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log/slog"
	"math/big"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/api/integration/onlineretail"
	"homestore/api/signin"
	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/migrations/postgres"
	"homestore/referral/ledger"
	"homestore/referral/plan"
	"homestore/referral/roster"
)

// retailLines is how much of the real file the usual run reads: the first days of a British gift shop. All of it with
// HOMESTORE_TEST_RETAIL=whole, which takes some minutes.
const retailLines = 4000

// imported is when the file is: after all that is in it.
var imported = time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)

// realRetail is the file as text, or its beginning.
func realRetail(t *testing.T) []byte {
	t.Helper()
	file, err := os.Open("../../../shared/data/online_retail/online_retail_customers_40pct.csv.gz")
	if err != nil {
		t.Skipf("the real Online Retail file is not on this machine: %v", err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("HOMESTORE_TEST_RETAIL") == "whole" {
		return text
	}
	return bytes.Join(bytes.SplitAfter(text, []byte("\n"))[:retailLines+1], nil)
}

// giftShop is a brand with the plan of the independent program, its stores and people, into which the real file is imported.
type giftShop struct {
	*domain
	t     *testing.T
	actor shop.Actor
	web   shop.ID
	now   time.Time
}

func newGiftShop(t *testing.T, at time.Time) *giftShop {
	t.Helper()
	_, db := testInstallation(t)
	if err := errors.Join(postgres.MakePartitions(t.Context(), db.ownerURL, at, at), postgres.MakePartitions(t.Context(), db.ownerURL, imported, imported)); err != nil {
		t.Fatal(err)
	}
	keys, err := signin.NewKeyring(strings.Repeat("a gift shop keeps no secret ", 2))
	if err != nil {
		t.Fatal(err)
	}
	g := &giftShop{t: t, now: at}
	g.domain, err = newDomain(t.Context(), parts{
		database: db, keys: keys, spoolDir: t.TempDir(), conns: 4, hashing: team.Hashing{MemoryKiB: 64, Passes: 1},
		now: func() time.Time { return g.now }, log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.domain.close() })
	brand, web, err := g.webStoreOf(t.Context(), onlineRetailBrand.Slug)
	if err != nil {
		t.Fatal(err)
	}
	g.actor, g.web = shop.System(brand), web
	var p plan.Plan
	london, zoneErr := time.LoadLocation(onlineRetailBrand.TimeZone)
	if err := errors.Join(zoneErr, json.Unmarshal([]byte(independentPlan), &p)); err != nil {
		t.Fatal(err)
	}
	if _, err := g.plans.Add(t.Context(), g.actor, london, p); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		g.open(n)
	}
	return g
}

func (g *giftShop) open(n int) {
	opened := g.now.AddDate(0, -1, 0)
	st, err := g.teams.AddStore(g.t.Context(), g.actor, team.Store{Code: fmt.Sprint("S", n), Name: shop.Text{shop.English: "Shop"}, Kind: team.Shop, OpenedOn: opened})
	if err != nil {
		g.t.Fatal(err)
	}
	for i := range 2 {
		p, err := g.teams.AddStaff(g.t.Context(), g.actor, team.NewStaff{EmployeeNo: fmt.Sprintf("p%d%d", n, i), Name: "x"})
		if err != nil {
			g.t.Fatal(err)
		}
		if _, err := g.teams.Assign(g.t.Context(), g.actor, team.Assignment{Staff: p.ID, Store: st.ID, Role: shop.RoleStaff, From: opened}); err != nil {
			g.t.Fatal(err)
		}
	}
}

// seed makes the file's customers known, and imports the list of whose they are.
func (g *giftShop) seed(text []byte) {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		g.t.Fatal(err)
	}
	list, seen := "email,store,employee_no\n", map[string]bool{"": true}
	var sets [][]customer.Identity
	for _, row := range rows[1:] {
		who := row[6]
		if seen[who] {
			continue
		}
		seen[who] = true
		sets = append(sets, []customer.Identity{{Kind: customer.WebShop, Value: "online-retail:" + who}, {Kind: customer.Email, Value: who + "@gifts.example"}})
		if store, person := independentHome(who); store != "" {
			list += fmt.Sprintf("%s@gifts.example,%s,%s\n", who, store, person)
		}
	}
	for page := range slices.Chunk(sets, 500) {
		err := g.pool.Brand(g.t.Context(), g.actor.Brand, func(tx pgx.Tx) error {
			_, err := customer.ResolveMany(g.t.Context(), tx, g.actor.Brand, page, g.now)
			return err
		})
		if err != nil {
			g.t.Fatal(err)
		}
	}
	sum, err := g.roster.Import(g.t.Context(), g.actor, strings.NewReader(list), roster.Reading{}, func(roster.Verdict) error { return nil })
	if err != nil || sum.Rows == 0 || sum.New != sum.Rows {
		g.t.Fatalf("%+v, %v", sum, err)
	}
}

// inBook is what the book says, in the independent program's words, and of the net revenue what stayed credited to home stores and what
// was taken back of them.
func (g *giftShop) inBook() (shares map[string]independentShare, credited, takenBack *big.Rat) {
	shares, credited, takenBack = map[string]independentShare{}, new(big.Rat), new(big.Rat)
	err := g.pool.Read(g.t.Context(), g.actor.Brand, func(tx pgx.Tx) error {
		rows, err := tx.Query(g.t.Context(), `
SELECT o.external_id, c.role, c.beneficiary_kind || ':' || coalesce(s.code, p.employee_no), c.line_no, c.share_minor, c.reversed_minor, c.volume, c.reason ->> 'base'
FROM credit c
JOIN sales_order o ON o.brand_id = $1 AND o.id = c.order_id
LEFT JOIN store s ON s.brand_id = $1 AND s.id = c.beneficiary_id
LEFT JOIN staff p ON p.brand_id = $1 AND p.id = c.beneficiary_id
WHERE c.brand_id = $1`, g.actor.Brand)
		if err != nil {
			return err
		}
		var invoice, role, to, volume, base string
		var line int
		var share independentShare
		_, err = pgx.ForEachRow(rows, []any{&invoice, &role, &to, &line, &share.given, &share.back, &volume, &base}, func() error {
			if share.given > 0 {
				shares[fmt.Sprintf("%s %s %s %d", invoice, role, to, line)] = share
			}
			left, _ := new(big.Rat).SetString(volume)
			whole, _ := new(big.Rat).SetString(base)
			if role == "home_store" {
				credited.Add(credited, left)
				takenBack.Add(takenBack, whole.Sub(whole, left))
			}
			return nil
		})
		return err
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return shares, credited, takenBack
}

// uncredited is the net revenue of lines from which no home store earns, as the order lines themselves have it.
func (g *giftShop) uncredited() *big.Rat {
	var minor int64
	err := g.pool.Read(g.t.Context(), g.actor.Brand, func(tx pgx.Tx) error {
		return tx.QueryRow(g.t.Context(), `
SELECT coalesce(sum(l.quantity * l.unit_price_minor), 0)::bigint
FROM order_line l
WHERE l.brand_id = $1 AND l.kind = 'merchandise' AND l.sku <> '22423'
  AND NOT EXISTS (SELECT FROM credit c WHERE c.brand_id = $1 AND c.order_id = l.order_id AND c.line_no = l.line_no AND c.role = 'home_store')`, g.actor.Brand).Scan(&minor)
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return big.NewRat(minor, 1)
}

// The real file, its customers seeded from a list by a fixed rule: what was credited, what was taken back and what nobody was credited
// with are together the net revenue by the plan, each share is what a program makes of it that shares no code with this one,
// and so say plain SQL and the invariants of the book.
func TestRealImportIsCreditedToThePenny(t *testing.T) {
	t.Parallel()
	text := realRetail(t)
	bound := time.Date(2010, 11, 20, 9, 0, 0, 0, time.UTC)
	want, err := independently(bytes.NewReader(text), bound)
	if err != nil {
		t.Fatal(err)
	}
	g := newGiftShop(t, bound)
	g.seed(text)
	g.now = imported
	if _, err := onlineretail.Import(t.Context(), g.orders, g.actor.Brand, g.web, bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	shares, credited, takenBack := g.inBook()
	if diff := cmp.Diff(want.shares, shares, cmp.AllowUnexported(independentShare{})); diff != "" {
		t.Errorf("shares (-independent +book):\n%.3000s", diff)
	}
	notCredited := g.uncredited()
	for _, f := range []struct {
		what      string
		want, got *big.Rat
	}{
		{"credited", want.credited, credited}, {"taken back", want.takenBack, takenBack}, {"not credited", want.notCredited, notCredited},
		{"their sum", want.netRevenue, new(big.Rat).Add(credited, new(big.Rat).Add(takenBack, notCredited))},
	} {
		t.Logf("%s: %s GBP of the net revenue by the plan", f.what, new(big.Rat).Quo(f.got, big.NewRat(100, 1)).FloatString(2))
		if f.want.Cmp(f.got) != 0 || f.got.Sign() <= 0 {
			t.Errorf("%s: %s in the book, %s by the independent program", f.what, f.got.RatString(), f.want.RatString())
		}
	}
	g.holds(len(shares))
	g.now = g.now.Add(2 * time.Hour) // what fell due is payable by now
	if n, err := g.book.Vest(t.Context(), g.actor.Brand, g.now); err != nil {
		t.Errorf("%d orders vested, %v", n, err)
	}
	g.holds(len(shares))
}

// holds says that plain SQL makes of the facts what the book says, and that the book breaks no invariant.
func (g *giftShop) holds(shares int) {
	began := time.Now()
	c, err := reconciling{pool: g.pool, brand: g.actor.Brand, now: g.now}.all(g.t.Context(), ledger.Turn{})
	if err != nil || len(c.Differences) > 0 || c.Shares < shares {
		g.t.Errorf("plain SQL: %d shares, %v, %v", c.Shares, err, c.Differences[:min(3, len(c.Differences))])
	}
	g.t.Logf("%d orders with %d shares compared in %s", c.Orders, c.Shares, time.Since(began).Round(time.Millisecond))
	err = g.pool.Read(g.t.Context(), g.actor.Brand, func(tx pgx.Tx) error {
		broken, err := ledger.Violations(g.t.Context(), tx, g.actor.Brand)
		for _, v := range broken {
			g.t.Error(v)
		}
		return err
	})
	if err != nil {
		g.t.Error(err)
	}
}

// What the independent program names is its own, the standard library's or the language's.
func TestIndependentProgramSharesNoCode(t *testing.T) {
	t.Parallel()
	f, err := parser.ParseFile(token.NewFileSet(), "retail_independent_test.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var packages []string
	for _, i := range f.Imports {
		p := strings.Trim(i.Path.Value, `"`)
		if strings.Contains(p, ".") || strings.HasPrefix(p, "homestore") {
			t.Errorf("it imports %s", p)
		}
		packages = append(packages, path.Base(p))
	}
	for _, name := range f.Unresolved {
		if types.Universe.Lookup(name.Name) == nil && !slices.Contains(packages, name.Name) {
			t.Errorf("it names %s, which is not its own", name.Name)
		}
	}
}
