package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// withDefaults is what a plan says where its JSON says nothing.
func withDefaults() Plan {
	clawback := 60
	return Plan{
		HoldDays:        14, // the customary return period; the law's least is LawfulHoldDays
		ClawbackDays:    &clawback,
		Display:         Display{WindowDays: 30, Choice: Last},
		Conflict:        Conflict{HomeDisplay: Both, SameStore: Home, AssistHome: Both, SellingHome: Both},
		CounterBase:     Gross,
		Exchange:        Keep,
		PriceAdjustment: Neutral,
		Leaver:          Keep,
	}
}

// UnmarshalJSON reads a plan: an absent key takes its default, also inside display and conflict; an unknown key is an
// error, because a misspelt rule that is silently dropped pays wrongly for a month. clawback_days null means for ever.
func (p *Plan) UnmarshalJSON(b []byte) error {
	type plain Plan // without this method
	read := plain(withDefaults())
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil {
		return fmt.Errorf("read a plan: %w", err)
	}
	*p = Plan(read)
	p.tidy()
	return nil
}

// tidy makes lists and maps of nothing what they are when they are not said, so that a plan is the same however it was written.
// Not the rules: to list none is another thing than to forget them.
func (p *Plan) tidy() {
	p.Exclude.SKUs, p.Exclude.Categories, p.Conflict.Weights = orNone(p.Exclude.SKUs), orNone(p.Exclude.Categories), orNone(p.Conflict.Weights)
	p.Tiers, p.Targets = orNone(p.Tiers), orNone(p.Targets)
	for _, m := range []*map[Role]int64{&p.RoleCapMinor, &p.MonthCapMinor, &p.MonthMinMinor} {
		if len(*m) == 0 {
			*m = nil
		}
	}
	if len(p.Display.Weights) == 0 {
		p.Display.Weights = nil
	}
	for i := range p.Tiers {
		p.Tiers[i].Steps = orNone(p.Tiers[i].Steps)
	}
	for i := range p.Targets {
		p.Targets[i].Steps = orNone(p.Targets[i].Steps)
	}
}

func orNone[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// UnmarshalJSON reads a plan and notes whether it has a leaver clause.
func (w *Written) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &w.Plan); err != nil {
		return err
	}
	var said map[string]json.RawMessage
	if err := json.Unmarshal(b, &said); err != nil {
		return fmt.Errorf("read a plan: %w", err)
	}
	_, w.SaysLeaver = said["leaver"]
	return nil
}
