package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"homestore/clienteling/shop"
	contract "homestore/mobile-contract"
	"homestore/referral/plan"
)

var errPlanUsage = errors.New("usage: homestore plan lint FILE.yaml | plan show FILE.yaml | plan schema")

// runPlan examines a file of commission rules without any brand: what is wrong with it, how it reads with everything that it
// leaves to its default, and by which schema an editor checks it.
func runPlan(_ context.Context, args []string, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "schema":
		_, err := out.Write(contract.PlanSchema)
		return err
	case len(args) == 2 && args[0] == "lint":
		return lintPlanFile(args[1], out)
	case len(args) == 2 && args[0] == "show":
		w, err := readPlanFile(args[1])
		if err != nil {
			return err
		}
		_, err = out.Write(w.Plan.YAML())
		return err
	}
	return errPlanUsage
}

func readPlanFile(name string) (plan.Written, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return plan.Written{}, err
	}
	w, err := plan.ReadYAML(text)
	if err == nil {
		err = w.Plan.Validate()
	}
	return w, inLines(name, err)
}

// inLines names each wrong field on a line of its own.
func inLines(name string, err error) error {
	refusal, ok := errors.AsType[*shop.Refusal](err)
	if !ok || len(refusal.Fields) == 0 {
		return err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s is no plan:", name)
	for _, f := range refusal.Fields {
		fmt.Fprintf(&text, "\n  %s", strings.TrimPrefix(f.Name+": "+f.Hint, ": "))
	}
	return errors.New(text.String())
}

// lintPlanFile prints what is to be said of the plan; its exit status is 1 when something of it stops an approval.
func lintPlanFile(name string, out io.Writer) error {
	w, err := readPlanFile(name)
	if err != nil {
		return err
	}
	found := w.Lint(plan.Known{})
	for _, f := range found {
		fmt.Fprintf(out, "%s %s\n  %s\n  %s\n", f.Severity, f.Code, f.Message[shop.TraditionalChinese], f.Message[shop.English])
	}
	fmt.Fprintf(out, "%d rules, %d findings; categories and tags are a brand's own and were not looked at\n", len(w.Plan.Rules), len(found))
	if plan.Stops(found) {
		return errors.New("errors stop the approval of a plan")
	}
	return nil
}
