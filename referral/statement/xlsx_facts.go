package statement

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// pen writes facts into two columns of a sheet, from the top.
type pen struct {
	*book
	sheet string
	row   int
}

// at is the pen at the top of a sheet with columns for names and for what they say.
func (b *book) at(sheet string, text float64) (*pen, error) {
	if err := b.SetColWidth(sheet, "A", "A", 44); err != nil {
		return nil, err
	}
	return &pen{b, sheet, 0}, b.SetColWidth(sheet, "B", "B", text)
}

// put writes the next row.
func (p *pen) put(styleA int, a string, styleB int, b any) error {
	p.row++
	for _, cell := range []struct {
		column string
		style  int
		value  any
	}{{"A", styleA, a}, {"B", styleB, b}} {
		name := fmt.Sprint(cell.column, p.row)
		if err := p.SetCellValue(p.sheet, name, cell.value); err != nil {
			return err
		}
		if err := p.SetCellStyle(p.sheet, name, name, cell.style); err != nil {
			return err
		}
	}
	return nil
}

// block writes facts below a head, with an empty row before it.
func (p *pen) block(head string, facts []fact) error {
	p.row++
	if head != "" {
		if err := p.put(p.head, head, p.head, nil); err != nil {
			return err
		}
	}
	for _, f := range facts {
		style, value := p.text, any(f.text)
		if f.isAmount {
			style, value = p.money, p.number(f.minor)
		}
		if err := p.put(p.text, f.what, style, value); err != nil {
			return err
		}
	}
	return nil
}

// writeSummary writes the figures, and beside the movement the sum over its lines as a formula, so that who doubts it can look.
func (b *book) writeSummary() error {
	p, err := b.at(b.summary, 40)
	if err != nil {
		return err
	}
	s := b.s
	if err := p.put(b.title, s.say("title"), 0, nil); err != nil {
		return err
	}
	for _, block := range []struct {
		head  string
		facts []fact
	}{
		{"", s.heading()},
		{s.say("opening"), s.opening()},
		{s.say("movements"), []fact{s.amount("movement", s.Movement), s.amount("sum", s.Movement)}},
		{s.say("closing"), s.closing()},
	} {
		if err := p.block(block.head, block.facts); err != nil {
			return err
		}
		if block.head == s.say("movements") {
			if err := p.SetCellFormula(b.summary, fmt.Sprint("B", p.row), sumOfLines(b.movements)); err != nil {
				return err
			}
		}
	}
	return nil
}

// sumOfLines is the formula of the movements sheet's amounts; their head is a text, which does not count.
func sumOfLines(sheet string) string {
	place := slices.IndexFunc(columns, func(c column) bool { return c.head == "amount" })
	name, err := excelize.ColumnNumberToName(place + 1)
	if err != nil {
		panic("statement: there is no column of amounts")
	}
	return fmt.Sprintf("SUM('%s'!%s:%s)", sheet, name, name)
}

// writeConditions writes the terms and the seal.
func (b *book) writeConditions() error {
	p, err := b.at(b.conditions, 90)
	if err != nil {
		return err
	}
	if err := p.block(b.s.say("terms"), b.s.terms()); err != nil {
		return err
	}
	return p.block(b.s.say("seal"), b.s.seal())
}
