package statement

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"time"

	"homestore/clienteling/shop"
)

// writeCSV writes one table. All rows have the same columns, and the first says which item of the statement a row is: a program
// takes the lines, a person reads from the opening to the closing.
func writeCSV(w io.Writer, s *Statement) error {
	if _, err := io.WriteString(w, shop.ByteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	head := []string{s.say("item")}
	for _, c := range columns {
		head = append(head, s.say(c.head))
	}
	if err := out.Write(append(head, s.say("currency"))); err != nil {
		return err
	}
	if err := s.writeFacts(out, slices.Concat(s.heading(), s.opening())); err != nil {
		return err
	}
	if err := s.writeLines(out); err != nil {
		return err
	}
	rest := slices.Concat([]fact{s.amount("movement", s.Movement)}, s.closing(), s.terms(), s.seal())
	if err := s.writeFacts(out, rest); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// writeFacts writes facts into the columns of amount and why.
func (s *Statement) writeFacts(out *csv.Writer, facts []fact) error {
	for _, f := range facts {
		row := []string{f.what}
		for _, c := range columns {
			cell := ""
			switch {
			case c.head == "amount" && f.isAmount:
				cell = s.Currency.Format(f.minor)
			case c.head == "why":
				cell = shop.Cell(f.text)
			}
			row = append(row, cell)
		}
		if err := out.Write(append(row, string(s.Currency))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Statement) writeLines(out *csv.Writer) error {
	item := s.say("line")
	row := make([]string, 0, len(columns)+2)
	for l, err := range s.lines() {
		if err != nil {
			return err
		}
		row = append(row[:0], item)
		for _, c := range columns {
			row = append(row, s.cell(c.of(s, l)))
		}
		if err := out.Write(append(row, string(s.Currency))); err != nil {
			return err
		}
	}
	return nil
}

// cell is a value as it stands in a CSV file.
func (s *Statement) cell(value any) string {
	switch v := value.(type) {
	case typed:
		return shop.Cell(string(v))
	case ours:
		return string(v)
	case link:
		return string(v)
	case minor:
		return s.Currency.Format(int64(v))
	case time.Time:
		return s.moment(v)
	case int:
		if v != 0 {
			return strconv.Itoa(v)
		}
	}
	return ""
}
