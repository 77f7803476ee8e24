package onlineretail

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// line is one line of the file that can be understood. Pieces of a credit are positive here.
type line struct {
	no       int // in the file
	invoice  string
	code     string
	text     string
	pieces   int64
	price    int64 // pence
	at       time.Time
	customer string // empty: nobody is named
}

// Bounds of a single line. The largest of the file are 74,215 pieces and 38,970 pounds.
const (
	maxPieces = 100_000_000
	maxPence  = 10_000_000_00
)

// parse reads a row of the file, or says why it cannot stand in an order or a refund.
func (i *importer) parse(row []string) (l line, reason string) {
	l = line{no: i.at, invoice: strings.Clone(row[0]), code: strings.Clone(row[1]), text: strings.Clone(strings.TrimSpace(row[2])), customer: strings.Clone(row[6])}
	if !isText(l.invoice) || !isText(l.code) || !utf8.ValidString(l.text) || strings.ContainsRune(l.text, 0) || len(l.text) > 500 || len(l.customer) > 100 {
		return l, "malformed_line"
	}
	var err error
	if l.at, err = time.ParseInLocation(time.DateTime, row[4], i.zone); err != nil || l.at.Year() < 1990 || l.at.After(time.Now()) {
		return l, "date_unreadable"
	}
	if l.pieces, err = strconv.ParseInt(row[3], 10, 64); err != nil || l.pieces > maxPieces || l.pieces < -maxPieces {
		return l, "quantity_unreadable"
	}
	isCredit := strings.HasPrefix(l.invoice, "C")
	switch {
	case strings.HasPrefix(l.invoice, "A"):
		return l, "bad_debt_adjustment"
	case l.pieces == 0:
		return l, "quantity_zero"
	case isCredit && l.pieces > 0:
		return l, "credit_with_positive_quantity"
	case !isCredit && l.pieces < 0:
		return l, "negative_quantity_outside_credit_note" // goods written off: nobody bought or returned them
	case strings.HasPrefix(row[5], "-"):
		return l, "price_negative"
	case isSubPenny(row[5]):
		return l, "sub_penny_price"
	}
	if l.price, err = Currency.ParseAmount(row[5]); err != nil || l.price > maxPence {
		return l, "price_unreadable"
	}
	if isCredit {
		l.pieces = -l.pieces
	}
	return l, ""
}

func isText(s string) bool {
	return s != "" && len(s) <= 100 && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// isSubPenny says whether a price has digits behind the penny. It is not rounded: no one pays it, and the sum of an invoice
// would no longer be that of its lines.
func isSubPenny(price string) bool {
	_, fraction, _ := strings.Cut(price, ".")
	fraction = strings.TrimRight(fraction, "0")
	return len(fraction) > 2 && strings.Trim(fraction, "0123456789") == ""
}
