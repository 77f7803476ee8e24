package whatif

import (
	"cmp"
	"maps"
	"slices"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// tally sums up page by page. It grows with the beneficiaries, not with the orders.
type tally struct {
	orders int
	sums   map[holding]*sums
}

// holding is one beneficiary's money in one currency.
type holding struct {
	to       attribution.Beneficiary
	currency shop.Currency
}

type sums struct{ before, after, monthsBefore, monthsAfter int64 }

func (s sums) isNothing() bool { return s == sums{} }

func newTally() *tally { return &tally{sums: map[holding]*sums{}} }

func (t *tally) of(to attribution.Beneficiary, currency shop.Currency) *sums {
	at := holding{to, currency}
	if t.sums[at] == nil {
		t.sums[at] = &sums{}
	}
	return t.sums[at]
}

// earned adds what the orders of a page are credited.
func (t *tally) earned(page []ledger.Earned) {
	for _, e := range page {
		t.of(e.To, e.Currency).before += e.Minor
	}
}

// wouldEarn adds what attribution says of one order under the draft.
func (t *tally) wouldEarn(currency shop.Currency, r attribution.Result) {
	t.orders++
	for _, c := range r.Credits {
		if left := c.Left(); left != 0 {
			t.of(c.To, currency).after += left
		}
	}
}

// holders are everybody in it, each once.
func (t *tally) holders() []attribution.Beneficiary {
	seen := map[attribution.Beneficiary]bool{}
	for at := range t.sums {
		seen[at.to] = true
	}
	return slices.Collect(maps.Keys(seen))
}

// outcome lays the sums out. Whoever has nothing before or after is left out.
func (t *tally) outcome(from, to plan.Day, names map[attribution.Beneficiary]team.Name) Outcome {
	out := Outcome{From: from, To: to, Orders: t.orders}
	books := map[shop.Currency]*Book{}
	for at, s := range t.sums {
		if s.isNothing() {
			continue
		}
		if books[at.currency] == nil {
			books[at.currency] = &Book{Currency: at.currency}
		}
		b := books[at.currency]
		b.Totals = append(b.Totals, Total{
			To: at.to, Name: names[at.to], Figures: Figures{Before: s.before, After: s.after, MonthsBefore: s.monthsBefore, MonthsAfter: s.monthsAfter},
		})
	}
	for _, b := range books {
		b.rank()
		out.Books = append(out.Books, *b)
	}
	slices.SortFunc(out.Books, func(x, y Book) int { return cmp.Compare(x.Currency, y.Currency) })
	return out
}
