// Package whatif replays a brand's past orders under a draft plan: who would have earned what, and what it would have cost, beside
// what they did earn.
//
// Always true: nothing is touched, since the database itself refuses a replay to write; all figures are of one instant, whatever
// happens meanwhile; and an order's shares are those that attribution would have given it had the draft been in force when it
// was placed, from the same facts that the ledger credits it by. Each page of orders is forgotten before the next is read.
//
// Compared are the credits of sales and parcels, net of what was taken back, and apart from them what whole months of the range are due
// beyond their orders: tiers, targets, the least and the most of a month, what refunds may take at most. Both sides of that are worked
// out as period does, by what is known now; a month that is not over counts as if it ended here. What refunds took counts where
// their orders are among those replayed. Pools stay whole: whose they are depends on hours, and not on the plan.
package whatif

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// Outcome is what a draft would have paid for the orders placed from one day to another, both included, in the brand's zone.
type Outcome struct {
	From, To plan.Day
	Orders   int
	Months   []time.Time // the first days of the whole months, whose true-ups are compared
	Books    []Book      // by currency; money of two currencies is never added up or compared
}

// Book is the outcome in one currency, in minor units.
type Book struct {
	Currency shop.Currency
	Figures          // of all together: what it costs
	Winners  []Total // who would have gained most, biggest first; ten at most
	Losers   []Total // who would have lost most, biggest first; ten at most
	Totals   []Total // everybody who earns before or after, in the order of their names
}

// Figures are money before and after.
type Figures struct {
	Before       int64 // what is credited of the orders
	After        int64 // what would have been
	MonthsBefore int64 // what the whole months are due beyond that, by the plans in force
	MonthsAfter  int64 // what they would have been due
}

// Change is by how much the orders would have given more.
func (f Figures) Change() int64 { return f.After - f.Before }

// WholeChange is by how much orders and months would have given more.
func (f Figures) WholeChange() int64 { return f.Change() + f.MonthsAfter - f.MonthsBefore }

func (f Figures) and(other Figures) Figures {
	return Figures{f.Before + other.Before, f.After + other.After, f.MonthsBefore + other.MonthsBefore, f.MonthsAfter + other.MonthsAfter}
}

// Total is what one beneficiary has of all the orders and months together.
type Total struct {
	To   attribution.Beneficiary
	Name team.Name
	Figures
}

// mostTold is how many winners, and how many losers, are told first.
const mostTold = 10

// rank puts the totals into the order of their names, sums them, and finds those who would win and lose most.
func (b *Book) rank() {
	slices.SortFunc(b.Totals, inOrder)
	b.Figures = Figures{}
	for _, t := range b.Totals {
		b.Figures = b.and(t.Figures)
	}
	b.Winners = biggest(b.Totals, func(t Total) int64 { return t.WholeChange() })
	b.Losers = biggest(b.Totals, func(t Total) int64 { return -t.WholeChange() })
}

// biggest are those of whom the figure is above zero, biggest first.
func biggest(totals []Total, figure func(Total) int64) []Total {
	found := slices.DeleteFunc(slices.Clone(totals), func(t Total) bool { return figure(t) <= 0 })
	slices.SortStableFunc(found, func(x, y Total) int { return cmp.Compare(figure(y), figure(x)) })
	return found[:min(len(found), mostTold)]
}

// inOrder is by the beneficiary's written name, "staff:amy": the code that people use and not the id, which depends on when a row
// was made.
func inOrder(x, y Total) int {
	return cmp.Or(cmp.Compare(x.To.Kind, y.To.Kind), cmp.Compare(x.Name.Code, y.Name.Code), bytes.Compare(x.To.ID[:], y.To.ID[:]))
}
