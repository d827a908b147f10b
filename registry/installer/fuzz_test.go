package installer

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

// FuzzOpen reads anything as a zip. Whatever an installer can be made of, the
// installer is a zip that the standard library reads whole, with one top-level
// folder and safe names, within the limits; and made again, also out of itself,
// it is the same.
func FuzzOpen(f *testing.F) {
	seed := func(z end, entries ...raw) { f.Add(rawZip(f, z, entries...)) }
	seed(end{comment: "0a1b2c3d"}, files("top/", "", "top/z.php", "<?php", "top/.distignore", "*.md\n", "top/a/b.md", "b")...)
	seed(end{}, files("z.php", "<?php", "a/b", "b")...)
	seed(end{trailing: "x", gap: "y"}, files("hello-yard/z.php", "<?php", "__MACOSX/._a", "")...)
	seed(end{}, raw{name: "hello-yard/a", text: "abc", stored: true, descriptor: true}, raw{name: "hello-yard/l", text: "a", mode: 0o120777})
	seed(end{}, raw{name: "hello-yard/é", text: strings.Repeat("ab", 500), mode: 0o100755, localExtra: 3, date: 0x5a21})
	seed(end{}, raw{name: "hello-yard/a", size: 0xffffffff, extra: []byte("\x01\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00")})
	seed(end{}, raw{name: "hello-yard/../a"}, raw{name: "hello-yard/a", offset: 3}, raw{name: "hello-yard/A"})
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, from := range []fromFunc{FromArchive, FromRelease} {
			made, err := build(t, from, b, Options{Images: []string{"assets"}})
			if err != nil {
				if text := err.Error(); len(text) > 2000 {
					t.Errorf("an error of %d bytes", len(text))
				}
				continue
			}
			z, err := zip.NewReader(bytes.NewReader(made.zip), int64(len(made.zip)))
			if err != nil {
				t.Fatal(err)
			}
			kept, junk := 0, false
			for _, f := range z.File {
				rel, ok := strings.CutPrefix(f.Name, "hello-yard/")
				if !ok || checkName(f.Name) != "" || checkKept(rel) != "" {
					t.Errorf("name %q", f.Name)
				}
				if strings.HasSuffix(f.Name, "/") {
					continue
				}
				kept++
				junk = junk || isJunk(f.Name)
				if !f.Mode().IsRegular() {
					t.Errorf("%q has mode %v", f.Name, f.Mode())
				}
				r, err := f.Open()
				if err != nil {
					t.Fatalf("%q: %v", f.Name, err)
				}
				if _, err := io.Copy(io.Discard, r); err != nil {
					t.Fatalf("%q: %v", f.Name, err)
				}
			}
			if kept != made.Files || kept == 0 {
				t.Errorf("%d files, the result says %d", kept, made.Files)
			}
			if len(made.Omitted) > MaxOmitted || len(made.Warnings) > MaxWarnings+1 {
				t.Errorf("%d omitted, %d warnings", len(made.Omitted), len(made.Warnings))
			}
			again, err := build(t, from, b, Options{Images: []string{"assets"}})
			if err != nil || !bytes.Equal(made.zip, again.zip) {
				t.Errorf("made again it differs, %v", err)
			}
			if junk {
				continue // a release's zip would lose it
			}
			again, err = build(t, FromRelease, made.zip, Options{})
			if err != nil || !bytes.Equal(made.zip, again.zip) {
				t.Errorf("made out of itself it differs, %v", err)
			}
		}
	})
}

// FuzzIgnore reads anything as a .distignore and a path. Matching is bounded by
// the lengths' product, does not depend on what was matched before, and agrees
// with a plain matcher that tries every way.
func FuzzIgnore(f *testing.F) {
	for _, line := range []string{"*.md", "/a/**/b", "!a/", "[a-c]?", "[[:alpha:]]*", "**/**/**/x", "*a*a*a*", `\!x\ `, "a**b", "[", `a\`, "/**", "a/**", "**a/b"} {
		f.Add(line, "a/b/x.md")
	}
	f.Add("#c\n\n  a \r\n", "a")
	f.Fuzz(func(t *testing.T, text, path string) {
		if len(text) > 200 || len(path) > 200 || checkName(path) != "" || strings.HasSuffix(path, "/") {
			return
		}
		var used matcher
		for _, p := range parsePatterns(text) {
			for _, folder := range []bool{false, true} {
				var fresh matcher
				got := fresh.matches(&p, path, folder)
				if again := used.matches(&p, path, folder); again != got {
					t.Errorf("%+v on %q: %v, then %v", p, path, got, again)
				}
				if most := int64(len(text)+3) * int64(len(path)+2); fresh.work > most {
					t.Errorf("%+v on %q: %d moves, more than %d", p, path, fresh.work, most)
				}
				if want, ok := slowly(&p, path, folder); ok && want != got {
					t.Errorf("%+v on %q: got %v, want %v", p, path, got, want)
				}
			}
		}
		g := newIgnorer(ignoreName, func(name string) (string, error) {
			if name == ignoreName {
				return text, nil
			}
			return "", nil
		})
		ignored, by, err := g.ignores(path)
		if err != nil || by != "" && (!ignored || !strings.HasPrefix(path, by) || !strings.HasSuffix(by, "/")) {
			t.Errorf("%q: %v, %q, %v", path, ignored, by, err)
		}
	})
}

// slowly matches by trying every way, as long as that does not take too long.
func slowly(p *pattern, path string, folder bool) (matches, ok bool) {
	if p.never || p.folderOnly && !folder {
		return false, true
	}
	if p.baseOnly {
		path = path[strings.LastIndexByte(path, '/')+1:]
	}
	if !strings.HasPrefix(path, p.literal) {
		return false, true
	}
	path = path[len(p.literal):]
	if p.whole {
		return path == "", true
	}
	steps := p.steps
	if p.ends {
		steps = []step{{op: opStar}}
		for i := range len(p.suffix) {
			steps = append(steps, step{op: opChar, char: p.suffix[i]})
		}
	}
	tries := 0
	var try func(steps []step, s string) bool
	try = func(steps []step, s string) bool {
		if tries++; tries > 100_000 {
			return false
		}
		if len(steps) == 0 {
			return s == ""
		}
		rest := steps[1:]
		switch op := steps[0].op; op {
		case opMaybeDeep:
			return try(steps[3:], s) || try(rest, s)
		case opStar, opDeep:
			return try(rest, s) || s != "" && (op == opDeep || s[0] != '/') && try(steps, s[1:])
		case opAny:
			return s != "" && s[0] != '/' && try(rest, s[1:])
		case opClass:
			return s != "" && steps[0].class[s[0]] && try(rest, s[1:])
		default:
			return s != "" && s[0] == steps[0].char && try(rest, s[1:])
		}
	}
	matches = try(steps, path)
	return matches, tries <= 100_000
}
