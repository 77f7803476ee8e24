package tag

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

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
		if _, err := readCSV([]byte(tc.file)); !errors.Is(err, ErrCSV) || !errors.As(err, &refusal) || !strings.Contains(refusal.Message, tc.says) {
			t.Errorf("%s: %v, want it to say %q", tc.why, err, tc.says)
		}
	}
}

func TestAFileIsReadAsSpreadsheetsWriteIt(t *testing.T) {
	t.Parallel()
	rows, err := readCSV([]byte("\ufeff Store ,PLACEMENT,label\r\nS1,shelf,\"三人沙發, \"\"藍\"\"\"\r\n,,\r\n\r\nS2, window ,\r\n"))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%+v, %v", rows, err)
	}
	if r := rows[0]; r.number != 2 || r.cells["label"] != `三人沙發, "藍"` {
		t.Errorf("%+v", r)
	}
	if r := rows[1]; r.number != 5 || r.cells["store"] != "S2" || r.cells["placement"] != "window" || len(r.cells) != 2 {
		t.Errorf("%+v: its number is the line, also below empty ones", r)
	}
}

func TestAFileHasAtMostTenThousandRows(t *testing.T) {
	t.Parallel()
	if rows, err := readCSV([]byte(header + strings.Repeat("S1,shelf,,\n", maxRows))); err != nil || len(rows) != maxRows {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if _, err := readCSV([]byte(header + strings.Repeat("S1,shelf,,\n", maxRows+1))); !errors.Is(err, ErrCSVLong) {
		t.Error(err)
	}
}

func TestARowSaysWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	taipei := time.FixedZone("Asia/Taipei", 8*3600)
	n := names{
		zone: taipei, stores: map[string]team.Store{"S1": {ID: shop.NewID(time.Now()), Kind: team.Shop}},
		staff: map[string]shop.ID{"amy": shop.NewID(time.Now())}, hosts: Hosts{"www.brand.tw"},
		addresses: map[string]string{"sale": "https://www.brand.tw/sale", "old": "https://elsewhere.tw/"},
	}
	good := map[string]string{"store": "S1", "placement": "shelf", "destination": "https://www.brand.tw/{sku}", "sku": "SOFA"}
	byTemplate := map[string]string{"store": "S1", "placement": "shelf", "kind": "collection", "reference": "sale"}
	for _, tc := range []struct{ why, column, text, code string }{
		{"as it should be", "label", "窗邊", ""},
		{"a template", "template", "sale", ""},
		{"a template that there is not", "template", "spring", "tag_template_unknown"},
		{"a template that leads where the brand does not allow any more", "template", "old", "tag_destination_refused"},
		{"a kind that there is not", "kind", "sofa", "unknown"},
		{"a reseller's shelf in a shop", "placement", "reseller", "tag_reseller_store"},
		{"a store that there is not", "store", "S9", "store_unknown"},
		{"no store", "store", "", "required"},
		{"nobody's number", "staff", "zoe", "staff_unknown"},
		{"a placement that there is not", "placement", "ceiling", "unknown"},
		{"a foreign host", "destination", "https://evil.test/", "tag_destination_refused"},
		{"nowhere", "destination", "", "tag_template_unknown"},
		{"a day that there is not", "valid_from", "2026-02-30", "time_invalid"},
		{"a day as people write it", "valid_until", "1.12.2026", "time_invalid"},
		{"neither true nor false", "draft", "maybe", "boolean_invalid"},
		{"true", "draft", "TRUE", ""},
		{"a key that is too long", "key", strings.Repeat("k", 101), "too_long"},
		{"a formula", "label", "=HYPERLINK(1)", "formula"},
		{"a number with a sign", "sku", "+886", "formula"},
		{"a tab before it", "label", "\t=1", "formula"},
	} {
		var columns, cells []string
		said := map[string]string{}
		row := good
		if tc.column == "template" || tc.column == "kind" {
			row = byTemplate
		}
		for column, text := range row {
			said[column] = text
		}
		said[tc.column] = tc.text
		for column, text := range said {
			columns, cells = append(columns, column), append(cells, text)
		}
		r := readRow(2, columns, cells)
		r.spec(n)
		if len(r.wrong) == 0 && tc.code == "" {
			continue
		}
		if len(r.wrong) != 1 || r.wrong[0].Name != tc.column || r.wrong[0].Code != tc.code || r.wrong[0].Hint == "" {
			t.Errorf("%s: %+v, want %s of %s alone", tc.why, r.wrong, tc.code, tc.column)
		}
	}
	long := readRow(2, []string{"store", "placement"}, []string{"S1", "shelf", "three, seater"})
	if len(long.wrong) != 1 || long.wrong[0].Code != "too_many_cells" {
		t.Errorf("a cell too many: %+v", long.wrong)
	}
}

func TestDaysOfAFileAreWholeDaysByTheBrandsClock(t *testing.T) {
	t.Parallel()
	taipei := time.FixedZone("Asia/Taipei", 8*3600)
	r := readRow(2, []string{"valid_from", "valid_until"}, []string{"2026-12-01", "2026-12-24"})
	s, _ := r.spec(names{zone: taipei})
	if want := time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC); !s.ValidFrom.Equal(want) {
		t.Errorf("from %s, want %s", s.ValidFrom, want)
	}
	if want := time.Date(2026, 12, 24, 16, 0, 0, 0, time.UTC); !s.ValidUntil.Equal(want) { // Christmas Eve belongs to it
		t.Errorf("until %s, want %s", s.ValidUntil, want)
	}
	r = readRow(2, []string{"valid_from"}, []string{"2026-12-01T10:00:00+08:00"})
	if s, _ := r.spec(names{zone: taipei}); s.ValidFrom.UTC().Hour() != 2 {
		t.Errorf("from %s", s.ValidFrom)
	}
}

func TestRowsAreKnownByTheirKeyOrByWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	columns := []string{"store", "key", "sku", "batch", "destination"}
	for _, tc := range []struct {
		why      string
		one, two []string
		same     bool
	}{
		{"the same row twice is two tags", []string{"S1", "", "A", "b", "x"}, []string{"S1", "", "A", "b", "x"}, false},
		{"another article", []string{"S1", "", "A", "b", "x"}, []string{"S1", "", "B", "b", "x"}, false},
		{"one key", []string{"S1", "k", "A", "b", "x"}, []string{"S1", "k", "B", "c", "y"}, true},
		{"one key in two stores: each manager counts from one", []string{"S1", "1", "A", "b", "x"}, []string{"S2", "1", "A", "b", "x"}, false},
	} {
		rows := []row{readRow(2, columns, tc.one), readRow(3, columns, tc.two)}
		keys := keysOf(rows)
		if got := keys[0] == keys[1]; got != tc.same || (len(rows[1].wrong) > 0) != tc.same {
			t.Errorf("%s: %v, %+v", tc.why, keys, rows[1].wrong)
		}
	}
	here, there := readRow(2, columns, []string{"S1", "", "A", "b", "x"}), readRow(9, columns, []string{"S1", "", "A", "b", "moved"})
	if a, b := keysOf([]row{here}), keysOf([]row{there}); a[0] != b[0] || here.said() == there.said() {
		t.Error("a row that leads elsewhere is the same row, and says something else")
	}
}
