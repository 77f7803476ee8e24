package statement

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"homestore/clienteling/shop"
	"homestore/referral/csvfile"
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

// longestNote is in characters.
const longestNote = 500

// outcomeFile is the payout file, to which whoever paid adds three columns.
var outcomeFile = csvfile.Shape{
	Columns:       append(slices.Clone(payoutColumns), "outcome", "paid", "note"),
	Needed:        []string{"reference", "outcome"},
	MaxRows:       10_000,
	TakesFormulas: true, // a bank's note may begin with a dash
	MayBeEmpty:    true,
	Unreadable:    ErrOutcomesFile,
	TooLong:       ErrOutcomesLong,
}

// ReadOutcomes reads what became of payments: the payout file with outcome (paid, failed, partial), paid (the amount of a partial
// payment) and note beside each reference. Of the file's own columns only the reference is needed; an amount is compared where
// there is one. Rows of totals and empty rows are passed over. The whole file is taken, or nothing of it: ErrOutcomes names the
// wrong rows as rows[n].column, n being the line in the file; ErrOutcomesFile and ErrOutcomesLong are about the file itself.
func ReadOutcomes(file []byte, payments []Payment) ([]Settlement, error) {
	rows, err := outcomeFile.Read(file)
	if err != nil {
		return nil, err
	}
	r := outcomes{open: make(map[string]Payment, len(payments)), seen: map[string]int{}}
	for _, p := range payments {
		r.open[p.Reference] = p
	}
	for _, row := range rows {
		r.read(row)
	}
	if len(r.wrong) > 0 {
		return nil, ErrOutcomes.With(r.wrong...)
	}
	return r.found, nil
}

// outcomes are those of a file while it is read.
type outcomes struct {
	open  map[string]Payment
	seen  map[string]int // reference -> the line on which it was first
	found []Settlement
	wrong []shop.Field
}

// mostWrong are enough to mend a file by.
const mostWrong = 50

func (r *outcomes) read(row csvfile.Row) {
	reference := row.Cells["reference"]
	if reference == total {
		return
	}
	payment, isKnown := r.open[reference]
	first := r.seen[reference]
	row.That(isKnown, "reference", "reference_unknown", "No payment of this reference is waiting for its outcome.")
	row.That(first == 0, "reference", "reference_repeated", fmt.Sprintf("Line %d is about the same payment.", first))
	if len(row.Wrong) == 0 {
		r.seen[reference] = row.Number
		if s := settlementOf(payment, &row); len(row.Wrong) == 0 {
			r.found = append(r.found, s)
		}
	}
	for _, f := range row.Wrong {
		if len(r.wrong) < mostWrong {
			f.Name = fmt.Sprintf("rows[%d].%s", row.Number, f.Name)
			r.wrong = append(r.wrong, f)
		}
	}
}

// settlementOf is what a row says of a payment; what it says wrongly is noted in the row.
func settlementOf(p Payment, row *csvfile.Row) Settlement {
	s := Settlement{Payment: p, Outcome: outcomeWords[strings.ToLower(row.Cells["outcome"])], Note: row.Cells["note"]}
	row.That(s.Outcome != "", "outcome", "outcome_unknown", "paid, failed or partial.")
	row.That(utf8.RuneCountInString(s.Note) <= longestNote, "note", "note_too_long", "At most 500 characters.")
	if text := row.Cells["amount"]; text != "" {
		minor, err := p.Currency.ParseAmount(text)
		row.That(err == nil && minor == p.Minor, "amount", "amount_differs", "The payment is of "+p.Currency.Format(p.Minor)+". Leave the amount as it was; say under paid what was paid.")
	}
	code := row.Cells["currency"]
	row.That(code == "" || code == string(p.Currency), "currency", "currency_differs", "The payment is in "+string(p.Currency)+".")
	minor, hint := p.paid(s.Outcome, row.Cells["paid"])
	row.That(hint == "", "paid", "paid_wrong", hint)
	s.Minor = minor
	return s
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
