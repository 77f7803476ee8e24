package attribution

import (
	"math/big"

	"homestore/clienteling/shop"
	"homestore/referral/plan"
)

// row is what one beneficiary earns in one role from the sale, exactly.
type row struct {
	role  plan.Role
	to    Beneficiary
	store shop.ID // of a parcel: who handed it over
	parts []part  // by line number
	caps  []Cut
	total *big.Rat // of the parts, after caps
}

// part is the exact share of one line. Only parts above zero are kept: nothing was earned from the other lines.
type part struct {
	line    int     // place in bases
	store   shop.ID // of the first claim that gave it
	share   *big.Rat
	grounds []Ground
}

func (r *row) sum() *big.Rat {
	sum := new(big.Rat)
	for _, p := range r.parts {
		sum.Add(sum, p.share)
	}
	return sum
}

// rowsOf computes every share: base x rate x weight. Claims come as ties are broken; those of one beneficiary in one role
// stand together and make one row.
func (in *Input) rowsOf(claims []claim, lines bases) []*row {
	var rows []*row
	for i, cl := range claims {
		if i == 0 || claims[i-1].role != cl.role || claims[i-1].to != cl.to {
			rows = append(rows, &row{role: cl.role, to: cl.to})
		}
		in.addShares(rows[len(rows)-1], cl, lines)
	}
	return rows
}

func (in *Input) addShares(r *row, cl claim, lines bases) {
	c := in.conditions(cl)
	var last int // rule of the line before: lines mostly share one, and so its factor
	var factor *big.Rat
	for i, a := range lines.amounts {
		if lines.base[i].Sign() == 0 {
			continue
		}
		c.Category, c.SKU = a.Category, a.SKU
		rule, number, ok := in.Plan.Rule(cl.role, c)
		if !ok {
			continue
		}
		if number != last {
			last, factor = number, factorOf(rule.RateBP, cl.weight)
		}
		if factor.Sign() != 0 {
			r.add(i, cl.store, new(big.Rat).Mul(lines.base[i], factor), Ground{Rule: number, RateBP: rule.RateBP, Weight: cl.weight, Evidence: cl.evidence})
		}
	}
}

// conditions are the facts of a claim that are the same for all lines.
func (in *Input) conditions(cl claim) plan.Conditions {
	c := plan.Conditions{
		StoreKind: in.Stores[cl.store].Kind, Channel: string(in.Order.Channel), Tag: cl.evidence.Tag,
		Campaign: in.Order.Campaign, Customer: in.customer(),
	}
	if cl.role.IsHome() {
		c.Bound, c.Bond = true, in.Order.PlacedAt.Sub(in.Home.Since)
	}
	return c
}

// customer is what she is to the brand: new, returning, or nothing for an order without one.
func (in *Input) customer() string {
	switch {
	case in.Order.Customer.IsZero():
		return ""
	case in.Returning:
		return plan.ReturningCustomer
	}
	return plan.NewCustomer
}

// factorOf is rate / 10000 x weight.
func factorOf(rateBP int64, weight *big.Rat) *big.Rat {
	f := big.NewRat(rateBP, wholeBP)
	if weight == whole {
		return f
	}
	return f.Mul(f, weight)
}

// add puts a share to its line, to what an earlier claim of the same beneficiary gave there.
func (r *row) add(line int, store shop.ID, x *big.Rat, g Ground) {
	for i := range r.parts {
		if r.parts[i].line == line {
			r.parts[i].share.Add(r.parts[i].share, x)
			r.parts[i].grounds = append(r.parts[i].grounds, g)
			return
		}
	}
	r.parts = append(r.parts, part{line: line, store: store, share: x, grounds: []Ground{g}})
}
