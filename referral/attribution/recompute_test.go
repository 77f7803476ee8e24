package attribution

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/plan"
	"homestore/referral/tag"
)

func TestTraceAloneGivesEveryCreditAndReversalAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		in.SelfPurchase = rapid.IntRange(0, 9).Draw(t, "own purchase") == 0
		if rapid.IntRange(0, 19).Draw(t, "no plan") == 0 {
			in.Plan = nil
		}
		if in.Plan != nil && rapid.Bool().Draw(t, "somebody left") {
			in.Plan.Leaver = plan.Pool
			in.Left = map[shop.ID]Exit{id("lin"): {At: in.Order.PlacedAt.AddDate(0, 0, rapid.IntRange(0, 120).Draw(t, "days later")), Store: id("garden")}}
		}
		if in.Plan != nil && rapid.IntRange(0, 3).Draw(t, "least sale") == 0 {
			least := rapid.Int64Range(1, 99999).Draw(t, "least")
			in.Plan.OrderMinMinor = &least
		}
		if in.Plan != nil && rapid.IntRange(0, 3).Draw(t, "by weight") == 0 {
			in.Plan.Display.Choice, in.Plan.Display.Weights = plan.ByWeight, map[tag.Placement]int64{tag.Shelf: 3, tag.Window: 4}
			for i := range in.Displays {
				in.Displays[i].Placement = rapid.SampledFrom([]tag.Placement{tag.Shelf, tag.Window}).Draw(t, "placement")
			}
		}
		for n := range rapid.IntRange(0, 2).Draw(t, "decisions") {
			in.Decisions = append(in.Decisions, Decision{
				ID: id(fmt.Sprint("d", n)), Role: rapid.SampledFrom(plan.Roles).Draw(t, "decided role"), To: StoreOf(id("harbour")),
				From:  rapid.SampledFrom([]Beneficiary{{}, StoreOf(id("north")), StaffOf(id("lin"))}).Draw(t, "decided from"),
				Store: id("harbour"), At: in.Order.PlacedAt.AddDate(0, 0, 10),
			})
		}
		for n := range rapid.IntRange(0, 2).Draw(t, "exchanges") {
			in.Order.Exchanges = append(in.Order.Exchanges, order.Exchange{
				ExternalID: fmt.Sprint("x", n), At: in.Order.PlacedAt.AddDate(0, 0, rapid.IntRange(0, 90).Draw(t, "exchanged after days")),
				Keeps: rapid.Bool().Draw(t, "keeps"), Out: []int{rapid.IntRange(1, len(in.Order.Lines)).Draw(t, "out")},
			})
		}
		if rapid.IntRange(0, 3).Draw(t, "one paper for several lines") == 0 {
			for no := range len(in.Order.Lines) {
				in.Order.NeutralAdjust = append(in.Order.NeutralAdjust, order.Adjustment{ExternalID: "all", At: in.Order.PlacedAt, No: no + 1, Amount: 10})
			}
		}
		want := Compute(in)
		got, trace := Traced(in)
		if a, b := accounted(t, got), accounted(t, want); a != b {
			t.Fatalf("traced   %s\ncomputed %s", a, b)
		}
		again, err := Recompute(stored(t, trace))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := accounted(t, again), accounted(t, want); a != b {
			t.Fatalf("recomputed %s\ncomputed   %s", a, b)
		}
	})
}

func TestTracesOfTheSameFactsAreTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		_, first := Traced(in)
		in.Order.Lines = rapid.Permutation(in.Order.Lines).Draw(t, "lines again")
		in.Order.Refunds = rapid.Permutation(in.Order.Refunds).Draw(t, "refunds again")
		in.Displays = rapid.Permutation(in.Displays).Draw(t, "scans again")
		_, second := Traced(in)
		if a, b := inJSON(t, first), inJSON(t, second); !bytes.Equal(a, b) {
			t.Fatalf("%s\n%s", a, b)
		}
	})
}

// fails is what this needs of a test or a property.
type fails interface{ Fatal(args ...any) }

func inJSON(t fails, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// stored is the trace as it comes back from where it was kept.
func stored(t fails, trace Trace) Trace {
	var back Trace
	if err := json.Unmarshal(inJSON(t, trace), &back); err != nil {
		t.Fatal(err)
	}
	return back
}

// accounted is all of a result that a trace accounts for, as text: instants in UTC, and without what lost.
func accounted(t fails, r Result) string {
	var credits []Credit
	for _, c := range r.Credits {
		c.Why.Grounds = slices.Clone(c.Why.Grounds)
		for i := range c.Why.Grounds {
			c.Why.Grounds[i].At = c.Why.Grounds[i].At.UTC()
		}
		c.Since = c.Since.UTC()
		credits = append(credits, c)
	}
	reversals := slices.Clone(r.Reversals)
	for i := range reversals {
		reversals[i].At = reversals[i].At.UTC()
	}
	return string(inJSON(t, []any{r.Reason, r.Lines, credits, reversals, r.ReceivedAt.UTC(), r.PayableAt.UTC(), r.ClawbackEnd.UTC()}))
}

// everything is an order whose trace has each thing that a trace can have: it was sold at a counter of which the net counts,
// with discounts, tax, an excluded line, home, two displays, one too old to claim, caps, a parcel, refunds and an adjustment.
func everything(t *testing.T) Input {
	p := planOf(t, `"rules": [{"role": "home_store", "rate_bp": 300, "when": {"category": "sofa"}}, {"role": "home_store", "rate_bp": 200},
		{"role": "home_staff", "rate_bp": 200}, {"role": "display_store", "rate_bp": 777}, {"role": "selling_store", "rate_bp": 250},
		{"role": "selling_staff", "rate_bp": 50}, {"role": "packing_store", "fixed_minor": 60, "rate_bp": 55}],
		"display": {"choice": "even"}, "conflict": {"home_display": "split", "weights": [60, 40]}, "counter_base": "net", "exclude": {"skus": ["SKU3"]},
		"role_cap_minor": {"display_store": 100}, "order_cap_minor": 700, "leaver": "pool"`)
	lines := []order.Line{goods(1, 2, 9999), goods(2, 3, 1234), goods(3, 1, 500), goods(4, 1, 80)}
	lines[0].Discount, lines[1].Category, lines[3].Kind = 321, "lamp", order.Shipping
	in := till(p, lines...).heldBy("harbour", "wu").
		scanned("2026-01-02 11:00", "sogo", "").scanned("2026-03-01 11:00", "north", "").scanned("2026-03-02 11:00", "garden", "")
	in.Left = map[shop.ID]Exit{id("lin"): {At: at("2026-03-10 18:00"), Store: id("sogo")}}
	in.Decisions = []Decision{{id("d1"), plan.DisplayStore, StoreOf(id("garden")), StoreOf(id("north")), id("north"), at("2026-03-11 10:00")}}
	in.Order.Campaign = "spring"
	in.Order.Store, in.Order.TaxBP, in.Order.Discount, in.Order.DeliverLater = id("sogo"), 500, 777, true
	in.Order.Fulfilments = []order.Fulfilment{{ExternalID: "p1", Kind: order.Ship, Store: id("north"), At: at("2026-03-04 10:00"), Lines: []int{1, 2, 3}}}
	in.Order.NeutralAdjust = []order.Adjustment{{ExternalID: "a1", At: at("2026-03-05 10:00"), No: 2, Amount: 99}}
	in.Order.Refunds = []order.Refund{
		{ExternalID: "r1", Kind: order.RefundPaid, At: at("2026-03-06 10:00"), Lines: []order.RefundLine{{No: 1, Quantity: 1}, {No: 2, Amount: 700}}},
		{ExternalID: "r2", Kind: order.Allowance, At: at("2026-03-07 10:00"), Amount: 11111},
		{ExternalID: "r3", Kind: order.Void, At: at("2026-06-01 10:00")},
	}
	return in
}

// untold are fields on which no amount of everything depends: facts that rules ask about, which Passed holds against the plan;
// scans that claimed nothing; and of events that took nothing back what they are called, and how late the late one was.
var untold = regexp.MustCompile(`\.(sku|category|channel|placed|store_kind|campaign|buyer)$|^\.aside|^\.returned\[0\]\.event$|^\.returned\[3\]\.(event|at)$`)

func TestNoFieldOfATraceCanBeChangedUnseen(t *testing.T) {
	t.Parallel()
	r, trace := Traced(everything(t))
	want, text := accounted(t, r), inJSON(t, trace)
	if again, err := Recompute(stored(t, trace)); err != nil || accounted(t, again) != want {
		t.Fatalf("as it is it gives %s, %v", accounted(t, again), err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	changed := 0
	changes(tree, "", func(path string) {
		if untold.MatchString(path) {
			return
		}
		changed++
		var forged Trace
		if json.Unmarshal(inJSON(t, tree), &forged) != nil {
			return // it cannot even be read
		}
		if again, err := Recompute(forged); err == nil && accounted(t, again) == want {
			t.Errorf("%s was changed and nothing differs", path)
		}
	})
	if changed < 130 {
		t.Errorf("only %d fields were changed", changed)
	}
}

// changes makes one change after the other to a decoded JSON value, tells each by its path, and takes it back.
func changes(v any, path string, changed func(path string)) {
	each := func(sub any, path string, set func(any)) {
		if other := another(sub); other != nil {
			set(other)
			changed(path)
			set(sub)
			return
		}
		changes(sub, path, changed)
	}
	switch v := v.(type) {
	case map[string]any:
		for name, sub := range v {
			each(sub, path+"."+name, func(other any) { v[name] = other })
		}
	case []any:
		for i, sub := range v {
			each(sub, fmt.Sprintf("%s[%d]", path, i), func(other any) { v[i] = other })
		}
	}
}

// another is a value of the same kind that the field could have had; nil for objects and lists.
func another(v any) any {
	switch v := v.(type) {
	case bool:
		return !v
	case float64: // as JSON numbers are read; all of them are small and whole
		return v + 1
	case string:
		if when, err := time.Parse(time.RFC3339, v); err == nil {
			return when.Add(60 * 24 * time.Hour).Format(time.RFC3339)
		}
		if strings.Trim(v, "0123456789/") == "" {
			return fmt.Sprint("1", v)
		}
		if len(v) == 36 {
			return v[:35] + map[bool]string{true: "1", false: "0"}[v[35] == '0']
		}
		if v == string(order.Shipping) {
			return string(order.GiftCard)
		}
		return v + "x"
	}
	return nil
}

func TestTraceOfAnOrderIsSmall(t *testing.T) {
	t.Parallel()
	in := online(planOf(t, journeyRates), goods(1, 1, 21000)).heldBy("north", "lin")
	in.Order.TaxBP = 500
	_, trace := Traced(in)
	if n := len(inJSON(t, trace)); n > 900 {
		t.Errorf("one line, three claims: %d bytes", n)
	}
}
