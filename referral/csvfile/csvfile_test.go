package csvfile

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"homestore/clienteling/shop"
)

var shelves = Shape{
	Columns: []string{"store", "placement", "destination", "label"}, Needed: []string{"store", "placement"}, MaxRows: 10_000,
	Unreadable: shop.Refuse(shop.Unprocessable, "unreadable", "The file is no CSV of shelves."),
	TooLong:    shop.Refuse(shop.TooLarge, "too_long", "A file has at most 10,000 rows."),
}

const header = "store,placement,destination,label\n"

func utf16LE(text string) string {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestAFileThatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, file, says string }{
		{"nothing", "", "empty"},
		{"a header alone", header, "no row"},
		{"UTF-16 as spreadsheets write it", utf16LE(header + "S1,shelf,,\n"), "UTF-16"},
		{"UTF-16 without a mark", utf16LE(header)[2:], "UTF-16"},
		{"a NUL", header + "S1,shelf,,a\x00b\n", "Line 2 has a NUL"},
		{"Big5", header + "S1,shelf,,\xa8\x46\xb5\x6f\n", "Line 2 is not UTF-8"},
		{"a quotation mark that is not closed", header + "S1,shelf,,\"sofa\n", "quotation mark"},
		{"a quotation mark within a cell", header + "S1,shelf,,so\"fa\n", "Line 2: a quotation mark"},
		{"a column that nobody knows", "store,placement,brand_id\nS1,shelf,1\n", "column 3"},
		{"semicolons", "store;placement\nS1;shelf\n", "separated by commas"},
		{"a column twice", "store,placement,store\nS1,shelf,S2\n", "store twice"},
		{"a column too few", "store,label\nS1,a\n", "lacks the column placement"},
	} {
		var refusal *shop.Refusal
		if _, err := shelves.Read([]byte(tc.file)); !errors.Is(err, shelves.Unreadable) || !errors.As(err, &refusal) || !strings.Contains(refusal.Message, tc.says) {
			t.Errorf("%s: %v, want it to say %q", tc.why, err, tc.says)
		}
	}
}

func TestAFileIsReadAsSpreadsheetsWriteIt(t *testing.T) {
	t.Parallel()
	rows, err := shelves.Read([]byte("\ufeff Store ,PLACEMENT,label\r\nS1,shelf,\"三人沙發, \"\"藍\"\"\"\r\n,,\r\n\r\nS2, window ,\r\n"))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%+v, %v", rows, err)
	}
	if r := rows[0]; r.Number != 2 || r.Cells["label"] != `三人沙發, "藍"` {
		t.Errorf("%+v", r)
	}
	if r := rows[1]; r.Number != 5 || r.Cells["store"] != "S2" || r.Cells["placement"] != "window" || len(r.Cells) != 2 {
		t.Errorf("%+v: its number is the line, also below empty ones", r)
	}
}

func TestAFileHasAtMostTenThousandRows(t *testing.T) {
	t.Parallel()
	if rows, err := shelves.Read([]byte(header + strings.Repeat("S1,shelf,,\n", shelves.MaxRows))); err != nil || len(rows) != shelves.MaxRows {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if _, err := shelves.Read([]byte(header + strings.Repeat("S1,shelf,,\n", shelves.MaxRows+1))); !errors.Is(err, shelves.TooLong) {
		t.Error(err)
	}
}

func TestACellThatCannotBeTakenIsNamed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ why, row, column, code string }{
		{"a formula", "S1,shelf,,=HYPERLINK(1)", "label", "formula"},
		{"a number with a sign", "S1,shelf,,+886", "label", "formula"},
		{"a tab before it", "S1,shelf,,\t=1", "label", "formula"},
		{"a blank before it", "S1,shelf,, =1", "label", "formula"},
		{"a comma in a text", "S1,shelf,,L,three, seater", "row", "too_many_cells"},
	} {
		rows, err := shelves.Read([]byte(header + tc.row + "\n"))
		if err != nil || len(rows) != 1 || len(rows[0].Wrong) != 1 || rows[0].Wrong[0].Name != tc.column || rows[0].Wrong[0].Code != tc.code {
			t.Errorf("%s: %+v %v, want %s of %s alone", tc.why, rows, err, tc.code, tc.column)
		}
	}
	foreign := shelves
	foreign.TakesFormulas = true
	if rows, err := foreign.Read([]byte(header + "S1,shelf,,- none\n")); err != nil || rows[0].Cells["label"] != "- none" {
		t.Errorf("%+v %v", rows, err)
	}
}

func TestTheFirstReasonOfAColumnStays(t *testing.T) {
	t.Parallel()
	r := Row{Cells: map[string]string{"store": "S9"}}
	r.That(false, "store", "store_unknown", "Write the code of one of your stores.")
	again := r.Clone()
	again.That(false, "store", "store_closed", "It is closed.")
	again.That(false, "label", "too_long", "Shorten it.")
	again.That(true, "placement", "unknown", "There is no such place.")
	codes := func(r Row) (codes []string) {
		for _, f := range r.Wrong {
			codes = append(codes, f.Code)
		}
		return codes
	}
	if diff := cmp.Diff([][]string{{"store_unknown"}, {"store_unknown", "too_long"}}, [][]string{codes(r), codes(again)}); diff != "" {
		t.Error(diff)
	}
}
