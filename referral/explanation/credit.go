package explanation

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"homestore/referral/attribution"
	"homestore/referral/ledger"
	"homestore/referral/plan"
)

// Share is what one beneficiary has in one role from the sale or from one parcel.
type Share struct {
	Role   plan.Role
	To     attribution.Beneficiary
	Parcel string
}

func shareOf(c ledger.Credit) Share { return Share{c.Role, c.To, c.Parcel} }

// told is a share, or one line of it, with its reasons read.
type told struct {
	Share
	credits []ledger.Credit
	whys    []attribution.Why
	isWhole bool // all lines of the share
}

// Share tells of all lines of a share together.
func (o *Order) Share(s Share) string {
	return o.tell(s, func(ledger.Credit) bool { return true })
}

// Earned tells of a share, and when it is payable.
func (o *Order) Earned(s Share) string {
	said := []string{o.Share(s)}
	if o.trace != nil {
		said = append(said, o.payable())
	}
	return o.words.sentences(said)
}

// Line tells of one line of a share; line 0 is the fixed fee of a parcel.
func (o *Order) Line(s Share, line int) string {
	return o.tell(s, func(c ledger.Credit) bool { return c.Line == line })
}

func (o *Order) tell(s Share, isMeant func(ledger.Credit) bool) string {
	t := told{Share: s, isWhole: true}
	for _, c := range o.credit.Credits {
		if shareOf(c) != s {
			continue
		}
		var why attribution.Why
		if !isMeant(c) || json.Unmarshal(c.Reason, &why) != nil {
			t.isWhole = false
			continue
		}
		t.credits, t.whys = append(t.credits, c), append(t.whys, why)
	}
	if len(t.credits) == 0 {
		return ""
	}
	said := o.claimsOf(t)
	said = append(said, o.rulesOf(t)...)
	said = append(said, o.arithmetic(t)...)
	said = append(said, o.rounding(t)...)
	said = append(said, o.passages(t)...)
	said = append(said, o.takings(t)...)
	return o.words.sentences(said)
}

// minor is what was credited, before anything was taken back.
func (t told) minor() (sum, left int64) {
	for _, c := range t.credits {
		sum += c.Minor
		left += c.Minor - c.Reversed
	}
	return sum, left
}

// share is the exact sum, after caps.
func (t told) share() *big.Rat {
	sum := new(big.Rat)
	for _, why := range t.whys {
		sum.Add(sum, why.Share)
	}
	return sum
}

// claimsOf are the facts on which the share stands, each once.
func (o *Order) claimsOf(t told) []string {
	var said []string
	claimant := t.To
	for _, why := range t.whys {
		if len(why.Decided) > 0 {
			claimant = attribution.Beneficiary{Kind: why.Decided[0].FromKind, ID: why.Decided[0].From}
		}
		for _, g := range why.Grounds {
			if text := o.claim(t.Share, claimant, g.Evidence); !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
	}
	return said
}

func (o *Order) claim(s Share, claimant attribution.Beneficiary, e attribution.Evidence) string {
	w := &o.words
	about := w.sources[e.Source]
	if !e.Passed.IsZero() {
		about += w.succeeded
	}
	if s.Role.IsDisplay() {
		about = e.Tag
	}
	format := w.claims[s.Role]
	if s.Role == plan.HomeStaff && claimant.Kind == attribution.ToPool {
		format = w.homePool
	}
	return fmt.Sprintf(format, o.Names.Name(claimant), o.day(e.At), about, s.Parcel)
}

// rulesOf are the rules that gave the share its rates, each once, and those before them that do not apply.
func (o *Order) rulesOf(t told) []string {
	w := &o.words
	var said []string
	for i, why := range t.whys {
		for _, g := range why.Grounds {
			text := fmt.Sprintf(w.rule, g.Rule, why.PlanVersion, w.percentOf(g.RateBP))
			switch {
			case t.credits[i].Line == 0:
				text = fmt.Sprintf(w.fee, g.Rule, why.PlanVersion, o.currency.Price(g.FixedMinor))
			case !isWhole(g.Weight):
				text = fmt.Sprintf(w.weighted, g.Rule, why.PlanVersion, w.percentOf(g.RateBP), g.Weight.RatString())
			}
			if !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
	}
	return append(said, o.passedOver(t)...)
}

func isWhole(weight *big.Rat) bool { return weight == nil || weight.Cmp(big.NewRat(1, 1)) == 0 }

// passedOver are the rules before the one that gives the rate, with what of each did not hold on the lines that are told.
func (o *Order) passedOver(t told) []string {
	if o.plan == nil || o.trace == nil || t.Role.IsParcel() {
		return nil
	}
	missed := map[int][]string{}
	for _, c := range o.trace.Claims {
		if c.Role != t.Role || !t.isOf(c) {
			continue
		}
		for _, l := range o.trace.Lines {
			if !slices.ContainsFunc(t.credits, func(told ledger.Credit) bool { return told.Line == l.No }) {
				continue
			}
			for _, p := range attribution.Passed(o.plan, t.Role, o.trace.Conditions(c, l)) {
				missed[p.Rule] = p.Missed
			}
		}
	}
	if len(missed) == 0 {
		return nil
	}
	var rules []string
	for i := range o.plan.Rules {
		if names := missed[i+1]; len(names) > 0 {
			rules = append(rules, fmt.Sprintf(o.words.passedRule, i+1, o.words.list(o.words.conditionsOf(names))))
		}
	}
	return []string{fmt.Sprintf(o.words.passed, o.words.list(rules))}
}

// isOf says whether the claim is one on which the share stands: its beneficiary's, or of whoever had it before it was passed on.
func (t told) isOf(c attribution.TracedClaim) bool {
	if c.ToKind == t.To.Kind && c.To == t.To.ID {
		return true
	}
	return slices.ContainsFunc(t.whys, func(why attribution.Why) bool {
		return slices.ContainsFunc(why.Decided, func(r attribution.Ruling) bool { return r.FromKind == c.ToKind && r.From == c.To })
	})
}

func (w *words) conditionsOf(names []string) []string {
	said := make([]string, len(names))
	for i, name := range names {
		if said[i] = w.conditions[name]; said[i] == "" {
			said[i] = name
		}
	}
	return said
}

// passages are how the share came from who earned it to who has it.
func (o *Order) passages(t told) []string {
	var said []string
	for _, why := range t.whys {
		for i, r := range why.Decided {
			from, to := attribution.Beneficiary{Kind: r.FromKind, ID: r.From}, t.To
			if i+1 < len(why.Decided) && len(why.Parts) == 0 {
				to = attribution.Beneficiary{Kind: why.Decided[i+1].FromKind, ID: why.Decided[i+1].From}
			}
			format := o.words.decided
			if r.Decision.IsZero() {
				format = o.words.left
			}
			if text := fmt.Sprintf(format, o.who(from), o.who(to)); !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
	}
	return said
}

// takings are what each event took back of the share, and what it is since.
func (o *Order) takings(t told) []string {
	sum, left := t.minor()
	if sum == left {
		return nil
	}
	return append(o.takenBy(t), fmt.Sprintf(o.words.rest, o.currency.Price(left)))
}
