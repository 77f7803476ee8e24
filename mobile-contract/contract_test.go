package contract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

var update = flag.Bool("update", false, "write testdata/contract.golden anew, once version and changelog are right")

const golden = "testdata/contract.golden"

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestContractIsValidAndItsExamplesFitItsSchemas(t *testing.T) {
	t.Parallel()
	if err := load(t).Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
}

// A changed promise has a new number, and a line that says what changed: apps and systems of brands are built on it.
func TestChangedContractHasANewVersionAndAChangelogLine(t *testing.T) {
	t.Parallel()
	version := load(t).Info.Version
	changelog, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if problem := judge(readGolden(t), version, digest(), string(changelog)); problem != "" {
		t.Fatal(problem)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(version+" "+digest()+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// state is a version of the contract and the digest of its text.
type state struct{ version, digest string }

func readGolden(t *testing.T) state {
	t.Helper()
	text, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	version, digest, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	return state{version, digest}
}

// digest is of what is promised: comments and blank lines may change freely.
func digest() string {
	text := regexp.MustCompile(`(?m)^\s*(#.*)?\n`).ReplaceAll(OpenAPI, nil)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// judge says what is wrong, or nothing. A contract that did not change is never wrong.
func judge(was state, version, digest, changelog string) string {
	isListed := regexp.MustCompile(`(?m)^## ` + regexp.QuoteMeta(version) + `( |$)`).MatchString(changelog)
	switch {
	case !isListed:
		return fmt.Sprintf("openapi.yaml says version %s, which CHANGELOG.md does not have: add a heading `## %s` and one line for each change that a caller notices.", version, version)
	case digest == was.digest && version == was.version:
		return ""
	case version == was.version:
		return fmt.Sprintf("openapi.yaml changed and is still version %s: raise info.version, say in CHANGELOG.md what a caller notices, then run `go test ./mobile-contract -update`.", version)
	case !*update:
		return fmt.Sprintf("openapi.yaml is version %s now, and the kept digest is of %s: run `go test ./mobile-contract -update`, and review the change like code.", version, was.version)
	}
	return ""
}

func TestVersionRule(t *testing.T) {
	t.Parallel()
	was := state{"1.0.0", "aaa"}
	for _, tt := range []struct {
		why, version, digest, changelog, says string
	}{
		{"nothing changed", "1.0.0", "aaa", "## 1.0.0\n", ""},
		{"a change in silence", "1.0.0", "bbb", "## 1.0.0\n", "raise info.version"},
		{"a new version without a line", "1.1.0", "bbb", "## 1.0.0\n", "CHANGELOG.md does not have"},
		{"a version that only looks listed", "1.1", "bbb", "## 1.1.0\n", "CHANGELOG.md does not have"},
	} {
		if got := judge(was, tt.version, tt.digest, tt.changelog); (tt.says == "") != (got == "") || !strings.Contains(got, tt.says) {
			t.Errorf("%s: %q, want something about %q", tt.why, got, tt.says)
		}
	}
}
