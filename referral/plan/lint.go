package plan

import (
	"slices"

	"homestore/clienteling/shop"
)

// Severity is what a finding means for the approval of a plan.
type Severity string

const (
	Error   Severity = "error"   // stops it
	Warning Severity = "warning" // has to be named by whoever approves
)

// The codes of findings. They are stable: whoever approves names the warnings that she has read by them.
const (
	RuleUnreachable     = "rule_unreachable"
	RulesOverlap        = "rules_overlap"
	SharesAboveWhole    = "shares_above_whole"
	OrderCapCuts        = "order_cap_cuts"
	CategoryWithoutRule = "category_without_rule"
	PaysNobody          = "pays_nobody"
	LeaverUnsaid        = "leaver_unsaid"
	PoolWithoutHours    = "pool_without_hours"
	TagUnknown          = "tag_unknown"
	TagRetired          = "tag_retired"
	StepsPayLess        = "steps_pay_less"
	MonthMinAboveCap    = "month_min_above_cap"
	RoleWithoutRule     = "role_without_rule"
	WeightsUnused       = "weights_unused"
)

// Finding is something about a plan that its author most likely did not mean.
type Finding struct {
	Code     string    `json:"code"`
	Severity Severity  `json:"severity"`
	Rules    []int     `json:"rules,omitempty"` // numbers, from 1
	Message  shop.Text `json:"message"`
}

// Known is what the brand has that a plan may name. A nil field was not asked, and is not looked at.
type Known struct {
	Categories []string
	Tags       map[string]bool // code to whether it still is in use
}

// Written is a plan as somebody wrote it: beside what it says, whether it says what becomes of a leaver's share.
type Written struct {
	Plan       Plan
	SaysLeaver bool
}

// Lint is everything that is to be said of a valid plan before anybody approves it. Amounts are in the smallest unit of whatever
// the brand's currency is.
func (w Written) Lint(known Known) []Finding {
	l := &lint{p: &w.Plan, known: known, hidden: w.Plan.Unreachable(), dearest: w.Plan.dearest()}
	for _, look := range []func(){
		l.paysNobody, l.unreachable, l.overlapping, l.aboveWhole, l.aboveCap, l.categories, l.tags, l.steps, l.months, l.rolesWithoutRule, l.weights,
	} {
		look()
	}
	if !w.SaysLeaver {
		l.leaver()
	}
	if w.Plan.Leaver == Pool {
		l.pool()
	}
	return l.found
}

// Stops says whether a finding is an error.
func Stops(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Severity == Error })
}

// unread are the codes of warnings that are not among those which somebody says she has read, each once.
func unread(found []Finding, read []string) []string {
	var codes []string
	for _, f := range found {
		if f.Severity == Warning && !slices.Contains(read, f.Code) && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// lint collects findings.
type lint struct {
	p       *Plan
	known   Known
	hidden  []int // numbers of unreachable rules
	dearest worst
	found   []Finding
}

func (l *lint) add(code string, s Severity, message shop.Text, rules ...int) {
	l.found = append(l.found, Finding{Code: code, Severity: s, Rules: rules, Message: message})
}

// reachable are the role's rules that can decide, by number.
func (l *lint) reachable(roles ...Role) []int {
	var numbers []int
	for i, r := range l.p.Rules {
		if slices.Contains(roles, r.Role) && !slices.Contains(l.hidden, i+1) {
			numbers = append(numbers, i+1)
		}
	}
	return numbers
}
