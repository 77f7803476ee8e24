package report

import (
	"bytes"
	"cmp"
	"math/big"
	"slices"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// A month pays on a target by what was reached in the one role that the plan names (period), not in all of them together. So that
// is what people are shown: a figure that says 100 % where nothing is paid is what quarrels are made of.

// Progress is what was reached of a target. It is that of the role that is furthest, of those by which the plan of the month's last day
// pays; where it pays by none, the net base of the lines by which the holder earns in any role that counts, each line once.
type Progress struct {
	Achieved int64      // less what went back until now
	BP       int64      // of the target, cut down: 100 % is said when it is reached and not before
	Roles    []Progress // of each role by which the plan pays, in the plan's sequence
	Role     plan.Role  // of one of Roles
}

// progressOf compares volumes with a target as the close of the month does.
func progressOf(volumes map[reach]*big.Rat, to attribution.Beneficiary, goal int64, roles []plan.Role) Progress {
	in := func(role plan.Role) Progress {
		volume := cmp.Or(volumes[reach{to, role}], new(big.Rat))
		return Progress{Achieved: shop.HalfUp(volume), BP: metBP(volume, goal), Role: role}
	}
	best, isPaid := in(""), false
	var each []Progress
	for _, role := range roles {
		if role.IsPersons() != (to.Kind == attribution.ToStaff) {
			continue
		}
		one := in(role)
		if each = append(each, one); !isPaid || one.BP > best.BP {
			best, isPaid = one, true
		}
	}
	best.Role, best.Roles = "", each
	return best
}

// metBP is what was reached of a target in basis points, cut down.
func metBP(volume *big.Rat, goal int64) int64 {
	if goal <= 0 {
		return 0
	}
	return shop.Floor(new(big.Rat).Mul(volume, big.NewRat(10_000, goal)))
}

// targetRoles are those by which the plan of the last day of a month, of which this is the first, pays on targets.
func targetRoles(plans []plan.Plan, first time.Time) []plan.Role {
	p, ok := plan.InForce(plans, plan.Day{Time: first.AddDate(0, 1, -1)})
	if !ok {
		return nil
	}
	var roles []plan.Role
	for _, t := range p.Targets {
		if !slices.Contains(roles, t.Role) {
			roles = append(roles, t.Role)
		}
	}
	return roles
}

// counts are the roles in which what somebody earns from counts for her target where the plan pays on none: a person's customers, sales
// and help; a store's customers and sales.
var counts = map[attribution.Kind][]plan.Role{
	attribution.ToStaff: {plan.HomeStaff, plan.SellingStaff, plan.AssistStaff},
	attribution.ToStore: {plan.HomeStore, plan.SellingStore, plan.OnlineTeam},
}

// reach is whose volume it is; without a role, together.
type reach struct {
	to   attribution.Beneficiary
	role plan.Role
}

// volumesOf sums the volume of lines by holder, in each role and together. A line counts once in each, whatever the number of claims
// or parcels by which she has it.
func volumesOf(credits []ledger.Credit) map[reach]*big.Rat {
	type cell struct {
		reach
		order shop.ID
		line  int
	}
	seen := map[cell]bool{}
	sums := map[reach]*big.Rat{}
	add := func(to reach, c ledger.Credit) {
		if at := (cell{to, c.Order, c.Line}); !seen[at] {
			seen[at] = true
			sums[to] = new(big.Rat).Add(cmp.Or(sums[to], new(big.Rat)), c.Volume)
		}
	}
	for _, c := range credits {
		together, hasTargets := counts[c.To.Kind]
		if !hasTargets {
			continue
		}
		add(reach{c.To, c.Role}, c)
		if slices.Contains(together, c.Role) {
			add(reach{c.To, ""}, c)
		}
	}
	return sums
}

// achievedBy is what the credits of an order add to what their holders reached.
func achievedBy(credits []ledger.Credit) []holderPart {
	var out []holderPart
	for at, volume := range volumesOf(credits) {
		if n := millionths(volume); n != 0 {
			out = append(out, holderPart{at.to.Kind, at.to.ID, at.role, n})
		}
	}
	slices.SortFunc(out, func(a, b holderPart) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Role, b.Role))
	})
	return out
}
