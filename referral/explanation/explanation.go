// Package explanation says in words why each cent of an order's commission is where it is, and what a month's close moved: in
// Chinese as shops in Taiwan speak it, and in English.
//
// Always true: it decides and computes nothing of its own. What it tells of an order comes from the order's stored trace (see
// attribution.Trace) and credits; the figures that it names are theirs, exact, or cut with a mark that says so. It names stores,
// people and tags, never a customer.
//
// What stores and people are called is the caller's to know (Names), and which order may be told to whom is report's.
package explanation

import (
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// Names are what people call those whom a trace knows by id, in the language that is spoken.
type Names interface {
	Name(to attribution.Beneficiary) string // of a pool: its store
}

// Teller speaks one language, of one brand.
type Teller struct {
	Language shop.Language
	Zone     *time.Location // of the brand: its calendar is spoken of
	Names    Names
}

// Order is what can be told of one order's commission.
type Order struct {
	Teller
	words    words
	currency shop.Currency
	credit   ledger.OrderCredit
	trace    *attribution.Trace // nil: there is none
	plan     *plan.Plan         // of the trace's version; nil: not known
	result   attribution.Result // the trace worked out: what each event took back
}

// Of prepares what is told of an order. One that was credited before traces were kept is told as far as its credits go; without
// the plan of its day nothing is said of the rules that were passed over.
func (t Teller) Of(oc ledger.OrderCredit, currency shop.Currency, p *plan.Plan) Order {
	o := Order{Teller: t, words: vocabulary[t.Language], currency: currency, credit: oc, plan: p}
	if oc.Trace == nil {
		return o
	}
	o.trace = oc.Trace
	// Where a trace does not hold, which is for Retrace to find, the credits are still told, without what each event took back.
	o.result, _ = attribution.Recompute(*oc.Trace)
	return o
}
