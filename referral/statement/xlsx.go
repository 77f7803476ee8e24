package statement

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// book is a workbook of three sheets while it is written. The movements are streamed, of which excelize keeps 16 MB in memory and
// the rest in a temporary file; the two short ones are not, since several streams stand in the file in a sequence left to chance.
type book struct {
	*excelize.File
	s                                       *Statement
	summary, movements, conditions          string
	title, head, money, instant, text, link int // styles
}

func writeXLSX(w io.Writer, s *Statement) (err error) {
	b := &book{File: excelize.NewFile(), s: s, summary: s.say("summary"), movements: s.say("movements"), conditions: s.say("conditions")}
	defer func() {
		if closed := b.Close(); err == nil {
			err = closed
		}
	}()
	for _, step := range []func() error{b.begin, b.writeMovements, b.writeSummary, b.writeConditions} {
		if err := step(); err != nil {
			return err
		}
	}
	_, err = b.WriteTo(w)
	return err
}

func (b *book) begin() error {
	if err := b.SetSheetName("Sheet1", b.summary); err != nil {
		return err
	}
	for _, name := range []string{b.movements, b.conditions} {
		if _, err := b.NewSheet(name); err != nil {
			return err
		}
	}
	at := b.s.ClosedAt.UTC().Format(time.RFC3339)
	err := b.SetDocProps(&excelize.DocProperties{
		Title: b.s.say("title") + " " + month(b.s.Month) + " " + b.s.To.Code, Creator: "Homestore", LastModifiedBy: "Homestore", Created: at, Modified: at,
	})
	if err != nil {
		return err
	}
	isStale := true // the formulas are computed when the file is opened
	if err := b.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &isStale}); err != nil {
		return err
	}
	return b.makeStyles()
}

func (b *book) makeStyles() error {
	digits, _ := b.s.Currency.Digits()
	amount := "#,##0"
	if digits > 0 {
		amount += "." + strings.Repeat("0", digits)
	}
	amount += ";[Red]-" + amount
	at := "yyyy-mm-dd hh:mm"
	grey := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7E6E6"}}
	wrapped := &excelize.Alignment{Vertical: "top", WrapText: true}
	for _, style := range []struct {
		id *int
		of excelize.Style
	}{
		{&b.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}}},
		{&b.head, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: grey}},
		{&b.money, excelize.Style{CustomNumFmt: &amount}},
		{&b.instant, excelize.Style{CustomNumFmt: &at}},
		{&b.text, excelize.Style{Alignment: wrapped}},
		{&b.link, excelize.Style{Font: &excelize.Font{Color: "0B57A4", Underline: "single"}}},
	} {
		var err error
		if *style.id, err = b.NewStyle(&style.of); err != nil {
			return err
		}
	}
	return nil
}

// writeMovements writes the lines below a head that stays when the sheet is scrolled.
func (b *book) writeMovements() error {
	out, err := b.NewStreamWriter(b.movements)
	if err != nil {
		return err
	}
	head := make([]any, len(columns))
	for i, c := range columns {
		if err := out.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
		head[i] = excelize.Cell{StyleID: b.head, Value: b.s.say(c.head)}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := out.SetRow("A1", head); err != nil {
		return err
	}
	row, cells := 1, make([]any, len(columns))
	for l, err := range b.s.lines() {
		if err != nil {
			return err
		}
		row++
		for i, c := range columns {
			cells[i] = b.cell(c.of(b.s, l))
		}
		if err := out.SetRow("A"+strconv.Itoa(row), cells); err != nil {
			return err
		}
	}
	return out.Flush()
}

// cell is a value as it stands in a workbook. Texts are texts there, whatever they begin with.
func (b *book) cell(value any) any {
	switch v := value.(type) {
	case typed:
		return string(v)
	case ours:
		return string(v)
	case link:
		return b.linked(string(v))
	case minor:
		return excelize.Cell{StyleID: b.money, Value: b.number(int64(v))}
	case time.Time:
		return excelize.Cell{StyleID: b.instant, Value: b.wall(v)}
	case int:
		if v != 0 {
			return v
		}
	}
	return nil
}

// linked is an address that is followed when it is clicked. A link of the usual sort is kept in memory and not streamed, and a
// sheet has 65,530 at most.
func (b *book) linked(address string) any {
	if address == "" {
		return nil
	}
	return excelize.Cell{StyleID: b.link, Formula: `HYPERLINK("` + strings.ReplaceAll(address, `"`, `""`) + `")`}
}

// number is an amount as a workbook keeps it, in units of the currency. Its fifteen digits are more than any amount has: the
// nearest binary fraction is written as the decimal one that it was.
func (b *book) number(minor int64) any {
	if digits, _ := b.s.Currency.Digits(); digits == 0 {
		return minor
	}
	n, err := strconv.ParseFloat(b.s.Currency.Format(minor), 64)
	if err != nil {
		return b.s.Currency.Format(minor)
	}
	return n
}

// wall is what the clock of the zone showed: a workbook knows no zones.
func (b *book) wall(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	at = at.In(b.s.Zone)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}
