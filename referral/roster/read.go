package roster

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"homestore/clienteling/customer"
)

// naming are the columns that name the customer, strongest first.
var naming = []column{{"member_no", customer.MemberNo}, {"web_shop", customer.WebShop}, {"phone", customer.Phone}, {"email", customer.Email}}

type column struct {
	name string
	kind customer.Kind
}

// columns are what a file may say; its header says which it does, in any sequence.
var columns = []string{"member_no", "web_shop", "phone", "email", "store", "employee_no", "since"}

// mostOfARow is far beyond six cells. A quotation mark that nobody closes would otherwise take the rest of the file into memory.
const mostOfARow = 64 << 10

// reader reads rows one by one.
type reader struct {
	csv    *csv.Reader
	from   *bounded
	header []string
}

// bounded stops a row that has no end.
type bounded struct {
	io.Reader
	since int // bytes read for the row
}

var errEndless = errors.New("a row has no end")

func (b *bounded) Read(into []byte) (int, error) {
	if b.since > mostOfARow {
		return 0, errEndless
	}
	n, err := b.Reader.Read(into)
	b.since += n
	return n, err
}

// newReader reads the header. ErrFile says what is wrong with the file as a whole.
func newReader(file io.Reader) (*reader, error) {
	begin := bufio.NewReader(file)
	mark, _ := begin.Peek(3)
	switch {
	case bytes.HasPrefix(mark, []byte{0xFF, 0xFE}), bytes.HasPrefix(mark, []byte{0xFE, 0xFF}), bytes.IndexByte(mark, 0) >= 0:
		return nil, ErrFile.Saying("The file is UTF-16. Save it as CSV UTF-8.")
	case bytes.Equal(mark, []byte("\ufeff")):
		if _, err := begin.Discard(len(mark)); err != nil {
			return nil, fmt.Errorf("read file: %w", err)
		}
	}
	r := &reader{from: &bounded{Reader: begin}}
	r.csv = csv.NewReader(r.from)
	r.csv.FieldsPerRecord = -1 // a row of another length is that row's fault
	r.csv.ReuseRecord = true
	first, err := r.csv.Read()
	var malformed *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, ErrFile.Saying("The file is empty.")
	case errors.As(err, &malformed), errors.Is(err, errEndless):
		return nil, ErrFile.Saying("The header cannot be read.")
	case err != nil:
		return nil, fmt.Errorf("read file: %w", err)
	}
	return r, r.learn(first)
}

// learn takes the header. Its cells are not repeated to anybody: a file without a header begins with a customer.
func (r *reader) learn(first []string) error {
	for i, name := range first {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(columns, name):
			return ErrFile.Saying("The header has column %d, which is none of %s, separated by commas.", i+1, strings.Join(columns, ", "))
		case slices.Contains(r.header, name):
			return ErrFile.Saying("The header has the column %s twice.", name)
		}
		r.header = append(r.header, strings.Clone(name))
	}
	if !slices.Contains(r.header, "store") {
		return ErrFile.Saying("The header lacks the column store.")
	}
	if !slices.ContainsFunc(naming, func(c column) bool { return slices.Contains(r.header, c.name) }) {
		return ErrFile.Saying("The header has none of member_no, web_shop, phone and email.")
	}
	return nil
}

// next is the next row that says anything, io.EOF after the last. A row that cannot be read is that row's fault.
func (r *reader) next() (row, error) {
	for {
		record, err := r.csv.Read()
		r.from.since = 0
		var malformed *csv.ParseError
		switch {
		case errors.As(err, &malformed):
			return row{number: malformed.StartLine, wrong: &errQuotes}, nil
		case errors.Is(err, errEndless):
			return row{}, ErrFile.Saying("A row is longer than %d bytes; perhaps a quotation mark is not closed.", mostOfARow)
		case errors.Is(err, io.EOF):
			return row{}, io.EOF
		case err != nil:
			return row{}, fmt.Errorf("read file: %w", err)
		}
		line, _ := r.csv.FieldPos(0)
		if one := r.row(line, record); len(one.cells) > 0 || one.wrong != nil { // a spreadsheet leaves rows of commas behind
			return one, nil
		}
	}
}

func (r *reader) row(line int, record []string) row {
	one := row{number: line, cells: map[string]string{}}
	for i, cell := range record {
		text := strings.TrimSpace(cell)
		switch {
		case !utf8.ValidString(cell) || strings.ContainsRune(cell, 0):
			one.wrong = &errText
			return one
		case text == "":
			continue
		case i >= len(r.header):
			one.wrong = &errCells
			return one
		}
		name := r.header[i]
		if strings.ContainsRune("=-@\t\r", rune(cell[0])) || strings.ContainsRune("=-@", rune(text[0])) || text[0] == '+' && name != "phone" {
			v := errFormula.in(name)
			one.wrong = &v
			return one
		}
		one.cells[name] = strings.Clone(text)
	}
	return one
}
