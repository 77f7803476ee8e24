package ledger_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"homestore/clienteling/customer"
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
)

// teller is a fact as one source tells it. Told to two brands it names the stores, people and customers of each.
type teller struct {
	source string
	fact   func(b *audience) order.Fact
}

// Buyers are numbered: 0 is nobody known, the last is she whom only her account names.
const accountHolder = 3

func (a *audience) buyer(n int, f *order.WasPlaced) {
	if n == accountHolder {
		f.Identities = []customer.Identity{{Kind: customer.WebShop, Value: "shop:7"}}
		return
	}
	f.Customer = a.customers[n]
}

func (a *audience) store(n int) shop.ID { return []shop.ID{a.S1, a.S2, a.Web}[n] }

func (a *audience) staff(n int) shop.ID { return []shop.ID{{}, a.Amy, a.Ben}[n] }

// story draws what happens to one order, told as it happened: placed, paid, changed, handed over, refunded in parts and whole,
// its price adjusted, exchanged for others, cancelled.
type story struct {
	*rapid.T
	source  string
	order   string
	buyer   int
	placed  time.Time
	at      time.Time
	version int
	facts   []teller
	lines   int // names of lines that its versions have had
}

func tell(rt *rapid.T, source, name string, placed time.Time) []teller {
	s := &story{T: rt, source: source, order: name, placed: placed, at: placed, version: 1, buyer: rapid.IntRange(0, accountHolder).Draw(rt, "buyer")}
	s.place()
	acts := []func(){s.pay, s.change, s.change, s.fulfil, s.refund, s.refund, s.adjust, s.exchange, s.exchange, s.cancel}
	for range rapid.IntRange(1, 6).Draw(rt, "facts after it") {
		s.at = s.at.Add(time.Duration(rapid.IntRange(0, 40).Draw(rt, "hours later")) * time.Hour)
		rapid.SampledFrom(acts).Draw(rt, "act")()
	}
	return s.facts
}

func (s *story) say(fact func(a *audience) order.Fact) {
	s.facts = append(s.facts, teller{s.source, fact})
}

func (s *story) place() {
	f := order.WasPlaced{
		Order: s.order, Version: s.version, At: s.at, PlacedAt: s.placed, Currency: "TWD",
		Channel: rapid.SampledFrom([]order.Channel{order.Online, order.Till}).Draw(s.T, "channel"),
		TaxBP:   rapid.SampledFrom([]int{0, 500}).Draw(s.T, "tax"), Discount: s.discount(), Lines: s.bought(),
		CashOnPickup: rapid.Bool().Draw(s.T, "cash on pickup"), DeliverLater: rapid.Bool().Draw(s.T, "deliver later"),
	}
	buyer := rapid.SampledFrom([]int{s.buyer, s.buyer, 0}).Draw(s.T, "buyer told")
	store, staff, assist := rapid.IntRange(0, 2).Draw(s.T, "store"), rapid.IntRange(0, 2).Draw(s.T, "staff"), rapid.IntRange(0, 2).Draw(s.T, "assist")
	if rapid.IntRange(0, 9).Draw(s.T, "told as paid") == 0 {
		f.PaidAt = s.at
	}
	if rapid.IntRange(0, 19).Draw(s.T, "told as cancelled") == 0 {
		f.State = order.Cancelled
	}
	s.say(func(a *audience) order.Fact {
		told := f
		a.buyer(buyer, &told)
		told.Store, told.Staff = a.store(store), a.staff(staff)
		if assist > 0 {
			told.AssistStore, told.AssistStaff = a.store(assist-1), a.staff(assist)
		}
		return told
	})
}

// discount is less than the merchandise of any version costs.
func (s *story) discount() int64 { return rapid.Int64Range(0, 50).Draw(s.T, "discount") }

// bought draws the lines of a version: of names that were there before, new ones, or both.
func (s *story) bought() []order.Line {
	n := rapid.IntRange(1, 3).Draw(s.T, "lines")
	first := rapid.IntRange(0, s.lines).Draw(s.T, "first line")
	s.lines = max(s.lines, first+n)
	lines := make([]order.Line, n)
	for i := range lines {
		lines[i] = order.Line{ExternalID: lineName(first + i), SKU: "SOFA", Category: "sofa", TaxIncluded: true,
			Quantity: rapid.Int64Range(1, 4).Draw(s.T, "pieces"), UnitPrice: rapid.Int64Range(50, 99999).Draw(s.T, "price")}
		if i > 0 {
			lines[i].Kind = rapid.SampledFrom([]order.LineKind{order.Merchandise, order.Shipping, order.GiftCard}).Draw(s.T, "kind")
		}
	}
	return lines
}

func lineName(n int) string { return fmt.Sprint("line", n) }

// line is one that a version had, or that none ever had.
func (s *story) line() string { return lineName(rapid.IntRange(0, s.lines).Draw(s.T, "line")) }

func (s *story) change() {
	s.version += rapid.IntRange(1, 2).Draw(s.T, "versions later")
	if rapid.Bool().Draw(s.T, "told whole") {
		s.place()
		return
	}
	f := order.WasEdited{Order: s.order, Version: s.version, At: s.at, Discount: s.discount(), Lines: s.bought()}
	s.say(func(*audience) order.Fact { return f })
}

func (s *story) pay() {
	f := order.WasPaid{Order: s.order, At: s.at}
	s.say(func(*audience) order.Fact { return f })
}

func (s *story) fulfil() {
	f := order.WasFulfilled{Order: s.order, ExternalID: s.paper("parcel"), At: s.at,
		Kind: rapid.SampledFrom([]order.FulfilmentKind{order.Ship, order.Pickup}).Draw(s.T, "how")}
	store := rapid.IntRange(0, 2).Draw(s.T, "from")
	if rapid.Bool().Draw(s.T, "a part of it") {
		f.Lines = []string{s.line()}
	}
	s.say(func(a *audience) order.Fact {
		told := f
		told.Store = a.store(store)
		return told
	})
}

func (s *story) refund() {
	f := order.WasRefunded{Order: s.order, ExternalID: s.paper("refund"), At: s.at}
	f.Kind = rapid.SampledFrom([]order.RefundKind{order.RefundPaid, order.RefundPaid, order.Allowance, order.Void}).Draw(s.T, "paper")
	switch rapid.IntRange(0, 2).Draw(s.T, "refund of") {
	case 0:
		f.Lines = []order.RefundedLine{{Line: s.line(), Quantity: rapid.Int64Range(1, 3).Draw(s.T, "pieces back")}}
	case 1:
		f.Lines = []order.RefundedLine{{Line: s.line(), Amount: rapid.Int64Range(1, 99999).Draw(s.T, "money back")}}
	default:
		f.Amount = rapid.Int64Range(1, 199999).Draw(s.T, "money back")
	}
	if f.Kind == order.Void {
		f.Lines, f.Amount = nil, 0
	}
	s.say(func(*audience) order.Fact { return f })
}

func (s *story) adjust() {
	f := order.WasAdjusted{Order: s.order, ExternalID: s.paper("adjustment"), At: s.at}
	for range rapid.IntRange(1, 2).Draw(s.T, "cheaper lines") {
		f.Lines = append(f.Lines, order.AdjustedLine{Line: s.line(), Amount: rapid.Int64Range(1, 9999).Draw(s.T, "cheaper by")})
	}
	s.say(func(*audience) order.Fact { return f })
}

// exchange may take out what was never there, and bring in place of a line one of its name. Sometimes the first of what comes in
// goes back, which finds its order only where an exchange makes one.
func (s *story) exchange() {
	f := order.WasExchanged{Order: s.order, ExternalID: s.paper("exchange"), At: s.at, Out: []string{s.line()}, In: s.bought()}
	store, staff := rapid.IntRange(-1, 2).Draw(s.T, "exchanged at"), rapid.IntRange(0, 2).Draw(s.T, "exchanged by")
	s.say(func(a *audience) order.Fact {
		told := f
		told.Staff = a.staff(staff)
		if store >= 0 {
			told.Store = a.store(store)
		}
		return told
	})
	if rapid.IntRange(0, 2).Draw(s.T, "it goes back") == 0 {
		back := order.WasRefunded{Order: f.ExternalID, ExternalID: s.paper("refund"), At: s.at.Add(time.Hour),
			Lines: []order.RefundedLine{{Line: f.In[0].ExternalID, Quantity: 1}}}
		s.say(func(*audience) order.Fact { return back })
	}
}

func (s *story) cancel() {
	f := order.WasCancelled{Order: s.order, At: s.at}
	s.say(func(*audience) order.Fact { return f })
}

// paper is a name that no other paper of the order has.
func (s *story) paper(kind string) string {
	return fmt.Sprintf("%s-%s-%d", s.order, kind, len(s.facts))
}
