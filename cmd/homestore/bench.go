package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// benchOptions are what stands on the command line of bench.
type benchOptions struct {
	scenarios []string
	asJSON    bool
	isBig     bool   // credit: up to a million orders in the book
	isQuick   bool   // seconds in place of minutes: what the test runs; its figures mean nothing
	file      string // import: an Online Retail file; empty: one that is drawn
	report    string // where to write the figures for people; empty: nowhere
	profile   string // directory for the CPU profiles of what is measured; empty: none
}

const benchUsage = "usage: homestore bench [redirect|credit|import|labels|whatif|report|all] [--json] [--big] [--file FILE.csv[.gz]] [--report FILE.md] [--profile DIR]"

// benchScenario is one row of the bench. Each starts on a database of its own.
type benchScenario struct {
	name    string
	measure func(context.Context, *bench) (benchResult, error)
}

var benchScenarios = []benchScenario{
	{"redirect", benchRedirect},
	{"credit", benchCredit},
	{"import", benchImport},
	{"labels", benchLabels},
	{"whatif", benchWhatif},
	{"report", benchReports},
}

func parseBench(args []string) (benchOptions, error) {
	o := benchOptions{}
	flags := newFlags("bench")
	flags.BoolVar(&o.asJSON, "json", false, "")
	flags.BoolVar(&o.isBig, "big", false, "")
	flags.BoolVar(&o.isQuick, "quick", false, "")
	flags.StringVar(&o.file, "file", "", "")
	flags.StringVar(&o.report, "report", "", "")
	flags.StringVar(&o.profile, "profile", "", "")
	var err error
	if o.scenarios, err = parseNames(flags, args); err != nil || len(o.scenarios) > 1 {
		return o, errors.New(benchUsage)
	}
	all := make([]string, len(benchScenarios))
	for i, s := range benchScenarios {
		all[i] = s.name
	}
	if len(o.scenarios) == 0 || o.scenarios[0] == "all" {
		o.scenarios = all
	}
	if !slices.Contains(all, o.scenarios[0]) {
		return o, errors.New(benchUsage)
	}
	return o, nil
}

// runBench measures this program against limits that are measured in the same run, the two by turns: a machine that is slow
// at the moment is slow for both. Any error counted, and it fails.
func runBench(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == benchServerRole {
		return runBenchServer(ctx, args[1:], out)
	}
	o, err := parseBench(args)
	if err != nil {
		return err
	}
	var results []benchResult
	var machine string
	for _, s := range benchScenarios {
		if !slices.Contains(o.scenarios, s.name) {
			continue
		}
		r, on, err := runBenchScenario(ctx, o, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		results, machine = append(results, r), on
		if o.asJSON {
			if err := json.NewEncoder(out).Encode(r); err != nil {
				return err
			}
		}
	}
	if !o.asJSON {
		fmt.Fprintln(out, machine)
		fmt.Fprint(out, benchTable(results))
	}
	if o.report != "" {
		if err := os.WriteFile(o.report, []byte(benchReport(machine, results)), 0o644); err != nil { //nolint:gosec // for everybody to read
			return err
		}
	}
	return benchErrors(results)
}

// benchErrors fails a bench in which something went wrong. A target that was missed is said, not an error: machines differ.
func benchErrors(results []benchResult) error {
	var failed []error
	for _, r := range results {
		if r.Errors > 0 {
			failed = append(failed, fmt.Errorf("%s: %d errors; the first: %w", r.Scenario, r.Errors, r.First))
		}
	}
	return errors.Join(failed...)
}

// bench is what a scenario works with: a durable database of its own, and a directory that goes afterwards.
type bench struct {
	benchOptions
	db  *database
	dir string
	log *slog.Logger
}

func runBenchScenario(ctx context.Context, o benchOptions, s benchScenario) (r benchResult, machine string, err error) {
	dir, err := os.MkdirTemp("", "homestore-bench-")
	if err != nil {
		return r, "", err
	}
	defer os.RemoveAll(dir)
	b := &bench{benchOptions: o, dir: dir, log: slog.New(slog.DiscardHandler)}
	if b.db, err = durableDatabase(ctx, filepath.Join(dir, "postgres"), b.log); err != nil {
		return r, "", err
	}
	machine, err = b.describe(ctx)
	if err == nil {
		r, err = s.measure(ctx, b)
	}
	r.Scenario = s.name
	return r, machine, errors.Join(err, b.db.stop())
}

// describe says on what the figures were measured. It refuses a database that is not durable: its figures would be a lie.
func (b *bench) describe(ctx context.Context) (string, error) {
	settings, err := durabilityOf(ctx, b.db.ownerURL)
	if err != nil {
		return "", err
	}
	for _, s := range settings {
		if (s.Name == "fsync" || s.Name == "synchronous_commit") && s.Value != "on" {
			return "", fmt.Errorf("%s is %s: a bench needs a durable database", s.Name, s.Value)
		}
	}
	words := make([]string, len(settings))
	for i, s := range settings {
		words[i] = s.Name + " " + s.Value
	}
	return fmt.Sprintf("PostgreSQL on disk (%s), loopback; %s", strings.Join(words, ", "), machineOf(b.dir)), nil
}
