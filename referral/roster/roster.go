// Package roster takes over the list that a brand kept before Homestore: which store, and which person in it, each customer
// belongs to.
//
// Always true: each row of a file gets one verdict, whatever the row is; a row claims its customer from the moment it is
// recorded, as every import, and what the list says of earlier days is evidence and nothing more; a file that was read again
// changes nothing; a rehearsal says what would become of a file and leaves no trace; a file of any size is read in little
// memory. It never makes a customer. Whether a claim wins is binding's to say.
package roster

import (
	"time"

	"homestore/clienteling/shop"
)

// Outcome is what became of a row.
type Outcome string

const (
	RowNew     Outcome = "new"     // she is theirs from now on
	RowKnown   Outcome = "known"   // she is theirs already, or the list has said so before: nothing changes
	RowRefused Outcome = "refused" // a claim that did not win; it is kept
	RowWrong   Outcome = "wrong"   // the row names nobody, or nothing that can be
)

// Verdict is what is said of one row.
type Verdict struct {
	Row     int     `json:"row"` // the line it begins on; the header is 1
	Outcome Outcome `json:"outcome"`
	Code    string  `json:"code,omitempty"` // why it is refused or wrong
	Column  string  `json:"column,omitempty"`
	Hint    string  `json:"hint,omitempty"` // what to do
}

// Sum counts the rows by their outcome.
type Sum struct {
	Rows    int `json:"rows"`
	New     int `json:"new"`
	Known   int `json:"known"`
	Refused int `json:"refused"`
	Wrong   int `json:"wrong"`
}

func (s *Sum) add(v Verdict) {
	s.Rows++
	switch v.Outcome {
	case RowNew:
		s.New++
	case RowKnown:
		s.Known++
	case RowRefused:
		s.Refused++
	case RowWrong:
		s.Wrong++
	}
}

// Refusals of a file as a whole. What was read before ErrTooLong stays.
var (
	ErrFile    = shop.Refuse(shop.Unprocessable, "roster_unreadable", "The file is no CSV of customers and their stores.")
	ErrTooLong = shop.Refuse(shop.TooLarge, "roster_too_long", "The file has more rows than are read at once. Split it.")
)

// What can be wrong with a row, beside customer.ErrUnknown, team.ErrStoreUnknown, team.ErrStaffUnknown and what can be wrong
// with a telephone number or an address.
var (
	errCells     = wrong("row", "cells_wrong", "The row has more cells than the header. Put a cell with a comma in quotation marks.")
	errQuotes    = wrong("row", "quotes_wrong", "A quotation mark stands where none may. Double those within a cell.")
	errText      = wrong("row", "text_invalid", "The row has a NUL or is not UTF-8. Save the file as CSV UTF-8.")
	errFormula   = wrong("", "formula", "Spreadsheets run a cell that begins with =, +, -, @ or a tab. Begin it otherwise.")
	errNobody    = wrong("phone", "customer_required", "Name the customer by member_no, web_shop, phone or email.")
	errSeveral   = wrong("row", "customer_ambiguous", "Member number, web shop account, phone and e-mail lead to different customers.")
	errNoStore   = wrong("store", "store_required", "Name the store by its code.")
	errDay       = wrong("since", "day_invalid", "A day is written YYYY-MM-DD.")
	errDayToCome = wrong("since", "day_to_come", "This day is still to come.")
)

func wrong(column, code, hint string) Verdict {
	return Verdict{Outcome: RowWrong, Code: code, Column: column, Hint: hint}
}

func (v Verdict) in(column string) Verdict {
	v.Column = column
	return v
}

func (v Verdict) of(row int) Verdict {
	v.Row = row
	return v
}

// row is one of the file, as it was written.
type row struct {
	number int
	cells  map[string]string
	wrong  *Verdict
}

// since is the day that the row says she belongs to them; empty: it says none.
func (r row) since(today time.Time) (string, *Verdict) {
	text := r.cells["since"]
	if text == "" {
		return "", nil
	}
	day, err := time.Parse(time.DateOnly, text)
	switch {
	case err != nil:
		return "", &errDay
	case day.After(today):
		return "", &errDayToCome
	}
	return text, nil
}
