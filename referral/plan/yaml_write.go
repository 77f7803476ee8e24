package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"homestore/clienteling/shop"
)

// YAML is the plan as a file that people read and change: every key with its value, in one sequence, each section with what it
// means. ReadYAML makes the same plan of it.
func (p *Plan) YAML() []byte {
	f := &file{}
	f.note("分潤方案 Commission plan. Amounts (…_minor) are whole numbers of the currency's smallest unit. Rates (…_bp) are basis points:")
	f.note("100 is 1 %. What is left out takes its default; a key that is not known is refused.")
	f.line(0, "version: %d", p.Version)
	f.line(0, "first_day: %s", p.FirstDay)
	f.rules(p.Rules)
	f.money(p)
	f.claims(p)
	f.goods(p)
	f.caps(p)
	f.month(p)
	return []byte(f.text.String())
}

// file collects lines.
type file struct{ text strings.Builder }

func (f *file) line(depth int, format string, args ...any) {
	f.text.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&f.text, format, args...)
	f.text.WriteByte('\n')
}

func (f *file) note(text string) { f.line(0, "# %s", text) }

// section begins one with what it means.
func (f *file) section(notes ...string) {
	f.text.WriteByte('\n')
	for _, n := range notes {
		f.note(n)
	}
}

func (f *file) rules(rules []Rule) {
	f.section("規則 Rules: who earns how much. Of each line of an order and each role, the FIRST rule decides whose conditions all hold; none: nothing.")
	if len(rules) == 0 {
		f.line(0, "rules: []")
		return
	}
	f.line(0, "rules:")
	for i, r := range rules {
		f.line(1, "- role: %s # %d. %s", r.Role, i+1, r.Role.Name(shop.TraditionalChinese))
		if r.RateBP != 0 || r.FixedMinor == 0 {
			f.line(2, "rate_bp: %d # %s %%", r.RateBP, Percent(r.RateBP))
		}
		if r.FixedMinor != 0 {
			f.line(2, "fixed_minor: %d", r.FixedMinor)
		}
		f.when(r.When)
	}
}

func (f *file) when(w When) {
	if w == (When{}) {
		return
	}
	f.line(2, "when:")
	for _, c := range w.wants() {
		if c[1] != "" {
			f.line(3, "%s: %s", c[0], quoted(c[1]))
		}
	}
	if w.BondMinDays != nil {
		f.line(3, "bond_min_days: %d", *w.BondMinDays)
	}
	if w.BondMaxDays != nil {
		f.line(3, "bond_max_days: %d", *w.BondMaxDays)
	}
}

func (f *file) money(p *Plan) {
	f.section("何時可領、退貨追回 When money is payable and what returns take back: days after the receipt of the goods. clawback_days null: for ever.")
	f.line(0, "hold_days: %d", p.HoldDays)
	f.line(0, "clawback_days: %s", orNull(p.ClawbackDays))
	f.line(0, "clawback_month_cap_minor: %s # per person and month; null: no cap", orNull(p.ClawbackMonthCapMinor))
	f.line(0, "exchange: %s # keep: an exchange keeps the credit; anew: a return and a new order", p.Exchange)
	f.line(0, "price_adjustment: %s # neutral: the credit stays; reverse: taken back like a refund", p.PriceAdjustment)
	f.line(0, "leaver: %s # 離職 keep: who leaves keeps what is pending; pool: it goes to the pool of her last store", p.Leaver)
}

func (f *file) claims(p *Plan) {
	f.section("展示 Displays: which scans before an order earn. choice: last, first, even (all alike) or weight (by the placement of the tag).")
	f.line(0, "display:")
	f.line(1, "window_days: %d", p.Display.WindowDays)
	f.line(1, "choice: %s", p.Display.Choice)
	if len(p.Display.Weights) > 0 {
		f.line(1, "weights:")
		for _, at := range slices.Sorted(maps.Keys(p.Display.Weights)) {
			f.line(2, "%s: %d", quoted(string(at)), p.Display.Weights[at])
		}
	}
	f.section("衝突 Conflicts: several have a claim on one order. Each says who stays: both, or the one that is named.",
		"home_display split: by weights [home, display]. same_store: a display at the home store is paid once, as home, or both.")
	f.line(0, "conflict:")
	f.line(1, "home_display: %s", p.Conflict.HomeDisplay)
	if len(p.Conflict.Weights) > 0 {
		var weights []string
		for _, w := range p.Conflict.Weights {
			weights = append(weights, strconv.FormatInt(w, 10))
		}
		f.line(1, "weights: [%s]", strings.Join(weights, ", "))
	}
	f.line(1, "same_store: %s", p.Conflict.SameStore)
	f.line(1, "assist_home: %s", p.Conflict.AssistHome)
	f.line(1, "selling_home: %s", p.Conflict.SellingHome)
}

func (f *file) goods(p *Plan) {
	f.section("不計分潤 What earns nothing: articles, categories, and orders at the price for the brand's own people.",
		"counter_base: commission at a counter on what was paid (gross) or on what the house leaves of it (net).")
	f.line(0, "exclude:")
	f.line(1, "skus: %s", list(p.Exclude.SKUs))
	f.line(1, "categories: %s", list(p.Exclude.Categories))
	f.line(1, "employee_discount: %t", p.Exclude.EmployeeDiscount)
	f.line(0, "counter_base: %s", p.CounterBase)
}

func (f *file) caps(p *Plan) {
	f.section("每單上下限 Limits of one order; null: none. Below the minimum a sale earns nobody. Above a cap everybody under it is cut alike.")
	f.line(0, "order_min_minor: %s", orNull(p.OrderMinMinor))
	f.line(0, "order_cap_minor: %s", orNull(p.OrderCapMinor))
	f.byRole("role_cap_minor", p.RoleCapMinor)
}

func (f *file) month(p *Plan) {
	f.section("月結 At the close of a month. tiers: more for a month's volume, for each slice (marginal) or all of it (whole).",
		"targets: more for who reached so much of the month's target (10000: all of it). Caps and minimums are per beneficiary and month.")
	if len(p.Tiers) == 0 {
		f.line(0, "tiers: []")
	} else {
		f.line(0, "tiers:")
	}
	for _, t := range p.Tiers {
		f.line(1, "- role: %s # %s", t.Role, t.Role.Name(shop.TraditionalChinese))
		f.line(2, "kind: %s", t.Kind)
		f.line(2, "steps:")
		for _, s := range t.Steps {
			f.line(3, "- {from_minor: %d, extra_bp: %d}", s.FromMinor, s.ExtraBP)
		}
	}
	if len(p.Targets) == 0 {
		f.line(0, "targets: []")
	} else {
		f.line(0, "targets:")
	}
	for _, t := range p.Targets {
		f.line(1, "- role: %s # %s", t.Role, t.Role.Name(shop.TraditionalChinese))
		f.line(2, "steps:")
		for _, s := range t.Steps {
			f.line(3, "- {from_bp: %d, extra_bp: %d, bonus_minor: %d}", s.FromBP, s.ExtraBP, s.BonusMinor)
		}
	}
	f.byRole("month_cap_minor", p.MonthCapMinor)
	f.byRole("month_min_minor", p.MonthMinMinor)
}

func (f *file) byRole(key string, of map[Role]int64) {
	if len(of) == 0 {
		f.line(0, "%s: {}", key)
		return
	}
	f.line(0, "%s:", key)
	for _, role := range Roles {
		if n, has := of[role]; has {
			f.line(1, "%s: %d # %s", role, n, role.Name(shop.TraditionalChinese))
		}
	}
}

func orNull[N int | int64](n *N) string {
	if n == nil {
		return "null"
	}
	return strconv.FormatInt(int64(*n), 10)
}

func list(texts []string) string {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = quoted(t)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// quoted is a text as YAML reads it back, whatever is in it: Go escapes as YAML's double quotes do.
func quoted(text string) string { return strconv.Quote(text) }
