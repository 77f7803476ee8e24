package attribution

import (
	"bytes"
	"cmp"
	"math/big"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// enterDisplays adds the stores whose tags were scanned in the window, and the people those tags name. Each store has one
// claim. With Last or First one store has it all and the others lose; with Even each has the same part, with ByWeight a part
// by the placement of its tag.
func (c *contest) enterDisplays(in *Input) {
	shown := onePerStore(inWindow(in), in.Plan.Display.Choice)
	loss := NotLast
	switch in.Plan.Display.Choice {
	case plan.Even, plan.ByWeight:
		for i, weight := range weightsOf(shown, in.Plan.Display) {
			c.enterDisplay(shown[i], weight)
		}
		return
	case plan.First:
		loss = NotFirst
	}
	for i, d := range shown {
		if i == 0 {
			c.enterDisplay(d, whole)
			continue
		}
		c.loseDisplay(d, loss)
	}
}

// weightsOf are the parts of displays by the weights of their placements, with Even by none; together they are the whole.
func weightsOf(shown []Display, rules plan.Display) []*big.Rat {
	if rules.Choice == plan.Even {
		rules.Weights = nil
	}
	var sum int64
	for _, d := range shown {
		sum += rules.Weight(d.Placement)
	}
	weights := make([]*big.Rat, len(shown))
	for i, d := range shown {
		weights[i] = big.NewRat(rules.Weight(d.Placement), sum)
	}
	return weights
}

func (c *contest) enterDisplay(d Display, weight *big.Rat) {
	c.enter(claim{role: plan.DisplayStore, to: StoreOf(d.Store), store: d.Store, weight: weight, evidence: c.shown(d)})
	c.enter(claim{role: plan.DisplayStaff, to: d.Person, store: d.Store, weight: weight, evidence: c.shown(d)})
}

func (c *contest) loseDisplay(d Display, why LostTo) {
	c.lost = append(c.lost, Lost{Role: plan.DisplayStore, To: StoreOf(d.Store), Why: why, Evidence: c.shown(d)})
	if !d.Person.IsNobody() {
		c.lost = append(c.lost, Lost{Role: plan.DisplayStaff, To: d.Person, Why: why, Evidence: c.shown(d)})
	}
}

// shown is what a display's claim stands on: the scan, and the rule by which a new scan earns from an order although she is bound.
func (c *contest) shown(d Display) Evidence {
	e := Evidence{Scan: d.Scan, Tag: d.Tag, At: d.At, Display: c.display}
	if c.display.Choice == plan.ByWeight {
		e.Placement = d.Placement
	}
	return e
}

// inWindow are the scans from window_days x 24 h before the order up to the order, both ends included.
func inWindow(in *Input) []Display {
	if len(in.Displays) == 0 {
		return nil
	}
	placed := in.Order.PlacedAt
	opens := placed.Add(-time.Duration(in.Plan.Display.WindowDays) * 24 * time.Hour)
	var inside []Display
	for _, d := range in.Displays {
		if !d.At.Before(opens) && !d.At.After(placed) && !d.Store.IsZero() {
			inside = append(inside, d)
		}
	}
	return inside
}

// onePerStore keeps the scan by which each store claims, the one that wins the choice before the others: the earliest of
// each store with First, else the latest.
func onePerStore(scans []Display, choice string) []Display {
	slices.SortFunc(scans, func(a, b Display) int {
		earlier := cmp.Or(a.At.Compare(b.At), bytes.Compare(a.Scan[:], b.Scan[:]))
		if choice == plan.First {
			return earlier
		}
		return -earlier
	})
	seen := make(map[shop.ID]bool, len(scans))
	return slices.DeleteFunc(scans, func(d Display) bool {
		again := seen[d.Store]
		seen[d.Store] = true
		return again
	})
}
