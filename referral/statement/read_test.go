package statement_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"homestore/clienteling/shop"
	"homestore/referral/statement"
)

// lacking skips a test at home, and fails it where all must be there.
func lacking(t testing.TB, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed (apt-get install poppler-utils)", program)
	}
	t.Skipf("SKIP: %s is not installed (apt-get install poppler-utils)", program)
}

// printedText is what a reader of the PDF can copy out of it.
func printedText(t testing.TB, s *statement.Statement) string {
	t.Helper()
	lacking(t, "pdftotext")
	file := filepath.Join(t.TempDir(), "statement.pdf")
	if err := os.WriteFile(file, written(t, s, statement.PDF), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func has(t testing.TB, text string, words ...string) {
	t.Helper()
	for _, want := range words {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func table(t testing.TB, s *statement.Statement) [][]string {
	t.Helper()
	text, isMarked := strings.CutPrefix(string(written(t, s, statement.CSV)), "\ufeff")
	if !isMarked {
		t.Error("spreadsheets do not know that the file is UTF-8")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func minor(t testing.TB, of shop.Currency, text string) int64 {
	t.Helper()
	n, err := of.ParseAmount(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return n
}

func TestTheCSVReadBackSaysTheSameToTheLastUnit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in     shop.Language
		line   string
		blocks map[string]string
	}{
		{shop.English, "Line", map[string]string{"Pending at the opening": "300.00", "Carried from before": "-45.00", "Movement of the month": "12669.72",
			"Pending at the closing": "419.05", "Stated, to be paid": "12505.67", "Carried on (reduces later commission only)": "0.00", "Forgiven by the cap this month": "20.50"}},
		{shop.TraditionalChinese, "明細", map[string]string{"期初待確認（退貨期內）": "300.00", "期初結轉": "-45.00", "本月異動": "12669.72",
			"期末待確認（退貨期內）": "419.05", "本期應付": "12505.67", "結轉下期（僅抵減日後分潤）": "0.00", "本月因上限免除": "20.50"}},
	} {
		rows := table(t, amys(tc.in))
		amount := slices.IndexFunc(rows[0], func(head string) bool { return head == "Amount" || head == "金額" })
		sum, found := int64(0), map[string]string{}
		for _, row := range rows[1:] {
			if row[0] == tc.line {
				sum += minor(t, "HKD", row[amount])
			} else {
				found[row[0]] = row[amount]
			}
		}
		if sum != amys(tc.in).Movement {
			t.Errorf("%s: the lines are %d", tc.in, sum)
		}
		for what, want := range tc.blocks {
			if found[what] != want {
				t.Errorf("%s: %s is %q, want %q", tc.in, what, found[what], want)
			}
		}
	}
}

func TestNothingInAFileIsRunByASpreadsheet(t *testing.T) {
	t.Parallel()
	for _, row := range table(t, amys(shop.English))[1:] {
		for i, cell := range row {
			if isAmount := i == 10; !isAmount && shop.IsFormula(cell) {
				t.Errorf("a spreadsheet runs %q", cell)
			}
		}
	}
	book := opened(t, amys(shop.English))
	for cell, want := range map[string]string{"F4": "=1+1", "L4": "@packing fee 5.00 of the parcel"} {
		value, err := book.GetCellValue("Movements", cell)
		formula, _ := book.GetCellFormula("Movements", cell)
		if err != nil || value != want || formula != "" {
			t.Errorf("%s: %q, formula %q, %v", cell, value, formula, err)
		}
	}
}

func opened(t testing.TB, s *statement.Statement) *excelize.File {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(written(t, s, statement.XLSX)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return book
}

func TestTheWorkbookReadBackSaysTheSameToTheLastUnit(t *testing.T) {
	t.Parallel()
	for in, sheets := range map[shop.Language][]string{shop.English: {"Summary", "Movements", "Terms and seal"}, shop.TraditionalChinese: {"摘要", "明細", "條款與封印"}} {
		s := amys(in)
		book := opened(t, s)
		if got := book.GetSheetList(); !slices.Equal(got, sheets) {
			t.Errorf("sheets %v, want %v", got, sheets)
		}
		amounts, err := book.GetCols(sheets[1], excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for _, amount := range amounts[9][1:] {
			sum += minor(t, "HKD", amount)
		}
		if sum != s.Movement {
			t.Errorf("the lines are %d, want %d", sum, s.Movement)
		}
		if kind, err := book.GetCellType(sheets[1], "J3"); err != nil || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
			t.Errorf("an amount is kept as type %v, %v", kind, err)
		}
		if shown, err := book.GetCellValue(sheets[1], "J5"); err != nil || shown != "12,345.67" {
			t.Errorf("an amount is shown as %q, %v", shown, err)
		}
		computed, err := book.CalcCellValue(sheets[0], "B16", excelize.Options{RawCellValue: true})
		if err != nil || minor(t, "HKD", computed) != s.Movement {
			t.Errorf("the sum of the lines is %q, %v", computed, err)
		}
		panes, err := book.GetPanes(sheets[1])
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("the head does not stay: %+v, %v", panes, err)
		}
		if link, err := book.GetCellFormula(sheets[1], "M2"); err != nil || !strings.HasPrefix(link, `HYPERLINK("https://hs.example.tw/console/orders/019c1234-`) {
			t.Errorf("the first line leads to %q, %v", link, err)
		}
	}
}

func TestThePrintedStatementSaysEachFigureInBothLanguages(t *testing.T) {
	t.Parallel()
	figures := []string{"2026-03", "E0042", "林美玲 Amy Lin", "好日子家居 Clear Day Living", "HKD", "Asia/Taipei", "300.00", "-45.00", "12,669.72", "419.05", "12,505.67",
		"300.00 + (-45.00) + 12,669.72", "419.05 + 12,505.67 + 0.00", "A1001 #1", "A0877 #3", "=1+1 / F-2026-03-07-", "-120.50", "12,345.67", "20.50", "2026-02-26 12:00",
		"a1b20000000000000000000000000000000000000000000000000000000000ff", "18,234", "100.00", "3, 4"}
	english := printedText(t, amys(shop.English))
	has(t, english, figures...)
	has(t, english, "Commission statement", "Pending at the opening", "Stated, to be paid", "until 60 days after the receipt", "is forgiven, not deferred", "Forgiven by the cap this month",
		"Belongs to 2026-02. 退貨", "Credit / home staff", "Sum of the movements", "homestore doctor", "Page 1 of 1")
	chinese := printedText(t, amys(shop.TraditionalChinese))
	has(t, chinese, figures...)
	has(t, chinese, "分潤對帳單", "期初結轉", "本期應付", "結轉下期", "收貨後 60 天內", "超過部分免除，不遞延", "本月因上限免除", "屬 2026-02。", "分潤 / 歸屬店員", "異動合計", "帳冊封印", "第 1 頁，共 1 頁")
}

func TestEachPrintedLineLeadsToWhatExplainsIt(t *testing.T) {
	t.Parallel()
	file := written(t, amys(shop.English), statement.PDF)
	links := regexp.MustCompile(`/URI \((https://hs\.example\.tw/console/[^)]*)\)`).FindAllSubmatch(file, -1)
	if len(links) != 4 { // of five lines one is explained nowhere else
		t.Errorf("%d links", len(links))
	}
}

func TestWithoutLimitsAStatementSaysThatThereAreNone(t *testing.T) {
	t.Parallel()
	s := amys(shop.English)
	s.Terms.ClawbackDays, s.Terms.ClawbackMonthCap, s.Seal.Seals = nil, nil, 0
	has(t, printedText(t, s), "without a limit in time", "no cap", "nothing is sealed yet")
	s = webs(0, shop.TraditionalChinese)
	text := printedText(t, s)
	has(t, text, "電商團隊 WEB 官網", "無期限", "本月無異動。")
	if strings.Contains(text, "每人每月追回上限") {
		t.Error("the cap of persons is on the statement of a store")
	}
}

func TestALongStatementHasTheHeadOfItsTableOnEachPage(t *testing.T) {
	t.Parallel()
	pages := strings.Split(strings.TrimSuffix(printedText(t, webs(300, shop.English)), "\f"), "\f")
	if len(pages) < 5 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages[1 : len(pages)-1] {
		has(t, page, "Commission statement", "2026-03", "WEB", "Happened", "Amount", "Page "+string(rune('2'+i))+" of ")
	}
	has(t, pages[len(pages)-1], "Sum of the movements", "2,100", "Seal of the book")
}

func TestALongPrintIsSumsByDayThatAddUpToTheSame(t *testing.T) {
	t.Parallel()
	s := webs(180_000, shop.TraditionalChinese) // a line each second: two days and two hours
	text := printedText(t, s)
	has(t, text, "明細共 180,000 筆", "2026-03-01", "當日 86,400 筆合計", "604,800", "當日 7,200 筆合計", "50,400", "1,260,000")
}

// It runs alone, since it looks at the memory of the whole program. A buffer that grows is twice what it holds.
func TestOfAStatementOf50000LinesNoMoreThanItsFileIsInMemory(t *testing.T) {
	for _, as := range formats {
		s := webs(50_000, shop.TraditionalChinese)
		lines, n := s.Lines, 0
		var then, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&then)
		s.Lines = func(yield func(statement.Line, error) bool) {
			for l, err := range lines {
				if n++; n == 50_000 {
					runtime.GC()
					runtime.ReadMemStats(&now)
				}
				if !yield(l, err) {
					return
				}
			}
		}
		file, err := s.File(as)
		if err != nil {
			t.Fatal(err)
		}
		most := then.HeapAlloc + 2*uint64(len(file.Body)) + 4<<20
		if as == statement.XLSX {
			most += 16 << 20 // see book
		}
		if n != 50_000 || now.HeapAlloc > most || len(file.Body) > 250*n {
			t.Errorf("%s: %d MB with the last of %d lines, more than %d MB; a file of %d MB", as, now.HeapAlloc>>20, n, most>>20, len(file.Body)>>20)
		}
		t.Logf("%s: %d KB before, %d KB with the last line, a file of %d KB", as, then.HeapAlloc>>10, now.HeapAlloc>>10, len(file.Body)>>10)
	}
}
