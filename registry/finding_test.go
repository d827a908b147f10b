package registry

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Every code that is written in this package or in assets has a rule.
func TestEveryCodeHasARule(t *testing.T) {
	known := map[string]bool{}
	for _, rule := range Rules() {
		if known[rule.Code] || rule.Title == "" || rule.Help == "" {
			t.Errorf("rule %+v is there twice, or not whole", rule)
		}
		known[rule.Code] = true
	}
	patterns := []*regexp.Regexp{
		regexp.MustCompile(`[cC]ode(?:: +| = |, found\.Line = )"([a-z_]+)"`),
		regexp.MustCompile(`\b(?:refuse|note)\("([a-z_]+)"`),
		regexp.MustCompile(`checkSame\(.*"([a-z_]+)"\)`),
		regexp.MustCompile(`checkWordPressVersion\(main, "[^"]*", "([a-z_]+)"`),
		regexp.MustCompile(`Problem\w+ += "([a-z_]+)"`),
	}
	seen := map[string]bool{}
	for _, dir := range []string{".", "../assets"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, pattern := range patterns {
				for _, m := range pattern.FindAllSubmatch(src, -1) {
					seen[string(m[1])] = true
					if !known[string(m[1])] {
						t.Errorf("%s: code %s has no rule", name, m[1])
					}
				}
			}
		}
	}
	for code := range known {
		if !seen[code] {
			t.Errorf("no finding has the code %s", code)
		}
	}
}

func TestFindingsAreSortedPrintableAndBounded(t *testing.T) {
	var f findings
	for range 2 {
		f.add(Finding{Severity: SeverityNote, Code: "c", Place: "a\x1b[31m\u202e.php", Message: "x\r\ny \xff"})
	}
	for line := range MaxFindings + 5 {
		f.add(Finding{Severity: SeverityWarning, Code: "b", Line: line, Message: strings.Repeat("ä", MaxText)})
	}
	f.add(Finding{Severity: SeverityError, Code: "a", Message: "grave"})
	list := f.sorted()
	if len(list) != MaxFindings+1 || list[0].Code != "a" || list[1].Line != 0 || list[2].Line != 1 {
		t.Errorf("%d findings, the first %v", len(list), list[:3])
	}
	last := list[len(list)-1]
	if last.Code != "more_findings" || !strings.Contains(last.Message, "7 findings") {
		t.Errorf("the last finding is %+v", last)
	}
	for _, found := range list {
		if !utf8.ValidString(found.Message) || len(found.Message) > MaxText+10 {
			t.Errorf("message of %d bytes", len(found.Message))
		}
	}
	var g findings
	g.add(f.list[0])
	if got, want := g.list[0].Place+g.list[0].Message, "a\ufffd[31m\ufffd.phpx  y \ufffd"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAdvicePartsProblemAndRemedy(t *testing.T) {
	tests := []struct{ text, message, remedy string }{
		{"it is empty; add something", "It is empty.", "Add something."},
		{"It is empty.", "It is empty.", ""},
		{"a.php is empty; fill it; or else", "a.php is empty.", "Fill it; or else."},
		{"", "", ""},
	}
	for _, tt := range tests {
		if message, remedy := advice(tt.text); message != tt.message || remedy != tt.remedy {
			t.Errorf("%q: %q and %q", tt.text, message, remedy)
		}
	}
}

// localOf packs files as a plugin on this machine.
func localOf(t *testing.T, files map[string]string) *Local {
	t.Helper()
	data := zipOf("hello-yard/", files, "")
	file, err := os.Create(filepath.Join(t.TempDir(), "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	if _, err := file.Write(data); err != nil {
		t.Fatal(err)
	}
	return &Local{Plugin: Plugin{Slug: "hello-yard"}, Zip: file, Size: int64(len(data)), Base: "https://updates.example.com"}
}

func TestALocalPluginHasTheFindingsOfItsPage(t *testing.T) {
	files := helloYard("1.2.0")
	files["hello-yard.php"] += "define( 'HELLO_YARD_VERSION', '1.1.0' );\n"
	files["tests/a.php"] = "<?php"
	files["key.pem"] = "-----BEGIN PRIVATE KEY-----"
	b := newBench(t)
	b.forge.publish("v1.3.0", files)
	local := localOf(t, files)
	local.Tag = "v1.3.0"
	pkg, err := Check(t.Context(), local)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.pack(t).Findings, pkg.Findings); diff != "" {
		t.Errorf("page -, check +\n%s", diff)
	}
	for _, code := range []string{"secret_shipped", "tests_shipped", "tag_mismatch", "version_constant_mismatch"} {
		if !slices.Contains(codes(pkg), code) {
			t.Errorf("findings %v lack %s", codes(pkg), code)
		}
	}
}

func TestAPluginThatCannotBeServedIsRefusedWithAllItsFindings(t *testing.T) {
	files := map[string]string{"id_rsa": "1", "a.php": "<?php", "readme.txt": "=== A ===\n"}
	_, err := Check(t.Context(), localOf(t, files))
	var refused *Refusal
	if !errors.As(err, &refused) || !errors.Is(err, ErrInvalid) {
		t.Fatalf("%v, want a refusal", err)
	}
	got := codes(&Package{Findings: refused.Findings})
	for _, code := range []string{"main_file_missing", "secret_shipped"} {
		if !slices.Contains(got, code) {
			t.Errorf("findings %v lack %s", got, code)
		}
	}
	b := newBench(t)
	b.forge.publish("v1", files)
	_, err = b.Package(t.Context(), "hello-yard", Query{})
	if !errors.As(err, &refused) || !slices.Contains(codes(&Package{Findings: refused.Findings}), "main_file_missing") {
		t.Errorf("the service says %v", err)
	}
}

func TestARefusedNameHidesNothingElse(t *testing.T) {
	for _, name := range []string{"evil\n.bak", "evil\xff.bak", "evil\u202e.bak", strings.Repeat("e", 260) + ".bak"} {
		files := helloYard("1.2.0")
		files[name], files["id_rsa"], files["tests/a.php"] = "1", "1", "<?php"
		files[".wordpress-org/icon-13.png"] = "1"
		_, err := Check(t.Context(), localOf(t, files))
		var refused *Refusal
		if !errors.As(err, &refused) {
			t.Fatalf("%q: %v, want a refusal", name, err)
		}
		got := codes(&Package{Findings: refused.Findings})
		for _, code := range []string{"installer_refused", "secret_shipped", "tests_shipped", "litter_shipped", "image_name", "banner_missing"} {
			if !slices.Contains(got, code) {
				t.Errorf("%q: findings %v lack %s", name, got, code)
			}
		}
		for _, found := range refused.Findings {
			if strings.Contains(found.Remedy, "evil") {
				t.Errorf("the remedy %q names what cannot be written", found.Remedy)
			}
		}
	}
}

func TestAnInstallerIsCheckedWhole(t *testing.T) {
	files := helloYard("1.2.0")
	files[".env"] = "TOKEN=1"
	local := localOf(t, files)
	if pkg, err := Check(t.Context(), local); err != nil || slices.Contains(codes(pkg), "secret_shipped") {
		t.Errorf("%v; an archive's hidden files are left out", err)
	}
	local.Name = "hello-yard.zip"
	pkg, err := Check(t.Context(), local)
	if err != nil || !slices.Contains(codes(pkg), "secret_shipped") || slices.Contains(codes(pkg), "banner_missing") {
		t.Errorf("%v, %v", codes(pkg), err)
	}
}

func TestADamagedArchiveIsRefused(t *testing.T) {
	local := localOf(t, helloYard("1.2.0"))
	local.Size -= 30
	var refused *Refusal
	if _, err := Check(t.Context(), local); !errors.As(err, &refused) || refused.Findings[0].Code != "archive_refused" {
		t.Errorf("%v, want a refusal", err)
	}
}

func TestLinesAreCountedWithAnyLineEnd(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r"} {
		text := []byte(strings.Join([]string{"<?php", "/*", " * Plugin Name: A", " * Version: 1", " */"}, end))
		main := &mainSource{text: text, header: ParseHeader(text)}
		if got := main.line("Version"); got != 4 {
			t.Errorf("with %q the version is on line %d", end, got)
		}
		r := &readmeSource{text: bytes.ReplaceAll([]byte("=== A ===\nStable tag: 1\nStable Tag : 2\n\n== B ==\nStable tag: 3"), []byte("\n"), []byte(end))}
		if got := r.headerLine("stable tag"); got != 3 {
			t.Errorf("with %q the stable tag is on line %d", end, got)
		}
	}
}
