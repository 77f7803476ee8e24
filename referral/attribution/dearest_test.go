package attribution

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// What the linter says that shares may come to is never less than what some order gets.
func TestNoOrderEarnsMoreThanTheLinterForetells(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		in.Plan.OrderCapMinor, in.Plan.RoleCapMinor = nil, nil
		r := Compute(in)
		sale := new(big.Rat)
		for _, c := range r.Credits {
			if c.Parcel == "" {
				sale.Add(sale, c.Why.Share)
			}
		}
		base := new(big.Rat)
		for _, l := range r.Lines {
			base.Add(base, l.Base)
		}
		most := new(big.Rat).Mul(base, in.Plan.Dearest())
		if sale.Cmp(most.Quo(most, big.NewRat(wholeBP, 1))) > 0 {
			t.Fatalf("shares of %s from a base of %s, foretold at most %s", sale.RatString(), base.RatString(), most.RatString())
		}
	})
}
