package explanation

import (
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// words are all that is said, in one language. A format says beside it what its verbs stand for.
type words struct {
	language shop.Language // in which roles have their names

	end     string // of a sentence that was put together
	share   string // role, who, what is told of it
	space   string // between sentences
	and     string // between members of a list
	day     string // layouts
	month   string
	percent string // a number
	pool    string // its store

	line     string // number; in the middle of a sentence
	lineSKU  string // number, SKU
	all      string
	half     string
	fraction string // of a line: how much, which

	claims    map[plan.Role]string // who, day, source of the binding or tag, parcel
	homePool  string               // store, day, source
	sources   map[string]string    // of a binding
	succeeded string               // nobody: she came to whoever has her by a succession
	left      string               // who, to whom
	decided   string               // who, to whom

	rule       string            // number, version, rate
	weighted   string            // number, version, rate, weight
	fee        string            // number, version, amount
	passed     string            // list
	passedRule string            // number, conditions
	conditions map[string]string // of a plan, by their key

	product   string // line, base, factors, share
	together  string // number of lines, sum of bases, factors, share
	capped    string // amount left, what the cap is of, exact sum, cap
	ofOrder   string
	exactly   string // amount
	roundUp   string // amount cut, left over, unit, amount
	roundDown string // amount, left over
	cut       string // amount; nothing was left over
	lineRound string // amount
	halfUp    string // amount

	returned string                      // event, fractions
	taken    string                      // event, fractions, taken back, amount it was
	rest     string                      // amount
	tooOld   string                      // event, days
	neutral  string                      // event
	events   map[order.RefundKind]string // name, day

	notReceived string // days
	held        string
	payableFrom string // day, day of receipt, days
	payableNow  string // day, day of receipt, days
	nobody      map[attribution.Reason]string
	leastSale   string // amount
	nothing     string // no credits at all

	lost        string                        // who, role, why
	lostTo      map[attribution.LostTo]string // winner
	homeOverOne map[plan.Role]string          // home_wins of a person at the till or assisting: winner
	scanned     string                        // tag, day
	noRule      string                        // who, role, version
	aside       string                        // whose, day, tag, days of the window

	pieces   string // line, quantity, price
	lessOwn  string // amount
	lessPart string // amount
	paid     string // amount
	paidNet  string // amount, net
	house    string // percent, base
	excluded string
	unpaid   map[order.LineKind]string
	tax      string // with tax, percent, without

	months monthWords
}

// monthWords are what is said of transfers that are not one order's.
type monthWords struct {
	posted, corrected, anew string // amount
	takenBack               string // amount, event
	vested                  string // amount
	tier                    string // month, volume, steps
	step                    string // slice, percent, share
	before                  string // before, difference
	nothingDue              string // month, amount
	target                  string // month, volume, target, reached
	targetStep              string // from, what more
	bonus                   string // amount
	extra                   string // percent
	monthMin, monthCap      string // month, net, bound, amount
	clawbackCap             string // month, reversed, cap, amount
	pool                    string // month, pool, hours, all hours, share
	dispute                 string // amount
	leaver                  string // amount
}

var vocabulary = map[shop.Language]words{shop.TraditionalChinese: chinese, shop.English: english}
