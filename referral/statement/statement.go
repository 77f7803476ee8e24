// Package statement writes what somebody's month was closed with, for people and their programs: statements as CSV, workbook or
// PDF, in both languages, and the file by which a month is paid.
//
// Always true: a statement is written only when its lines add up to its movement and its movement leads from the opening to the
// closing (ErrDoesNotAddUp); the three forms of one statement say the same figures to the last unit; the same statement gives the
// same bytes, for as long as its brand, stores, people and orders are called the same. Names are those of the day on which it is
// written; whether a kept one is another to the unit is told by its seal and its figures.
//
// A line is a transfer dated in the month, and what is dated in a closed month never changes, nor does a statement therefore, whenever
// and by whom it is read: report, drill-down and export are the same figures. Head office and finance read all statements; a manager
// those of her stores, of their pools and of whoever worked there in the month; everybody her own.
//
// Somebody who leaves is settled at exit by the ledger: what she had pending stays hers or goes to the pool, as the plan says. What
// is payable then, or becomes so later, is stated for her by the next closes as for everybody, and paid; she no longer signs in, so
// head office hands her the file. No account is closed before its month: tiers, caps and a pool's hours are of the whole month, and
// a figure that the close contradicts is what statements are there against. What was paid to her on the last day all the same is
// an adjustment below zero with that reason, which the next statement shows beside what it was paid of.
//
// It decides nothing and keeps nothing: see period.
package statement

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// Statement is one beneficiary's month in one currency, as it was closed.
type Statement struct {
	Language shop.Language
	Brand    string
	Month    time.Time // its first day, as midnight UTC
	Zone     *time.Location
	To       Party
	Currency shop.Currency
	Figures
	Terms    Terms
	Lines    iter.Seq2[Line, error] // read as they are written, so that a statement may have any number
	Seal     ledger.Head            // of the brand's book when the month was closed
	ClosedAt time.Time
}

// Party is a beneficiary as people know her.
type Party struct {
	Kind     attribution.Kind
	IsOnline bool // the store is an online team
	Code     string
	Name     string
}

// kind is store, online, staff or pool.
func (p Party) kind() string {
	if p.Kind == attribution.ToStore && p.IsOnline {
		return "online"
	}
	return string(p.Kind)
}

// Figures are what a month moved. PendingOpening + Opening + Movement = PendingClosing + Stated + Carried.
type Figures struct {
	PendingOpening int64 // the return period was not over
	Opening        int64 // payable: what was carried, zero or below
	Movement       int64
	PendingClosing int64
	Stated         int64 // to be paid
	Carried        int64 // reduces later commission only, zero or below
}

// Terms are the rules that decide what a return still takes back.
type Terms struct {
	PlanVersions     []int
	HoldDays         int
	ClawbackDays     *int   // after the receipt; nil: for ever
	ClawbackMonthCap *int64 // of a person; nil: none
	Forgiven         int64  // by the cap in this month
}

// Line is one movement.
type Line struct {
	ID          shop.ID // of the transfer
	PostedAt    time.Time
	EffectiveAt time.Time
	BelongsTo   time.Time // the first day of the month to which it belongs, when that is another
	Kind        ledger.TransferKind
	Role        plan.Role // empty: of the whole month
	Order       string    // as the shop calls it; empty: of no single order
	OrderID     shop.ID
	Parcel      string
	LineNo      int // 0: of all lines
	Minor       int64
	State       ledger.AccountKind
	Why         string
	Trace       string // address that explains it
}

// ErrDoesNotAddUp stops a statement that contradicts itself. It is no refusal: nobody who asks for the statement can mend it.
var ErrDoesNotAddUp = errors.New("the statement does not add up")

// balances says whether the movement leads from the opening to the closing.
func (f Figures) balances() error {
	before, after := f.PendingOpening+f.Opening+f.Movement, f.PendingClosing+f.Stated+f.Carried
	if before != after {
		return fmt.Errorf("%w: %d before, %d after", ErrDoesNotAddUp, before, after)
	}
	return nil
}

// lines are those of the statement, and an error behind the last one when they are not all of the movement.
func (s *Statement) lines() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		sum := int64(0)
		for l, err := range s.Lines {
			if err != nil {
				yield(l, err)
				return
			}
			sum += l.Minor
			if !yield(l, nil) {
				return
			}
		}
		if sum != s.Movement {
			yield(Line{}, fmt.Errorf("%w: its lines are %d, its movement is %d", ErrDoesNotAddUp, sum, s.Movement))
		}
	}
}

// Format is a form in which a statement is written.
type Format string

// The forms of a statement.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
	PDF  Format = "pdf"
)

var writers = map[Format]struct {
	contentType string
	write       func(io.Writer, *Statement) error
}{
	CSV:  {"text/csv; charset=utf-8", writeCSV},
	XLSX: {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", writeXLSX},
	PDF:  {"application/pdf", writePDF},
}

// ErrFormat refuses a form that is none.
var ErrFormat = shop.Refuse(shop.Unprocessable, "statement_format_unknown", "A statement is written as csv, xlsx or pdf.")

// ContentType is the media type of the form.
func (f Format) ContentType() string { return writers[f].contentType }

// Write writes the statement. What is in w after an error is to be thrown away: whether lines add up is known behind the last one.
func (s *Statement) Write(w io.Writer, as Format) error {
	writer, ok := writers[as]
	if !ok {
		return ErrFormat
	}
	err := s.balances()
	if err == nil {
		err = writer.write(w, s)
	}
	if err != nil {
		return fmt.Errorf("write the statement of %s %s for %s as %s: %w", s.To.Kind, s.To.Code, month(s.Month), as, err)
	}
	return nil
}

// File is a statement as somebody downloads it.
type File struct {
	ContentType string
	Name        string
	Body        []byte
}

// File writes the statement to the end before anybody gets a byte of it, since its lines may not add up. In memory are no lines but
// the file: of a CSV some 200 bytes a line, of the others less.
func (s *Statement) File(as Format) (File, error) {
	var out bytes.Buffer
	if err := s.Write(&out, as); err != nil {
		return File{}, err
	}
	return File{ContentType: as.ContentType(), Name: s.FileName(as), Body: out.Bytes()}, nil
}

// FileName is what a download is called.
func (s *Statement) FileName(as Format) string {
	return fmt.Sprintf("statement-%s-%s-%s.%s", month(s.Month), s.To.Code, s.Currency, as)
}
