package main

import (
	"flag"
	"io"
)

// newFlags are those of a command, which says its own usage.
func newFlags(command string) *flag.FlagSet {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// parseNames reads flags, which may stand before, between and after names, and returns the names.
func parseNames(flags *flag.FlagSet, args []string) (names []string, err error) {
	for rest := args; len(rest) > 0; {
		if err := flags.Parse(rest); err != nil {
			return nil, err
		}
		if rest = flags.Args(); len(rest) > 0 {
			names, rest = append(names, rest[0]), rest[1:]
		}
	}
	return names, nil
}
