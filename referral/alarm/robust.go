package alarm

import (
	"math"
	"slices"
)

// anscombe makes counts of any rate equally restless (F. J. Anscombe, Biometrika 35, 1948).
func anscombe(n int) float64 { return 2 * math.Sqrt(float64(n)+3.0/8) }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// wilsonLow is the lower end of the 95 % interval of a share (E. B. Wilson, JASA 22, 1927); 0 of nothing.
func wilsonLow(part, of int) float64 {
	if of == 0 {
		return 0
	}
	const z = 1.96
	n, p := float64(of), float64(part)/float64(of)
	return (p + z*z/(2*n) - z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))) / (1 + z*z/n)
}

// round keeps two digits after the point: what is shown to people.
func round(x float64) float64 { return math.Round(100*x) / 100 }
