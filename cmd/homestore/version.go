package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
)

// runVersion prints the revision that the Go tool recorded in the binary.
func runVersion(_ context.Context, _ []string, out io.Writer) error {
	revision, goVersion := builtFrom()
	fmt.Fprintf(out, "homestore %s, %s\n", revision, goVersion)
	return nil
}

func builtFrom() (revision, goVersion string) {
	info, _ := debug.ReadBuildInfo()
	revision, modified := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " with local changes"
		}
	}
	return revision + modified, info.GoVersion
}
