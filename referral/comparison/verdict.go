package comparison

import (
	"fmt"
	"math"

	"homestore/clienteling/shop"
)

// said is a difference as a sentence has it: what is more first, and no sign.
type said struct {
	first, second string // names
	more, less    string // their figures
	from, to      string // of the difference
}

func (d Difference) say(a, b string, number func(float64) string) said {
	if d.Verdict == BMore {
		return said{b, a, number(d.B), number(d.A), number(-d.High), number(-d.Low)}
	}
	return said{a, b, number(d.A), number(d.B), number(d.Low), number(d.High)}
}

// OfConversion is what may be said of a difference of conversions, in a sentence.
func (d Difference) OfConversion(a, b string) shop.Text {
	s := d.say(a, b, func(part float64) string { return fmt.Sprintf("%.1f", 100*part) })
	if d.Verdict == Open {
		return d.open(
			fmt.Sprintf("還看不出掃「%s」和掃「%s」的人哪邊比較會買（%s%% 對 %s%%）", s.first, s.second, s.more, s.less),
			fmt.Sprintf("It cannot be told yet whether more of those who scan %s buy, or of those who scan %s (%s %% against %s %%)", s.first, s.second, s.more, s.less))
	}
	return shop.Text{
		shop.TraditionalChinese: fmt.Sprintf("掃「%s」的人比掃「%s」的人會買：%s%% 對 %s%%，相差 %s 到 %s 個百分點。", s.first, s.second, s.more, s.less, s.from, s.to),
		shop.English: fmt.Sprintf("More of those who scan %s buy than of those who scan %s: %s %% against %s %%, which is between %s and %s points more.",
			s.first, s.second, s.more, s.less, s.from, s.to),
	}
}

// OfRevenue is what may be said of a difference of revenues, in a sentence.
func (d Difference) OfRevenue(a, b string, currency shop.Currency) shop.Text {
	digits, _ := currency.Digits()
	unit := math.Pow10(digits)
	s := d.say(a, b, func(minor float64) string { return fmt.Sprintf("%.*f", max(1, digits), minor/unit) })
	if d.Verdict == Open {
		return d.open(
			fmt.Sprintf("還看不出「%s」和「%s」哪邊賣得多（每次掃碼 %s %s 對 %s）", s.first, s.second, currency, s.more, s.less),
			fmt.Sprintf("It cannot be told yet whether %s sells more or %s (%s %s a session against %s)", s.first, s.second, currency, s.more, s.less))
	}
	return shop.Text{
		shop.TraditionalChinese: fmt.Sprintf("「%s」賣得比「%s」多：每次掃碼 %s %s 對 %s，相差 %s 到 %s。", s.first, s.second, currency, s.more, s.less, s.from, s.to),
		shop.English: fmt.Sprintf("%s sells more than %s: %s %s a session against %s, which is between %s and %s more.",
			s.first, s.second, currency, s.more, s.less, s.from, s.to),
	}
}

// open ends a sentence about what cannot be told yet: with what is missing, as far as that is known.
func (d Difference) open(chinese, english string) shop.Text {
	if d.More == 0 {
		return shop.Text{shop.TraditionalChinese: chinese + "。", shop.English: english + "."}
	}
	return shop.Text{
		shop.TraditionalChinese: fmt.Sprintf("%s，大約還要 %d 次掃碼。", chinese, d.More),
		shop.English:            fmt.Sprintf("%s, about %d more sessions needed.", english, d.More),
	}
}
