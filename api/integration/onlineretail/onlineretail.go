// Package onlineretail reads the UCI Online Retail file (a British gift shop, 2010 to 2011) as orders and refunds.
//
// Always true: every line of the file is part of an order, part of a refund, or set aside under a reason; the same file
// makes the same facts, so that reading it again changes nothing and a reading that was killed goes on where it was. What a
// line means is decided here and nowhere else:
//
//   - An invoice is an order of the web store at London time; its lines are numbered as they stand in the file, also those
//     that look the same. A line at no price is kept: something was given. The goods have gone out with their invoice, so
//     that what an order earns becomes payable. Its customer is the web shop's account online-retail:NUMBER.
//   - POST, DOT and C2 are postage; fees (bank charges, Amazon's, the charity's, D) are no merchandise either and are kept as
//     postage of category fee. M was typed in by hand: merchandise of category manual. Codes that begin with gift_ are gift
//     cards. Prices are taken as net: the file does not say which tax is in them.
//   - A credit note (C…) takes back what the same customer bought earlier under the same code: first at the same price, by
//     pieces; then at other prices, by the money that the note says; the latest purchase first, over as many orders as it
//     needs. More than was bought is the surplus of its last order. What was never bought, or was all credited, is set aside.
package onlineretail

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// Source is what facts of this file are claimed under.
const Source = "file:online-retail"

// Currency of every price in the file.
const Currency shop.Currency = "GBP"

// Result is what became of a file, in pence.
type Result struct {
	Lines         int            `json:"lines_read"`
	Orders        int            `json:"orders"`
	OrderLines    int            `json:"order_lines"`
	Credits       int            `json:"credit_notes"` // of which a line was taken
	RefundLines   int            `json:"refund_lines"`
	SetAside      map[string]int `json:"set_aside"`
	SetAsideLines []SetAside     `json:"set_aside_lines"` // the first of each reason
	GrossMinor    int64          `json:"gross_minor"`     // pieces times price of all order lines
	RefundedMinor int64          `json:"refunded_minor"`  // of that, what was taken back
	SurplusMinor  int64          `json:"surplus_minor"`   // what the notes of refund lines say beyond what was paid
	Currency      shop.Currency  `json:"currency"`
	Applied       int            `json:"facts_applied"` // orders and refunds that were not known before
	Ignored       int            `json:"facts_ignored"` // those that were
	PerSecond     float64        `json:"lines_per_second"`
}

// ErrHeader refuses a file that begins with other columns.
var ErrHeader = shop.Refuse(shop.Unprocessable, "file_header_unknown",
	"The first line of an Online Retail file names invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, country.")

var header = []string{"invoice_no", "stock_code", "description", "quantity", "invoice_date", "unit_price", "customer_id", "country"}

// Import reads a file into the brand's web store. It returns what was read also with an error, which is then the first one.
func Import(ctx context.Context, orders *order.Service, brand shop.BrandID, store shop.ID, file io.Reader) (Result, error) {
	began := time.Now()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return Result{}, fmt.Errorf("time zone of the file: %w", err)
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	i := &importer{
		zone: london, store: store, bought: map[good][]*purchase{}, closed: map[string]bool{},
		result: Result{SetAside: map[string]int{}, SetAsideLines: []SetAside{}, Currency: Currency},
		lanes: newLanes(ctx, fail, func(ctx context.Context, facts []order.Fact) ([]order.Result, error) {
			return orders.ApplyMany(ctx, brand, Source, facts)
		}),
	}
	if err := i.read(ctx, file); err != nil {
		fail(err)
	}
	i.result.Applied, i.result.Ignored = i.lanes.finish()
	i.result.PerSecond = float64(i.result.Lines) / time.Since(began).Seconds()
	return i.result, context.Cause(ctx)
}

// importer is one reading of a file.
type importer struct {
	zone   *time.Location
	store  shop.ID
	lanes  *lanes
	at     int             // line of the file that is being read
	open   []*invoice      // of which lines may still come, in the sequence of their first lines
	closed map[string]bool // numbers of those before
	bought map[good][]*purchase
	result Result
}

func (i *importer) read(ctx context.Context, file io.Reader) error {
	records := &bounded{Reader: file}
	rows := csv.NewReader(records)
	rows.ReuseRecord = true
	rows.FieldsPerRecord = -1
	first, err := rows.Read()
	if err != nil || !slices.Equal(first, header) {
		return ErrHeader
	}
	for {
		row, err := rows.Read()
		records.since = 0
		if errors.Is(err, io.EOF) {
			break
		}
		var malformed *csv.ParseError
		if err != nil && !errors.As(err, &malformed) {
			return fmt.Errorf("read line %d: %w", i.result.Lines+1, err)
		}
		i.result.Lines++
		if err != nil {
			i.setAside("malformed_line", malformed.StartLine)
			continue
		}
		i.at, _ = rows.FieldPos(0)
		if len(row) != len(header) {
			i.setAside("malformed_line", i.at)
			continue
		}
		i.take(row)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	i.close(time.Time{})
	return nil
}

// take puts a line into its invoice, and closes those for which none has come for a while.
func (i *importer) take(row []string) {
	l, reason := i.parse(row)
	if reason != "" {
		i.setAside(reason, i.at)
		return
	}
	i.close(l.at)
	if i.closed[l.invoice] {
		i.setAside("invoice_continued_late", i.at)
		return
	}
	at := slices.IndexFunc(i.open, func(v *invoice) bool { return v.number == l.invoice })
	if at < 0 {
		at = len(i.open)
		i.open = append(i.open, &invoice{number: l.invoice, at: l.at, customer: l.customer})
	}
	if i.open[at].customer != l.customer {
		i.setAside("invoice_of_two_customers", i.at)
		return
	}
	i.open[at].add(l)
}

// patience is how long after its last line an invoice may go on: in the file two are mixed for a minute.
const patience = 30 * time.Minute

// close turns invoices into facts, in the sequence in which they began: until the first that may go on at the instant, or
// all of them when it is zero.
func (i *importer) close(now time.Time) {
	for len(i.open) > 0 && (now.IsZero() || now.Sub(i.open[0].last) > patience) {
		v := i.open[0]
		i.open = i.open[1:]
		i.closed[v.number] = true
		if v.isCredit() {
			i.credit(v)
		} else {
			i.order(v)
		}
	}
}
