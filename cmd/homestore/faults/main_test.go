package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// buildDir is where the binary under test is built.
var buildDir string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "homestore-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	buildDir = dir
	return m.Run()
}

// binary builds homestore, once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "homestore")
	if out, err := exec.Command("go", "build", "-o", path, "homestore/cmd/homestore").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build homestore: %w\n%s", err, out)
	}
	return path, nil
})
