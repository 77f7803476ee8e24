package period

import (
	"testing"

	"pgregory.net/rapid"

	"homestore/referral/attribution"
)

func TestOnlyWhatIsAboveZeroIsStated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why             string
		to              attribution.Beneficiary
		before          Statement
		s               sums
		stated, carried int64
	}{
		{"earned", amy, Statement{}, sums{Payable: 600, Movement: 600}, 600, 0},
		{"taken back after it was paid: carried", amy, Statement{}, sums{Payable: -1000, Movement: -1000}, 0, -1000},
		{"carried reduces what is stated", amy, Statement{Carried: -400}, sums{Payable: 1000, Movement: 1000}, 600, 0},
		{"and stays below zero when it is more", amy, Statement{Carried: -1000}, sums{Payable: 600, Movement: 600}, 0, -400},
		{"what is pending is not stated", amy, Statement{}, sums{Pending: 600, Movement: 600}, 0, 0},
		{"months that nobody closed on their own", amy, Statement{}, sums{PayableBefore: 300, Payable: 100, Movement: 100}, 400, 0},
		{"a pool is divided and never stated", attribution.PoolOf(s1.ID), Statement{Carried: 50}, sums{Payable: 100, Movement: 100}, 0, 150},
	}
	for _, tt := range tests {
		st := state(march, holder{tt.to, "TWD"}, tt.before, tt.s)
		if st.Stated != tt.stated || st.Carried != tt.carried || st.Movement != tt.s.Movement {
			t.Errorf("%s: %+v", tt.why, st)
		}
	}
}

func TestStatementsAddUpMonthAfterMonth(t *testing.T) {
	t.Parallel()
	some := rapid.Int64Range(-1_000_000, 1_000_000)
	rapid.Check(t, func(t *rapid.T) {
		var last Statement
		to := rapid.SampledFrom([]attribution.Beneficiary{amy, s1, attribution.PoolOf(s1.ID)}).Draw(t, "who")
		for range rapid.IntRange(1, 12).Draw(t, "months") {
			pending, payable, vested := some.Draw(t, "pending"), some.Draw(t, "payable"), some.Draw(t, "vested")
			// What vests leaves pending and becomes payable, which is no movement.
			st := state(march, holder{to, "TWD"}, last, sums{Pending: pending - vested, Payable: payable + vested, Movement: pending + payable})
			if st.PendingOpening+st.Opening+st.Movement != st.PendingClosing+st.Stated+st.Carried {
				t.Fatalf("%+v does not add up", st)
			}
			if st.Stated < 0 || st.Stated > 0 && st.Carried != 0 {
				t.Fatalf("%+v", st)
			}
			last = st
		}
	})
}
