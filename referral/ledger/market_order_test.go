package ledger_test

import (
	"fmt"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// purchase is an order of the market while what happens to it is drawn.
type purchase struct {
	*market
	name    string
	at      time.Time
	placed  time.Time
	version int
	lines   int // names of lines that its versions have had
	facts   []order.Fact
}

// buy draws an order and what happens to it.
func (m *market) buy() []order.Fact {
	m.placed++
	p := &purchase{market: m, name: fmt.Sprint("o", m.placed), version: 1, placed: m.instant(-5, 100)}
	p.at = p.placed
	p.place()
	acts := []func(){p.pay, p.change, p.fulfil, p.fulfil, p.refund, p.refund, p.adjust, p.exchange}
	for range m.IntN(6) {
		p.at = p.at.Add(time.Duration(m.IntN(20*24)) * time.Hour)
		oneOf(m.Rand, acts...)()
	}
	if m.IntN(20) == 0 {
		p.facts = append(p.facts, order.WasCancelled{Order: p.name, At: p.at})
	}
	return p.facts
}

func (p *purchase) place() {
	f := order.WasPlaced{
		Order: p.name, Version: p.version, At: p.at, PlacedAt: p.placed, Currency: "TWD", Channel: order.Online, Store: p.Web,
		TaxBP: oneOf(p.Rand, 0, 500, 500, 2000), CashOnPickup: p.IntN(8) == 0,
		Campaign: oftenNot(p.Rand, oneOf(p.Rand, "SPRING", "SALE")), EmployeeDiscount: p.IntN(12) == 0,
	}
	if p.IntN(2) == 0 {
		seller := p.IntN(len(p.people))
		f.Channel, f.Store, f.DeliverLater = order.Till, p.stores[seller], p.IntN(3) == 0
		if p.IntN(5) > 0 {
			f.Staff = p.people[seller]
		}
	}
	if p.IntN(6) > 0 {
		f.Customer = oneOf(p.Rand, p.customers...)
	}
	if p.IntN(4) == 0 {
		f.AssistStore, f.AssistStaff = oneOf(p.Rand, p.stores...), oneOf(p.Rand, p.people...)
	}
	for range p.IntN(4) {
		f.Clicks = append(f.Clicks, oneOf(p.Rand, p.scans...))
	}
	if p.IntN(40) == 0 {
		f.State = order.Test
	}
	if p.IntN(8) == 0 {
		f.Payment = fmt.Sprint("card ", p.IntN(20))
	}
	if p.IntN(10) == 0 {
		f.Currency = oneOf[shop.Currency](p.Rand, "JPY", "GBP")
	}
	f.Lines, f.Discount = p.bought()
	p.facts = append(p.facts, f)
}

// bought draws the lines of a version, of names that were there before and of new ones, and a discount off their goods.
func (p *purchase) bought() (lines []order.Line, discount int64) {
	first := p.IntN(p.lines + 1)
	n := 1 + p.IntN(5)
	p.lines = max(p.lines, first+n)
	var goods int64
	for i := range n {
		l := order.Line{
			ExternalID: lineName(first + i), SKU: oneOf(p.Rand, drawnSKUs...), Category: oneOf(p.Rand, drawnCategories...), TaxIncluded: p.IntN(5) > 0,
			Kind:     oneOf(p.Rand, order.Merchandise, order.Merchandise, order.Merchandise, order.Shipping, order.GiftCard, order.Tip),
			Quantity: 1 + p.Int64N(5), UnitPrice: oneOf(p.Rand, p.Int64N(20), p.Int64N(3000), p.Int64N(99999)),
		}
		l.Discount = oftenNot(p.Rand, p.Int64N(l.Quantity*l.UnitPrice+1))
		if l.Kind == order.Merchandise {
			goods += l.Gross()
		}
		lines = append(lines, l)
	}
	p.Shuffle(n, func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return lines, oftenNot(p.Rand, p.Int64N(goods+1))
}

// paper is a name that no other paper has.
func (p *purchase) paper() string {
	p.papers++
	return fmt.Sprint("paper", p.papers)
}

// line is mostly one that a version had.
func (p *purchase) line() string { return lineName(p.IntN(p.lines + p.IntN(2))) }

func (p *purchase) pay() { p.facts = append(p.facts, order.WasPaid{Order: p.name, At: p.at}) }

func (p *purchase) change() {
	p.version += 1 + p.IntN(2)
	if p.IntN(2) == 0 {
		p.place()
		return
	}
	lines, discount := p.bought()
	p.facts = append(p.facts, order.WasEdited{Order: p.name, Version: p.version, At: p.at, Discount: discount, Lines: lines})
}

func (p *purchase) fulfil() {
	f := order.WasFulfilled{Order: p.name, ExternalID: p.paper(), At: p.at, Kind: oneOf(p.Rand, order.Ship, order.Pickup)}
	if p.IntN(4) > 0 {
		f.Store = oneOf(p.Rand, p.stores...)
	}
	for range oneOf(p.Rand, 0, 0, 1, 2, 3) {
		f.Lines = append(f.Lines, p.line())
	}
	p.facts = append(p.facts, f)
}

func (p *purchase) refund() {
	f := order.WasRefunded{Order: p.name, ExternalID: p.paper(), At: p.at}
	f.Kind = oneOf(p.Rand, order.RefundPaid, order.RefundPaid, order.RefundPaid, order.Allowance, order.Allowance)
	switch p.IntN(12) {
	case 0:
		f.Kind = order.Void
	case 1, 2, 3, 4:
		f.Amount = oneOf(p.Rand, 1+p.Int64N(100), 1+p.Int64N(9999), 1+p.Int64N(199999))
	default:
		for range 1 + p.IntN(3) {
			l := order.RefundedLine{Line: p.line(), Quantity: 1 + p.Int64N(3)}
			if p.IntN(2) == 0 {
				l.Quantity, l.Amount = 0, 1+p.Int64N(9999)
			}
			f.Lines = append(f.Lines, l)
		}
	}
	p.facts = append(p.facts, f)
}

func (p *purchase) adjust() {
	f := order.WasAdjusted{Order: p.name, ExternalID: p.paper(), At: p.at}
	for range 1 + p.IntN(2) {
		f.Lines = append(f.Lines, order.AdjustedLine{Line: p.line(), Amount: 1 + p.Int64N(2000)})
	}
	p.facts = append(p.facts, f)
}

func (p *purchase) exchange() {
	f := order.WasExchanged{Order: p.name, ExternalID: p.paper(), At: p.at}
	for range p.IntN(3) {
		f.Out = append(f.Out, p.line())
	}
	if p.IntN(4) > 0 || len(f.Out) == 0 {
		f.In, _ = p.bought()
	}
	if p.IntN(3) == 0 {
		seller := p.IntN(len(p.people))
		f.Store, f.Staff = p.stores[seller], p.people[seller]
	}
	p.facts = append(p.facts, f)
}
