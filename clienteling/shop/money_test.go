package shop

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestAPriceIsWrittenAsOnAPriceTag(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in    Currency
		minor int64
		want  string
	}{
		{"TWD", 0, "NT$0"}, {"TWD", 999, "NT$999"}, {"TWD", 12_800, "NT$12,800"}, {"TWD", 1_234_567, "NT$1,234,567"},
		{"HKD", 123_456, "HK$1,234.56"}, {"GBP", 5, "£0.05"}, {"CHF", 1_000, "CHF 1,000"},
	} {
		if got := tc.in.Price(tc.minor); got != tc.want {
			t.Errorf("%d %s: %s, want %s", tc.minor, tc.in, got, tc.want)
		}
	}
}

func TestAFigureHasItsThousandsApart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in    Currency
		minor int64
		want  string
	}{
		{"TWD", 0, "0"}, {"TWD", -5, "-5"}, {"TWD", -123, "-123"}, {"TWD", -1_234, "-1,234"}, {"TWD", 1_234_567, "1,234,567"},
		{"HKD", -5, "-0.05"}, {"HKD", -123_456, "-1,234.56"}, {"TWD", math.MinInt64, "-9,223,372,036,854,775,808"},
	} {
		if got := tc.in.Figure(tc.minor); got != tc.want {
			t.Errorf("%d %s: %s, want %s", tc.minor, tc.in, got, tc.want)
		}
	}
}

func TestHalfUpIsTheFloorOfXAndAHalf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": 0, "1/2": 1, "-1/2": 0, "-3/2": -1, "7": 7, "-7": -7, "49/100": 0, "31714/100": 317, "-51/100": -1} {
		x, _ := new(big.Rat).SetString(text)
		if got := HalfUp(x); got != want {
			t.Errorf("HalfUp(%s) = %d, want %d", text, got, want)
		}
	}
}

func TestApportionGivesWhatIsLeftToTheLargestFractions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		why     string
		total   int64
		weights []int64
		want    []int64
	}{
		{"it comes out even", 6, []int64{1, 2}, []int64{2, 4}},
		{"equal fractions: the earlier", 100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{"the largest fraction, wherever it stands", 10, []int64{1, 1, 4}, []int64{2, 2, 6}},
		{"nobody has any weight", 5, []int64{0, 0}, []int64{0, 0}},
		{"one takes all", 5, []int64{3}, []int64{5}},
		{"no weight, no unit", 5, []int64{0, 3, 4}, []int64{0, 2, 3}},
		{"negative weights are a proportion too", 7, []int64{-1, -1}, []int64{4, 3}},
	}
	for _, tt := range tests {
		if got := ApportionByWeight(tt.total, tt.weights); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.why, got, tt.want)
		}
	}
}

func TestPartsAddUpAndLieWithinOneUnitOfTheirShares(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var shares []*big.Rat
		sum := new(big.Rat)
		for range rapid.IntRange(1, 8).Draw(t, "n") {
			x := big.NewRat(rapid.Int64Range(0, 1e9).Draw(t, "a"), rapid.Int64Range(1, 1e4).Draw(t, "b"))
			shares = append(shares, x)
			sum.Add(sum, x)
		}
		left := HalfUp(sum)
		for i, part := range Apportion(left, shares) {
			off := new(big.Rat).Sub(shares[i], new(big.Rat).SetInt64(part))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("part %d of %v is %d", i, shares[i], part)
			}
			left -= part
		}
		if left != 0 {
			t.Fatalf("%d left over", left)
		}
	})
}
