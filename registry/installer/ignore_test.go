package installer

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ignoredOf returns which of the files are left out by the .distignore files
// among them, given as path to text.
func ignoredOf(t testing.TB, files []string, ignores map[string]string) []string {
	t.Helper()
	g := newIgnorer(ignoreName, func(path string) (string, error) { return ignores[path], nil })
	ignored := []string{}
	for _, file := range files {
		out, _, err := g.ignores(file)
		if err != nil {
			t.Fatal(err)
		}
		if out {
			ignored = append(ignored, file)
		}
	}
	return ignored
}

// gitIgnored asks git the same. The files need not be there: git takes what is
// not there for a file, and what other names go through for a folder.
func gitIgnored(t testing.TB, files []string, ignores map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	git := func(stdin string, args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "core.excludesFile=", "-c", "core.ignoreCase=false"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		cmd.Stdin = strings.NewReader(stdin)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		// Status 1 means that none is ignored.
		if err := cmd.Run(); err != nil && (cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1) {
			t.Fatalf("git %s: %v\n%s", args, err, errs.String())
		}
		return out.String()
	}
	git("", "init", "-q", "--template=")
	put := func(name, text string) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range ignores {
		put(strings.TrimSuffix(name, ignoreName)+".gitignore", text)
	}
	out := git(strings.Join(files, "\x00")+"\x00", "check-ignore", "-z", "--no-index", "--stdin")
	ignored := []string{}
	for name := range strings.SplitSeq(out, "\x00") {
		if name != "" {
			ignored = append(ignored, name)
		}
	}
	return ignored
}

// TestIgnoreLikeGit generates trees and patterns out of a few letters, so that
// they meet often, and compares with git's check-ignore. Each pattern gets a
// folder of its own with the same tree in it, so that one call of git checks
// many.
func TestIgnoreLikeGit(t *testing.T) {
	for seed := range 4 {
		rnd := rand.New(rand.NewPCG(7, uint64(seed)))
		tree := randomTree(rnd)
		var files []string
		ignores := map[string]string{}
		for i := range 250 {
			folder := fmt.Sprintf("%03d/", i)
			ignores[folder+ignoreName] = randomPatterns(rnd, 1+rnd.IntN(1+i/50))
			if rnd.IntN(4) == 0 { // and another one further down
				file := tree[rnd.IntN(len(tree))]
				ignores[folder+file[:strings.LastIndexByte(file, '/')+1]+ignoreName] = randomPatterns(rnd, 1+rnd.IntN(3))
			}
			for _, file := range tree {
				files = append(files, folder+file)
			}
		}
		got, want := ignoredOf(t, files, ignores), gitIgnored(t, files, ignores)
		if len(want) < len(files)/20 {
			t.Errorf("seed %d: only %d of %d files are ignored, the patterns are too odd to say much", seed, len(want), len(files))
		}
		if slices.Equal(got, want) {
			continue
		}
		for i := range 250 {
			folder := fmt.Sprintf("%03d/", i)
			if diff := cmp.Diff(within(want, folder), within(got, folder)); diff != "" {
				t.Errorf("seed %d, .distignore %q: git -, ours +\n%s", seed, ignores[folder+ignoreName], diff)
			}
		}
	}
}

// within returns the names within a folder, relative to it.
func within(names []string, folder string) (inside []string) {
	for _, name := range names {
		if name, ok := strings.CutPrefix(name, folder); ok {
			inside = append(inside, name)
		}
	}
	return inside
}

// TestIgnoreOnTheNarrowPath holds the cases in which ignore files are commonly
// misread, each compared with git, too.
func TestIgnoreOnTheNarrowPath(t *testing.T) {
	tests := []struct {
		name    string
		ignore  string
		ignored []string
		kept    []string
	}{
		{"a name matches whole names at any depth", "bin", []string{"bin", "src/bin/tool"}, []string{"includes/binary.php", "cabin/x"}},
		{"a slash at the start anchors", "/tests", []string{"tests/a.php"}, []string{"tests-helper.php", "src/tests/a.php"}},
		{"a slash within anchors", "src/tests", []string{"src/tests/a.php"}, []string{"lib/src/tests/a.php"}},
		{"a star ends where the name ends", "*.map", []string{"app.map", "js/app.map"}, []string{"x.map.php"}},
		{"two stars match no folder, too", "a/**/b", []string{"a/b", "a/x/b", "a/x/y/b/z"}, []string{"b", "a/xb"}},
		{"two stars at the start", "**/build", []string{"build/x", "a/b/build"}, []string{"rebuild"}},
		{"two stars at the end match what is inside", "vendor/**", []string{"vendor/a", "vendor/b/c"}, []string{"vendor"}},
		{"two stars beside a letter are one", "a/x**y", []string{"a/xy", "a/x-y"}, []string{"a/x/y"}},
		{"a slash at the end matches folders alone", "build/", []string{"build/a", "src/build/a"}, []string{"build.php", "lib/build"}},
		{"the last match wins", "*.txt\n!readme.txt\n*.txt", []string{"readme.txt", "a.txt"}, []string{"a.php"}},
		{"an exclamation mark keeps", "*.txt\n!readme.txt", []string{"a.txt"}, []string{"readme.txt", "docs/readme.txt"}},
		{"nothing in a left-out folder can be kept", "build/\n!build/app.js", []string{"build/app.js", "build/x"}, nil},
		{"with a star its files are left out, not the folder", "build/*\n!build/app.js", []string{"build/x"}, []string{"build/app.js"}},
		{"a comment is none when escaped", "# all\n\\#notes", []string{"#notes"}, []string{"# all", "all"}},
		{"an exclamation mark can be escaped", "\\!important", []string{"!important"}, []string{"important"}},
		{"spaces at the end do not count", "notes.txt  ", []string{"notes.txt"}, []string{"notes.txt  "}},
		{"escaped spaces at the end do", "notes\\ ", []string{"notes "}, []string{"notes"}},
		{"spaces at the start do", "  notes", []string{"  notes"}, []string{"notes"}},
		{"tabs at the end do", "notes\t", []string{"notes\t"}, []string{"notes"}},
		{"lines may end as in DOS", "a.txt\r\nb.txt\r\n", []string{"a.txt", "b.txt"}, []string{"c.txt"}},
		{"a byte order mark does not count", "\ufeffa.txt", []string{"a.txt"}, nil},
		{"a class", "[a-c]?.[!t]*", []string{"bx.md"}, []string{"dx.md", "ax.txt", "b.md"}},
		{"a class that holds its own end", "[]x]", []string{"]", "x"}, []string{"[]x]"}},
		{"a class of POSIX", "v[[:digit:]]", []string{"v1"}, []string{"va", "v[[:digit:]]"}},
		{"an unfinished class matches nothing", "a[b", nil, []string{"ab", "a[b"}},
		{"an escaped star is a star", "a\\*", []string{"a*"}, []string{"ab"}},
		{"a backslash at the end matches nothing", "a\\", nil, []string{"a", "a\\"}},
		{"case counts", "README.md", []string{"README.md"}, []string{"readme.md"}},
		{"a slash alone matches nothing", "/", nil, []string{"a", "b/c"}},
		{"a star alone leaves out everything", "*", []string{"a", "b/c"}, nil},
		{"a star keeps out of folders below", "/*\n!/src", []string{"a", "lib/b"}, []string{"src/a", "src/lib/b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := slices.Concat(tt.ignored, tt.kept)
			ignores := map[string]string{ignoreName: tt.ignore}
			got := ignoredOf(t, files, ignores)
			if diff := cmp.Diff(append([]string{}, tt.ignored...), got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if diff := cmp.Diff(gitIgnored(t, files, ignores), got); diff != "" {
				t.Errorf("git -, ours +\n%s", diff)
			}
		})
	}
}

// TestIgnoreWorkIsBounded: no pattern makes matching explode, and the whole
// work has an end.
func TestIgnoreWorkIsBounded(t *testing.T) {
	text := strings.Repeat("a", 500)
	deep := strings.Repeat("a/", 60) + "a"
	for _, line := range []string{
		strings.Repeat("*a", 40) + "b", strings.Repeat("**/", 60) + "b", strings.Repeat("**/*a*/", 20) + "b",
		strings.Repeat("[!b]*", 40) + "b", "/" + strings.Repeat("*/**/", 30) + "b",
	} {
		var m matcher
		p := parsePattern(line)
		for _, path := range []string{text, deep} {
			if m.matches(&p, path, false) {
				t.Errorf("%q matches %q", line, path)
			}
		}
		if most := int64(len(line)+2) * int64(len(text)+len(deep)+2); m.work > most {
			t.Errorf("%q took %d moves, more than %d", line, m.work, most)
		}
	}
	g := newIgnorer(ignoreName, func(string) (string, error) { return "b", nil })
	g.matcher.work = MaxIgnoreWork + 1
	if _, _, err := g.ignores("a"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}

func randomTree(rnd *rand.Rand) []string {
	names := []string{"a", "b", "ab", "aa", "abc", "a.b", ".a", "a b", "a ", "b-c", "A", "[a]", "a*", "1", "é", "#a", "!a", "ba"}
	seen := map[string]bool{} // true is a folder
	var files []string
	for range 60 {
		depth := 1 + rnd.IntN(4)
		path := ""
		for d := range depth {
			path += names[rnd.IntN(len(names))]
			folder, known := seen[path]
			if d == depth-1 {
				if !known {
					seen[path] = false
					files = append(files, path)
				}
				break
			}
			if known && !folder {
				break
			}
			seen[path] = true
			path += "/"
		}
	}
	slices.Sort(files)
	return files
}

func randomPatterns(rnd *rand.Rand, n int) string {
	pieces := []string{
		"a", "b", "a", "b", "ab", "c", ".", "A", "1", "é",
		"*", "*", "**", "?", "/", "/", "/", "**/", "/**", "/**/", "*/",
		"[ab]", "[!a]", "[^b]", "[a-c]", "[]a]", "[]-a]", "[a-]", "[[:alpha:]]", "[![:digit:]]", "[[:upper:][:digit:]]", "[[:nope:]]", "[[:a]", "[\\]a]", "[", "]", "[a", "[z-a]",
		"\\", "\\a", "\\*", "\\[", " ", "\\ ", "-", "#", "!", "\\#", "\\!", "***", "\t",
	}
	ends := []string{"\n", "\n", "\n", "\n", " \n", "/\n", "\r\n", "  \n", "\\ \n"}
	var b strings.Builder
	if rnd.IntN(20) == 0 {
		b.WriteString("\ufeff")
	}
	for range n {
		if rnd.IntN(4) == 0 {
			b.WriteString("!")
		}
		for range 1 + rnd.IntN(5) {
			// Mostly from the plain ones: garbage matches nothing.
			most := len(pieces)
			if rnd.IntN(2) == 0 {
				most = 21
			}
			b.WriteString(pieces[rnd.IntN(most)])
		}
		b.WriteString(ends[rnd.IntN(len(ends))])
	}
	return b.String()
}
