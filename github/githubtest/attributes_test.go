package githubtest

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// Each file of testdata/archives is a repository; its comment says what the
// case is about. What git archive makes of it is the answer.
func TestArchiveAsGitMakesIt(t *testing.T) {
	cases, err := filepath.Glob("testdata/archives/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			source, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := fstest.MapFS{}
			for _, f := range source.Files {
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			compareWithGit(t, files)
		})
	}
}

// Random trees and rules come out as git's; the seeds are fixed, so a failure
// is the same everywhere.
func TestArchiveOfRandomRulesAsGitMakesIt(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 1))
		pick := func(list ...string) string { return list[random.IntN(len(list))] }
		name := func() string { return pick("a", "b", "ab", "a.b", "c", "bc") }
		files := fstest.MapFS{}
		for range 60 {
			path := name()
			for range random.IntN(4) {
				path += "." + "d/" + name()
			}
			files[path] = &fstest.MapFile{}
		}
		for _, dir := range []string{"", "a.d/", "b.d/a.d/"} {
			var rules strings.Builder
			for range 12 {
				rules.WriteString(pick("", "/", "", "**/", "a.d/", "*/"))
				for range 1 + random.IntN(3) {
					rules.WriteString(pick("a", "b", "*", "?", "[ab]", "[!a]", "[^b-]", "[a-b", "\\a", "***", ".d", ".d", "c", "/", "**"))
				}
				rules.WriteString(pick("", "/", "/**", "/*", "/**/b") + pick(" export-ignore\n", " export-ignore\n", " -export-ignore\n"))
			}
			files[dir+".gitattributes"] = &fstest.MapFile{Data: []byte(rules.String())}
		}
		compareWithGit(t, files)
		if t.Failed() {
			t.Fatalf("seed %d, rules:\n%s\nin a.d:\n%s\nin b.d/a.d:\n%s", seed, files[".gitattributes"].Data, files["a.d/.gitattributes"].Data, files["b.d/a.d/.gitattributes"].Data)
		}
	}
}

func TestArchiveKeepsModesAndLinks(t *testing.T) {
	compareWithGit(t, fstest.MapFS{
		"run.sh":       {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"plain.txt":    {Data: []byte("plain\n")},
		"link":         {Data: []byte("plain.txt"), Mode: fs.ModeSymlink},
		"empty":        {},
		"a/b/c/d.txt":  {Data: bytes.Repeat([]byte("long "), 1000)},
		"a.txt":        {Data: []byte("sorts before a/ in git\n")},
		"a-b.txt":      {Data: []byte("and so does this\n")},
		"ümlaut/ø.txt": {Data: []byte("ø\n")},
		".git/config":  {Data: []byte("not part of the tree\n")},
	})
}

// compareWithGit commits the files here and in git and compares the names of
// tree and commit and the archives.
func compareWithGit(t *testing.T, files fstest.MapFS) {
	t.Helper()
	when := time.Date(2025, time.March, 1, 12, 0, 1, 0, time.UTC)
	r := New().AddRepo(Repo{Owner: "acme", Name: "yard"})
	sha := r.Commit("main", "A message", files, when)
	c := r.objects.commits[sha]

	dir := t.TempDir()
	git := gitIn(t, dir, when)
	git("init", "-q")
	for name, f := range files {
		if strings.HasPrefix(name, ".git/") {
			continue
		}
		writeFile(t, filepath.Join(dir, name), f)
	}
	git("add", "-A", "-f")
	git("commit", "-q", "--allow-empty", "-m", c.message)
	if got, want := c.tree, git("rev-parse", "HEAD^{tree}"); got != want {
		t.Errorf("tree %s, git has %s", got, want)
	}
	if got, want := sha, git("rev-parse", "HEAD"); got != want {
		t.Errorf("commit %s, git has %s\n%s", got, want, git("cat-file", "-p", "HEAD"))
	}
	prefix := "acme-yard-" + sha[:7] + "/"
	want := git("archive", "--format=zip", "--prefix="+prefix, "HEAD")
	if diff := cmp.Diff(listZip(t, []byte(want)), listZip(t, r.archive(c).bytes())); diff != "" {
		t.Errorf("archive (-git +ours):\n%s", diff)
	}
}

// gitIn runs git in a folder, apart from the machine's own settings.
func gitIn(t *testing.T, dir string, when time.Time) func(args ...string) string {
	return func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "TZ=UTC",
			"GIT_AUTHOR_NAME=acme", "GIT_AUTHOR_EMAIL=acme@example.com", "GIT_AUTHOR_DATE="+when.Format(time.RFC3339),
			"GIT_COMMITTER_NAME=acme", "GIT_COMMITTER_EMAIL=acme@example.com", "GIT_COMMITTER_DATE="+when.Format(time.RFC3339))
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, stderr.String())
		}
		if args[0] == "archive" {
			return string(out)
		}
		return strings.TrimSpace(string(out))
	}
}

func writeFile(t *testing.T, name string, f *fstest.MapFile) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	var err error
	if f.Mode&fs.ModeSymlink != 0 {
		err = os.Symlink(string(f.Data), name)
	} else {
		err = os.WriteFile(name, f.Data, f.Mode.Perm()|0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// zipEntry is what matters of an entry, but for how well it is compressed.
type zipEntry struct {
	Name     string
	Size     uint64
	CRC      uint32
	Creator  uint16
	External uint32
	Flags    uint16
	Time     string
	Stored   bool
}

func listZip(t *testing.T, data []byte) []zipEntry {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	list := []zipEntry{{Name: "comment " + z.Comment}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(r); err != nil {
			t.Errorf("read %s: %v", f.Name, err)
		}
		list = append(list, zipEntry{
			f.Name, f.UncompressedSize64, f.CRC32, f.CreatorVersion, f.ExternalAttrs,
			f.Flags, f.Modified.UTC().String(), f.Method == zip.Store,
		})
	}
	return list
}

func TestArchiveIsTheSameEveryTime(t *testing.T) {
	build := func() []byte {
		r := New().AddRepo(Repo{Owner: "acme", Name: "yard"})
		files := fstest.MapFS{}
		for _, name := range []string{"z", "b/x", "b/y", "a", "c/d/e"} {
			files[name] = &fstest.MapFile{Data: []byte(strings.Repeat(name, 100)), ModTime: time.Now()}
		}
		sha := r.Commit("main", "", files, time.Unix(1e9, 0))
		return r.archive(r.objects.commits[sha]).bytes()
	}
	if !bytes.Equal(build(), build()) {
		t.Error("two archives of the same files differ")
	}
}

func FuzzAttributes(f *testing.F) {
	for _, seed := range []string{
		"/tests export-ignore\n", "*.md export-ignore\n!x export-ignore\n", "\"a b\" export-ignore\n",
		"[abc-]* export-ignore\n**/x/** -export-ignore\n", "[attr]mine export-ignore\n# no\n", "\\#x\t!export-ignore", "[", "a/**/b export-ignore",
	} {
		f.Add(seed, "tests/a b/x.md")
	}
	f.Fuzz(func(t *testing.T, data, name string) {
		// Stars multiply what has to be tried; git's matcher has the same cost.
		if strings.Count(data, "*") > 8 || len(name) > 64 {
			return
		}
		rules := parseAttributes(data)
		if lines := strings.Count(data, "\n") + 1; len(rules) > lines {
			t.Errorf("%d rules of %d lines", len(rules), lines)
		}
		for _, r := range rules {
			if strings.HasSuffix(r.pattern, "\n") {
				t.Errorf("pattern %q holds its line's end", r.pattern)
			}
		}
		stack := []attributes{{rules: rules}}
		// A line that comes last and matches decides.
		if name == "" || strings.ContainsAny(name, "\\*?[]!#\"\n\r\t \x00/") {
			return
		}
		for _, ignore := range []bool{true, false} {
			last := append(slices.Clone(rules), attributeRule{pattern: name, ignore: ignore})
			if got := ignored([]attributes{{rules: last}}, name, false); got != ignore {
				t.Errorf("ignored(%q) = %v after a last line that says %v", name, got, ignore)
			}
		}
		if folder := ignored(stack, name, true); !folder && ignored(stack, name, false) {
			t.Errorf("%q is left out as a file but not as a folder", name)
		}
	})
}
