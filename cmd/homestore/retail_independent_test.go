package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"sort"
	"strconv"
	"strings"
	"time"
)

// A program that works out by itself what the real file earns whom. It shares no code with the product: it imports nothing of it
// and names nothing that is not declared in this file, which a test holds. It speaks only of what the file holds (no tax, no
// discounts, no parcels) and of the rules of independentPlan.

// independentPlan is the plan of the test, in the product's own words.
const independentPlan = `{"version": 1, "first_day": "2010-01-01", "order_cap_minor": 20000, "clawback_days": null, "exclude": {"skus": ["22423"]},
	"rules": [{"role": "home_store", "rate_bp": 100, "when": {"category": "manual"}}, {"role": "home_store", "rate_bp": 450, "when": {"bond_min_days": 180}},
		{"role": "home_store", "rate_bp": 300}, {"role": "home_staff", "rate_bp": 175}, {"role": "online_team", "rate_bp": 125}]}`

// independentHome is the fixed rule by which customers are somebody's: every seventh nobody's, the others of four stores by their
// number, and of two people of the store but for every third.
func independentHome(customer string) (store, person string) {
	n, err := strconv.Atoi(customer)
	if err != nil || n%7 == 0 {
		return "", ""
	}
	store = fmt.Sprintf("S%d", n%4)
	if n%3 != 0 {
		person = fmt.Sprintf("p%d%d", n%4, n/4%2)
	}
	return store, person
}

// independentShare is what one beneficiary has in one role from one line.
type independentShare struct{ given, back int64 }

// independentAnswer is what the file earns: shares by "invoice role beneficiary line", and what its net revenue came to.
type independentAnswer struct {
	shares map[string]independentShare
	// Of the net revenue by the plan, in pence: of lines whose home store earns, what stayed and what came back; of the others all.
	credited, takenBack, notCredited, netRevenue *big.Rat
}

type independentLine struct {
	code        string
	pieces      int64
	price       int64
	left        int64    // pieces that no credit note took
	returned    *big.Rat // of it, 0..1
	merchandise bool
	category    string
}

type independentInvoice struct {
	number, customer string
	at               time.Time
	lines            []*independentLine
}

func independentInvoices(file io.Reader) ([]*independentInvoice, error) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	byNumber := map[string]*independentInvoice{}
	var all []*independentInvoice
	for _, row := range rows[1:] {
		number, code := row[0], row[1]
		pieces, err := strconv.ParseInt(row[3], 10, 64)
		if err != nil {
			return nil, err
		}
		price, ok := new(big.Rat).SetString(row[5])
		if !ok {
			return nil, fmt.Errorf("price %q", row[5])
		}
		price.Mul(price, big.NewRat(100, 1))
		isCredit := strings.HasPrefix(number, "C")
		if strings.HasPrefix(number, "A") || pieces == 0 || isCredit == (pieces > 0) || price.Sign() < 0 || !price.IsInt() {
			continue // set aside
		}
		at, err := time.ParseInLocation("2006-01-02 15:04:05", row[4], london)
		if err != nil {
			return nil, err
		}
		v := byNumber[number]
		if v == nil {
			v = &independentInvoice{number: number, customer: row[6], at: at}
			byNumber[number], all = v, append(all, v)
		}
		l := &independentLine{code: code, pieces: pieces, price: price.Num().Int64(), left: pieces, returned: new(big.Rat), merchandise: true}
		switch c := strings.ToUpper(code); {
		case c == "POST" || c == "DOT" || c == "C2" || c == "BANK CHARGES" || c == "AMAZONFEE" || c == "CRUK" || c == "D" || strings.HasPrefix(c, "GIFT_"):
			l.merchandise = false
		case c == "M":
			l.category = "manual"
		}
		v.lines = append(v.lines, l)
	}
	return all, nil
}

// independentReturns has each credit note take back what its customer had bought: at the same price by pieces, then at others by
// money, the latest first; what is beyond it is asked of the last line that gave.
func independentReturns(all []*independentInvoice) {
	bought := map[string][]*independentLine{}
	for _, v := range all {
		if !strings.HasPrefix(v.number, "C") {
			for _, l := range v.lines {
				if v.customer != "" {
					bought[v.customer+"|"+l.code] = append(bought[v.customer+"|"+l.code], l)
				}
			}
			continue
		}
		for _, note := range v.lines {
			earlier := bought[v.customer+"|"+note.code]
			back := -note.pieces
			var last *independentLine
			for pass := 0; pass < 2 && v.customer != ""; pass++ {
				for i := len(earlier) - 1; i >= 0 && back > 0; i-- {
					l := earlier[i]
					if l.left == 0 || (l.price == note.price) != (pass == 0) || pass == 1 && note.price == 0 {
						continue
					}
					n := back
					if l.left < n {
						n = l.left
					}
					l.left, back, last = l.left-n, back-n, l
					l.give(n, note.price)
				}
			}
			if last != nil && back > 0 {
				last.give(back, note.price)
			}
		}
	}
}

// give adds to what of the line went back: pieces of its pieces, or money of what was paid.
func (l *independentLine) give(pieces, price int64) {
	part := big.NewRat(pieces, l.pieces)
	if price != l.price {
		if l.price == 0 {
			return
		}
		part = big.NewRat(pieces*price, l.pieces*l.price)
	}
	l.returned.Add(l.returned, part)
	if l.returned.Cmp(big.NewRat(1, 1)) > 0 {
		l.returned.SetInt64(1)
	}
}

func (l *independentLine) base() int64 {
	if !l.merchandise || l.code == "22423" {
		return 0
	}
	return l.pieces * l.price
}

// independentRow is one beneficiary's part in one role, line by line.
type independentRow struct {
	role, to string
	parts    []*big.Rat // by line
}

func (r independentRow) sum() *big.Rat {
	sum := new(big.Rat)
	for _, x := range r.parts {
		sum.Add(sum, x)
	}
	return sum
}

func independentFloor(x *big.Rat) int64 { return new(big.Int).Div(x.Num(), x.Denom()).Int64() }

func independentRound(x *big.Rat) int64 {
	return independentFloor(new(big.Rat).Add(x, big.NewRat(1, 2)))
}

// independentApportion is the method of largest remainders; ties to the earlier.
func independentApportion(total int64, shares []*big.Rat) []int64 {
	out, sequence := make([]int64, len(shares)), make([]int, len(shares))
	rest := func(i int) *big.Rat { return new(big.Rat).Sub(shares[i], new(big.Rat).SetInt64(out[i])) }
	left := total
	for i, x := range shares {
		out[i], sequence[i] = independentFloor(x), i
		left -= out[i]
	}
	sort.SliceStable(sequence, func(a, b int) bool { return rest(sequence[a]).Cmp(rest(sequence[b])) > 0 })
	for _, i := range sequence {
		if left > 0 {
			out[i]++
			left--
		}
	}
	return out
}

func independentRows(v *independentInvoice, boundAt time.Time) []independentRow {
	store, person := independentHome(v.customer)
	rows := []independentRow{{role: "online_team", to: "store:WEB"}}
	if person != "" {
		rows = append([]independentRow{{role: "home_staff", to: "staff:" + person}}, rows...)
	}
	if store != "" {
		rows = append([]independentRow{{role: "home_store", to: "store:" + store}}, rows...)
	}
	for i := range rows {
		for _, l := range v.lines {
			rate := map[string]int64{"home_store": 300, "home_staff": 175, "online_team": 125}[rows[i].role]
			if rows[i].role == "home_store" && v.at.Sub(boundAt) >= 180*24*time.Hour {
				rate = 450
			}
			if rows[i].role == "home_store" && l.category == "manual" {
				rate = 100
			}
			rows[i].parts = append(rows[i].parts, big.NewRat(l.base()*rate, 10000))
		}
	}
	return rows
}

// independently works the file out. Whoever is bound at all is since boundAt.
func independently(file io.Reader, boundAt time.Time) (independentAnswer, error) {
	a := independentAnswer{shares: map[string]independentShare{}, credited: new(big.Rat), takenBack: new(big.Rat), notCredited: new(big.Rat), netRevenue: new(big.Rat)}
	all, err := independentInvoices(file)
	if err != nil {
		return a, err
	}
	independentReturns(all)
	for _, v := range all {
		if !strings.HasPrefix(v.number, "C") {
			a.add(v, independentRows(v, boundAt))
		}
	}
	return a, nil
}

func (a independentAnswer) add(v *independentInvoice, rows []independentRow) {
	total := new(big.Rat)
	for _, r := range rows {
		total.Add(total, r.sum())
	}
	if most := big.NewRat(20000, 1); total.Cmp(most) > 0 {
		for _, r := range rows {
			for _, x := range r.parts {
				x.Quo(x.Mul(x, most), total)
			}
		}
		total = most
	}
	sums := make([]*big.Rat, len(rows))
	for i, r := range rows {
		sums[i] = r.sum()
	}
	for i, minor := range independentApportion(independentRound(total), sums) {
		for j, given := range independentApportion(minor, rows[i].parts) {
			if back := new(big.Rat).Mul(new(big.Rat).SetInt64(given), v.lines[j].returned); given > 0 {
				a.shares[fmt.Sprintf("%s %s %s %d", v.number, rows[i].role, rows[i].to, j+1)] = independentShare{given, independentRound(back)}
			}
		}
	}
	store, _ := independentHome(v.customer)
	for _, l := range v.lines {
		base := new(big.Rat).SetInt64(l.base())
		a.netRevenue.Add(a.netRevenue, base)
		if store == "" {
			a.notCredited.Add(a.notCredited, base)
			continue
		}
		back := new(big.Rat).Mul(base, l.returned)
		a.takenBack.Add(a.takenBack, back)
		a.credited.Add(a.credited, base.Sub(base, back))
	}
}
