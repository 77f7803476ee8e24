package order

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/customer"
	"homestore/clienteling/shop"
)

// byMinute is a brand that keeps the credit of orders placed in an even minute.
type byMinute struct{}

func (byMinute) KeepsOnExchange(_ context.Context, _ pgx.Tx, _ shop.BrandID, placedAt time.Time) (bool, error) {
	return placedAt.Minute()%2 == 0, nil
}

// places of the orders whose exchanges are edits, and of those whose are returns.
var (
	evenMinute = placed
	oddMinute  = placed.Add(time.Minute)
)

func setupExchanges(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	b.s.Exchanging(byMinute{})
	return b
}

func chair(no int, price int64) Line {
	return Line{No: no, ExternalID: fmt.Sprint(no), Kind: Merchandise, Quantity: 1, UnitPrice: price}
}

// shown writes lines as number x price, those that were added later with the hour.
func shown(lines []Line) string {
	var texts []string
	for _, l := range lines {
		text := fmt.Sprintf("%dx%d", l.No, l.UnitPrice)
		if !l.AddedAt.IsZero() {
			text += fmt.Sprintf("@%d", int(l.AddedAt.Sub(noon).Hours()))
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func TestLinesAfterEditsAndExchanges(t *testing.T) {
	t.Parallel()
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	made := func(number, at int, lines ...Line) version {
		return version{Number: number, At: hour(at), Lines: lines}
	}
	keeps := func(id string, at int, out string, in ...Line) keptExchange {
		return keptExchange{ExternalID: id, At: hour(at), Keeps: true, Out: strings.Fields(out), In: in}
	}
	first := made(1, 0, chair(1, 10), chair(2, 20))
	anew := keeps("x", 1, "2", chair(3, 30))
	anew.Keeps = false
	tests := []struct {
		why       string
		versions  []version
		exchanges []keptExchange
		want      string
		withdrawn string
	}{
		{"a line for another", []version{first}, []keptExchange{keeps("x", 1, "2", chair(3, 30))}, "1x10 3x30@1", "2x20"},
		{"what the first brought the second takes out", []version{first}, []keptExchange{keeps("y", 2, "3", chair(4, 40)), keeps("x", 1, "2", chair(3, 30))}, "1x10 4x40@2", "2x20 3x30@1"},
		{"at one instant in the sequence of their names", []version{first}, []keptExchange{keeps("y", 1, "3", chair(4, 40)), keeps("x", 1, "2", chair(3, 30))}, "1x10 4x40@1", "2x20 3x30@1"},
		{"a return leaves the lines", []version{first}, []keptExchange{anew}, "1x10 2x20", ""},
		{"a line that was never there takes nothing out", []version{first}, []keptExchange{keeps("x", 1, "9", chair(3, 30))}, "1x10 2x20 3x30@1", ""},
		{"of a name that is there: in its place, as old", []version{first}, []keptExchange{keeps("x", 1, "", chair(2, 25))}, "1x10 2x25", ""},
		{"out and in by the same name", []version{first}, []keptExchange{keeps("x", 1, "2", chair(2, 25))}, "1x10 2x25", ""},
		{"a number that another name has is not used again", []version{first}, []keptExchange{keeps("x", 1, "2", Line{No: 1, ExternalID: "new", UnitPrice: 5})}, "1x10 3x5@1", "2x20"},
		{"an edit after it carries the whole lines", []version{first, made(2, 2, chair(1, 11), chair(3, 31))}, []keptExchange{keeps("x", 1, "2", chair(3, 30))}, "1x11 3x31@1", "2x20"},
		{"also without its lines", []version{first, made(2, 2, chair(1, 11), chair(2, 20))}, []keptExchange{keeps("x", 1, "2", chair(3, 30))}, "1x11 2x20@2", "2x20 3x30@1"},
		{"an edit at its instant does not overtake it", []version{first, made(2, 1, chair(1, 11), chair(2, 22))}, []keptExchange{keeps("x", 1, "2", chair(3, 30))}, "1x11 3x30@1", "2x22"},
		{"the highest edit was made before it, a lower one after", []version{first, made(2, 3, chair(1, 11)), made(3, 1, chair(1, 12), chair(2, 22))}, []keptExchange{keeps("x", 2, "2", chair(3, 30))}, "1x12 3x30@2", "2x20 2x22@1"},
		{"an order as placed is no edit, whenever that is said to have been", []version{made(1, 5, chair(1, 10), chair(2, 20))}, []keptExchange{keeps("x", 1, "2", chair(3, 30))}, "1x10 3x30@1", "2x20"},
	}
	for _, tt := range tests {
		k := kept{exchanges: tt.exchanges, versions: tt.versions}
		var o Order
		k.number(&o)
		var withdrawn []Line
		for _, w := range o.Withdrawn {
			withdrawn = append(withdrawn, w.Line)
		}
		if got := shown(o.Lines); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.why, got, tt.want)
		}
		if got := shown(withdrawn); got != tt.withdrawn {
			t.Errorf("%s: withdrawn %s, want %s", tt.why, got, tt.withdrawn)
		}
	}
}

func TestExchangeThatIsAReturnTakesWhatIsLeftOfItsLines(t *testing.T) {
	t.Parallel()
	out := func(n int, lines ...int) []Exchange { return []Exchange{{ExternalID: "x", At: after(n), Out: lines}} }
	tests := []struct {
		why       string
		exchanges []Exchange
		refunds   []Refund
		want      string
		outcome   string // of the exchange
		last      string // of the last refund
	}{
		{"the whole line", out(1, 2), nil, "0 1 0", "", ""},
		{"several lines", out(1, 1, 2), nil, "1 1 0", "", ""},
		{"what a refund before it had left", out(2, 1), []Refund{refund("a", 1, pieces(1, 1))}, "1 0 0", "", ""},
		{"a refund of its instant was before it", out(1, 1), []Refund{refund("a", 1, pieces(1, 1))}, "1 0 0", "", ""},
		{"a refund after it finds nothing", out(1, 1), []Refund{refund("a", 2, pieces(1, 1))}, "1 0 0", "", "surplus"},
		{"the allowance for the same goods counts once", out(1, 1), []Refund{refund("a", 2, pieces(1, 1)).as(Allowance)}, "1 0 0", "", ""},
		{"a line that was never there", out(1, 0, 2), nil, "0 1 0", "unknown_line", ""},
		{"an edit takes nothing back", []Exchange{{ExternalID: "x", At: after(1), Keeps: true, Out: []int{2}}}, nil, "0 0 0", "", ""},
	}
	for _, tt := range tests {
		o := bought()
		o.Exchanges, o.Refunds = tt.exchanges, tt.refunds
		r := o.Returned(o.Amounts(), false)
		step, _ := r.Of(Exchanged, "x")
		last, _ := r.Of(RefundPaid, "a")
		if len(tt.refunds) > 0 && tt.refunds[0].Kind == Allowance {
			last, _ = r.Of(Allowance, "a")
		}
		if got := fractions(r); got != tt.want || step.Outcome() != tt.outcome || last.Outcome() != tt.last {
			t.Errorf("%s: %s %q %q, want %s %q %q", tt.why, got, step.Outcome(), last.Outcome(), tt.want, tt.outcome, tt.last)
		}
	}
}

func (b *bundle) exchange(order, id string, hours int, out string, in ...Line) WasExchanged {
	return WasExchanged{Order: order, ExternalID: id, At: placed.Add(time.Duration(hours) * time.Hour), Out: strings.Fields(out), In: in}
}

// wantHeard says whether the listener heard of the order as it is kept, and when what it heard of last had happened.
func (b *bundle) wantHeard(o Order, changed time.Time) {
	b.t.Helper()
	o.ChangedAt = changed
	if diff := cmp.Diff(o, b.heard.orders[o.ExternalID]); diff != "" {
		b.t.Errorf("the listener heard of another order than is kept (-kept +heard):\n%s", diff)
	}
}

func TestExchangeThatKeepsIsAnEditOfItsOrder(t *testing.T) {
	t.Parallel()
	b := setupExchanges(t)
	b.want(b.exchange("1", "x1", 1, "12", Line{ExternalID: "13", SKU: "LAMP", Category: "light", Quantity: 2, UnitPrice: 300, Discount: 100, TaxIncluded: true}), Waiting, "")
	b.want(b.sofa("1"), Applied, "")
	b.want(b.exchange("1", "x1", 1, "12"), Ignored, "")
	b.want(b.exchange("1", "x2", 2, "13 nope", chair(4, 700)), Applied, NoteUnknownLine)
	o := b.load("1")
	b.wantHeard(o, placed.Add(2*time.Hour))
	if o.Version != 1 || o.PlacedAt != placed || len(o.Lines) != 2 || o.Lines[1].ExternalID != "4" || len(o.Withdrawn) != 2 || o.Withdrawn[1].Category != "light" {
		t.Errorf("order: %+v", o)
	}
	want := []Exchange{
		{ExternalID: "x1", At: placed.Add(time.Hour), Keeps: true, Out: []int{2}, In: []int{3}},
		{ExternalID: "x2", At: placed.Add(2 * time.Hour), Keeps: true, Out: []int{3, 0}, In: []int{4}},
	}
	if diff := cmp.Diff(want, o.Exchanges); diff != "" {
		t.Errorf("exchanges (-want +got):\n%s", diff)
	}
	b.wantProfile(o.Customer, 1, 26450) // two sofas and a chair, less 250
	b.want(WasEdited{Order: "1", Version: 2, At: placed.Add(4 * time.Hour), Lines: b.sofa("").Lines}, Applied, "")
	b.want(b.exchange("1", "x3", 3, "12", chair(5, 1)), Ignored, NoteSuperseded)
	if o = b.load("1"); len(o.Lines) != 2 || o.Lines[1].ExternalID != "12" {
		t.Errorf("the edit is overtaken by an exchange before it: %+v", o.Lines)
	}
	b.want(WasRefunded{Order: "1", ExternalID: "r", At: placed.Add(5 * time.Hour), Lines: []RefundedLine{{Line: "5", Quantity: 1}}}, Applied, "")
	if b.count("sales_order") != 1 {
		t.Errorf("%d orders", b.count("sales_order"))
	}
}

// A till whose clock ran ahead: nothing was edited, so nothing overtakes the exchange.
func TestExchangeBeforeItsOrderWasPlacedCounts(t *testing.T) {
	t.Parallel()
	b := setupExchanges(t)
	b.want(b.sofa("1"), Applied, "")
	b.want(b.exchange("1", "x1", -1, "12", chair(4, 700)), Applied, "")
	if o := b.load("1"); len(o.Lines) != 2 || o.Lines[1].ExternalID != "4" {
		t.Errorf("lines: %+v", o.Lines)
	}
}

// What an older program kept of a price adjustment was one line.
func TestPriceAdjustmentOfAnOlderProgramIsRead(t *testing.T) {
	t.Parallel()
	row := waitingRow{Fact: []byte(`{"adjusted": {"Order": "1", "ExternalID": "a1", "At": "2026-11-20T04:00:00Z", "Line": "12", "Amount": 50}}`)}
	got, err := row.fact()
	want := WasAdjusted{Order: "1", ExternalID: "a1", At: placed, Lines: []AdjustedLine{{"12", 50}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestExchangeThatReturnsMakesAnOrder(t *testing.T) {
	t.Parallel()
	b := setupExchanges(t)
	f := b.sofa("1")
	f.PlacedAt, f.Payment, f.Channel, f.Staff, f.EmployeeDiscount = oddMinute, "card 1", Till, b.Amy, true
	b.want(f, Applied, "")
	b.want(WasRefunded{Order: "x1", ExternalID: "r", At: placed.Add(3 * time.Hour), Lines: []RefundedLine{{Line: "4", Quantity: 1}}}, Waiting, "")
	x := b.exchange("1", "x1", 1, "11", chair(4, 700), chair(5, 900))
	r := b.apply(x)
	old, made := b.load("1"), b.load("x1")
	if r.Outcome != Applied || r.Note != "" || r.Order != old.ID || r.Made != made.ID {
		t.Errorf("answer: %+v", r)
	}
	if made.ExchangeOf != old.ID || made.PlacedAt != x.At || made.Customer != old.Customer || made.Channel != Till || made.Store != b.Web ||
		made.Staff != b.Amy || made.Currency != "TWD" || made.TaxBP != 500 || !made.EmployeeDiscount || made.Discount != 0 {
		t.Errorf("made: %+v", made)
	}
	if got := old.Figures(); got != (Figures{Paid: 26250, Refunded: 25755, Spent: 495}) {
		t.Errorf("figures of the old order: %+v", got)
	}
	if got := made.Figures(); got != (Figures{Paid: 1600, Refunded: 700, Spent: 900}) {
		t.Errorf("figures of the new order: %+v", got)
	}
	b.wantProfile(old.Customer, 2, 495+900)
	b.want(x, Ignored, "")
	if b.count("order_payment") != 2 || b.count("sales_order") != 2 || b.count("waiting_fact") != 0 {
		t.Errorf("%d payments, %d orders, %d wait", b.count("order_payment"), b.count("sales_order"), b.count("waiting_fact"))
	}
	b.wantHeard(made, placed.Add(3*time.Hour)) // the refund that had waited
}

func TestWhoExchangedSoldTheNewOrder(t *testing.T) {
	t.Parallel()
	b := setupExchanges(t)
	tests := []struct {
		why                      string
		store, staff             shop.ID
		wantedStore, wantedStaff shop.ID
	}{
		{"nobody said", shop.ID{}, shop.ID{}, b.S1, b.Amy},
		{"another store is not hers", b.S2, shop.ID{}, b.S2, shop.ID{}},
		{"another store and its own", b.S2, b.Ben, b.S2, b.Ben},
		{"the same store", b.S1, shop.ID{}, b.S1, b.Amy},
		{"a colleague", shop.ID{}, b.Ben, b.S1, b.Ben},
	}
	for i, tt := range tests {
		f := b.sofa(fmt.Sprint("o", i))
		f.PlacedAt, f.Store, f.Staff = oddMinute, b.S1, b.Amy
		b.want(f, Applied, "")
		x := b.exchange(f.Order, fmt.Sprint("x", i), 1, "11", chair(4, 700))
		x.Store, x.Staff = tt.store, tt.staff
		b.want(x, Applied, "")
		if made := b.load(x.ExternalID); made.Store != tt.wantedStore || made.Staff != tt.wantedStaff {
			t.Errorf("%s: store %s, staff %s", tt.why, made.Store, made.Staff)
		}
	}
}

// What a system tells of the new order itself counts, and what becomes known of the old one is handed on.
func TestNewOrderHearsWhatBecomesKnownOfTheOld(t *testing.T) {
	t.Parallel()
	b := setupExchanges(t)
	f := b.sofa("1")
	who := f.Identities
	f.PlacedAt, f.Identities = oddMinute, nil
	b.want(f, Applied, "")
	b.want(b.exchange("1", "x1", 1, "11", chair(4, 700)), Applied, "")
	if made := b.load("x1"); !made.Customer.IsZero() {
		t.Fatalf("bought by %s", made.Customer)
	}
	f.Version, f.At, f.Identities, f.TaxBP = 2, placed.Add(2*time.Hour), who, 0
	b.want(f, Applied, "")
	old, made := b.load("1"), b.load("x1")
	if made.Customer != old.Customer || made.Customer.IsZero() || made.TaxBP != 0 {
		t.Errorf("made: %+v", made)
	}
	b.wantProfile(old.Customer, 2, 495+700)
	b.wantHeard(made, f.At)

	own := b.sofa("x1")
	own.Version, own.PlacedAt, own.At, own.TaxBP = 2, made.PlacedAt, placed.Add(3*time.Hour), 800
	own.Identities = []customer.Identity{{Kind: customer.WebShop, Value: "shopify:another"}}
	b.want(own, Applied, "")
	f.Version, f.TaxBP = 3, 700
	b.want(f, Applied, "")
	if made := b.load("x1"); made.Customer == old.Customer || made.TaxBP != 800 {
		t.Errorf("the system's own word does not count: %+v", made)
	}
}

func TestOrderThatItsSystemToldItselfIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	b := setupExchanges(t)
	f := b.sofa("1")
	f.PlacedAt = oddMinute
	b.want(f, Applied, "")
	own := b.sofa("x1")
	own.PlacedAt, own.Identities = placed.Add(time.Hour), nil
	b.want(own, Applied, "")
	before := b.load("x1")
	if r := b.apply(b.exchange("1", "x1", 1, "11", chair(4, 700))); r.Outcome != Applied || r.Made != before.ID {
		t.Errorf("answer: %+v", r)
	}
	if diff := cmp.Diff(before, b.load("x1")); diff != "" {
		t.Errorf("changed (-before +after):\n%s", diff)
	}
	if got := b.load("1").Figures().Refunded; got != 25755 {
		t.Errorf("refunded %d", got)
	}
}

func TestExchangesNobodyCanMeanAreRefused(t *testing.T) {
	t.Parallel()
	base := WasExchanged{Order: "1", ExternalID: "x", At: placed, Out: []string{"1"}, In: []Line{chair(3, 1)}}
	change := func(do func(*WasExchanged)) WasExchanged {
		f := base
		f.In = slices.Clone(f.In)
		do(&f)
		return f
	}
	tests := []struct {
		why   string
		fact  WasExchanged
		field string
	}{
		{"an even exchange", base, ""},
		{"goods taken back alone", change(func(f *WasExchanged) { f.In = nil }), ""},
		{"nothing for nothing", change(func(f *WasExchanged) { f.In, f.Out = nil, nil }), "out"},
		{"a name that is the order's", change(func(f *WasExchanged) { f.ExternalID = "1" }), "external_id"},
		{"a line that could be any", change(func(f *WasExchanged) { f.In[0] = Line{Quantity: 1, UnitPrice: 1} }), "in[0].external_id"},
		{"no pieces", change(func(f *WasExchanged) { f.In[0].Quantity = 0 }), "in[0].quantity"},
		{"a line without a name goes out", change(func(f *WasExchanged) { f.Out = []string{"1", ""} }), "out[1]"},
	}
	for _, tt := range tests {
		if err := checkFact(tt.fact, today); !refuses(err, tt.field) {
			t.Errorf("%s: %v, want field %q", tt.why, err, tt.field)
		}
	}
}
