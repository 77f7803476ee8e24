package report

import (
	"bytes"
	"maps"
	"math/big"
	"slices"
	"time"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// What an order adds to the figures of its month is kept with the order, so that the figures can be told what changed of it,
// whatever else the month holds: they cost what is worked out anew, and a report what it prints.

// monthPart is what one order adds.
type monthPart struct {
	Month    time.Time     `json:"month"` // first day, midnight UTC of that date
	Currency shop.Currency `json:"currency"`
	Stores   []storePart   `json:"stores,omitempty"`
	Achieved []holderPart  `json:"achieved,omitempty"`
}

type storePart struct {
	Store  shop.ID `json:"store"`
	Before int64   `json:"before"`
	After  int64   `json:"after"`
}

type holderPart struct {
	Kind       attribution.Kind `json:"kind"`
	ID         shop.ID          `json:"id"`
	Role       plan.Role        `json:"role,omitempty"` // empty: together
	Millionths int64            `json:"millionths"`
}

// partOf works out what an order adds to its month.
func partOf(o order.Order, net int64, credits []ledger.Credit, zone *time.Location) monthPart {
	y, m, _ := o.PlacedAt.In(zone).Date()
	p := monthPart{Month: time.Date(y, m, 1, 0, 0, 0, 0, time.UTC), Currency: o.Currency}
	if o.State != order.Placed {
		return p
	}
	stores := map[shop.ID]*storePart{}
	at := func(store shop.ID) *storePart {
		if stores[store] == nil {
			stores[store] = &storePart{Store: store}
		}
		return stores[store]
	}
	at(o.Store).Before += net
	owners, weights := ownersOf(o, credits)
	for i, part := range shop.ApportionByWeight(net, weights) {
		at(owners[i]).After += part
	}
	for _, one := range stores {
		if one.Before != 0 || one.After != 0 {
			p.Stores = append(p.Stores, *one)
		}
	}
	slices.SortFunc(p.Stores, func(a, b storePart) int { return bytes.Compare(a.Store[:], b.Store[:]) })
	p.Achieved = achievedBy(credits)
	return p
}

// ownersOf are the stores to which an order's revenue belongs: her home store, if anybody earns as home; else the stores of the
// displays by which she came, by what each of them earns; else the store whose person helped her order; else who sold. One
// ground alone decides, so that it can be said in one sentence why revenue moved.
func ownersOf(o order.Order, credits []ledger.Credit) ([]shop.ID, []int64) {
	for _, ground := range []func(plan.Role) bool{
		plan.Role.IsHome,
		plan.Role.IsDisplay,
		func(r plan.Role) bool { return r == plan.AssistStaff },
	} {
		earned := map[shop.ID]int64{}
		total := int64(0)
		for _, c := range credits {
			if ground(c.Role) {
				earned[c.Store] += c.Minor
				total += c.Minor
			}
		}
		if len(earned) == 0 {
			continue
		}
		owners := slices.SortedFunc(maps.Keys(earned), func(a, b shop.ID) int { return bytes.Compare(a[:], b[:]) })
		weights := make([]int64, len(owners))
		for i, store := range owners {
			if weights[i] = earned[store]; total == 0 { // all rounded to nothing
				weights[i] = 1
			}
		}
		return owners, weights
	}
	return []shop.ID{o.Store}, []int64{1}
}

// millionths of a minor unit hold a volume exactly, but where a part of a line came back that is no fraction of ten: a sum of
// thousands of such is still right to the unit.
func millionths(volume *big.Rat) int64 {
	return shop.HalfUp(new(big.Rat).Mul(volume, big.NewRat(1_000_000, 1)))
}

func millionthsOf(n int64) *big.Rat { return big.NewRat(n, 1_000_000) }
