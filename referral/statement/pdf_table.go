package statement

import (
	"fmt"
	"strings"
	"time"
)

// cut is a column of the printed table.
type cut struct {
	head  word
	width float64
	most  int // lines of a cell
	text  func(*Statement, Line) string
}

var cuts = []cut{
	{"happened", 70, 1, func(s *Statement, l Line) string { return s.when(l) }},
	{"order", 88, 2, func(_ *Statement, l Line) string { return l.place() }},
	{"kind", 88, 2, func(s *Statement, l Line) string { return s.sort(l) }},
	{"why", inner - 70 - 88 - 88 - 48 - amountWidth, 4, func(s *Statement, l Line) string { return s.reason(l) }},
	{"state", 48, 1, func(s *Statement, l Line) string { return s.named("state", string(l.State)) }},
}

const amountWidth = 64

// when is the instant of a line, and the day of a sum.
func (s *Statement) when(l Line) string {
	if l.PostedAt.IsZero() {
		return l.EffectiveAt.In(s.Zone).Format(time.DateOnly)
	}
	return s.moment(l.EffectiveAt)
}

// place is where in an order a line belongs: A1001 #2, or A1001 / parcel F1.
func (l Line) place() string {
	parts := []string{l.Order}
	if l.Parcel != "" {
		parts = append(parts, "/ "+l.Parcel)
	}
	if l.LineNo > 0 {
		parts = append(parts, fmt.Sprint("#", l.LineNo))
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// sort is what a line is, and in which role it was earned.
func (s *Statement) sort(l Line) string {
	kind, role := s.named("kind", string(l.Kind)), l.Role.Name(s.Language)
	if role == "" {
		return kind
	}
	return kind + " / " + role
}

// reason is why, and to which month a line belongs that was told late.
func (s *Statement) reason(l Line) string {
	if l.BelongsTo.IsZero() {
		return l.Why
	}
	return s.sayf("late", month(l.BelongsTo)) + l.Why
}

// table sets the lines, with the heads of the columns on each page, and their sum below.
func (d *document) table() error {
	lines, summed, err := d.s.printed()
	if err != nil {
		return err
	}
	d.room(80)
	d.words(margin, d.y, inner, large, ink, d.s.say("movements"))
	d.y += large*leading + padding/2
	if summed > 0 {
		text := d.s.sayf("summed", d.s.count(summed))
		d.y += d.paragraph(margin, d.y, inner, normal, ink, text) + padding
	}
	d.heads()
	for _, l := range lines {
		d.line(l)
	}
	if len(lines) == 0 {
		d.words(margin+padding/2, d.y, inner, normal, faint, d.s.say("nothing"))
		d.y += normal * 1.7
	}
	if d.room(normal * 2) {
		d.heads()
	}
	d.fill(margin, d.y, inner, normal*1.9, shade)
	d.words(margin+padding/2, d.y+2.5, inner, normal, ink, d.s.say("sum"))
	d.money(margin+inner-padding/2, d.y+2.5, normal, d.s.Movement)
	d.y += normal*1.9 + 3*padding
	return nil
}

func (d *document) heads() {
	d.fill(margin, d.y, inner, small*1.9, shade)
	x := margin + padding/2
	for _, c := range cuts {
		d.words(x, d.y+2, c.width-padding, small, faint, d.s.say(c.head))
		x += c.width
	}
	d.rightwards(margin+inner-padding/2, d.y+2, small, faint, d.s.say("amount"))
	d.y += small*1.9 + 2
}

// line sets one line of the statement; its order leads to where it is explained.
func (d *document) line(l Line) {
	cells, most := make([][]string, len(cuts)), 1
	for i, c := range cuts {
		cells[i] = d.lines(c.text(d.s, l), c.width-padding, small, c.most)
		most = max(most, len(cells[i]))
	}
	height := float64(most)*small*leading + 3
	if d.room(height) {
		d.heads()
	}
	x := margin + padding/2
	for i, c := range cuts {
		in := ink
		if c.head == "order" && l.Trace != "" {
			in = blue
		}
		for n, text := range cells[i] {
			d.set(x, d.y+float64(n)*small*leading, small, in, text)
		}
		x += c.width
	}
	d.money(margin+inner-padding/2, d.y, small, l.Minor)
	if l.Trace != "" {
		d.AddExternalLink(l.Trace, margin, d.y, inner, height)
	}
	d.y += height
	d.rule(d.y - 1.5)
}
