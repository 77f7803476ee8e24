// Package whatif replays a brand's past orders under a draft plan: who would have earned what, and what it would have cost, beside
// what they did earn.
//
// Always true: nothing is touched, since the database itself refuses a replay to write; all figures are of one instant, whatever
// happens meanwhile; and an order's shares are those that attribution would have given it had the draft been in force when it
// was placed, from the same facts that the ledger credits it by. Each page of orders is forgotten before the next is read.
//
// Compared are the credits of sales and parcels, net of what was taken back. What depends on a month as a whole (tiers, caps,
// targets, pools) is the month's close: see period.
package whatif

import (
	"bytes"
	"cmp"
	"slices"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/plan"
)

// Outcome is what a draft would have paid for the orders placed from one day to another, both included, in the brand's zone.
type Outcome struct {
	From, To plan.Day
	Orders   int
	Books    []Book // by currency; money of two currencies is never added up or compared
}

// Book is the outcome in one currency, in minor units.
type Book struct {
	Currency shop.Currency
	Before   int64   // what these orders cost as they are credited
	After    int64   // what they would have cost
	Winners  []Total // who would have gained most, biggest first; ten at most
	Losers   []Total // who would have lost most, biggest first; ten at most
	Totals   []Total // everybody who earns before or after, in the order of their names
}

// Change is by how much the draft would have cost more.
func (b Book) Change() int64 { return b.After - b.Before }

// Total is what one beneficiary has of all the orders together.
type Total struct {
	To     attribution.Beneficiary
	Name   Name
	Before int64
	After  int64
}

// Name is what people call a beneficiary.
type Name struct {
	Code string // of the store, or employee number
	Text shop.Text
}

// Change is what the beneficiary would have gained.
func (t Total) Change() int64 { return t.After - t.Before }

// mostTold is how many winners, and how many losers, are told first.
const mostTold = 10

// rank puts the totals into the order of their names, sums them, and finds those who would win and lose most.
func (b *Book) rank() {
	slices.SortFunc(b.Totals, inOrder)
	b.Before, b.After = 0, 0
	for _, t := range b.Totals {
		b.Before, b.After = b.Before+t.Before, b.After+t.After
	}
	b.Winners = biggest(b.Totals, Total.Change)
	b.Losers = biggest(b.Totals, func(t Total) int64 { return -t.Change() })
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
