package installer

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestPackedFolderHoldsWhatGitHubsArchiveWould(t *testing.T) {
	tree := fstest.MapFS{}
	for name, text := range map[string]string{
		"a.php":                   "<?php",
		".git/config":             "[core]",
		"vendor/x/.git":           "gitdir: elsewhere",
		"vendor/x/x.php":          "<?php",
		".gitignore":              "node_modules/\n/*.log\n",
		"node_modules/b/index.js": "1",
		"error.log":               "1",
		"logs/error.log":          "kept, since the pattern is anchored",
		".gitattributes":          "* text=auto\n/tests export-ignore\nbuild/ export-ignore\n*.md export-ignore\nREADME.md -export-ignore\n",
		"tests/a-test.php":        "<?php",
		"build/a.js":              "kept, since a slash at the end matches nothing there",
		"README.md":               "# A",
		"notes.md":                "1",
		"sub/.gitattributes":      "c.php export-ignore",
		"sub/c.php":               "<?php",
		"c.php":                   "<?php",
	} {
		tree[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	var packed bytes.Buffer
	if err := PackFolder(t.Context(), tree, "a", &packed); err != nil {
		t.Fatal(err)
	}
	rd, err := Open(bytes.NewReader(packed.Bytes()), int64(packed.Len()), "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range rd.Files() {
		got = append(got, file.Path)
		if text, err := rd.Read(file.Path, MaxFileBytes); err != nil || string(text) != string(tree[file.Path].Data) {
			t.Errorf("%s holds %q, %v", file.Path, text, err)
		}
	}
	want := strings.Fields(".gitattributes .gitignore README.md a.php build/a.js c.php logs/error.log sub/.gitattributes vendor/x/x.php")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestLinksOfAFolderAreNotFollowed(t *testing.T) {
	dir, secret := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	for name, text := range map[string]string{filepath.Join(dir, "a.php"): "<?php // Plugin Name: A", secret: "s3cret"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range []string{"file", ".gitignore", ".gitattributes"} {
		if err := os.Symlink(secret, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Dir(secret), filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var packed bytes.Buffer
	if err := PackFolder(t.Context(), root.FS(), "a", &packed); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(packed.Bytes(), []byte("s3cret")) {
		t.Error("the zip holds what lies outside")
	}
	var made bytes.Buffer
	result, err := FromArchive(t.Context(), bytes.NewReader(packed.Bytes()), int64(packed.Len()), &made, Options{Slug: "a"})
	if err != nil || result.Files != 1 || len(result.Warnings) != 2 {
		t.Errorf("%+v, %v; want one file, and two links left out", result, err)
	}
}

func TestAFolderThatCannotBePackedIsNamed(t *testing.T) {
	empty := fstest.MapFS{".git/HEAD": {}, "a.log": {}, ".gitignore": {Data: []byte("*")}}
	var packed bytes.Buffer
	if err := PackFolder(t.Context(), empty, "a", &packed); !errors.Is(err, ErrEmpty) {
		t.Errorf("%v, want ErrEmpty", err)
	}
	many := fstest.MapFS{}
	for i := range MaxEntries + 1 {
		many[strconv.Itoa(i)] = &fstest.MapFile{}
	}
	if err := PackFolder(t.Context(), many, "a", &packed); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "; name the plugin's folder, or ") {
		t.Errorf("%v, want ErrTooLarge, and first the likely remedy", err)
	}
	long := fstest.MapFS{".gitignore": {Data: bytes.Repeat([]byte("a\n"), MaxIgnoreBytes)}, "a.php": {}}
	if err := PackFolder(t.Context(), long, "a", &packed); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v, want ErrTooLarge", err)
	}
}

func TestARefusedSelectionCanBeListedButNotWritten(t *testing.T) {
	var packed bytes.Buffer
	if err := PackFolder(t.Context(), fstest.MapFS{"a.php": {}, "b\n.php": {}}, "a", &packed); err != nil {
		t.Fatal(err)
	}
	rd, err := Open(bytes.NewReader(packed.Bytes()), int64(packed.Len()), "")
	if err != nil {
		t.Fatal(err)
	}
	fromArchive, archiveErr := rd.SelectFromArchive(t.Context(), Options{Slug: "a"})
	fromRelease, releaseErr := rd.SelectFromRelease(Options{Slug: "a"})
	if !errors.Is(archiveErr, ErrHostile) || !errors.Is(releaseErr, ErrHostile) {
		t.Fatalf("%v, %v; want ErrHostile", archiveErr, releaseErr)
	}
	for _, selection := range []*Selection{fromArchive, fromRelease} {
		if n := len(selection.Files()); n != 2 {
			t.Errorf("it lists %d files, want 2", n)
		}
		var w bytes.Buffer
		if _, err := selection.Write(t.Context(), &w); !errors.Is(err, ErrHostile) || w.Len() > 0 {
			t.Errorf("writing: %v after %d bytes", err, w.Len())
		}
	}
}
