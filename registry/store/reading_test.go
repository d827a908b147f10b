package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

// listing is every name in a directory with its size and time.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		all[path] = info.Mode().String() + " " + info.ModTime().String()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestReadingLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	server := open(t, dir)
	save(t, server, "plugins/hello-yard.json", "{}")
	openBeside(t, dir) // nor does it mind a signer
	before := listing(t, dir)
	r, err := OpenReading(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Load(t.Context(), "plugins/hello-yard.json"); string(got) != "{}" || err != nil {
		t.Errorf("Load = %q, %v", got, err)
	}
	if _, err := r.Load(t.Context(), "plugins/nope.json"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("Load of nothing = %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
		t.Errorf("the directory has changed:\n%s", diff)
	}
}

func TestNoRegistryToRead(t *testing.T) {
	dir := t.TempDir()
	for _, location := range []string{dir, filepath.Join(dir, "nope")} {
		if _, err := OpenReading(t.Context(), location); !errors.Is(err, registry.ErrInvalid) {
			t.Errorf("%s: %v", location, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestABucketIsRead(t *testing.T) {
	r, err := OpenReading(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Load(t.Context(), "plugins/nope.json"); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("Load of nothing = %v", err)
	}
}
