// Package comparison says whether one display sells more than another, or that it cannot be told yet: so that it is a
// statement, not a feeling.
//
// Always true: nothing is said to be more unless the whole 95 % interval of the difference lies on one side of zero; A against
// B says the opposite of B against A; the same figures say the same. It is pure, and the only package here that reckons in
// floating point: what it returns are estimates, which nobody is paid by. The figures are the report's.
package comparison

import "math"

// Group is what the scan sessions of one side came to.
type Group struct {
	Sessions int64
	Buying   int64   // of them, those that led to an order
	Minor    int64   // what the sessions brought, all together; a session that led to no order brought 0
	Squares  float64 // the same, squared for each session before it is added
}

// Verdict is what may be said of a difference.
type Verdict string

const (
	AMore Verdict = "a_more"
	BMore Verdict = "b_more"
	Open  Verdict = "open" // it cannot be told yet
)

// Difference is one measure of both sides, and A less B with its 95 % interval.
type Difference struct {
	A, B      float64
	Less      float64 // A - B
	Low, High float64
	Verdict   Verdict
	// More is about how many further sessions, of both sides together, would part them with a probability of 80 % if the
	// difference is what it looks like now. 0: it is told already, or nothing can be said because no difference is seen.
	More int64
}

// z975 and z80 are quantiles of the normal distribution: of a two-sided interval of 95 %, and of a power of 80 %.
const (
	z975 = 1.959963984540054
	z80  = 0.8416212335729143
)

// Conversion compares the parts of the sessions that led to an order: the hybrid of two Wilson score intervals, which is
// method 10 of R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in
// Medicine 17 (1998), 873-890. It holds also for few sessions and for parts near zero, which displays have.
func Conversion(a, b Group) Difference {
	if a.Sessions <= 0 || b.Sessions <= 0 {
		return Difference{Low: -1, High: 1, Verdict: Open}
	}
	pa, pb := part(a), part(b)
	d := Difference{A: pa, B: pb, Less: pa - pb}
	lowA, highA := wilson(pa, float64(a.Sessions))
	lowB, highB := wilson(pb, float64(b.Sessions))
	d.Low = d.Less - math.Hypot(pa-lowA, highB-pb)
	d.High = d.Less + math.Hypot(highA-pa, pb-lowB)
	d.judge(a, b, pa*(1-pa)+pb*(1-pb))
	return d
}

func part(g Group) float64 { return float64(g.Buying) / float64(g.Sessions) }

// wilson is the score interval of a part: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
func wilson(p, n float64) (low, high float64) {
	middle := 2*n*p + z975*z975
	half := z975 * math.Sqrt(z975*z975+4*n*p*(1-p))
	of := 2 * (n + z975*z975)
	return (middle - half) / of, (middle + half) / of
}

// fewestBuying is how many sessions of each side must have led to an order before their revenue is compared: a mean of
// thousands of zeros and three sofas is the mean of three.
const fewestBuying = 10

// Revenue compares what a session brought, in minor units: the interval of B. L. Welch, The generalization of 'Student's'
// problem when several different population variances are involved, Biometrika 34 (1947), 28-35.
func Revenue(a, b Group) Difference {
	d := Difference{A: mean(a), B: mean(b)}
	d.Less = d.A - d.B
	if a.Buying < fewestBuying || b.Buying < fewestBuying {
		d.Low, d.High, d.Verdict = math.Inf(-1), math.Inf(1), Open
		d.More = about(missing(a) + missing(b))
		return d
	}
	va, vb := variance(a), variance(b)
	ea, eb := va/float64(a.Sessions), vb/float64(b.Sessions)
	if ea+eb == 0 { // each session of a side brought the same
		d.Low, d.High = d.Less, d.Less
	} else {
		freedom := (ea + eb) * (ea + eb) / (ea*ea/float64(a.Sessions-1) + eb*eb/float64(b.Sessions-1))
		half := t975(freedom) * math.Sqrt(ea+eb)
		d.Low, d.High = d.Less-half, d.Less+half
	}
	d.judge(a, b, va+vb)
	return d
}

func mean(g Group) float64 {
	if g.Sessions <= 0 {
		return 0
	}
	return float64(g.Minor) / float64(g.Sessions)
}

func variance(g Group) float64 {
	return max(0, (g.Squares-float64(g.Minor)*mean(g))/float64(g.Sessions-1))
}

// missing is about how many sessions until enough have led to an order. Where none has, nobody knows.
func missing(g Group) float64 {
	if g.Buying <= 0 || g.Buying >= fewestBuying {
		return 0
	}
	return float64(fewestBuying)/part(g) - float64(g.Sessions)
}

// t975 is the quantile of Student's t for a two-sided interval of 95 %, by the series 26.7.5 of Abramowitz and Stegun; of ten
// degrees and more it is exact to 0.0001.
func t975(freedom float64) float64 {
	z, n := z975, freedom
	z3, z5, z7, z9 := math.Pow(z, 3), math.Pow(z, 5), math.Pow(z, 7), math.Pow(z, 9)
	return z + (z3+z)/(4*n) + (5*z5+16*z3+3*z)/(96*n*n) + (3*z7+19*z5+17*z3-15*z)/(384*n*n*n) +
		(79*z9+776*z7+1482*z5-1920*z3-945*z)/(92160*n*n*n*n)
}

// judge says what may be said, and how many sessions are missing: each side needs (z975 + z80)² x (sum of both variances) /
// difference² (J. L. Fleiss, Statistical Methods for Rates and Proportions, 1981, without the correction for continuity).
func (d *Difference) judge(a, b Group, variances float64) {
	switch {
	case d.Low > 0:
		d.Verdict = AMore
	case d.High < 0:
		d.Verdict = BMore
	default:
		d.Verdict = Open
		if d.Less != 0 {
			each := (z975 + z80) * (z975 + z80) * variances / (d.Less * d.Less)
			d.More = about(max(1, max(0, each-float64(a.Sessions))+max(0, each-float64(b.Sessions))))
		}
	}
}

// mostMore is where counting ends: nobody waits for so many sessions.
const mostMore = 1e9

// about rounds up to two digits: more would pretend to know.
func about(n float64) int64 {
	if n <= 0 {
		return 0
	}
	n = min(n, mostMore)
	step := math.Pow(10, max(0, math.Floor(math.Log10(n))-1))
	return int64(math.Ceil(n/step-1e-9) * step)
}
