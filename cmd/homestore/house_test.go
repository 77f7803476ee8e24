package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Go files of the house, parsed, by their path from the top.
type tree struct {
	files map[string]*ast.File
	text  map[string]string
	fset  *token.FileSet
}

const top = "../.."

func readTree(t *testing.T) tree {
	t.Helper()
	h := tree{files: map[string]*ast.File{}, text: map[string]string{}, fset: token.NewFileSet()}
	err := filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(p, top+string(filepath.Separator)))
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && p != top || name == "bin" || strings.HasSuffix(name, "/clients")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		h.text[name] = string(b)
		h.files[name], err = parser.ParseFile(h.fset, p, b, parser.ParseComments)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

// imports lists what a file takes from this module, without the module's name.
func imports(f *ast.File) []string {
	var out []string
	for _, i := range f.Imports {
		if p, ok := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), "homestore/"); ok {
			out = append(out, p)
		}
	}
	return out
}

// Who may import whom, between the top-level folders. What is not listed is refused.
var mayImport = map[string][]string{
	"cmd":             {"api", "clienteling", "referral", "notify", "migrations", "mobile-contract"}, // builds everything
	"api":             {"api", "clienteling", "referral", "notify", "migrations", "mobile-contract"}, // speaks HTTP for all domains
	"referral":        {"referral", "clienteling", "migrations"},
	"notify":          {"notify", "clienteling", "migrations"}, // referral and notify never import one another
	"clienteling":     {"clienteling", "migrations"},           // imports neither of them: they hear of it through listeners
	"migrations":      {"migrations", "clienteling/shop"},      // plumbing knows no table
	"mobile-contract": {"mobile-contract"},                     // files and one embed; its test reads it
}

// Within a folder a package imports only packages that stand before it.
var ranks = map[string][]string{
	"clienteling": {"shop", "audit", "team", "catalogue", "customer", "order", "visit", "invoice", "replenishment", "segment", "note", "task"},
	"referral":    {"csvfile", "tag", "label", "scan", "alarm", "binding", "roster", "plan", "attribution", "ledger", "explanation", "target", "period", "statement", "whatif", "dispute", "comparison", "report"},
	"notify":      {"push", "fcm", "device", "notice", "offer", "delivery", "campaign", "webhook"},
}

func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	h := readTree(t)
	for name, f := range h.files {
		folder := strings.Split(name, "/")[0]
		for _, imported := range imports(f) {
			if isTest(name) && strings.HasPrefix(imported, "migrations/") {
				continue // every test may have a database
			}
			ok := slices.ContainsFunc(mayImport[folder], func(allowed string) bool {
				return imported == allowed || strings.HasPrefix(imported, allowed+"/")
			})
			if !ok {
				t.Errorf("%s imports %s: %s may import only %v", name, imported, folder, mayImport[folder])
			}
		}
	}
}

func TestPackagesOfAFolderStandInOrder(t *testing.T) {
	t.Parallel()
	h := readTree(t)
	for name, f := range h.files {
		if isTest(name) {
			continue
		}
		parts := strings.Split(name, "/")
		order := ranks[parts[0]]
		if order == nil || len(parts) < 3 {
			continue
		}
		own := slices.Index(order, parts[1])
		if own < 0 {
			t.Errorf("%s: package %s is not in the order of %s; give it its place", name, parts[1], parts[0])
			continue
		}
		for _, imported := range imports(f) {
			p := strings.Split(imported, "/")
			if p[0] == parts[0] && len(p) > 1 && p[1] != parts[1] && slices.Index(order, p[1]) > own {
				t.Errorf("%s imports %s, which stands above it", name, imported)
			}
		}
	}
}

func TestShopNeedsOnlyTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for name, f := range readTree(t).files {
		if path.Dir(name) != "clienteling/shop" || isTest(name) {
			continue
		}
		for _, i := range f.Imports {
			if first, _, _ := strings.Cut(strings.Trim(i.Path.Value, `"`), "/"); strings.Contains(first, ".") || first == "homestore" {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}

func TestEveryPackageTellsItsStory(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for name, f := range readTree(t).files {
		if isTest(name) {
			continue
		}
		told[path.Dir(name)] = told[path.Dir(name)] || f.Doc != nil && len(f.Doc.Text()) > 40
	}
	for dir, ok := range told {
		if !ok {
			t.Errorf("package in %s has no package comment", dir)
		}
	}
}

var noFile = []string{"interfaces.go", "types.go", "constants.go", "errors.go", "utils.go", "util.go", "helpers.go", "common.go"}

func TestFilesAreNamedForWhatTheyHoldAndStayShort(t *testing.T) {
	t.Parallel()
	h := readTree(t)
	for name, text := range h.text {
		if slices.Contains(noFile, path.Base(name)) {
			t.Errorf("%s: name it for the rule it holds", name)
		}
		if lines := strings.Count(text, "\n"); lines > 500 {
			t.Errorf("%s has %d lines; 500 is the most", name, lines)
		}
	}
}

func TestTopLevelIsFixed(t *testing.T) {
	t.Parallel()
	fixed := []string{"cmd", "api", "clienteling", "referral", "notify", "migrations", "mobile-contract", "Makefile", "go.mod", "go.sum", "README.md", "LICENSE", "bin"}
	entries, err := os.ReadDir(top)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(fixed, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}

// A statement of SQL in a Go string, also one that begins on a later line.
var sqlText = regexp.MustCompile(`(?i)^\s*(--.*\n\s*)*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|UPDATE\s+\w+\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+(\(|AS\s)|CALL\s+\w+\(|(?-i:NOTIFY|LISTEN)\s)`)

func sqlOf(f *ast.File) []string {
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING {
			if text := strings.Trim(s.Value, "`\""); sqlText.MatchString(text) {
				out = append(out, text)
			}
		}
		return true
	})
	return out
}

func TestSQLLivesInPostgresFiles(t *testing.T) {
	t.Parallel()
	for name, f := range readTree(t).files {
		if isTest(name) || strings.HasPrefix(path.Base(name), "postgres") || strings.HasPrefix(name, "migrations/") {
			continue
		}
		for _, text := range sqlOf(f) {
			t.Errorf("%s holds SQL, which belongs in a file called postgres*.go: %.60q", name, text)
		}
	}
}

var (
	ownerLine = regexp.MustCompile(`(?s)-- owner: ([\w/]+)\n(?:--[^\n]*\n)*CREATE TABLE (\w+)`)
	writes    = regexp.MustCompile(`(?i)(?:INSERT\s+INTO|DELETE\s+FROM|\bUPDATE)\s+(\w+)`)
)

func owners(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(top, "migrations", "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations found", err)
	}
	out := map[string]string{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ownerLine.FindAllStringSubmatch(string(b), -1) {
			out[m[2]] = m[1]
		}
		for _, m := range regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`).FindAllStringSubmatch(string(b), -1) {
			if out[m[1]] == "" {
				t.Errorf("%s: table %s has no line `-- owner:` before it", filepath.Base(file), m[1])
			}
		}
	}
	return out
}

func TestATableHasOneWriter(t *testing.T) {
	t.Parallel()
	own := owners(t)
	for name, f := range readTree(t).files {
		if isTest(name) || strings.HasPrefix(name, "migrations/") || slices.Contains([]string{"cmd/homestore/postgres_bench_big.go", "cmd/homestore/postgres_bench_report.go"}, name) {
			continue // the latter two make a book a hundredfold in a database that is thrown away
		}
		for _, text := range sqlOf(f) {
			for _, m := range writes.FindAllStringSubmatch(text, -1) {
				if o := own[m[1]]; o != "" && o != path.Dir(name) {
					t.Errorf("%s writes table %s, which belongs to %s", name, m[1], o)
				}
			}
		}
	}
}

// Where *fiber.Ctx may appear: the frame, and the redirect with its pages, which answer no JSON; and what the redirect is measured against.
var fiberAllowed = []string{"api/endpoint/", "api/guard/", "api/problem/", "api/shopper/", "api/integration/shopify/", "api/api.go", "api/console/", "cmd/homestore/bench_limit.go"}

func TestFiberContextStaysInTheFrame(t *testing.T) {
	t.Parallel()
	for name, text := range readTree(t).text {
		if isTest(name) || !strings.Contains(text, "*fiber.Ctx") {
			continue
		}
		if !slices.ContainsFunc(fiberAllowed, func(p string) bool { return strings.HasPrefix(name, p) }) {
			t.Errorf("%s speaks *fiber.Ctx; write a typed handler for endpoint.Handle", name)
		}
	}
}

func TestOnlyTheFCMPackageImportsTheMessagingSDK(t *testing.T) {
	t.Parallel()
	for name, f := range readTree(t).files {
		for _, i := range f.Imports {
			p := strings.Trim(i.Path.Value, `"`)
			if strings.HasPrefix(p, "firebase.google.com/") && path.Dir(name) != "notify/fcm" && path.Dir(name) != "api/signin/firebase" {
				t.Errorf("%s imports %s: 326 packages that one room of the house is enough for", name, p)
			}
		}
	}
}

var refusalCode = regexp.MustCompile(`shop\.Refuse\(shop\.\w+, "(\w+)"`)

// One grep for a code leads to the one rule behind it.
func TestErrorCodeIsDeclaredOnce(t *testing.T) {
	t.Parallel()
	declared := map[string]string{}
	for name, text := range readTree(t).text {
		if isTest(name) {
			continue
		}
		for _, m := range refusalCode.FindAllStringSubmatch(text, -1) {
			if other := declared[m[1]]; other != "" {
				t.Errorf("%s is declared in %s and in %s", m[1], other, name)
			}
			declared[m[1]] = name
		}
	}
	if len(declared) < 50 {
		t.Errorf("found %d codes only", len(declared))
	}
}

// Money is whole minor units. A float in these folders is a cent that goes missing.
func TestNoFloatTouchesMoney(t *testing.T) {
	t.Parallel()
	for name, f := range readTree(t).files {
		if isTest(name) || !slices.ContainsFunc([]string{"clienteling/shop/", "clienteling/order/", "referral/plan/", "referral/attribution/", "referral/ledger/", "referral/target/", "referral/period/", "referral/whatif/", "referral/dispute/", "referral/report/"}, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && (id.Name == "float64" || id.Name == "float32") {
				t.Errorf("%s uses %s", name, id.Name)
			}
			return true
		})
	}
}
