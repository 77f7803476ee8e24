package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The figures of a quick run mean nothing; that each scenario runs through, counts no error and says all of it, does. No
// other test of this package runs beside them, and none at all beside redirect: a server that is asked as fast as it can
// answer turns callers away when others take its time.
func TestEveryScenarioOfBenchSaysTheSameThings(t *testing.T) {
	for _, s := range benchScenarios {
		t.Run(s.name, func(t *testing.T) {
			if s.name != "redirect" {
				t.Parallel()
			}
			var out bytes.Buffer
			if err := runBench(t.Context(), []string{s.name, "--json", "--quick", "--big"}, &out); err != nil {
				t.Fatal(err)
			}
			var said map[string]any
			if err := json.Unmarshal(out.Bytes(), &said); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"rate", "limit_rate", "ratio", "p50_ms", "p99_ms", "limit_p99_ms", "n"} {
				if v, ok := said[name].(float64); !ok || v <= 0 {
					t.Errorf("%s is %v", name, said[name])
				}
			}
			cpu, ok := said["cpu_us_per_op"].(map[string]any)
			if !ok || cpu["server"] == nil || cpu["database"] == nil {
				t.Errorf("cpu_us_per_op is %v", said["cpu_us_per_op"])
			}
			if said["scenario"] != s.name || said["errors"] != 0.0 || said["rss_mb"] == nil || len(said["targets"].([]any)) == 0 {
				t.Errorf("%s", out.Bytes())
			}
		})
	}
}

func TestErrorsFailABench(t *testing.T) {
	t.Parallel()
	if err := benchErrors([]benchResult{{Scenario: "redirect"}, {Scenario: "credit"}}); err != nil {
		t.Error(err)
	}
	err := benchErrors([]benchResult{{Scenario: "redirect", Errors: 3, First: errors.New("answered 503")}})
	if err == nil || !strings.Contains(err.Error(), "redirect: 3 errors") || !strings.Contains(err.Error(), "503") {
		t.Error(err)
	}
}

func TestBenchArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args string
		want []string
		why  string
	}{
		{"", []string{"redirect", "credit", "import", "labels", "whatif", "report"}, "all, when nothing is said"},
		{"all --json", []string{"redirect", "credit", "import", "labels", "whatif", "report"}, "all, said"},
		{"--json credit --big", []string{"credit"}, "flags on both sides"},
		{"push", nil, "no such scenario yet"},
		{"credit import", nil, "one or all"},
		{"credit --fast", nil, "no such flag"},
	}
	for _, tt := range tests {
		o, err := parseBench(strings.Fields(tt.args))
		if (err != nil) != (tt.want == nil) || err == nil && !slices.Equal(o.scenarios, tt.want) {
			t.Errorf("%s: %q gives %v, %v", tt.why, tt.args, o.scenarios, err)
		}
	}
}

func TestFiguresOfABench(t *testing.T) {
	t.Parallel()
	var r rounds
	r.add(10, 20)
	r.add(1, 20) // somebody else used the machine
	r.add(12, 20)
	if got := median(r.ratios); got != 0.5 {
		t.Errorf("the median of the turns' ratios is %v", got)
	}
	took := make([]time.Duration, 100)
	for i := range took {
		took[i] = time.Duration(i+1) * time.Millisecond
	}
	if p50, p99, none := percentile(took, 0.5), percentile(took, 0.99), percentile(nil, 0.5); p50 != 50 || p99 != 99 || none != 0 {
		t.Errorf("percentiles %v, %v, %v", p50, p99, none)
	}
	for v, want := range map[float64]float64{0.26789: 0.268, 76.54: 76.5, 13498.2: 13498, 0: 0, 1.0049: 1} {
		if got := rounded(v); got != want {
			t.Errorf("%v is rounded to %v", v, got)
		}
	}
}

func TestProcessorTimeOfAProcessIsRead(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc here")
	}
	began := cpuOf(os.Getpid())
	for until := time.Now().Add(60 * time.Millisecond); time.Now().Before(until); { //nolint:revive // it is meant to spend time
	}
	if spent := cpuOf(os.Getpid()) - began; spent < 2*clockTick {
		t.Errorf("60 ms of work count as %s", spent)
	}
	if mb := residentMB(os.Getpid()); mb < 1 {
		t.Errorf("this process holds %v MB", mb)
	}
	if p, ok := readProc(os.Getpid()); !ok || p.parent != os.Getppid() {
		t.Errorf("its parent is %d, not %d", p.parent, os.Getppid())
	}
}
