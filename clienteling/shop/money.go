package shop

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Currency is an ISO 4217 code. Amounts are whole minor units of it.
type Currency string

// minorDigits are the digits in use behind the point, which is what prices are written in, not ISO's exponent: nobody
// has paid a Taiwanese cent (分) for decades, so TWD has none here.
var minorDigits = map[Currency]int{"TWD": 0, "JPY": 0, "KRW": 0, "HKD": 2, "GBP": 2, "USD": 2, "EUR": 2, "CNY": 2, "SGD": 2}

// Digits is how many decimal digits the minor unit has; ok is false for a currency that Homestore does not book in.
func (c Currency) Digits() (digits int, ok bool) {
	digits, ok = minorDigits[c]
	return digits, ok
}

// ErrBadAmount refuses a text that is no exact amount of the currency.
var ErrBadAmount = Refuse(Unprocessable, "amount_invalid", "An amount is a decimal number in the currency's own digits, without rounding.")

// ParseAmount reads a decimal text ("199.00", "-3", "1,200" is refused) as minor units. Nothing is rounded: an amount with
// more digits than the currency has is refused unless the further digits are zeros.
func (c Currency) ParseAmount(s string) (int64, error) {
	digits, ok := c.Digits()
	if !ok {
		return 0, ErrBadAmount.Saying("Homestore keeps no book in %q.", string(c))
	}
	sign, rest := "", s
	if strings.HasPrefix(rest, "-") {
		sign, rest = "-", rest[1:]
	}
	whole, fraction, _ := strings.Cut(rest, ".")
	fraction = strings.TrimRight(fraction, "0")
	if whole == "" || len(fraction) > digits || !allDigits(whole) || !allDigits(fraction) {
		return 0, ErrBadAmount
	}
	minor, err := strconv.ParseInt(sign+whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		return 0, ErrBadAmount
	}
	return minor, nil
}

func allDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// Format writes minor units as a decimal text with the currency's digits: 12345 HKD is "123.45", 600 TWD is "600".
func (c Currency) Format(minor int64) string {
	digits, _ := c.Digits()
	if digits == 0 {
		return strconv.FormatInt(minor, 10)
	}
	sign := ""
	u := uint64(minor)
	if minor < 0 {
		sign, u = "-", -u
	}
	s := strconv.FormatUint(u, 10)
	if len(s) <= digits {
		s = strings.Repeat("0", digits+1-len(s)) + s
	}
	return sign + s[:len(s)-digits] + "." + s[len(s)-digits:]
}

// symbols are how prices are written where the currency is used; others by their code.
var symbols = map[Currency]string{"TWD": "NT$", "HKD": "HK$", "CNY": "CN¥", "JPY": "¥", "KRW": "₩", "USD": "US$", "SGD": "S$", "EUR": "€", "GBP": "£"}

// Price writes an amount, which is not negative, as it stands on a price tag: NT$12,800.
func (c Currency) Price(minor int64) string {
	symbol, ok := symbols[c]
	if !ok {
		symbol = string(c) + " "
	}
	return symbol + c.Figure(minor)
}

// Figure writes an amount as it stands in a column of them, its thousands apart: -12,800. ParseAmount does not read it.
func (c Currency) Figure(minor int64) string {
	whole, fraction, hasFraction := strings.Cut(c.Format(minor), ".")
	whole, isNegative := strings.CutPrefix(whole, "-")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if hasFraction {
		whole += "." + fraction
	}
	if isNegative {
		whole = "-" + whole
	}
	return whole
}

// HalfUp rounds to the nearest whole number, halves towards plus infinity: floor(x + 1/2), as FORMAT.md has it.
func HalfUp(x *big.Rat) int64 {
	if x.IsInt() {
		return x.Num().Int64()
	}
	twice := new(big.Int).Lsh(x.Denom(), 1)
	n := new(big.Int).Lsh(x.Num(), 1)
	return n.Div(n.Add(n, x.Denom()), twice).Int64() // (2a + b) / 2b is a/b + 1/2
}

// Floor is the largest whole number that is not above x.
func Floor(x *big.Rat) int64 {
	return new(big.Int).Div(x.Num(), x.Denom()).Int64() // Euclidean division: with a positive divisor this is the floor
}

// Apportion splits total over the exact shares by the largest-remainder method (Hamilton): each share is cut down to whole
// units, and the units that are left over go one each to the shares with the largest fractional parts, ties to the
// earlier. The parts add up to total exactly, provided that total is at least the sum of the floors, as every rounding of
// the shares' own sum is.
func Apportion(total int64, shares []*big.Rat) []int64 {
	if len(shares) == 1 {
		return []int64{total} // nobody to share with; most orders have one line
	}
	q := make([]quotient, len(shares))
	for i, x := range shares {
		q[i] = divide(x.Num(), x.Denom())
	}
	return handOut(total, q)
}

// ApportionByWeight splits total in proportion to whole weights: Apportion over total x weight / sum of weights.
// When all weights are zero, so is every part.
func ApportionByWeight(total int64, weights []int64) []int64 {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, big.NewInt(w))
	}
	if sum.Sign() == 0 {
		return make([]int64, len(weights))
	}
	q := make([]quotient, len(weights))
	t := big.NewInt(total)
	if sum.Sign() < 0 {
		sum.Neg(sum)
		t.Neg(t)
	}
	for i, w := range weights {
		n := big.NewInt(w)
		q[i] = divide(n.Mul(n, t), sum)
	}
	return handOut(total, q)
}

// quotient is an exact share cut down to whole units, and what was cut off: rest / of.
type quotient struct {
	whole    int64
	rest, of *big.Int
}

func divide(n, by *big.Int) quotient {
	rest := new(big.Int)
	whole, _ := new(big.Int).DivMod(n, by, rest)
	return quotient{whole: whole.Int64(), rest: rest, of: by}
}

// byRest puts the larger fractional part first.
func byRest(a, b quotient) int {
	if a.of.Cmp(b.of) == 0 {
		return b.rest.Cmp(a.rest)
	}
	x, y := new(big.Int).Mul(a.rest, b.of), new(big.Int).Mul(b.rest, a.of)
	return y.Cmp(x)
}

func handOut(total int64, shares []quotient) []int64 {
	parts := make([]int64, len(shares))
	left := total
	for i, q := range shares {
		parts[i] = q.whole
		left -= q.whole
	}
	if left <= 0 {
		return parts
	}
	sequence := make([]int, len(shares))
	for i := range sequence {
		sequence[i] = i
	}
	slices.SortStableFunc(sequence, func(a, b int) int { return byRest(shares[a], shares[b]) })
	for i := 0; left > 0 && len(sequence) > 0; i++ {
		parts[sequence[i%len(sequence)]]++
		left--
	}
	return parts
}
