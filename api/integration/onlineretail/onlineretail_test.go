package onlineretail

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/migrations/postgres"
	"homestore/migrations/postgrestest"
)

type bundle struct {
	postgrestest.Fixture
	t      *testing.T
	pool   *postgres.Pool
	orders *order.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	pool := postgrestest.New(t)
	return &bundle{Fixture: postgrestest.Brand(t, pool), t: t, pool: pool, orders: order.New(pool, time.Now)}
}

func (b *bundle) load(lines ...string) Result {
	b.t.Helper()
	file := strings.Join(append([]string{strings.Join(header, ",")}, lines...), "\n") + "\n"
	result, err := Import(b.t.Context(), b.orders, b.Brand, b.Web, strings.NewReader(file))
	if err != nil {
		b.t.Fatal(err)
	}
	b.wantNothingDropped(result)
	return result
}

// wantNothingDropped: each line is in exactly one place, and what was reported is what the database has.
func (b *bundle) wantNothingDropped(r Result) {
	b.t.Helper()
	sum := r.OrderLines + r.RefundLines
	for _, n := range r.SetAside {
		sum += n
	}
	if sum != r.Lines {
		b.t.Errorf("%d lines read, %d accounted for", r.Lines, sum)
	}
	var orders, lines int
	var paid, refunded int64
	b.ask(`SELECT count(*), sum(paid_minor)::bigint, sum(refunded_minor)::bigint,
		(SELECT count(*) FROM order_line WHERE brand_id = $1) FROM sales_order WHERE brand_id = $1`, &orders, &paid, &refunded, &lines)
	if orders != r.Orders || lines != r.OrderLines || paid != r.GrossMinor || refunded != r.RefundedMinor {
		b.t.Errorf("the database has %d orders of %d lines, paid %d, refunded %d; reported %+v", orders, lines, paid, refunded, r)
	}
}

func (b *bundle) ask(sql string, into ...any) {
	b.t.Helper()
	err := b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		return tx.QueryRow(b.t.Context(), sql, b.Brand).Scan(into...)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) order(name string) (o order.Order) {
	b.t.Helper()
	err := b.pool.Read(b.t.Context(), b.Brand, func(tx pgx.Tx) error {
		id, err := order.NameOf(b.t.Context(), tx, b.Brand, Source, name)
		if err != nil {
			return err
		}
		o, err = order.Load(b.t.Context(), tx, b.Brand, id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return o
}

func TestLinesBecomeOrdersOfLondonTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.load(
		`1,85123A,WHITE HANGING HEART,6,2011-07-01 08:26:00,2.55,17850,United Kingdom`,
		`1,85123A,WHITE HANGING HEART,6,2011-07-01 08:26:00,2.55,17850,United Kingdom`,
		`2,71053,LANTERN,1,2011-07-01 08:27:00,3.39,13047,United Kingdom`,
		`1,POST,POSTAGE,1,2011-07-01 08:28:00,18.0,17850,France`,
		`1,22751,FREE GIFT,2,2011-07-01 08:28:00,0.0,17850,France`,
		`1,gift_0001_20,VOUCHER,1,2011-07-01 08:28:00,16.67,17850,France`,
	)
	if r.Orders != 2 || r.GrossMinor != 2*1530+339+1800+1667 || r.Applied != 2 {
		t.Errorf("result: %+v", r)
	}
	o := b.order("1")
	if o.PlacedAt != time.Date(2011, 7, 1, 7, 26, 0, 0, time.UTC) || o.Store != b.Web || o.Channel != order.Online || o.Currency != "GBP" || o.Customer.IsZero() {
		t.Errorf("order: %+v", o)
	}
	if len(o.Lines) != 5 || o.Lines[0].SKU != o.Lines[1].SKU || o.Lines[2].Kind != order.Shipping || o.Lines[3].Gross() != 0 || o.Lines[4].Kind != order.GiftCard {
		t.Errorf("lines: %+v", o.Lines)
	}
	if b.order("2").Customer == o.Customer {
		t.Error("two customers are one")
	}
}

func TestLinesWithoutACustomerAreOrdersWithoutACustomer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.load(
		`1,85123A,WHITE HANGING HEART,6,2011-01-01 08:26:00,2.55,,United Kingdom`,
		`C2,85123A,WHITE HANGING HEART,-1,2011-01-01 09:26:00,2.55,,United Kingdom`,
	)
	if diff := cmp.Diff(map[string]int{"credit_without_customer": 1}, r.SetAside); diff != "" || r.Orders != 1 {
		t.Errorf("%d orders; %s", r.Orders, diff)
	}
	if o := b.order("1"); !o.Customer.IsZero() {
		t.Errorf("customer %s", o.Customer)
	}
	var customers int
	if b.ask(`SELECT count(*) FROM customer WHERE brand_id = $1`, &customers); customers != 0 {
		t.Errorf("%d customers", customers)
	}
}

func TestCreditsTakeBackWhatWasBought(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.load(
		`1,A1,MUG,10,2011-01-01 08:00:00,2.00,7,UK`,
		`2,A1,MUG,5,2011-01-02 08:00:00,2.00,7,UK`,
		`3,A1,MUG,4,2011-01-03 08:00:00,1.50,7,UK`,
		`3,A2,CUP,1,2011-01-03 08:00:00,1.00,7,UK`,
		`C4,A1,MUG,-7,2011-01-04 08:00:00,2.00,7,UK`, // 5 of order 2, 2 of order 1
		`C5,A1,MUG,-1,2011-01-05 08:00:00,1.20,7,UK`, // at no price it was bought at: 1.20 off order 3
		`C6,A2,CUP,-3,2011-01-06 08:00:00,1.00,7,UK`, // one was bought: the rest is surplus
		`C7,A2,CUP,-1,2011-01-07 08:00:00,1.00,7,UK`,
		`C8,A1,MUG,-1,2011-01-08 08:00:00,2.00,8,UK`,
		`C9,D,Discount,-1,2011-01-09 08:00:00,27.50,7,UK`,
	)
	if r.RefundLines != 3 || r.Credits != 3 || r.RefundedMinor != 1400+120+100 || r.SurplusMinor != 200 {
		t.Errorf("result: %+v", r)
	}
	want := map[string]int{"credit_of_what_was_credited": 1, "credit_without_earlier_purchase": 1, "discount_without_purchase": 1}
	if diff := cmp.Diff(want, r.SetAside); diff != "" {
		t.Error(diff)
	}
	for name, refunded := range map[string]int64{"1": 400, "2": 1000, "3": 220} {
		if got := b.order(name).Figures().Refunded; got != refunded {
			t.Errorf("order %s: refunded %d, want %d", name, got, refunded)
		}
	}
	var surplus int
	if b.ask(`SELECT count(*) FROM refund WHERE brand_id = $1 AND outcome = 'surplus'`, &surplus); surplus != 1 {
		t.Errorf("%d refunds are marked as surplus", surplus)
	}
}

func TestWhatCannotBeBookedIsSetAsideWithItsReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tests := []struct{ reason, line string }{
		{"sub_penny_price", `1,PADS,PADS,1,2011-01-01 08:00:00,0.001,7,UK`},
		{"malformed_line", `1,A1,MUG,1,2011-01-01 08:00:00`},
		{"malformed_line", `1,,MUG,1,2011-01-01 08:00:00,1.00,7,UK`},
		{"date_unreadable", `1,A1,MUG,1,yesterday,1.00,7,UK`},
		{"date_unreadable", `1,A1,MUG,1,2999-01-01 08:00:00,1.00,7,UK`},
		{"quantity_unreadable", `1,A1,MUG,1.5,2011-01-01 08:00:00,1.00,7,UK`},
		{"quantity_unreadable", `1,A1,MUG,99999999999999999999,2011-01-01 08:00:00,1.00,7,UK`},
		{"quantity_zero", `1,A1,MUG,0,2011-01-01 08:00:00,1.00,7,UK`},
		{"price_unreadable", `1,A1,MUG,1,2011-01-01 08:00:00,1e3,7,UK`},
		{"price_negative", `1,A1,MUG,1,2011-01-01 08:00:00,-1.00,7,UK`},
		{"bad_debt_adjustment", `A1,B,Adjust bad debt,1,2011-01-01 08:00:00,-11062.06,,UK`},
		{"negative_quantity_outside_credit_note", `1,A1,damages,-5,2011-01-01 08:00:00,0.0,,UK`},
		{"credit_with_positive_quantity", `C1,A1,MUG,5,2011-01-01 08:00:00,1.00,7,UK`},
	}
	lines, want := []string{`1,A1,MUG,1,2011-01-01 08:00:00,1.0,7,UK`}, map[string]int{}
	for _, test := range tests {
		lines, want[test.reason] = append(lines, test.line), want[test.reason]+1
	}
	lines = append(lines,
		`1,A1,MUG,1,2011-01-01 08:00:00,1.0,8,UK`,
		`2,A1,MUG,1,2011-01-01 08:31:00,1.0,8,UK`,
		`1,A1,MUG,1,2011-01-01 08:32:00,1.0,7,UK`)
	want["invoice_of_two_customers"], want["invoice_continued_late"] = 1, 1
	r := b.load(lines...)
	if diff := cmp.Diff(want, r.SetAside); diff != "" {
		t.Error(diff)
	}
	for n, named := range r.SetAsideLines[:len(tests)] { // the header is line 1, the first order line 2
		if want := (SetAside{n + 3, tests[n].reason, hints[tests[n].reason]}); named != want || want.Hint == "" {
			t.Errorf("%+v, want %+v", named, want)
		}
	}
	if late := r.SetAsideLines[len(tests)+1]; late.Line != len(tests)+5 || late.Code != "invoice_continued_late" || late.Hint == "" {
		t.Errorf("%+v", late)
	}
	if r.Orders != 2 || r.GrossMinor != 200 {
		t.Errorf("result: %+v", r)
	}
}

func TestOfEachReasonTheFirstLinesAreNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lines := []string{`1,A1,MUG,1,2011-01-01 08:00:00,1.00,8,UK`, `C1,A1,MUG,-1,2011-01-01 08:00:00,1.00,7,UK`}
	for range mostNamed + 5 {
		lines = append(lines, `1,PADS,PADS,1,2011-01-01 08:00:00,0.001,7,UK`)
	}
	r := b.load(lines...)
	named := map[string]int{}
	for _, l := range r.SetAsideLines {
		named[l.Code]++
	}
	if diff := cmp.Diff(map[string]int{"sub_penny_price": mostNamed, "credit_without_earlier_purchase": 1}, named); diff != "" || r.SetAside["sub_penny_price"] != mostNamed+5 {
		t.Errorf("%s of %v", diff, r.SetAside)
	}
	if last := r.SetAsideLines[len(r.SetAsideLines)-1]; last.Line != 3 || last.Hint == "" {
		t.Errorf("a credit note is matched when no more lines of it may come, and named by its own line: %+v", last)
	}
}

func TestAFileOfOtherColumnsIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a,b\n1,2\n", "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"} {
		if _, err := Import(t.Context(), nil, 1, shop.ID{}, strings.NewReader(text)); !errors.Is(err, ErrHeader) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// realFile opens the file of 179,239 lines, unpacked.
func realFile(t *testing.T) io.Reader {
	t.Helper()
	file, err := os.Open("../../../../shared/data/online_retail/online_retail_customers_40pct.csv.gz")
	if err != nil {
		t.Skipf("the real Online Retail file is not on this machine: %v", err)
	}
	t.Cleanup(func() { _ = file.Close() })
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	return unpacked
}

// realTotals were worked out from the file by a program that shares nothing with this one.
var realTotals = Result{
	Lines: 179_239, Orders: 7_581, OrderLines: 175_437, Credits: 1_275, RefundLines: 3_246, Currency: Currency,
	GrossMinor: 4_065_072_56, RefundedMinor: 327_205_48, SurplusMinor: 4_304_53,
	SetAside: map[string]int{
		"sub_penny_price": 1, "credit_without_earlier_purchase": 537, "discount_without_purchase": 11, "credit_of_what_was_credited": 7,
	},
}

// cutReader is a file whose reader is stopped in the middle, as by a kill.
type cutReader struct {
	io.Reader
	left int
	stop context.CancelFunc
}

func (c *cutReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.left -= n; c.left < 0 {
		c.stop()
	}
	return n, err
}

func TestTheRealFileIsReadToThePennyAndGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, stop := context.WithCancel(t.Context())
	half, err := Import(ctx, b.orders, b.Brand, b.Web, &cutReader{Reader: realFile(t), left: 6 << 20, stop: stop})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the reading was not stopped: %v", err)
	}
	var kept int
	if b.ask(`SELECT count(*) FROM sales_order WHERE brand_id = $1`, &kept); kept == 0 {
		t.Error("nothing was kept before the kill")
	}
	whole, err := Import(t.Context(), b.orders, b.Brand, b.Web, realFile(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", whole)
	b.wantNothingDropped(whole)
	if whole.Ignored < half.Applied { // more, when the kill came between a commit and the word that it was done
		t.Errorf("%d facts were applied before the kill, %d of them were known after it", half.Applied, whole.Ignored)
	}
	again, err := Import(t.Context(), b.orders, b.Brand, b.Web, realFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if again.Applied != 0 {
		t.Errorf("reading it again applied %d facts", again.Applied)
	}
	notTotals := cmpopts.IgnoreFields(Result{}, "Applied", "Ignored", "PerSecond")
	if diff := cmp.Diff(whole, again, notTotals); diff != "" {
		t.Errorf("reading it again says something else:\n%s", diff)
	}
	if diff := cmp.Diff(realTotals, whole, notTotals, cmpopts.IgnoreFields(Result{}, "SetAsideLines")); diff != "" {
		t.Errorf("totals (-independent +read):\n%s", diff)
	}
	b.wantNothingDropped(again)
}
