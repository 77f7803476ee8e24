package onlineretail

import (
	"homestore/clienteling/order"
)

// good is what one customer buys under one stock code.
type good struct{ customer, code string }

// purchase is a line of an order, with what of it has not gone back: what a credit note may still take.
type purchase struct {
	order, line   string
	price         int64
	pieces, money int64
}

// share is what a credit line takes of one purchase: pieces at the purchase's own price, or money.
type share struct {
	of            *purchase
	pieces, money int64
}

// credit makes a credit note refunds: one of each order from which it takes something.
func (i *importer) credit(v *invoice) {
	taken := map[string][]order.RefundedLine{}
	var orders []string
	for _, l := range v.lines {
		shares, reason := i.match(v, l)
		if reason != "" {
			i.setAside(reason, l.no)
			continue
		}
		i.result.RefundLines++
		for _, s := range shares {
			i.settle(s)
			if taken[s.of.order] == nil {
				orders = append(orders, s.of.order)
			}
			taken[s.of.order] = append(taken[s.of.order], order.RefundedLine{Line: s.of.line, Quantity: s.pieces, Amount: s.money})
		}
	}
	for _, name := range orders {
		i.lanes.add(v.whose(), len(taken[name]), i.result.Lines, order.WasRefunded{
			Order: name, ExternalID: v.number + "/" + name, Kind: order.RefundPaid, At: v.at.UTC(), Lines: taken[name],
		})
	}
	if len(orders) > 0 {
		i.result.Credits++
	}
}

// match finds from which purchases a credit line takes, or says why from none.
func (i *importer) match(v *invoice, l line) (shares []share, reason string) {
	if v.customer == "" {
		return nil, "credit_without_customer"
	}
	earlier := i.bought[good{v.customer, l.code}]
	if len(earlier) == 0 {
		if l.code == "D" {
			return nil, "discount_without_purchase"
		}
		return nil, "credit_without_earlier_purchase"
	}
	left := l.pieces
	for _, samePrice := range []bool{true, false} {
		if !samePrice && l.price == 0 {
			break // of a purchase at a price nothing was given back
		}
		for n := len(earlier) - 1; n >= 0 && left > 0; n-- {
			p := earlier[n]
			if p.pieces == 0 || (p.price == l.price) != samePrice {
				continue
			}
			s, pieces := share{of: p}, min(left, p.pieces)
			s.take(pieces, l.price)
			p.pieces -= pieces
			left -= pieces
			shares = append(shares, s)
		}
	}
	if len(shares) == 0 {
		return nil, "credit_of_what_was_credited"
	}
	shares[len(shares)-1].take(left, l.price) // more than was bought: the surplus of the last
	return shares, ""
}

// take adds pieces at the credit's price to the share.
func (s *share) take(pieces, price int64) {
	if price == s.of.price {
		s.pieces += pieces
	} else {
		s.money += pieces * price
	}
}

// settle counts what the share takes back. What it asks beyond what is left of the purchase's money is surplus.
func (i *importer) settle(s share) {
	asked := s.pieces*s.of.price + s.money
	taken := min(asked, s.of.money)
	s.of.money -= taken
	i.result.RefundedMinor += taken
	i.result.SurplusMinor += asked - taken
}
