package attribution

import (
	"reflect"
	"strings"

	"homestore/referral/plan"
)

// PassedOver is a rule of a claim's role that comes before the one that decides, and the conditions that did not hold.
type PassedOver struct {
	Rule   int      `json:"rule"`
	Missed []string `json:"missed"` // names of conditions, as a plan writes them
}

// Passed are the rules of the role before the one that decides: all of the role when none fits. With the plan of a trace's version and the
// facts in it this says of each claim and line why no other rule won.
func Passed(p *plan.Plan, role plan.Role, c plan.Conditions) []PassedOver {
	var passed []PassedOver
	for i, rule := range p.Rules {
		if rule.Role != role {
			continue
		}
		missed := missedBy(rule.When, c)
		if len(missed) == 0 {
			break
		}
		passed = append(passed, PassedOver{i + 1, missed})
	}
	return passed
}

// missedBy asks a rule's conditions one by one, whatever conditions there are.
func missedBy(w plan.When, c plan.Conditions) []string {
	var missed []string
	all := reflect.ValueOf(w)
	for i := range all.NumField() {
		if all.Field(i).IsZero() {
			continue
		}
		var alone plan.When
		reflect.ValueOf(&alone).Elem().Field(i).Set(all.Field(i))
		if !alone.Holds(c) {
			name, _, _ := strings.Cut(all.Type().Field(i).Tag.Get("json"), ",")
			missed = append(missed, name)
		}
	}
	return missed
}

// Conditions are the facts that rules are asked about, of one claim on one line.
func (t *Trace) Conditions(c TracedClaim, l TracedLine) plan.Conditions {
	asked := plan.Conditions{
		StoreKind: c.StoreKind, Channel: string(t.Channel), Tag: c.Tag, Category: l.Category, SKU: l.SKU, Campaign: t.Campaign, Customer: t.Buyer,
	}
	if c.Role.IsHome() && t.Home != nil {
		asked.Bound, asked.Bond = true, t.Placed.Sub(t.Home.At)
	}
	return asked
}
