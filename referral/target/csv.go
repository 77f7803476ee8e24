package target

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

// maxRows bounds what one file sets: the people of a large chain, in one transaction.
const maxRows = 10_000

// row is one of a file, as it was written.
type row struct {
	number int // the line it begins on; the header is 1
	cells  map[string]string
	wrong  []shop.Field
}

// that notes a column as wrong unless ok, with the first reason there is.
func (r *row) that(ok bool, column, code, hint string) {
	if !ok && !slices.ContainsFunc(r.wrong, func(f shop.Field) bool { return f.Name == column }) {
		r.wrong = append(r.wrong, shop.Field{Name: column, Code: code, Hint: hint})
	}
}

// readCSV reads a file (RFC 4180, UTF-8 with or without a byte order mark). ErrFile says what is wrong with the whole of it.
func (k kind) readCSV(file []byte) ([]row, error) {
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	if bytes.IndexByte(file, 0) >= 0 || !utf8.Valid(file) {
		return nil, ErrFile.Saying("The file is not UTF-8, perhaps Big5 or UTF-16. Save it as CSV UTF-8.")
	}
	reader := csv.NewReader(bytes.NewReader(file))
	reader.FieldsPerRecord = -1 // a row of another length is that row's fault
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, ErrFile.Saying("The file is empty.")
	}
	if err != nil {
		return nil, malformed(err)
	}
	if err := k.learn(header); err != nil {
		return nil, err
	}
	var rows []row
	for {
		record, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF) && len(rows) == 0:
			return nil, ErrFile.Saying("The file has no row below its header.")
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, malformed(err)
		case len(rows) == maxRows:
			return nil, ErrFileLong
		}
		line, _ := reader.FieldPos(0)
		if r := readRow(line, header, record); len(r.cells) > 0 || len(r.wrong) > 0 { // a spreadsheet leaves rows of commas behind
			rows = append(rows, r)
		}
	}
}

func malformed(err error) error {
	if wrong, is := errors.AsType[*csv.ParseError](err); is {
		return ErrFile.Saying("Line %d: a quotation mark is not closed, or stands where none may. Double those within a cell.", wrong.Line)
	}
	return fmt.Errorf("read CSV: %w", err)
}

// learn takes the header, which names the columns in any sequence.
func (k kind) learn(header []string) error {
	for i, name := range header {
		header[i] = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(k.columns, header[i]):
			return ErrFile.Saying("The header has column %d, which is none of %s, separated by commas.", i+1, strings.Join(k.columns, ", "))
		case slices.Contains(header[:i], header[i]):
			return ErrFile.Saying("The header has the column %s twice.", header[i])
		}
	}
	for _, needed := range k.needed {
		if !slices.Contains(header, needed) {
			return ErrFile.Saying("The header lacks the column %s.", needed)
		}
	}
	return nil
}

// readRow keeps the cells that say something.
func readRow(line int, header, record []string) row {
	r := row{number: line, cells: map[string]string{}}
	for i, cell := range record {
		text := strings.TrimSpace(cell)
		switch {
		case text == "":
		case i >= len(header):
			r.that(false, "row", "too_many_cells", fmt.Sprintf("The header has %d columns. Put a cell with a comma in quotation marks.", len(header)))
		case strings.ContainsRune("=+-@", rune(text[0])):
			r.that(false, header[i], "formula", "Spreadsheets run a cell that begins with =, +, - or @. Begin it otherwise.")
		default:
			r.cells[header[i]] = text
		}
	}
	return r
}
