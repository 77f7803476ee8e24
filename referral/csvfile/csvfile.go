// Package csvfile reads the CSV files that people save from a spreadsheet: whole, with their columns by name, and each wrong cell
// named with what to do. What the rows mean is known to whoever asks for them.
package csvfile

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

// Shape is what a file may say.
type Shape struct {
	Columns       []string // its header says which it has, in any sequence
	Needed        []string // of them
	MaxRows       int
	TakesFormulas bool // what somebody else's program wrote may begin like one
	MayBeEmpty    bool // nothing to say is fine

	Unreadable *shop.Refusal // of the file as a whole
	TooLong    *shop.Refusal
}

// Row is one of a file, as it was written.
type Row struct {
	Number int               // the line it begins on; the header is 1
	Cells  map[string]string // those that say something, by column
	Wrong  []shop.Field
}

// That notes a column as wrong unless ok, with the first reason there is.
func (r *Row) That(ok bool, column, code, hint string) {
	if !ok && !slices.ContainsFunc(r.Wrong, func(f shop.Field) bool { return f.Name == column }) {
		r.Wrong = append(r.Wrong, shop.Field{Name: column, Code: code, Hint: hint})
	}
}

// Clone is the row with notes of its own.
func (r Row) Clone() Row {
	r.Wrong = slices.Clone(r.Wrong)
	return r
}

// Read reads a file (RFC 4180, UTF-8 with or without a byte order mark). Rows of empty cells, which spreadsheets leave behind, are
// passed over. Unreadable says what is wrong with the whole of it, TooLong that it has too many rows.
func (s Shape) Read(file []byte) ([]Row, error) {
	file, err := s.plainUTF8(file)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(file))
	reader.FieldsPerRecord = -1 // a row of another length is that row's fault
	reader.ReuseRecord = true
	header, err := s.readHeader(reader)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		record, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF) && len(rows) == 0 && !s.MayBeEmpty:
			return nil, s.Unreadable.Saying("The file has no row below its header.")
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, s.malformed(err)
		case len(rows) == s.MaxRows:
			return nil, s.TooLong
		}
		line, _ := reader.FieldPos(0)
		if r := s.row(line, header, record); len(r.Cells) > 0 || len(r.Wrong) > 0 {
			rows = append(rows, r)
		}
	}
}

// plainUTF8 takes the byte order mark off. What a spreadsheet may have written instead of UTF-8 is named, so that it can be
// saved again the right way.
func (s Shape) plainUTF8(file []byte) ([]byte, error) {
	file = bytes.TrimPrefix(file, []byte(shop.ByteOrderMark))
	switch {
	case bytes.HasPrefix(file, []byte{0xFF, 0xFE}), bytes.HasPrefix(file, []byte{0xFE, 0xFF}):
		return nil, s.Unreadable.Saying("The file is UTF-16. Save it as CSV UTF-8.")
	case bytes.IndexByte(file, 0) >= 0:
		return nil, s.Unreadable.Saying("Line %d has a NUL character: the file is UTF-16 or no text. Save it as CSV UTF-8.", lineOf(file, bytes.IndexByte(file, 0)))
	case !utf8.Valid(file):
		at := 0
		for r, size := utf8.DecodeRune(file); r != utf8.RuneError || size != 1; r, size = utf8.DecodeRune(file[at:]) {
			at += size
		}
		return nil, s.Unreadable.Saying("Line %d is not UTF-8, perhaps Big5. Save the file as CSV UTF-8.", lineOf(file, at))
	}
	return file, nil
}

func lineOf(file []byte, at int) int { return 1 + bytes.Count(file[:at], []byte("\n")) }

func (s Shape) malformed(err error) error {
	if wrong, is := errors.AsType[*csv.ParseError](err); is {
		return s.Unreadable.Saying("Line %d: a quotation mark is not closed, or stands where none may. Double those within a cell.", wrong.Line)
	}
	return fmt.Errorf("read CSV: %w", err)
}

func (s Shape) readHeader(reader *csv.Reader) ([]string, error) {
	record, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, s.Unreadable.Saying("The file is empty.")
	}
	if err != nil {
		return nil, s.malformed(err)
	}
	header := make([]string, len(record))
	for i, name := range record {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(s.Columns, name):
			return nil, s.Unreadable.Saying("The header has column %d, which is none of %s, separated by commas.", i+1, strings.Join(s.Columns, ", "))
		case slices.Contains(header, name):
			return nil, s.Unreadable.Saying("The header has the column %s twice.", name)
		}
		header[i] = name
	}
	for _, needed := range s.Needed {
		if !slices.Contains(header, needed) {
			return nil, s.Unreadable.Saying("The header lacks the column %s.", needed)
		}
	}
	return header, nil
}

func (s Shape) row(line int, header, record []string) Row {
	r := Row{Number: line, Cells: map[string]string{}}
	for i, cell := range record {
		text := strings.TrimSpace(cell)
		switch {
		case text == "":
		case i >= len(header):
			r.That(false, "row", "too_many_cells", fmt.Sprintf("The header has %d columns. Put a cell with a comma in quotation marks.", len(header)))
		case !s.TakesFormulas && (shop.IsFormula(cell) || shop.IsFormula(text)):
			r.That(false, header[i], "formula", "Spreadsheets run a cell that begins with =, +, -, @ or a tab. Begin it otherwise.")
		default:
			r.Cells[header[i]] = strings.Clone(text)
		}
	}
	return r
}
