package tag

import (
	"encoding/json"
	"fmt"
	"time"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

// Rule lets a tag lead elsewhere where all its conditions hold. Of a tag's rules the first such one decides; where none does, the
// tag leads where it leads. A rule never makes a tag credit anybody else.
type Rule struct {
	Language    shop.Language `json:"language,omitempty"`    // is hers
	HasApp      *bool         `json:"has_app,omitempty"`     // whether she has the brand's app
	StoreOpen   *bool         `json:"store_open,omitempty"`  // whether the tag's store is open; one whose hours nobody knows always is
	Template    string        `json:"template,omitempty"`    // leads to its address,
	Destination string        `json:"destination,omitempty"` // or to this
}

// mostRules is more than anybody can tell apart in front of a shelf.
const mostRules = 10

// Circumstance is what is known of somebody who scans, and what rules may ask for.
type Circumstance struct {
	Language shop.Language
	HasApp   bool
	At       time.Time
}

// ruling is what it takes to follow a tag's rules. Tags without any have none.
type ruling struct {
	rules []Rule // with their addresses in Destination, all of them allowed
	hours team.Hours
	zone  *time.Location
}

// destination is that of the first rule of which all conditions hold; empty when there is none.
func (r *ruling) destination(c Circumstance) string {
	for i := range r.rules {
		rule := &r.rules[i]
		if (rule.Language == "" || rule.Language == c.Language) &&
			(rule.HasApp == nil || *rule.HasApp == c.HasApp) &&
			(rule.StoreOpen == nil || *rule.StoreOpen == r.hours.OpenAt(c.At.In(r.zone))) {
			return rule.Destination
		}
	}
	return ""
}

// checkRules names what is wrong with rules, except their destinations, which have refusals of their own.
func checkRules(c *shop.Check, rules []Rule) {
	c.That(len(rules) <= mostRules, "rules", "too_many", fmt.Sprintf("use at most %d rules", mostRules))
	for i, r := range rules {
		at := fmt.Sprintf("rules[%d].", i)
		isAsked := r.Language != "" || r.HasApp != nil || r.StoreOpen != nil
		c.That(isAsked, at+"language", "required", "name a condition: language, has_app or store_open")
		c.That(r.Language == "" || r.Language == shop.TraditionalChinese || r.Language == shop.English, at+"language", "unknown", "use zh-TW or en")
		c.That((r.Template == "") != (r.Destination == ""), at+"destination", "ambiguous", "name a template or a destination")
	}
}

// rulesText is how rules stand in a history; empty for none.
func rulesText(rules []Rule) string {
	if len(rules) == 0 {
		return ""
	}
	text, err := json.Marshal(rules)
	if err != nil {
		panic(err) // texts and booleans
	}
	return string(text)
}
