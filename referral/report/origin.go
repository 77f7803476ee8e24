package report

import (
	"bytes"
	"cmp"
	"math/big"
	"slices"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/ledger"
)

// Origin is which tag, store and person an order belongs to in reports. Each order has one, so that figures of tags, stores
// and people add up to those of the brand; what is zero is nobody's.
type Origin struct {
	Scan      shop.ID // on which it belongs to the tag
	Tag       shop.ID
	Store     shop.ID
	Staff     shop.ID
	Placement string
}

// basis is what an order's origin is decided by.
type basis struct {
	displays []display
	home     binding.Holder   // whose she was when she ordered
	won      binding.Evidence // of that binding
}

// display is a tag that was scanned in time and on which the credit rests.
type display struct {
	store    shop.ID
	evidence attribution.Evidence
}

// origin is the display on which the order's credit rests; of several (the plan may divide among them) the one that was
// scanned last. Else it is what bound her: the tag of the click, or without a click the store and the person alone. Else
// nobody's. scans are what is known of the scans themselves.
func (b basis) origin(scans map[shop.ID]Origin) Origin {
	if len(b.displays) > 0 {
		last := slices.MaxFunc(b.displays, func(x, y display) int {
			return cmp.Or(x.evidence.At.Compare(y.evidence.At), bytes.Compare(x.evidence.Scan[:], y.evidence.Scan[:]))
		})
		if known, ok := scans[last.evidence.Scan]; ok {
			return known
		}
		return Origin{Scan: last.evidence.Scan, Store: last.store}
	}
	if b.home.Store.IsZero() {
		return Origin{}
	}
	return Origin{Scan: b.won.Scan, Tag: b.won.Tag, Store: b.home.Store, Staff: b.home.Staff, Placement: b.won.Placement}
}

// displaysOf are the displays on which the credit of an order rests: those that earn, and a display of her own home store,
// which is paid for it once and as home.
func displaysOf(credits []ledger.Credit, whys []attribution.Why, lost []ledger.Lost) []display {
	var all []display
	for i, c := range credits {
		if !c.Role.IsDisplay() {
			continue
		}
		for _, g := range whys[i].Grounds {
			all = append(all, display{c.Store, g.Evidence})
		}
	}
	for _, l := range lost {
		if l.Role.IsDisplay() && l.ToKind == attribution.ToStore && l.Why == attribution.SameStore {
			all = append(all, display{l.To, l.Evidence})
		}
	}
	return slices.DeleteFunc(all, func(d display) bool { return d.evidence.Scan.IsZero() })
}

// worth is what an order came to, in minor units of its currency: merchandise after discounts, without tax, and of it what
// went back. A test and a cancelled order are none.
type worth struct {
	orders   int
	net      int64 // less returned
	returned int64
}

func worthOf(o order.Order) worth {
	if o.State != order.Placed {
		return worth{}
	}
	w := worth{orders: 1}
	amounts := o.Amounts()
	for i, part := range o.Returned(amounts, true).Fractions() {
		if a := amounts[i]; a.Kind == order.Merchandise {
			back := shop.HalfUp(new(big.Rat).Mul(part, new(big.Rat).SetInt64(a.Net)))
			w.net, w.returned = w.net+a.Net-back, w.returned+back
		}
	}
	return w
}
