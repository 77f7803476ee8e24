package tag

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

// Refusals of a file as a whole.
var (
	ErrCSV     = shop.Refuse(shop.Unprocessable, "tag_csv_unreadable", "The file is no CSV that tags can be made from.")
	ErrCSVLong = shop.Refuse(shop.TooLarge, "tag_csv_too_long", "A file has at most 10,000 rows. Split it.")
)

// maxRows bounds what one file makes: the tags of all shops of a chain, in one transaction of some seconds.
const maxRows = 10_000

// csvColumns are what a file may say of a tag; its header says which it does, in any sequence.
var csvColumns = []string{
	"key", "store", "staff", "sku", "kind", "reference", "placement", "label", "batch", "template", "destination", "valid_from", "valid_until", "draft",
}

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

// readCSV reads a file of tags (RFC 4180, UTF-8 with or without a byte order mark). ErrCSV says what is wrong with the whole of it.
func readCSV(file []byte) ([]row, error) {
	file, err := plainUTF8(file)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(file))
	reader.FieldsPerRecord = -1 // a row of another length is that row's fault
	reader.ReuseRecord = true
	header, err := readHeader(reader)
	if err != nil {
		return nil, err
	}
	var rows []row
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, malformed(err)
		}
		if len(rows) == maxRows {
			return nil, ErrCSVLong
		}
		line, _ := reader.FieldPos(0)
		if r := readRow(line, header, record); len(r.cells) > 0 || len(r.wrong) > 0 { // a spreadsheet leaves rows of commas behind
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil, ErrCSV.Saying("The file has no row below its header.")
	}
	return rows, nil
}

// plainUTF8 takes the byte order mark off. What a spreadsheet may have written instead of UTF-8 is named, so that it can be
// saved again the right way.
func plainUTF8(file []byte) ([]byte, error) {
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	switch {
	case bytes.HasPrefix(file, []byte{0xFF, 0xFE}), bytes.HasPrefix(file, []byte{0xFE, 0xFF}):
		return nil, ErrCSV.Saying("The file is UTF-16. Save it as CSV UTF-8.")
	case bytes.IndexByte(file, 0) >= 0:
		return nil, ErrCSV.Saying("Line %d has a NUL character: the file is UTF-16 or no text. Save it as CSV UTF-8.", lineOf(file, bytes.IndexByte(file, 0)))
	case !utf8.Valid(file):
		at := 0
		for r, size := utf8.DecodeRune(file); r != utf8.RuneError || size != 1; r, size = utf8.DecodeRune(file[at:]) {
			at += size
		}
		return nil, ErrCSV.Saying("Line %d is not UTF-8, perhaps Big5. Save the file as CSV UTF-8.", lineOf(file, at))
	}
	return file, nil
}

func lineOf(file []byte, at int) int { return 1 + bytes.Count(file[:at], []byte("\n")) }

func malformed(err error) error {
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return ErrCSV.Saying("Line %d: a quotation mark is not closed, or stands where none may. Double those within a cell.", wrong.Line)
	}
	return fmt.Errorf("read CSV: %w", err)
}

func readHeader(reader *csv.Reader) ([]string, error) {
	record, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, ErrCSV.Saying("The file is empty.")
	}
	if err != nil {
		return nil, malformed(err)
	}
	header := make([]string, len(record))
	for i, name := range record {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(csvColumns, name):
			return nil, ErrCSV.Saying("The header has column %d, which is none of %s, separated by commas.", i+1, strings.Join(csvColumns, ", "))
		case slices.Contains(header, name):
			return nil, ErrCSV.Saying("The header has the column %s twice.", name)
		}
		header[i] = name
	}
	for _, needed := range []string{"store", "placement"} {
		if !slices.Contains(header, needed) {
			return nil, ErrCSV.Saying("The header lacks the column %s.", needed)
		}
	}
	return header, nil
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
		case shop.IsFormula(cell) || shop.IsFormula(text):
			r.that(false, header[i], "formula", "Spreadsheets run a cell that begins with =, +, -, @ or a tab. Begin it otherwise.")
		default:
			r.cells[header[i]] = strings.Clone(text)
		}
	}
	return r
}
