package order

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

const source = "shopify"

var (
	today  = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	placed = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
)

// bundle is a brand, its orders, and somebody who hears of them.
type bundle struct {
	postgrestest.Fixture
	t     *testing.T
	pool  *postgres.Pool
	s     *Service
	heard *ear
}

// ear remembers the last it heard of each order.
type ear struct {
	mu     sync.Mutex
	orders map[string]Order
	calls  int
	fail   error
}

func (e *ear) OrderChanged(_ context.Context, _ pgx.Tx, o Order, _ time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.orders[o.ExternalID] = o
	e.calls++
	return e.fail
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	heard := &ear{orders: map[string]Order{}}
	b := &bundle{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool, heard: heard}
	b.s = New(pool, func() time.Time { return today }, heard)
	return b
}

// sofa is an order of two sofas and a cushion, TWD 26,250.
func (b *bundle) sofa(name string) WasPlaced {
	return WasPlaced{
		Order: name, PlacedAt: placed, Channel: Online, Store: b.Web, Currency: "TWD", TaxBP: 500, Discount: 250,
		Identities: []customer.Identity{{Kind: customer.WebShop, Value: "shopify:21072271681728426845564555"}},
		Lines: []Line{
			{ExternalID: "11", SKU: "SOFA", Quantity: 2, UnitPrice: 13000, TaxIncluded: true},
			{ExternalID: "12", SKU: "CUSHION", Quantity: 1, UnitPrice: 600, Discount: 100, TaxIncluded: true},
		},
	}
}

func (b *bundle) apply(f Fact) Result {
	b.t.Helper()
	r, err := b.s.Apply(b.t.Context(), b.Brand, source, f)
	if err != nil {
		b.t.Fatalf("%T: %v", f, err)
	}
	return r
}

// want applies and compares the outcome and the note.
func (b *bundle) want(f Fact, outcome Outcome, note string) {
	b.t.Helper()
	if r := b.apply(f); r.Outcome != outcome || r.Note != note {
		b.t.Errorf("%T: got %s %q, want %s %q", f, r.Outcome, r.Note, outcome, note)
	}
}

func (b *bundle) read(act func(tx pgx.Tx) error) {
	b.t.Helper()
	if err := b.pool.Read(b.t.Context(), b.Brand, act); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) load(name string) (o Order) {
	b.t.Helper()
	b.read(func(tx pgx.Tx) error {
		id, err := NameOf(b.t.Context(), tx, b.Brand, source, name)
		if err != nil {
			return err
		}
		o, err = Load(b.t.Context(), tx, b.Brand, id)
		return err
	})
	return o
}

func (b *bundle) count(table string) (n int) {
	b.t.Helper()
	b.read(func(tx pgx.Tx) error {
		return tx.QueryRow(b.t.Context(), `SELECT count(*) FROM `+table+` WHERE brand_id = $1`, b.Brand).Scan(&n)
	})
	return n
}

func TestPlacedOrderIsKeptWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := b.sofa("21072271681728426845564555") // 26 digits: beyond 2^53 and int64
	f.Clicks, f.CashOnPickup, f.PickupStore, f.AssistStore, f.AssistStaff = []shop.ID{shop.NewID(placed)}, true, b.S2, b.S1, b.Amy
	b.want(f, Applied, "")

	o := b.load(f.Order)
	if o.Version != 1 || o.PlacedAt != placed || o.ID.Time() != placed || o.State != Placed || o.Customer.IsZero() {
		t.Errorf("head: %+v", o)
	}
	if o.Clicks[0] != f.Clicks[0] || !o.CashOnPickup || o.PickupStore != b.S2 || o.AssistStore != b.S1 || o.AssistStaff != b.Amy {
		t.Errorf("how it came: %+v", o)
	}
	if got := o.Figures(); got != (Figures{Paid: 26250, Spent: 26250}) {
		t.Errorf("figures: %+v", got)
	}
	b.wantHeard(o, placed)
	b.wantProfile(o.Customer, 1, 26250)
}

func (b *bundle) wantProfile(id shop.ID, orders int, spent int64) {
	b.t.Helper()
	b.read(func(tx pgx.Tx) error {
		p, err := customer.ProfileOf(b.t.Context(), tx, b.Brand, id)
		if p.Orders != orders || p.SpentMinor != spent {
			b.t.Errorf("profile: %d orders, %d spent; want %d, %d", p.Orders, p.SpentMinor, orders, spent)
		}
		return err
	})
}

func TestSixteenDeliveriesOfOneFactAreOneOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	outcomes := make(chan Outcome, 32)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for _, f := range []Fact{b.sofa("1"), WasRefunded{Order: "1", ExternalID: "r", At: placed.Add(time.Hour), Amount: 250}} {
				r, err := b.s.Apply(t.Context(), b.Brand, source, f)
				if err != nil {
					t.Errorf("%T: %v", f, err)
				}
				outcomes <- r.Outcome
			}
		})
	}
	wg.Wait()
	close(outcomes)
	count := map[Outcome]int{}
	for o := range outcomes {
		count[o]++
	}
	if count[Applied] != 2 || count[Ignored] != 30 {
		t.Errorf("outcomes: %v, want 2 applied and 30 ignored", count)
	}
	if b.count("sales_order") != 1 || b.count("order_line") != 2 || b.count("refund") != 1 || b.heard.calls != 2 {
		t.Errorf("%d orders, %d lines, %d refunds, heard %d times", b.count("sales_order"), b.count("order_line"), b.count("refund"), b.heard.calls)
	}
	b.wantProfile(b.load("1").Customer, 1, 26000)
}

func TestFactsBeforeTheirOrderWait(t *testing.T) {
	t.Parallel()
	b := setup(t)
	early := []Fact{
		WasRefunded{Order: "1", ExternalID: "r2", At: placed.Add(3 * time.Hour), Lines: []RefundedLine{{Line: "11", Quantity: 2}}},
		WasRefunded{Order: "1", ExternalID: "r1", At: placed.Add(2 * time.Hour), Lines: []RefundedLine{{Line: "11", Quantity: 1}}},
		WasFulfilled{Order: "1", ExternalID: "f1", Kind: Ship, Store: b.S1, At: placed.Add(time.Hour)},
		WasPaid{Order: "1", At: placed.Add(time.Minute)},
		WasAdjusted{Order: "1", ExternalID: "a1", Lines: []AdjustedLine{{"12", 50}}, At: placed.Add(time.Hour)},
		WasEdited{Order: "1", Version: 2, At: placed.Add(30 * time.Minute), Lines: b.sofa("").Lines[:1]},
	}
	for _, f := range early {
		b.want(f, Waiting, "")
		b.want(f, Ignored, "")
	}
	if b.heard.calls != 0 {
		t.Error("somebody heard of an order that has not come")
	}
	b.want(b.sofa("1"), Applied, "")
	if b.count("waiting_fact") != 0 {
		t.Errorf("%d facts still wait", b.count("waiting_fact"))
	}
	for _, f := range early {
		b.want(f, Ignored, "")
	}
	o := b.load("1")
	if len(o.Refunds) != 2 || o.Refunds[0].ExternalID != "r1" || len(o.Fulfilments) != 1 || o.PaidAt != placed.Add(time.Minute) || len(o.NeutralAdjust) != 1 {
		t.Errorf("order: %+v", o)
	}
	if o.Version != 2 || len(o.Lines) != 1 || len(o.Withdrawn) != 1 || o.Withdrawn[0].No != 2 || o.Withdrawn[0].At != placed.Add(30*time.Minute) {
		t.Errorf("version %d, lines %+v, withdrawn %+v", o.Version, o.Lines, o.Withdrawn)
	}
	b.wantProfile(o.Customer, 1, 0)
}

// Two facts of one order that come at the same moment must not miss each other: either the refund finds the order or the
// order finds the refund.
func TestOrderAndItsRefundAtTheSameMomentMeet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 40 {
		name := fmt.Sprint(n)
		var wg sync.WaitGroup
		for _, f := range []Fact{b.sofa(name), WasRefunded{Order: name, ExternalID: "r" + name, At: placed.Add(time.Hour), Amount: 1}} {
			wg.Go(func() {
				if _, err := b.s.Apply(t.Context(), b.Brand, source, f); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if b.count("waiting_fact") != 0 || b.count("refund") != 40 {
		t.Errorf("%d facts wait, %d refunds are applied; want 0 and 40", b.count("waiting_fact"), b.count("refund"))
	}
}

func TestOnlyAHigherVersionEdits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	edit := func(version int, price int64) WasEdited {
		return WasEdited{Order: "1", Version: version, At: placed.Add(time.Duration(version) * time.Hour), Lines: []Line{
			{ExternalID: "11", SKU: "SOFA", Quantity: 1, UnitPrice: price, TaxIncluded: true},
			{ExternalID: fmt.Sprint("extra", version), SKU: "LAMP", Quantity: 1, UnitPrice: 1, TaxIncluded: true},
		}}
	}
	b.want(b.sofa("1"), Applied, "")
	b.want(edit(4, 400), Applied, "")
	b.want(edit(3, 300), Ignored, NoteSuperseded)
	b.want(edit(4, 999), Ignored, "")
	o := b.load("1")
	if o.Version != 4 || o.Figures().Paid != 401 || o.Discount != 0 {
		t.Errorf("version %d, paid %d, discount %d", o.Version, o.Figures().Paid, o.Discount)
	}
	// Line 11 is as old as the order; the lamp of version 3 is known to have been there for an hour.
	if !o.Lines[0].AddedAt.IsZero() || o.Lines[1].AddedAt != placed.Add(4*time.Hour) || len(o.Withdrawn) != 2 || o.Withdrawn[1].ExternalID != "extra3" {
		t.Errorf("lines %+v, withdrawn %+v", o.Lines, o.Withdrawn)
	}
	if o.Lines[1].No == o.Withdrawn[0].No || o.Lines[1].No == o.Withdrawn[1].No {
		t.Errorf("a number was used again: %+v, %+v", o.Lines, o.Withdrawn)
	}
	b.wantProfile(o.Customer, 1, 401)
}

// An edit says nothing of the order as a whole, and a version that says nothing of the customer leaves what lower ones said:
// whichever comes first, of each thing the highest version that says it counts.
func TestOfEachThingTheHighestVersionThatSaysItCounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	whole := func(name string, version int, store, staff shop.ID) WasPlaced {
		f := b.sofa(name)
		f.Version, f.At, f.Store, f.Staff = version, placed.Add(time.Duration(version)*time.Hour), store, staff
		f.TaxBP = 100 * version
		f.Campaign, f.EmployeeDiscount = map[int]string{1: "FIRST", 2: "SECOND"}[version], version == 3
		return f
	}
	facts := func(name string) []Fact {
		return []Fact{
			whole(name, 1, b.S1, b.Amy),
			whole(name, 2, b.S2, b.Ben),
			whole(name, 3, b.Web, shop.ID{}),
			WasEdited{Order: name, Version: 4, At: placed.Add(5 * time.Hour), Lines: b.sofa("").Lines[:1]},
		}
	}
	for name, sequence := range map[string][]int{"in time": {0, 1, 2, 3}, "edit first": {0, 3, 2, 1}, "backwards": {2, 3, 0, 1}, "middle last": {2, 0, 3, 1}} {
		for _, i := range sequence {
			b.apply(facts(name)[i])
		}
		o := b.load(name)
		if o.Version != 4 || o.Store != b.Web || o.TaxBP != 300 || o.Staff != b.Ben || len(o.Lines) != 1 || o.Campaign != "SECOND" || !o.EmployeeDiscount {
			t.Errorf("%s: version %d of store %s and staff %s, tax %d, %d lines, campaign %q, employee discount %t",
				name, o.Version, o.Store, o.Staff, o.TaxBP, len(o.Lines), o.Campaign, o.EmployeeDiscount)
		}
	}
}

// W3: whatever the sequence and however often each fact comes, the order is the same in the end.
func TestW3InterleavingsEndInTheSameOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	facts := func(name string) []Fact {
		lamp := Line{ExternalID: "13", SKU: "LAMP", Quantity: 3, UnitPrice: 333, TaxIncluded: true}
		desk := Line{ExternalID: "14", SKU: "DESK", Quantity: 1, UnitPrice: 5000, TaxIncluded: true}
		lines := b.sofa("").Lines
		return []Fact{
			b.sofa(name),
			WasEdited{Order: name, Version: 2, At: placed.Add(time.Hour), Discount: 9, Lines: append([]Line{lamp}, lines...)},
			WasEdited{Order: name, Version: 3, At: placed.Add(2 * time.Hour), Discount: 7, Lines: []Line{lines[0], desk}},
			WasRefunded{Order: name, ExternalID: "r1" + name, At: placed.Add(3 * time.Hour), Lines: []RefundedLine{{Line: "14", Quantity: 1}}},
			WasRefunded{Order: name, ExternalID: "r2" + name, At: placed.Add(4 * time.Hour), Amount: 3000},
			WasRefunded{Order: name, ExternalID: "r3" + name, Kind: Allowance, At: placed.Add(4 * time.Hour), Lines: []RefundedLine{{Line: "11", Amount: 20000}, {Line: "99", Quantity: 1}}},
			WasFulfilled{Order: name, ExternalID: "f1" + name, Kind: Ship, Store: b.S1, At: placed.Add(5 * time.Hour), Lines: []string{"11"}},
			WasFulfilled{Order: name, ExternalID: "f2" + name, Kind: Pickup, Store: b.S2, At: placed.Add(6 * time.Hour)},
			WasPaid{Order: name, At: placed.Add(5 * time.Minute)},
			WasPaid{Order: name, At: placed.Add(2 * time.Minute)},
			WasCancelled{Order: name, At: placed.Add(24 * time.Hour)},
		}
	}
	for _, f := range facts("model") {
		b.apply(f)
	}
	model := b.load("model")
	var spent int64
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 3))
		name := fmt.Sprint("o", seed)
		var sent []Fact
		for _, f := range facts(name) {
			for range 1 + random.IntN(5) {
				sent = append(sent, f)
			}
		}
		random.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		for _, f := range sent {
			b.apply(f)
		}
		got := b.load(name)
		spent += got.Figures().Spent
		if diff := cmp.Diff(nameless(model), nameless(got)); diff != "" {
			t.Fatalf("seed %d ends in another order (-model +got):\n%s", seed, diff)
		}
	}
	if b.count("waiting_fact") != 0 {
		t.Errorf("%d facts still wait", b.count("waiting_fact"))
	}
	b.wantProfile(model.Customer, 0, spent)
}

// nameless is the order without what two orders can never share.
func nameless(o Order) Order {
	for i := range o.Refunds {
		o.Refunds[i].ExternalID = strings.TrimSuffix(o.Refunds[i].ExternalID, o.ExternalID)
	}
	for i := range o.Fulfilments {
		o.Fulfilments[i].ExternalID = strings.TrimSuffix(o.Fulfilments[i].ExternalID, o.ExternalID)
	}
	o.ID, o.ExternalID = shop.ID{}, ""
	return o
}

func TestWhatDoesNotFitARefundIsNoted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.want(b.sofa("1"), Applied, "")
	b.want(WasRefunded{Order: "1", ExternalID: "r1", At: placed.Add(1), Lines: []RefundedLine{{Line: "11", Quantity: 1}, {Line: "nope", Quantity: 1}}}, Applied, NoteUnknownLine)
	b.want(WasRefunded{Order: "1", ExternalID: "r2", At: placed.Add(2e6), Lines: []RefundedLine{{Line: "11", Quantity: 2}}}, Applied, NoteSurplus)
	b.want(WasAdjusted{Order: "1", ExternalID: "a1", At: placed.Add(3e6), Lines: []AdjustedLine{{"nope", 1}}}, Applied, NoteUnknownLine)
	o := b.load("1")
	if got := o.Figures().Refunded; got != 25755 { // the sofas after their part of the discount: 26000 - 245
		t.Errorf("refunded %d", got)
	}
	var outcome string
	b.read(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT string_agg(outcome, ',' ORDER BY refund_no) FROM refund WHERE brand_id = $1`, b.Brand).Scan(&outcome)
	})
	if outcome != "unknown_line,surplus" {
		t.Errorf("kept outcomes %q", outcome)
	}
}

func TestTestOrdersAndCancelledOnesCountNowhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	test := b.sofa("1")
	test.State = Test
	b.want(test, Applied, "")
	b.want(WasCancelled{Order: "1", At: placed.Add(time.Hour)}, Applied, "")
	cancelled := b.sofa("2")
	cancelled.State, cancelled.CancelledAt = Cancelled, placed.Add(time.Hour)
	b.want(cancelled, Applied, "")
	b.want(b.sofa("3"), Applied, "")
	o := b.load("3")
	b.wantProfile(o.Customer, 1, 26250)
	b.want(WasCancelled{Order: "3", At: placed.Add(time.Hour)}, Applied, "")
	b.wantProfile(o.Customer, 0, 0)
	if b.load("1").State != Test || b.load("2").State != Cancelled || b.load("3").State != Cancelled {
		t.Error("states are not as told")
	}
	if got := b.load("3").Figures(); got.Refunded != got.Paid {
		t.Errorf("of a cancelled order is owed: %+v", got)
	}
}

func TestAnOrderWithoutACustomerIsAnOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := b.sofa("1")
	f.Identities = nil
	b.want(f, Applied, "")
	if !b.load("1").Customer.IsZero() || b.count("customer") != 0 {
		t.Error("somebody was made a customer")
	}
	f.Version, f.At, f.Identities = 2, placed.Add(time.Hour), b.sofa("").Identities
	b.want(f, Applied, "")
	b.wantProfile(b.load("1").Customer, 1, 26250)
}

func TestOrdersOfAnyPastYearAreTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var facts []Fact
	for year := 2008; year < 2012; year++ {
		f := b.sofa(fmt.Sprint(year))
		f.PlacedAt = time.Date(year, 12, 31, 23, 59, 59, 0, time.UTC)
		facts = append(facts, f)
	}
	err := b.pool.Brand(t.Context(), b.Brand, func(tx pgx.Tx) error {
		_, err := b.s.ApplyAll(t.Context(), tx, b.Brand, source, facts, today)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := b.count("sales_order"); n != 4 {
		t.Errorf("%d orders", n)
	}
}

func TestAListenersErrorUndoesTheFact(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.heard.fail = errors.New("no")
	if _, err := b.s.Apply(t.Context(), b.Brand, source, b.sofa("1")); err == nil {
		t.Fatal("the error of the listener was lost")
	}
	if b.count("sales_order")+b.count("fact_key")+b.count("customer") != 0 {
		t.Error("something of the fact was kept")
	}
	b.heard.fail = nil
	b.want(b.sofa("1"), Applied, "")
}

func TestHistoryIsNewestFirstInPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 5 {
		f := b.sofa(fmt.Sprint(n))
		f.PlacedAt = placed.Add(-time.Duration(n) * 24 * time.Hour)
		b.want(f, Applied, "")
	}
	test := b.sofa("test")
	test.State = Test
	b.want(test, Applied, "")
	who := b.load("0").Customer
	var names []string
	b.read(func(tx pgx.Tx) error {
		page := shop.Page{Limit: 2}
		for {
			orders, next, err := b.s.History(t.Context(), tx, b.Brand, who, page)
			if err != nil {
				return err
			}
			for _, o := range orders {
				names = append(names, o.ExternalID)
			}
			if next == "" {
				break
			}
			if page, err = shop.NewPage(next, 2); err != nil {
				return err
			}
		}
		ids, err := IDsOfCustomer(t.Context(), tx, b.Brand, who, placed.Add(-25*time.Hour))
		if len(ids) != 3 || ids[0].Time() != placed.Add(-24*time.Hour) {
			t.Errorf("ids since yesterday: %v", ids)
		}
		return err
	})
	if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, names); diff != "" {
		t.Error(diff)
	}
}
