package period

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// Basis is what somebody has in one role of all orders placed in a month, whenever their facts came.
type Basis struct {
	Role   plan.Role
	To     attribution.Beneficiary
	Net    int64    // credits less what was taken back
	Volume *big.Rat // bases of the lines less what came back, weights left aside
}

// Due is what a month gives somebody beyond the credits of its orders. Below zero it takes.
type Due struct {
	Kind   ledger.TransferKind
	Role   plan.Role // empty: in no role
	To     attribution.Beneficiary
	Minor  int64
	Reason any
}

// Month is everything on which the true-ups of one month depend.
type Month struct {
	First   time.Time
	Plan    *plan.Plan // in force on its last day; nil: none
	Bases   []Basis
	Clawed  map[shop.ID]int64 // by person: what refunds of this month took back of what was payable
	Targets map[attribution.Beneficiary]int64
}

// TrueUps are what depends on more than one order: tiers and targets by volume, then the least and the most that a month gives in
// a role, then the most that refunds may take of a person. What is due nothing is left out. It is pure, so that facts that arrive
// late change the close in which a cent is posted and never whether it is.
func (m Month) TrueUps() []Due {
	if m.Plan == nil {
		return nil
	}
	var all []Due
	for _, b := range m.Bases {
		more := slices.Concat(m.tier(b), m.target(b))
		sum := b.Net
		for _, d := range more {
			sum += d.Minor
		}
		more = append(more, m.bounds(b, sum)...)
		all = append(all, more...)
	}
	for who, reversed := range m.Clawed {
		if most := m.Plan.ClawbackMonthCapMinor; most != nil && reversed > *most {
			reason := cappedReason{Month: m.name(), Cap: *most, Reversed: reversed}
			all = append(all, Due{Kind: ledger.ClawbackCap, To: attribution.StaffOf(who), Minor: reversed - *most, Reason: reason})
		}
	}
	slices.SortFunc(all, func(a, b Due) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Role.Place(), b.Role.Place()), cmp.Compare(a.To.String(), b.To.String()))
	})
	return all
}

func (m Month) name() string { return m.First.Format("2006-01") }

// tierReason is the arithmetic of a tier: of each step the part of the volume that earns its rate.
type tierReason struct {
	Month  string      `json:"month"`
	Plan   int         `json:"plan_version"`
	Kind   string      `json:"tier"` // of several tiers the kinds, with + between them
	Volume *big.Rat    `json:"volume"`
	Steps  []tierSlice `json:"steps"`
}

type tierSlice struct {
	FromMinor int64    `json:"from_minor"`
	ExtraBP   int64    `json:"extra_bp"`
	Slice     *big.Rat `json:"slice"`
}

// tier is due once in a role, however many tiers the plan has of it: each is rounded on its own.
func (m Month) tier(b Basis) []Due {
	reason := tierReason{Month: m.name(), Plan: m.Plan.Version, Volume: b.Volume}
	var minor int64
	var kinds []string
	for _, t := range m.Plan.Tiers {
		if t.Role != b.Role {
			continue
		}
		cut := slicesOf(t, b.Volume)
		sum := new(big.Rat)
		for _, s := range cut {
			sum.Add(sum, new(big.Rat).Mul(s.Slice, big.NewRat(s.ExtraBP, 10000)))
		}
		minor += shop.HalfUp(sum)
		kinds, reason.Steps = append(kinds, t.Kind), append(reason.Steps, cut...)
	}
	if minor == 0 {
		return nil
	}
	reason.Kind = strings.Join(kinds, "+")
	return []Due{{Kind: ledger.Tier, Role: b.Role, To: b.To, Minor: minor, Reason: reason}}
}

// slicesOf cuts a volume by the steps of a tier: whole, all of it to the highest step reached; marginal, to each step what lies
// between it and the next.
func slicesOf(t plan.Tier, volume *big.Rat) []tierSlice {
	steps := slices.SortedFunc(slices.Values(t.Steps), func(a, b plan.Step) int { return cmp.Compare(a.FromMinor, b.FromMinor) })
	var cut []tierSlice
	for i, s := range steps {
		from := new(big.Rat).SetInt64(s.FromMinor)
		if volume.Cmp(from) < 0 {
			break
		}
		if t.Kind == plan.Whole {
			cut = []tierSlice{{s.FromMinor, s.ExtraBP, volume}}
			continue
		}
		end := volume
		if i+1 < len(steps) {
			if next := new(big.Rat).SetInt64(steps[i+1].FromMinor); next.Cmp(volume) < 0 {
				end = next
			}
		}
		cut = append(cut, tierSlice{s.FromMinor, s.ExtraBP, new(big.Rat).Sub(end, from)})
	}
	return cut
}

// boundReason is what a role had when it was lifted to the least or cut to the most of a month.
type boundReason struct {
	Month string `json:"month"`
	Plan  int    `json:"plan_version"`
	Min   int64  `json:"min,omitempty"`
	Cap   int64  `json:"cap,omitempty"`
	Net   int64  `json:"net"` // credits of the month's orders, with tiers and targets
}

func (m Month) bounds(b Basis, net int64) []Due {
	var all []Due
	if least, is := m.Plan.MonthMinMinor[b.Role]; is && net < least {
		all = append(all, Due{Kind: ledger.MonthMin, Role: b.Role, To: b.To, Minor: least - net,
			Reason: boundReason{Month: m.name(), Plan: m.Plan.Version, Min: least, Net: net}})
		net = least
	}
	if most, is := m.Plan.MonthCapMinor[b.Role]; is && net > most {
		all = append(all, Due{Kind: ledger.MonthCap, Role: b.Role, To: b.To, Minor: most - net,
			Reason: boundReason{Month: m.name(), Plan: m.Plan.Version, Cap: most, Net: net}})
	}
	return all
}

type cappedReason struct {
	Month    string `json:"month"`
	Cap      int64  `json:"cap"`
	Reversed int64  `json:"reversed"`
}

// targetReason is the highest step of achievement (達成率) that the volume reached.
type targetReason struct {
	Month      string   `json:"month"`
	Plan       int      `json:"plan_version"`
	Target     int64    `json:"target"`
	Volume     *big.Rat `json:"volume"`
	FromBP     int64    `json:"from_bp"`
	ExtraBP    int64    `json:"extra_bp,omitempty"`
	BonusMinor int64    `json:"bonus_minor,omitempty"`
}

// target pays by the highest step whose part of the target the volume reached: more of the whole volume, a bonus, or both. It is due
// once in a role, however many targets the plan has of it: each is rounded on its own, and what they give is told together.
func (m Month) target(b Basis) []Due {
	goal := m.Targets[b.To]
	if goal <= 0 {
		return nil
	}
	reason := targetReason{Month: m.name(), Plan: m.Plan.Version, Target: goal, Volume: b.Volume}
	var minor int64
	for _, t := range m.Plan.Targets {
		if t.Role != b.Role {
			continue
		}
		step, reached := highest(t.Steps, b.Volume, goal)
		if !reached {
			continue
		}
		extra := new(big.Rat).Mul(b.Volume, big.NewRat(step.ExtraBP, 10000))
		minor += shop.HalfUp(extra) + step.BonusMinor
		reason.FromBP = max(reason.FromBP, step.FromBP)
		reason.ExtraBP += step.ExtraBP
		reason.BonusMinor += step.BonusMinor
	}
	if minor == 0 {
		return nil
	}
	return []Due{{Kind: ledger.Reached, Role: b.Role, To: b.To, Minor: minor, Reason: reason}}
}

func highest(steps []plan.TargetStep, volume *big.Rat, goal int64) (best plan.TargetStep, ok bool) {
	for _, s := range steps {
		from := new(big.Rat).Mul(new(big.Rat).SetInt64(goal), big.NewRat(s.FromBP, 10000))
		if volume.Cmp(from) >= 0 && (!ok || s.FromBP > best.FromBP) {
			best, ok = s, true
		}
	}
	return best, ok
}
