package roster

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"homestore/clienteling/shop"
)

const header = "phone,store,employee_no,since\n"

func utf16LE(text string) string {
	out := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestAbuse27AFileThatIsNoListSaysWhy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ why, file, says string }{
		{"nothing", "", "empty"},
		{"UTF-16 as spreadsheets write it", utf16LE(header), "UTF-16"},
		{"UTF-16 without a mark", utf16LE(header)[2:], "UTF-16"},
		{"semicolons", "phone;store\n", "column 1"},
		{"no header", "0912345678,S1\n", "column 1"},
		{"a column twice", "phone,store,phone\n", "phone twice"},
		{"no store", "phone,since\n", "lacks the column store"},
		{"nobody", "store,since\n", "none of member_no"},
		{"a quotation mark that nobody closes", "\"phone,store\n" + strings.Repeat("x", 100_000), "header"},
	} {
		_, err := newReader(strings.NewReader(tt.file))
		if r, is := errors.AsType[*shop.Refusal](err); !errors.Is(err, ErrFile) || !is || !strings.Contains(r.Message, tt.says) {
			t.Errorf("%s: %v, want it to say %q", tt.why, err, tt.says)
		}
		if err != nil && strings.Contains(err.Error(), "0912345678") {
			t.Errorf("%s: it says a customer's number: %v", tt.why, err)
		}
	}
}

func TestAbuse27ARowIsReadAsItStandsOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	file := "\ufeffPhone , STORE,employee_no,since\r\n" +
		"0912345678,S1,,\r\n" + // 2
		",,,\r\n\r\n" + // a spreadsheet leaves these behind
		"+886 912 345 679, S1 ,A1,2024-02-30\r\n" + // 5
		"=HYPERLINK(1),S1\r\n" + // 6
		"0912345670,+S1\r\n" + // 7
		"0912345671,S1,a\x00b\r\n" + // 8
		"0912345672,\xa8\x46\r\n" + // 9: Big5
		"0912345673,S1,,,5\r\n" + // 10
		"0912\"345674,S1\r\n" + // 11
		"0912345675,@S1\r\n" // 12
	r, err := newReader(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		one, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		code := "reads"
		if one.wrong != nil {
			code = one.wrong.Code
		} else if _, wrong := one.since(time.Now()); wrong != nil {
			code = wrong.Code
		}
		got = append(got, fmt.Sprint(one.number, " ", code))
	}
	want := "2 reads, 5 day_invalid, 6 formula, 7 formula, 8 text_invalid, 9 text_invalid, 10 cells_wrong, 11 quotes_wrong, 12 formula"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

// endless is a file of a gigabyte in one cell.
type endless struct{ left int64 }

func (e *endless) Read(into []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(into)), e.left)
	for i := range into[:n] {
		into[i] = 'x'
	}
	e.left -= n
	return int(n), nil
}

func TestAbuse27AGigabyteInOneCellIsRefusedInLittleMemory(t *testing.T) {
	t.Parallel()
	file := &endless{left: 1 << 30}
	r, err := newReader(io.MultiReader(strings.NewReader(header+"\"0912"), file))
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = r.next()
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrFile) {
		t.Errorf("%v", err)
	}
	if read := int64(1<<30) - file.left; read > 1<<20 {
		t.Errorf("%d bytes were read before it was refused", read)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("%d bytes were taken", grown)
	}
}

func TestADayThatIsStillToComeIsNone(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ text, want string }{
		{"", ""}, {"2026-03-01", ""}, {"1999-12-31", ""}, {"2026-03-02", "day_to_come"}, {"1/3/2026", "day_invalid"}, {"2026-3-1", "day_invalid"},
	} {
		day, wrong := row{cells: map[string]string{"since": tt.text}}.since(today)
		if tt.want == "" && (wrong != nil || day != tt.text) || tt.want != "" && (wrong == nil || wrong.Code != tt.want) {
			t.Errorf("%q: %q %+v", tt.text, day, wrong)
		}
	}
}
