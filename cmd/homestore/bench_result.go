package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// benchResult is what a scenario found. Every scenario prints this shape.
type benchResult struct {
	Scenario   string             `json:"scenario"`
	Rate       float64            `json:"rate"`       // a second, what is measured
	LimitRate  float64            `json:"limit_rate"` // a second, what it is measured against
	Ratio      float64            `json:"ratio"`      // median of the rounds' own ratios
	P50        float64            `json:"p50_ms"`
	P99        float64            `json:"p99_ms"`
	LimitP99   float64            `json:"limit_p99_ms"`
	CPU        benchCPU           `json:"cpu_us_per_op"`
	ResidentMB float64            `json:"rss_mb"`
	Errors     int                `json:"errors"`
	N          int                `json:"n"`
	Adds       map[string]float64 `json:"adds"`    // what the scenario adds
	Targets    []benchTarget      `json:"targets"` // quality.md, Fast
	Unit       string             `json:"unit"`    // of rate and n
	Against    string             `json:"against"` // what the limit is, in words
	First      error              `json:"-"`       // of the errors
}

// benchCPU is processor time in µs for one operation: user and system, all threads.
type benchCPU struct {
	Server   float64 `json:"server"`
	Database float64 `json:"database"`
}

// benchTarget is a promise and what was measured.
type benchTarget struct {
	Promise string  `json:"promise"`
	Value   float64 `json:"value"`
	IsKept  bool    `json:"is_kept"`
}

func (r *benchResult) atLeast(promise string, value, least float64) {
	r.Targets = append(r.Targets, benchTarget{promise, rounded(value), value >= least})
}

func (r *benchResult) atMost(promise string, value, most float64) {
	r.Targets = append(r.Targets, benchTarget{promise, rounded(value), value <= most})
}

// round keeps three digits: the fourth is another one in the next run.
func (r *benchResult) round() {
	for _, v := range []*float64{&r.Rate, &r.LimitRate, &r.Ratio, &r.P50, &r.P99, &r.LimitP99, &r.CPU.Server, &r.CPU.Database, &r.ResidentMB} {
		*v = rounded(*v)
	}
	for name, v := range r.Adds {
		r.Adds[name] = rounded(v)
	}
}

func rounded(v float64) float64 {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	digit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	if digit >= 1 {
		return math.Round(v)
	}
	return math.Round(v/digit) / math.Round(1/digit)
}

// benchTable is the results as a person reads them.
func benchTable(results []benchResult) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-9s %9s %9s %6s %8s %8s %8s %8s %8s %7s %6s %8s\n",
		"scenario", "rate/s", "limit/s", "ratio", "p50 ms", "p99 ms", "limit99", "cpu srv", "cpu db", "rss MB", "errors", "n")
	for _, r := range results {
		fmt.Fprintf(&b, "%-9s %9.5g %9.5g %6.3g %8.4g %8.4g %8.4g %8.4g %8.4g %7.4g %6d %8d\n",
			r.Scenario, r.Rate, r.LimitRate, r.Ratio, r.P50, r.P99, r.LimitP99, r.CPU.Server, r.CPU.Database, r.ResidentMB, r.Errors, r.N)
	}
	for _, r := range results {
		fmt.Fprintf(&b, "\n%s: %s, against %s\n", r.Scenario, r.Unit, r.Against)
		for _, t := range r.Targets {
			fmt.Fprintf(&b, "  %-6s %-58s %.4g\n", keptOrMissed(t.IsKept), t.Promise, t.Value)
		}
		for _, name := range slices.Sorted(maps.Keys(r.Adds)) {
			fmt.Fprintf(&b, "  %-32s %.5g\n", name, r.Adds[name])
		}
	}
	return b.String()
}

func keptOrMissed(isKept bool) string {
	if isKept {
		return "kept"
	}
	return "MISSED"
}

// benchReport is the file that `make bench` writes.
func benchReport(machine string, results []benchResult) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Measured\n\nWritten by `make bench` on %s; do not edit. The ratio is against a limit that was measured in the same run, "+
		"the two by turns, so that it says more about Homestore than about the machine.\n\n", time.Now().UTC().Format(time.DateOnly))
	fmt.Fprintf(&b, "%s\n\n", machine)
	b.WriteString("| scenario | rate/s | limit/s | ratio | p50 ms | p99 ms | limit p99 ms | CPU µs server | CPU µs database | RSS MB | errors | n |\n")
	b.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | %.5g | %.5g | %.3g | %.4g | %.4g | %.4g | %.4g | %.4g | %.4g | %d | %d |\n",
			r.Scenario, r.Rate, r.LimitRate, r.Ratio, r.P50, r.P99, r.LimitP99, r.CPU.Server, r.CPU.Database, r.ResidentMB, r.Errors, r.N)
	}
	for _, r := range results {
		fmt.Fprintf(&b, "\n## %s\n\nUnit: %s. Limit: %s.\n\n| promise | measured | |\n|---|--:|---|\n", r.Scenario, r.Unit, r.Against)
		for _, t := range r.Targets {
			fmt.Fprintf(&b, "| %s | %.4g | %s |\n", t.Promise, t.Value, keptOrMissed(t.IsKept))
		}
		b.WriteString("\n| also | |\n|---|--:|\n")
		for _, name := range slices.Sorted(maps.Keys(r.Adds)) {
			fmt.Fprintf(&b, "| `%s` | %.5g |\n", name, r.Adds[name])
		}
	}
	return b.String()
}

// rounds collects what was measured by turns.
type rounds struct {
	rates, limits, ratios []float64
}

func (r *rounds) add(rate, limit float64) {
	r.rates, r.limits, r.ratios = append(r.rates, rate), append(r.limits, limit), append(r.ratios, rate/limit)
}

// median is steadier than the mean where others use the machine too.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

// percentile of times in ms; they are sorted.
func percentile(took []time.Duration, p float64) float64 {
	if len(took) == 0 {
		return 0
	}
	at := min(int(math.Ceil(p*float64(len(took))))-1, len(took)-1)
	return float64(took[max(at, 0)].Microseconds()) / 1000
}
