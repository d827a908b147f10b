package installer

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestDistignore runs the cases of testdata/distignore: a comment that says
// what they are about, the repository's files, and "want", the installer's
// listing. A line "images: a b" in the comment gives the image folders, one
// "path: a" the plugin's folder, one "warning: text" a part of a warning.
func TestDistignore(t *testing.T) {
	cases, err := filepath.Glob("testdata/distignore/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o, warnings := Options{}, []string{}
			for line := range strings.Lines(string(a.Comment)) {
				key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
				switch key {
				case "images":
					o.Images = strings.Fields(value)
				case "path":
					o.Path = value
				case "warning":
					warnings = append(warnings, value)
				}
			}
			var entries []raw
			var want string
			for _, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				entries = append(entries, raw{name: "acme-hello-yard-0a1b2c3/" + f.Name, text: string(f.Data)})
			}
			got, err := fromArchive(t, rawZip(t, end{}, entries...), o)
			if err != nil {
				t.Fatal(err)
			}
			names, texts := contents(t, got.zip)
			if diff := cmp.Diff(want, strings.Join(names, "\n")+"\n"); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			for _, e := range entries {
				rel := strings.TrimPrefix(strings.TrimPrefix(e.name, "acme-hello-yard-0a1b2c3/"), o.Path+"/")
				if text, kept := texts["hello-yard/"+rel]; kept && text != e.text {
					t.Errorf("%s holds %q", rel, text)
				}
			}
			if len(got.Warnings) != len(warnings) {
				t.Errorf("warnings %q", got.Warnings)
			}
			for i := range min(len(warnings), len(got.Warnings)) {
				if !strings.Contains(got.Warnings[i], warnings[i]) {
					t.Errorf("warning %q lacks %q", got.Warnings[i], warnings[i])
				}
			}
		})
	}
}

func TestOmittedNamesFoldersOnce(t *testing.T) {
	archive := rawZip(t, end{}, files(
		"top/.distignore", "tests\n*.md\n/.distignore\n",
		"top/a.php", "", "top/docs/a.md", "", "top/docs/b.php", "",
		"top/tests/", "", "top/tests/a", "", "top/tests/b/c", "",
	)...)
	got, err := fromArchive(t, archive, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := &Result{Files: 2, Omitted: []string{".distignore", "docs/a.md", "tests/"}}
	if diff := cmp.Diff(want, got.Result); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// TestForm checks each property of an installer that the package comment names.
func TestForm(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", batchBytes/8)
	archive := rawZip(t, end{comment: "0a1b2c3d"},
		raw{name: "top/"}, raw{name: "top/b/"},
		raw{name: "top/z.php", text: "<?php", mode: 0o100600, date: 0x5a21, time: 0x6000},
		raw{name: "top/b/run", text: "#!", mode: 0o100700, date: 0x5a21, time: 0x6000, localExtra: 9},
		raw{name: "top/é.txt", text: large, stored: true, date: 0x5a21, time: 0x6000, descriptor: true},
		raw{name: "top/a.txt", date: 0x5a21, time: 0x6000, flags: 6},
		raw{name: "top/c.txt", text: "no date", stored: true},
	)
	got, err := fromArchive(t, archive, Options{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(got.zip), int64(len(got.zip)))
	if err != nil {
		t.Fatal(err)
	}
	type form struct {
		Name    string
		Mode    os.FileMode
		Time    string
		Method  uint16
		Flags   uint16
		Extra   int
		Version uint16
	}
	var forms []form
	for _, f := range z.File {
		forms = append(forms, form{f.Name, f.Mode(), f.Modified.Format(time.DateTime), f.Method, f.Flags, len(f.Extra), f.ReaderVersion})
	}
	want := []form{
		{"hello-yard/a.txt", 0o644, "2025-01-01 12:00:00", zip.Deflate, 0, 0, 20},
		{"hello-yard/b/run", 0o755, "2025-01-01 12:00:00", zip.Deflate, 0, 0, 20},
		{"hello-yard/c.txt", 0o644, "1980-01-01 00:00:00", zip.Store, 0, 0, 20},
		{"hello-yard/z.php", 0o644, "2025-01-01 12:00:00", zip.Deflate, 0, 0, 20},
		{"hello-yard/é.txt", 0o644, "2025-01-01 12:00:00", zip.Store, flagUTF8, 0, 20},
	}
	if diff := cmp.Diff(want, forms); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	if z.Comment != "" {
		t.Errorf("comment %q", z.Comment)
	}
	if _, texts := contents(t, got.zip); texts["hello-yard/é.txt"] != large {
		t.Error("the large file differs")
	}
	again, err := fromArchive(t, got.zip, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.zip, again.zip) {
		t.Error("an installer made from an installer differs from it")
	}
}

func TestReader(t *testing.T) {
	archive := rawZip(t, end{comment: "0a1b2c3d"}, files(
		"top/", "", "top/pkg/yard/", "", "top/pkg/yard/yard.php", "<?php", "top/pkg/yard/.distignore", "x", "top/pkg/yard/inc/a.php", "a",
		"top/pkg/yard-pro/p.php", "p", "top/readme.md", "r")...)
	rd, err := Open(bytes.NewReader(archive), int64(len(archive)), "/pkg/yard/")
	if err != nil {
		t.Fatal(err)
	}
	if rd.Top() != "top" || rd.Comment() != "0a1b2c3d" {
		t.Errorf("top %q, comment %q", rd.Top(), rd.Comment())
	}
	want := []File{{".distignore", 1}, {"inc/a.php", 1}, {"yard.php", 5}}
	if diff := cmp.Diff(want, rd.Files()); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	if text, err := rd.Read("inc/a.php", 1); err != nil || string(text) != "a" {
		t.Errorf("read %q, %v", text, err)
	}
	for name, kind := range map[string]error{
		"yard.php": ErrTooLarge, "readme.md": ErrNoFile, "inc": ErrNoFile, "inc/": ErrNoFile, "": ErrNoFile,
		"../yard-pro/p.php": ErrNoFile, "none": ErrNoFile,
	} {
		if _, err := rd.Read(name, 4); !isKind(err, kind) {
			t.Errorf("read %q: %v, want %v", name, err, kind)
		}
	}
	for _, path := range []string{"pkg/none", "pkg/../pkg", "readme.md", "pk"} {
		if _, err := Open(bytes.NewReader(archive), int64(len(archive)), path); !isKind(err, ErrNoFile) {
			t.Errorf("path %q: %v, want %v", path, err, ErrNoFile)
		}
	}
}

// TestGitArchive makes an installer out of what git itself archives.
func TestGitArchive(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) []byte {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=acme", "-c", "user.email=acme@example.com", "-c", "commit.gpgSign=false"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_COMMITTER_DATE=2025-01-01T12:00:00Z", "TZ=UTC")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %s: %v", args, err)
		}
		return out
	}
	long := strings.Repeat("<?php // a line of source code\n", 40000)
	for name, text := range map[string]string{
		"hello-yard.php": "<?php // Plugin Name: Hello Yard", ".distignore": "/tests\n.*\n", ".gitattributes": "/docs export-ignore\n",
		"docs/a.md": "a", "tests/a.php": "a", "inc/größe.php": "<?php", "inc/long.php": long, "bin/run": "#!/bin/sh",
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "bin/run"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("hello-yard.php", filepath.Join(dir, "link.php")); err != nil {
		t.Fatal(err)
	}
	git("init", "-q", "--template=")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	sha := strings.TrimSpace(string(git("rev-parse", "HEAD")))
	archive := git("archive", "--format=zip", "--prefix=acme-hello-yard-"+sha[:7]+"/", sha)

	rd, err := Open(bytes.NewReader(archive), int64(len(archive)), "")
	if err != nil {
		t.Fatal(err)
	}
	if rd.Comment() != sha || rd.Top() != "acme-hello-yard-"+sha[:7] {
		t.Errorf("comment %q, top %q", rd.Comment(), rd.Top())
	}
	got, err := fromArchive(t, archive, Options{})
	if err != nil {
		t.Fatal(err)
	}
	names, texts := contents(t, got.zip)
	want := []string{"hello-yard/bin/run", "hello-yard/hello-yard.php", "hello-yard/inc/größe.php", "hello-yard/inc/long.php"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	if texts["hello-yard/inc/long.php"] != long {
		t.Error("the long file differs")
	}
	if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "link.php") {
		t.Errorf("warnings %q", got.Warnings)
	}
}

// TestMemoryDoesNotGrow with the archive: what is allocated altogether, freed
// or not, stays far below the size of what is copied.
func TestMemoryDoesNotGrow(t *testing.T) {
	for name, entries := range map[string][]raw{
		"one large file": {{name: "top/a", stored: true, text: strings.Repeat("x", 48<<20)}},
		"many files": func() (entries []raw) {
			text := strings.Repeat("y", 24<<10)
			for i := range 2000 {
				entries = append(entries, raw{name: fmt.Sprintf("top/%04d", i), stored: true, text: text})
			}
			return entries
		}(),
	} {
		archive := rawZip(t, end{}, entries...)
		for _, slug := range []string{"top", "other"} {
			for _, from := range []fromFunc{FromArchive, FromRelease} {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if _, err := from(t.Context(), bytes.NewReader(archive), int64(len(archive)), io.Discard, Options{Slug: slug}); err != nil {
					t.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
					t.Errorf("%s of %d bytes: %d bytes allocated", name, len(archive), used)
				}
			}
		}
	}
}

// TestSameBytes holds the digest of an installer: published ones are named by
// it, so a change here makes every site download its plugins again.
func TestSameBytes(t *testing.T) {
	archive := rawZip(t, end{comment: "0a1b2c3d"},
		raw{name: "top/hello-yard.php", text: "<?php // Plugin Name: Hello Yard", stored: true, date: 0x5a21, time: 0x6000, mode: 0o100644},
		raw{name: "top/bin/run", text: "#!/bin/sh", stored: true, date: 0x5a21, time: 0x6000, mode: 0o100755},
		raw{name: "top/inc/größe.php", text: "<?php", stored: true, date: 0x5a21, time: 0x6000, descriptor: true},
	)
	got, err := fromArchive(t, archive, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const want = "462e5cf2ac78d50aa24b11cb0833c94bb5cf891dc00bfc9e36d1867a0b12ec7c"
	if sum := fmt.Sprintf("%x", sha256.Sum256(got.zip)); sum != want {
		t.Errorf("digest %s, want %s", sum, want)
	}
}
