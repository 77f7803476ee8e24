package plan

import (
	"strings"
	"time"

	"pgregory.net/rapid"

	"homestore/referral/tag"
)

// drawPlan draws a plan that somebody could write, of every key there is.
func drawPlan(t *rapid.T) Plan {
	p := withDefaults()
	p.Version = rapid.IntRange(1, 99).Draw(t, "version")
	p.FirstDay = Day{time.Date(2026, 1, rapid.IntRange(1, 400).Draw(t, "day"), 0, 0, 0, 0, time.UTC)}
	p.Rules = rapid.SliceOfN(rapid.Custom(drawRule), 0, 6).Draw(t, "rules")
	p.HoldDays = rapid.IntRange(LawfulHoldDays, maxDays).Draw(t, "hold")
	p.ClawbackDays = maybe(t, "clawback", rapid.IntRange(0, maxDays))
	p.ClawbackMonthCapMinor = maybe(t, "clawback cap", rapid.Int64Range(0, 1<<53))
	p.Display.WindowDays = rapid.IntRange(0, maxDays).Draw(t, "window")
	p.Display.Choice = rapid.SampledFrom([]string{Last, First, Even, ByWeight}).Draw(t, "choice")
	p.Display.Weights = rapid.MapOfN(rapid.SampledFrom(tag.Placements), rapid.Int64Range(1, mostWeight), 1, 3).Draw(t, "placements")
	p.Conflict = Conflict{
		HomeDisplay: rapid.SampledFrom([]string{Both, Split, Home, Shown}).Draw(t, "home display"),
		Weights:     rapid.SampledFrom([][]int64{{60, 40}, {1, 0}}).Draw(t, "weights"),
		SameStore:   rapid.SampledFrom([]string{Home, Both}).Draw(t, "same store"),
		AssistHome:  rapid.SampledFrom([]string{Both, Assist, Home}).Draw(t, "assist"),
		SellingHome: rapid.SampledFrom([]string{Both, Selling, Home}).Draw(t, "selling"),
	}
	p.Exclude = Exclude{SKUs: drawTexts(t, "skus"), Categories: drawTexts(t, "categories"), EmployeeDiscount: rapid.Bool().Draw(t, "discount")}
	p.OrderCapMinor = maybe(t, "cap", rapid.Int64Range(1, 1<<53))
	p.OrderMinMinor = maybe(t, "least", rapid.Int64Range(1, 1<<53))
	p.RoleCapMinor, p.MonthCapMinor, p.MonthMinMinor = drawCaps(t, Roles[:8]), drawCaps(t, Roles), drawCaps(t, Roles)
	p.CounterBase = rapid.SampledFrom([]string{Gross, Net}).Draw(t, "base")
	p.Exchange = rapid.SampledFrom([]string{Keep, Anew}).Draw(t, "exchange")
	p.PriceAdjustment = rapid.SampledFrom([]string{Neutral, Reverse}).Draw(t, "adjustment")
	p.Leaver = rapid.SampledFrom([]string{Keep, Pool}).Draw(t, "leaver")
	if rapid.Bool().Draw(t, "bare") {
		p.Display.Weights, p.Conflict.Weights = nil, nil
		p.Display.Choice, p.Conflict.HomeDisplay = Even, Both
	}
	for range rapid.IntRange(0, 2).Draw(t, "tiers") {
		p.Tiers = append(p.Tiers, Tier{rapid.SampledFrom(Roles).Draw(t, "role"), rapid.SampledFrom([]string{Marginal, Whole}).Draw(t, "kind"), []Step{{0, 5}, {rapid.Int64Range(1, 1<<53).Draw(t, "from"), 10000}}})
		p.Targets = append(p.Targets, Target{rapid.SampledFrom(Roles).Draw(t, "role"), []TargetStep{{FromBP: 1, ExtraBP: 3}, {FromBP: 10000, BonusMinor: rapid.Int64Range(0, 1<<53).Draw(t, "bonus")}}})
	}
	return p
}

func drawRule(t *rapid.T) Rule {
	text := rapid.OneOf(rapid.Just(""), drawText(8), rapid.SampledFrom([]string{"null", "true", "1", "~", "- a", "a: b", "#", "\"", "'", "沙發", "\u2028", "\x7f", "yes", "2026-01-01"}))
	r := Rule{Role: rapid.SampledFrom(Roles).Draw(t, "role"), RateBP: rapid.Int64Range(0, wholeBP).Draw(t, "rate")}
	if r.Role.IsParcel() {
		r.FixedMinor = rapid.Int64Range(0, 99).Draw(t, "fee")
	}
	r.When = When{
		StoreKind: rapid.SampledFrom(append(storeKinds, "")).Draw(t, "kind"), Channel: rapid.SampledFrom([]string{"", "online", "till"}).Draw(t, "channel"),
		Category: text.Draw(t, "category"), SKU: text.Draw(t, "sku"), Tag: text.Draw(t, "tag"), Campaign: text.Draw(t, "campaign"),
		Customer: rapid.SampledFrom([]string{"", NewCustomer, ReturningCustomer}).Draw(t, "customer"),
	}
	r.When.BondMinDays, r.When.BondMaxDays = maybe(t, "from", rapid.IntRange(0, maxDays)), maybe(t, "to", rapid.IntRange(0, maxDays))
	return r
}

// drawText draws what a database keeps: any text without U+0000.
func drawText(most int) *rapid.Generator[string] {
	return rapid.StringN(1, most, -1).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) })
}

func maybe[N any](t *rapid.T, label string, of *rapid.Generator[N]) *N {
	if !rapid.Bool().Draw(t, "has "+label) {
		return nil
	}
	n := of.Draw(t, label)
	return &n
}

func drawTexts(t *rapid.T, label string) []string {
	texts := rapid.SliceOfN(drawText(6), 0, 3).Draw(t, label)
	return orNone(texts)
}

func drawCaps(t *rapid.T, roles []Role) map[Role]int64 {
	caps := rapid.MapOfN(rapid.SampledFrom(roles), rapid.Int64Range(1, 1<<53), 0, 3).Draw(t, "caps")
	if len(caps) == 0 {
		return nil
	}
	return caps
}
