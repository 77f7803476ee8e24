// Command homestore is the one binary: it serves, migrates, seeds, imports, checks. Each subcommand is a row of the table below.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// command is one subcommand. run returns an error that is printed, and then the exit status is 1, or a statusError's.
type command struct {
	name string
	what string
	run  func(ctx context.Context, args []string, out io.Writer) error
}

var commands = []command{
	{"contract", "check that mobile-contract is well-formed, examples and all", runContract},
	{"serve", "run the API and the workers: serve [--api-only | --work-only]", runServe},
	{"migrate", "bring the database schema up to this program's", runMigrate},
	{"seed", "make the demo brand, or that of a file: seed [FILE.json]", runSeed},
	{"account", "let somebody in for head office or finance, by the operator's hand: account add BRAND NO NAME EMAIL, account reset BRAND EMAIL", runAccount},
	{"import", "load a file: import online-retail FILE, import referrers FILE [--dry-run]; [--json] [--brand SLUG]", runImport},
	{"explain", "say why each cent of an order is where it is: explain BRAND ORDER [--language en] [--json]", runExplain},
	{"doctor", "examine everything that runs, and say what to do: doctor [--json], doctor ledger [--brand SLUG] [--sample N] [--json]", runDoctor},
	{"demo", "play the journey against a running serve", runDemo},
	{"scenario", "play story files against the real services: scenario FILE…", runScenario},
	{"plan", "examine a file of commission rules: plan lint FILE.yaml, plan show FILE.yaml, plan schema", runPlan},
	{"whatif", "replay past orders under a draft plan: whatif PLAN.yaml --brand SLUG --from DAY --to DAY", runWhatif},
	{"bench", "measure against limits of the same run: bench [redirect|credit|import|labels|whatif|report|all] [--json] [--big] [--file FILE] [--report FILE.md] [--profile DIR]", runBench},
	{"version", "print what this binary was built from", runVersion},
}

// statusError is an error that says the exit status itself.
type statusError struct {
	status int
	error
}

func main() {
	// SIGHUP too: closing the terminal must stop PostgreSQL as cleanly as Ctrl-C.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, complaints io.Writer) int {
	if len(args) > 0 {
		for _, c := range commands {
			if c.name != args[0] {
				continue
			}
			if err := c.run(ctx, args[1:], out); err != nil {
				fmt.Fprintf(complaints, "homestore %s: %v\n", c.name, err)
				if with, ok := errors.AsType[statusError](err); ok {
					return with.status
				}
				return 1
			}
			return 0
		}
		if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
			usage(out)
			return 0
		}
		fmt.Fprintf(complaints, "homestore: there is no command %q\n", args[0])
	}
	usage(complaints)
	return 2
}

func usage(out io.Writer) {
	fmt.Fprintln(out, "usage: homestore COMMAND")
	for _, c := range commands {
		fmt.Fprintf(out, "  %-10s %s\n", c.name, c.what)
	}
}
