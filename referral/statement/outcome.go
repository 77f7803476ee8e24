package statement

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"homestore/clienteling/shop"
)

// Refusals of a file that says what came of payments.
var (
	ErrOutcomes     = shop.Refuse(shop.Unprocessable, "payout_outcomes_wrong", "Some rows of the file are wrong; nothing of it was taken. Each is named with what to do.")
	ErrOutcomesFile = shop.Refuse(shop.Unprocessable, "payout_outcomes_unreadable", "The file is no CSV that says what came of payments.")
	ErrOutcomesLong = shop.Refuse(shop.TooLarge, "payout_outcomes_too_long", "A file has at most 10,000 rows. Split it.")
)

// Outcome is what a bank or a payroll says became of a payment.
type Outcome string

// What may become of a payment.
const (
	WasPaid    Outcome = "paid"
	HasFailed  Outcome = "failed"
	PaidInPart Outcome = "partial"
)

// outcomeWords are how a file says them. Who types them may write Chinese.
var outcomeWords = map[string]Outcome{"paid": WasPaid, "failed": HasFailed, "partial": PaidInPart, "已付": WasPaid, "失敗": HasFailed, "部分": PaidInPart}

// Settlement is what became of one payment.
type Settlement struct {
	Payment Payment
	Outcome Outcome
	Minor   int64 // that was paid: all, a part, or nothing
	Note    string
}

// Bounds of a file of outcomes.
const (
	mostOutcomes = 10_000
	longestNote  = 500
)

// outcomeColumns are what the file may have: those of the payout file, to which whoever paid adds three.
var outcomeColumns = append(slices.Clone(payoutColumns), "outcome", "paid", "note")

// ReadOutcomes reads what became of payments: the payout file with outcome (paid, failed, partial), paid (the amount of a partial
// payment) and note beside each reference. Of the file's own columns only the reference is needed; an amount is compared where
// there is one. Rows of totals and empty rows are passed over. The whole file is taken, or nothing of it: ErrOutcomes names the
// wrong rows as rows[n].column, n being the line in the file; ErrOutcomesFile and ErrOutcomesLong are about the file itself.
func ReadOutcomes(file []byte, payments []Payment) ([]Settlement, error) {
	file = bytes.TrimPrefix(file, []byte(shop.ByteOrderMark))
	if !utf8.Valid(file) || bytes.IndexByte(file, 0) >= 0 {
		return nil, ErrOutcomesFile.Saying("The file is not UTF-8. Save it as CSV UTF-8.")
	}
	in := csv.NewReader(bytes.NewReader(file))
	in.FieldsPerRecord = -1 // a row of another length is that row's fault
	head, err := readHead(in)
	if err != nil {
		return nil, err
	}
	open := make(map[string]Payment, len(payments))
	for _, p := range payments {
		open[p.Reference] = p
	}
	r := outcomes{open: open, head: head, seen: map[string]int{}}
	for n := 0; ; n++ {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if n == mostOutcomes {
			return nil, ErrOutcomesLong
		}
		line, _ := in.FieldPos(0)
		r.read(line, record)
	}
	if len(r.wrong) > 0 {
		return nil, ErrOutcomes.With(r.wrong...)
	}
	return r.found, nil
}

func unreadable(err error) error {
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return ErrOutcomesFile.Saying("Line %d: a quotation mark is not closed, or stands where none may. Double those within a cell.", wrong.Line)
	}
	return fmt.Errorf("read CSV: %w", err)
}

func readHead(in *csv.Reader) ([]string, error) {
	record, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, ErrOutcomesFile.Saying("The file is empty.")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	head := make([]string, len(record))
	for i, name := range record {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(outcomeColumns, name) || slices.Contains(head, name) {
			return nil, ErrOutcomesFile.Saying("Column %d of the header is none of %s, or there twice.", i+1, strings.Join(outcomeColumns, ", "))
		}
		head[i] = name
	}
	for _, needed := range []string{"reference", "outcome"} {
		if !slices.Contains(head, needed) {
			return nil, ErrOutcomesFile.Saying("The header lacks the column %s.", needed)
		}
	}
	return head, nil
}

// outcomes are those of a file while it is read.
type outcomes struct {
	open  map[string]Payment
	head  []string
	seen  map[string]int // reference -> the line on which it was first
	found []Settlement
	wrong []shop.Field
}

// mostWrong are enough to mend a file by.
const mostWrong = 50

func (r *outcomes) read(line int, record []string) {
	cells := map[string]string{}
	for i, text := range record {
		if i < len(r.head) {
			cells[r.head[i]] = strings.TrimSpace(text)
		}
	}
	reference := cells["reference"]
	if strings.Join(record, "") == "" || reference == total {
		return
	}
	wrong := func(column, code, hint string) {
		if len(r.wrong) < mostWrong {
			r.wrong = append(r.wrong, shop.Field{Name: fmt.Sprintf("rows[%d].%s", line, column), Code: code, Hint: hint})
		}
	}
	if len(record) > len(r.head) {
		wrong("row", "too_many_cells", "Put a cell with a comma in quotation marks.")
		return
	}
	payment, isKnown := r.open[reference]
	switch first := r.seen[reference]; {
	case !isKnown:
		wrong("reference", "reference_unknown", "No payment of this reference is waiting for its outcome.")
		return
	case first > 0:
		wrong("reference", "reference_repeated", fmt.Sprintf("Line %d is about the same payment.", first))
		return
	}
	r.seen[reference] = line
	if o, ok := settlementOf(payment, cells, wrong); ok {
		r.found = append(r.found, o)
	}
}

// settlementOf is what a row says of a payment; ok is false when something in it is wrong.
func settlementOf(p Payment, cells map[string]string, wrong func(column, code, hint string)) (o Settlement, ok bool) {
	ok = true
	refuse := func(column, code, hint string) { ok = false; wrong(column, code, hint) }
	o = Settlement{Payment: p, Outcome: outcomeWords[strings.ToLower(cells["outcome"])], Note: cells["note"]}
	if o.Outcome == "" {
		refuse("outcome", "outcome_unknown", "paid, failed or partial.")
	}
	if utf8.RuneCountInString(o.Note) > longestNote {
		refuse("note", "note_too_long", "At most 500 characters.")
	}
	if text := cells["amount"]; text != "" {
		if minor, err := p.Currency.ParseAmount(text); err != nil || minor != p.Minor {
			refuse("amount", "amount_differs", "The payment is of "+p.Currency.Format(p.Minor)+". Leave the amount as it was; say under paid what was paid.")
		}
	}
	if code := cells["currency"]; code != "" && code != string(p.Currency) {
		refuse("currency", "currency_differs", "The payment is in "+string(p.Currency)+".")
	}
	switch paid, err := p.paid(o.Outcome, cells["paid"]); {
	case err != "":
		refuse("paid", "paid_wrong", err)
	default:
		o.Minor = paid
	}
	return o, ok
}

// paid is how much was paid, from what a cell says beside the outcome; hint says what is wrong with it.
func (p Payment) paid(r Outcome, cell string) (minor int64, hint string) {
	if cell != "" {
		var err error
		if minor, err = p.Currency.ParseAmount(cell); err != nil {
			return 0, shop.ErrBadAmount.Message
		}
	}
	switch {
	case r == WasPaid && (cell == "" || minor == p.Minor):
		return p.Minor, ""
	case r == WasPaid:
		return 0, "The whole amount is " + p.Currency.Format(p.Minor) + ". Say partial if less was paid."
	case r == HasFailed && minor == 0:
		return 0, ""
	case r == HasFailed:
		return 0, "Nothing was paid when it failed. Say partial if some was."
	case r == PaidInPart && minor > 0 && minor < p.Minor:
		return minor, ""
	case r == PaidInPart:
		return 0, "A part is above zero and below " + p.Currency.Format(p.Minor) + "."
	}
	return 0, ""
}
