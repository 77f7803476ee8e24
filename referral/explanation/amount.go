package explanation

import (
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
)

// price is an amount as it stands on a price tag; below zero, with a sign before it.
func price(c shop.Currency, minor int64) string {
	if minor < 0 {
		return "−" + c.Price(-minor)
	}
	return c.Price(minor)
}

// exact is an amount that may be a fraction of the minor unit, with two digits more than prices have: NT$570.00. What it
// cuts off, it marks: NT$366.66….
func exact(c shop.Currency, x *big.Rat) string {
	hundredths := new(big.Rat).Mul(x, big.NewRat(100, 1))
	cut := shop.Floor(hundredths)
	text := c.Price(cut / 100)
	if digits, _ := c.Digits(); digits == 0 {
		text += "."
	}
	text += fmt.Sprintf("%02d", cut%100)
	if !hundredths.IsInt() {
		text += "…"
	}
	return text
}

// base is an amount that rates are taken of: whole except at counters of which only the net counts.
func base(c shop.Currency, x *big.Rat) string {
	if x.IsInt() {
		return c.Price(x.Num().Int64())
	}
	return exact(c, x)
}

// percentOf is basis points as people write a rate: 3 %, 2.5 %.
func (w *words) percentOf(bp int64) string { return fmt.Sprintf(w.percent, decimal(bp, 100)) }

// decimal is n / of, which is a power of ten, without zeros at the end.
func decimal(n, of int64) string {
	text := new(big.Rat).SetFrac64(n, of).FloatString(len(fmt.Sprint(of)) - 1)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// part is how much of a line came back: all, half, 3/4, or where people would not read the fraction, so many per cent.
func (w *words) part(f *big.Rat) string {
	switch {
	case f.IsInt():
		return w.all
	case f.Cmp(big.NewRat(1, 2)) == 0:
		return w.half
	case f.Denom().Cmp(big.NewInt(10)) <= 0:
		return f.RatString()
	}
	bp := new(big.Rat).Mul(f, big.NewRat(10000, 1))
	text := w.percentOf(shop.Floor(bp))
	if !bp.IsInt() {
		text += "…"
	}
	return text
}

func (w *words) list(members []string) string { return strings.Join(members, w.and) }

func (o *Order) day(at time.Time) string { return at.In(o.Zone).Format(o.words.day) }

// who is what people call a beneficiary.
func (t *Teller) who(to attribution.Beneficiary) string {
	name := t.Names.Name(to)
	if to.Kind == attribution.ToPool {
		w := vocabulary[t.Language]
		return fmt.Sprintf(w.pool, name)
	}
	return name
}

// event is what took something back, by its kind, its name in the system that told us and its day.
func (o *Order) event(kind order.RefundKind, name string, at time.Time) string {
	return fmt.Sprintf(o.words.events[kind], name, o.day(at))
}

// lineName is a line by its number, and what it sold.
func (o *Order) lineName(no int) string {
	if o.trace != nil {
		for _, l := range o.trace.Lines {
			if l.No == no && l.SKU != "" {
				return fmt.Sprintf(o.words.lineSKU, no, l.SKU)
			}
		}
	}
	return fmt.Sprintf(o.words.line, no)
}

// sentences are put together as the language does, with a space between Chinese characters and what is none of them.
func (w *words) sentences(said []string) string {
	text := strings.Join(said, w.space)
	if w.space != "" {
		return text
	}
	var spaced strings.Builder
	var before rune
	for _, r := range text {
		if unicode.Is(unicode.Han, before) && isLatin(r) || isLatin(before) && unicode.Is(unicode.Han, r) {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(r)
		before = r
	}
	return spaced.String()
}

func isLatin(r rune) bool { return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// each is every text as the language puts a sentence.
func (w *words) each(texts []string) []string {
	for i, text := range texts {
		texts[i] = w.sentences([]string{text})
	}
	return texts
}

// first begins a sentence.
func first(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}
