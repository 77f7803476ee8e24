package attribution

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"homestore/clienteling/shop"

	"pgregory.net/rapid"
)

var updateExamples = flag.Bool("update-examples", false, "write testdata/examples.golden anew")

// What a shop manager reads of a plan before it is approved, to the cent.
func TestExamplesSayWhoGetsWhatAndWhy(t *testing.T) {
	t.Parallel()
	full := planOf(t, `"rules": [{"role": "home_store", "rate_bp": 300, "when": {"category": "sofa"}}, {"role": "home_staff", "rate_bp": 200}, {"role": "display_store", "rate_bp": 200},
		{"role": "display_staff", "rate_bp": 50}, {"role": "assist_staff", "rate_bp": 333}, {"role": "selling_store", "rate_bp": 200}, {"role": "selling_staff", "rate_bp": 100},
		{"role": "online_team", "rate_bp": 100}, {"role": "pickup_store", "fixed_minor": 60}, {"role": "packing_store", "fixed_minor": 40, "rate_bp": 10}],
		"conflict": {"home_display": "split", "weights": [60, 40], "assist_home": "assist", "selling_home": "home"}, "counter_base": "net"`)
	capped := planOf(t, `"rules": [{"role": "home_store", "rate_bp": 300}, {"role": "online_team", "rate_bp": 100}], "order_cap_minor": 3333`)
	least := planOf(t, `"rules": [{"role": "online_team", "rate_bp": 100}, {"role": "packing_store", "fixed_minor": 40}], "order_min_minor": 1000000000`)
	var text strings.Builder
	for _, e := range slices.Concat(Examples(full, "TWD", 500), Examples(capped, "HKD", 0)[:1], Examples(least, "GBP", 2000)[:1]) {
		fmt.Fprintf(&text, "%s %s\n  %s\n  %s\n", e.Name, e.Reason, e.Story[shop.TraditionalChinese], e.Story[shop.English])
		for _, g := range e.Gets {
			fmt.Fprintf(&text, "  - %s %d: %s / %s\n      %s\n      %s\n", g.Role, g.Minor, g.To[shop.TraditionalChinese], g.To[shop.English], g.Why[shop.TraditionalChinese], g.Why[shop.English])
		}
		for _, l := range e.Lost {
			fmt.Fprintf(&text, "  - %s %s: %s\n", l.Role, l.Why, l.To[shop.English])
		}
	}
	const path = "testdata/examples.golden"
	if *updateExamples {
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != text.String() {
		t.Errorf("%v; look at it like at code, then run go test ./referral/attribution -update-examples:\n%s", err, text.String())
	}
}

func TestTheCustomerOfTheExamplesHasBeenBoundForAHundredDays(t *testing.T) {
	t.Parallel()
	for days, gets := range map[int]int{100: 1, 101: 0} {
		p := planOf(t, fmt.Sprintf(`"rules": [{"role": "home_store", "rate_bp": 300, "when": {"bond_min_days": %d}}]`, days))
		if web := Examples(p, "TWD", 500)[0]; len(web.Gets) != gets {
			t.Errorf("a rule for bonds of %d days: %+v", days, web.Gets)
		}
	}
}

// Whatever the plan and the currency, an example tells what the order would be credited, and names everybody.
func TestExamplesAreWhatTheOrderWouldBeCredited(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		currency := rapid.SampledFrom([]shop.Currency{"TWD", "JPY", "HKD", "USD", "GBP"}).Draw(t, "currency")
		examples := Examples(p, currency, 500)
		for i, s := range scenes {
			in := stage(p, currency, 500)
			s.play(&in)
			var want, got int64
			for _, c := range Compute(in).Credits {
				want += c.Left()
			}
			for _, g := range examples[i].Gets {
				got += g.Minor
				if g.To[shop.English] == "" || g.Why[shop.TraditionalChinese] == "" {
					t.Fatalf("%s: %+v", s.name, g)
				}
			}
			if got != want {
				t.Fatalf("%s: %d, want %d", s.name, got, want)
			}
		}
	})
}
