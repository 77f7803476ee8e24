package order

import (
	"math/big"
	"slices"
)

// Fractions are replaced, never changed, so all lines may share these two.
var (
	none = new(big.Rat)
	one  = big.NewRat(1, 1)
)

func zeros(n int) []*big.Rat { return slices.Repeat([]*big.Rat{none}, n) }

// tally is the running account of what went back. A fraction in it is replaced, never changed, so steps may share it.
type tally struct {
	order    Order
	amounts  []Amount
	adjusted []int64 // neutral price adjustments so far, of each line
	accounts map[RefundKind][]*big.Rat
}

func (t *tally) account(kind RefundKind) []*big.Rat {
	if t.accounts[kind] == nil {
		t.accounts[kind] = zeros(len(t.amounts))
	}
	return t.accounts[kind]
}

func (t *tally) apply(e Refund, adjustmentsCount bool, step *Return) {
	switch {
	case e.Kind == Void || e.Kind == Cancellation:
		for i := range t.account(e.Kind) {
			t.accounts[e.Kind][i] = one
		}
	case e.Kind == Exchanged:
		t.exchange(e, step)
	case e.Kind == PriceAdjusted && !adjustmentsCount:
		step.Neutral = true
		for _, l := range e.Lines {
			t.adjust(l, step)
		}
	case len(e.Lines) == 0:
		t.spread(e, step)
	default:
		t.takeLines(e, step)
	}
}

// takeLines takes back what a refund says of each line. A price adjustment that counts is money given back on top of other
// refunds, so it goes to their account.
func (t *tally) takeLines(e Refund, step *Return) {
	kind := e.Kind
	if kind == PriceAdjusted {
		kind = RefundPaid
	}
	for _, l := range e.Lines {
		i := t.find(l.No)
		if i < 0 {
			t.missing(l.No, step)
			continue
		}
		asked, possible := t.fraction(i, l)
		if !possible || !t.take(kind, i, asked) {
			step.Surplus = true
		}
	}
}

// exchange takes what is left of each line, to the account of refunds: whatever had gone back of it before is no surplus.
func (t *tally) exchange(e Refund, step *Return) {
	for _, l := range e.Lines {
		if i := t.find(l.No); i >= 0 {
			t.account(RefundPaid)[i] = one
		} else {
			t.missing(l.No, step)
		}
	}
}

// fraction is what a refund asks of a line: pieces of pieces, or money of what was paid less neutral adjustments. It is
// not possible to take anything from a line of which nothing was bought or nothing was paid.
func (t *tally) fraction(i int, l RefundLine) (asked *big.Rat, possible bool) {
	part, whole := l.Amount, t.amounts[i].Paid-t.adjusted[i]
	if l.Quantity != 0 {
		part, whole = l.Quantity, t.amounts[i].Quantity
	}
	if part <= 0 {
		return new(big.Rat), true
	}
	if whole <= 0 {
		return nil, false
	}
	return big.NewRat(part, whole), true
}

// spread takes money back that names no lines: the same fraction of what is still refundable of each, shipping included.
func (t *tally) spread(e Refund, step *Return) {
	if e.Amount <= 0 {
		return
	}
	f := t.account(e.Kind)
	left := new(big.Rat)
	for i := range f {
		left.Add(left, t.refundable(i, f[i]))
	}
	if left.Sign() <= 0 {
		step.Surplus = true
		return
	}
	share := new(big.Rat).Quo(new(big.Rat).SetInt64(e.Amount), left)
	if share.Cmp(one) > 0 {
		share, step.Surplus = one, true
	}
	for i := range f {
		rest := new(big.Rat).Sub(one, f[i])
		t.take(e.Kind, i, rest.Mul(rest, share))
	}
}

// refundable is the money of a line that has not gone back yet.
func (t *tally) refundable(i int, f *big.Rat) *big.Rat {
	rest := new(big.Rat).Sub(one, f)
	return rest.Mul(rest, new(big.Rat).SetInt64(t.amounts[i].Paid-t.adjusted[i]))
}

// take adds to a line's account and says whether all of it fitted; an account never exceeds the whole line.
func (t *tally) take(kind RefundKind, i int, asked *big.Rat) (fits bool) {
	f := t.account(kind)
	sum := new(big.Rat).Add(f[i], asked)
	if sum.Cmp(one) > 0 {
		f[i] = one
		return false
	}
	f[i] = sum
	return true
}

// adjust keeps a neutral price adjustment: it takes nothing back, but later money is measured by the lower price.
func (t *tally) adjust(l RefundLine, step *Return) {
	i := t.find(l.No)
	if i < 0 {
		t.missing(l.No, step)
		return
	}
	if t.refundable(i, t.account(RefundPaid)[i]).Cmp(new(big.Rat).SetInt64(l.Amount)) < 0 {
		step.Surplus = true
	}
	t.adjusted[i] = min(t.adjusted[i]+max(l.Amount, 0), max(t.amounts[i].Paid, 0))
}

func (t *tally) find(no int) int {
	return slices.IndexFunc(t.amounts, func(a Amount) bool { return a.No == no })
}

// missing notes a line that the order never had. One that was taken out by an edit or an exchange was known.
func (t *tally) missing(no int, step *Return) {
	if !slices.ContainsFunc(t.order.Withdrawn, func(w Withdrawn) bool { return w.No == no }) {
		step.UnknownLines = append(step.UnknownLines, no)
	}
}

// largest is, for each line, the account that says most.
func (t *tally) largest() []*big.Rat {
	most := zeros(len(t.amounts))
	for _, account := range t.accounts {
		for i, f := range account {
			if f.Cmp(most[i]) > 0 {
				most[i] = f
			}
		}
	}
	return most
}
