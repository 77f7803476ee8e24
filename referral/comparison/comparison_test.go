package comparison

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The worked examples of Newcombe's paper of 1998, table II, method 10.
func TestConversionIsNewcombesInterval(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why        string
		x1, n1     int64
		x2, n2     int64
		low, high  float64
		wantsToSay Verdict
	}{
		{"(a) two middling parts", 56, 70, 48, 80, 0.0524, 0.3339, AMore},
		{"(b) few of each", 9, 10, 3, 10, 0.1705, 0.8090, AMore},
		{"(c) fewer", 6, 7, 2, 7, 0.0582, 0.8062, AMore},
		{"(d) none on one side", 5, 56, 0, 29, -0.0381, 0.1926, Open},
		{"(e) none on either side", 0, 10, 0, 20, -0.1611, 0.2775, Open},
		{"(f) none on either side, as many", 0, 10, 0, 10, -0.2775, 0.2775, Open},
		{"(g) all and none", 10, 10, 0, 20, 0.6791, 1.0000, AMore},
		{"(h) all and none, as many", 10, 10, 0, 10, 0.6075, 1.0000, AMore},
	} {
		a, b := Group{Sessions: tt.n1, Buying: tt.x1}, Group{Sessions: tt.n2, Buying: tt.x2}
		d := Conversion(a, b)
		if math.Abs(d.Low-tt.low) > 0.00005 || math.Abs(d.High-tt.high) > 0.00005 || d.Verdict != tt.wantsToSay {
			t.Errorf("%s: %.4f to %.4f, %s; want %.4f to %.4f, %s", tt.why, d.Low, d.High, d.Verdict, tt.low, tt.high, tt.wantsToSay)
		}
		back := Conversion(b, a)
		if math.Abs(back.Low+d.High) > 1e-12 || math.Abs(back.High+d.Low) > 1e-12 || (d.Verdict == AMore) != (back.Verdict == BMore) || back.More != d.More {
			t.Errorf("%s: the other way round it is %+v", tt.why, back)
		}
	}
}

// of is a group of so many sessions with this mean and standard deviation.
func of(n int64, mean, deviation float64) Group {
	minor := math.Round(mean * float64(n))
	return Group{Sessions: n, Buying: n, Minor: int64(minor), Squares: deviation*deviation*float64(n-1) + minor*minor/float64(n)}
}

// NIST/SEMATECH e-Handbook of Statistical Methods 1.3.5.3, two-sample t-test, AUTO83B.DAT: miles per gallon of cars from the
// United States (249, mean 20.14458, deviation 6.41470) and Japan (79, 30.48101, 6.10771), here in hundred-thousandths; with
// unequal variances T is -12.94627 with 136.8750 degrees of freedom, for which t is 1.9775.
func TestRevenueIsWelchsInterval(t *testing.T) {
	t.Parallel()
	const unit = 1e5
	d := Revenue(of(249, 20.14458*unit, 6.41470*unit), of(79, 30.48101*unit, 6.10771*unit))
	half := (d.High - d.Low) / 2
	if got := d.Less / half * 1.9775; math.Abs(got+12.94627) > 0.001 {
		t.Errorf("T is %.5f", got)
	}
	if d.Verdict != BMore || d.More != 0 {
		t.Errorf("%+v", d)
	}
	for freedom, want := range map[float64]float64{10: 2.2281, 30: 2.0423, 136.875: 1.9775, 1e6: 1.9600} {
		if got := t975(freedom); math.Abs(got-want) > 0.0002 {
			t.Errorf("t of %g degrees: %.4f, want %.4f", freedom, got, want)
		}
	}
}

func TestWhatCannotBeToldSaysHowManySessionsAreMissing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why  string
		got  Difference
		want int64
	}{
		// Fleiss: (1.96 + 0.8416)² x (0.10 x 0.90 + 0.05 x 0.95) / 0.05² = 431.7 each, so 331.7 + 331.7 more.
		{"10 % against 5 % after a hundred of each", Conversion(Group{Sessions: 100, Buying: 10}, Group{Sessions: 100, Buying: 5}), 670},
		{"no difference is seen, so none can be looked for", Conversion(Group{Sessions: 100, Buying: 5}, Group{Sessions: 100, Buying: 5}), 0},
		{"nobody has scanned one of them", Conversion(Group{Sessions: 100, Buying: 5}, Group{}), 0},
		{"told already", Conversion(Group{Sessions: 1000, Buying: 200}, Group{Sessions: 1000, Buying: 50}), 0},
		{"five of a hundred bought, of each: a hundred more of each until ten have", Revenue(Group{Sessions: 100, Buying: 5, Minor: 500, Squares: 50000}, Group{Sessions: 100, Buying: 5, Minor: 900, Squares: 162000}), 200},
		{"nobody bought: nobody knows when somebody will", Revenue(Group{Sessions: 100}, Group{Sessions: 100}), 0},
	} {
		if tt.got.More != tt.want {
			t.Errorf("%s: about %d more, want %d (%+v)", tt.why, tt.got.More, tt.want, tt.got)
		}
	}
}

func TestAFewRichOrdersAreNoMean(t *testing.T) {
	t.Parallel()
	d := Revenue(Group{Sessions: 1000, Buying: 9, Minor: 900_000, Squares: 9e10}, Group{Sessions: 1000, Buying: 500, Minor: 500, Squares: 500})
	if d.Verdict != Open {
		t.Errorf("nine orders decided: %+v", d)
	}
}

// Of 4,000 pairs of displays whose true difference is known, the interval of about 95 in 100 holds it. The seed is fixed.
func TestIntervalsHoldTheTruth(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1998, 10)) //nolint:gosec // the same displays in every run
	draw := func(sessions int64, conversion, median float64) Group {
		g := Group{Sessions: sessions}
		for range sessions {
			if random.Float64() >= conversion {
				continue
			}
			minor := math.Round(median * math.Exp(0.5*random.NormFloat64())) // baskets: a few large, many small
			g.Buying, g.Minor, g.Squares = g.Buying+1, g.Minor+int64(minor), g.Squares+minor*minor
		}
		return g
	}
	const trials, median = 4000, 12000.0
	basket := median * math.Exp(0.125) // mean of a lognormal
	for _, tt := range []struct {
		na, nb int64
		pa, pb float64
	}{{150, 150, 0.08, 0.08}, {400, 250, 0.12, 0.06}, {60, 300, 0.05, 0.15}, {800, 800, 0.05, 0.04}} {
		var conversion, revenue, compared int
		for range trials {
			a, b := draw(tt.na, tt.pa, median), draw(tt.nb, tt.pb, median)
			if d := Conversion(a, b); d.Low <= tt.pa-tt.pb && tt.pa-tt.pb <= d.High {
				conversion++
			}
			if d := Revenue(a, b); !math.IsInf(d.High, 1) {
				compared++
				if truth := (tt.pa - tt.pb) * basket; d.Low <= truth && truth <= d.High {
					revenue++
				}
			}
		}
		of := func(n, all int) float64 { return float64(n) / float64(all) }
		t.Logf("%+v: conversion %.3f, revenue %.3f of %d", tt, of(conversion, trials), of(revenue, max(1, compared)), compared)
		if c := of(conversion, trials); c < 0.935 || c > 0.975 {
			t.Errorf("%+v: the interval of the conversion holds the truth in %.3f of the cases", tt, c)
		}
		if r := of(revenue, max(1, compared)); compared > trials/2 && r < 0.93 {
			t.Errorf("%+v: the interval of the revenue holds the truth in %.3f of the cases", tt, r)
		}
	}
}
