package registry

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseHeader(t *testing.T) {
	tests := []struct {
		name string
		src  string
		want Header
	}{
		{"a block comment", "<?php\n/**\n * Plugin Name: Hello Yard\n * Version: 1.2.0\n */", Header{"Plugin Name": "Hello Yard", "Version": "1.2.0"}},
		{"on the line of the opening tag", "<?php // Plugin Name: Hello Yard\n", Header{"Plugin Name": "Hello Yard"}},
		{"hash and slash comments", "<?php\n# Plugin Name: Hello Yard\n// Version:1.0\n", Header{"Plugin Name": "Hello Yard", "Version": "1.0"}},
		{"any case of the field", "/* PLUGIN NAME: Hello\nversion: 2 */", Header{"Plugin Name": "Hello", "Version": "2"}},
		{"the comment's end is no value", "/* Plugin Name: Hello */ echo 1;", Header{"Plugin Name": "Hello"}},
		{"PHP's end is no value", "// Plugin Name: Hello ?> x", Header{"Plugin Name": "Hello"}},
		{"old Mac line ends", "<?php\r/*\rPlugin Name: Hello\rVersion: 3\r*/", Header{"Plugin Name": "Hello", "Version": "3"}},
		{"the first one counts", "Plugin Name: A\nPlugin Name: B", Header{"Plugin Name": "A"}},
		{"a field within a sentence is none", "/*\n * The Plugin Name: Hello\n */", Header{}},
		{"what comes after 8 KB is not read", strings.Repeat(" ", HeaderBytes) + "\nPlugin Name: Hello", Header{}},
		{"tags go, since WordPress prints the name", "Plugin Name: <b>Hello</b> <script>alert(1)</script>Yard", Header{"Plugin Name": "Hello alert(1)Yard"}},
		{"angle brackets go", "Plugin Name: a < b > c\x00\x1b[0m", Header{"Plugin Name": "a b c[0m"}},
		{"invalid bytes go", "Plugin Name: H\xffi", Header{"Plugin Name": "Hi"}},
		{"an empty value is none", "Plugin Name:\nVersion: 1", Header{"Version": "1"}},
		{"all the fields", "Plugin Name: N\nPlugin URI: U\nDescription: D\nAuthor: A\nAuthor URI: AU\nText Domain: T\nDomain Path: P\nNetwork: true\nRequires at least: 6\nRequires PHP: 8\nRequires Plugins: a, b\nUpdate URI: X\nLicense: L\nLicense URI: LU\n",
			Header{"Plugin Name": "N", "Plugin URI": "U", "Description": "D", "Author": "A", "Author URI": "AU", "Text Domain": "T", "Domain Path": "P", "Network": "true", "Requires at least": "6", "Requires PHP": "8", "Requires Plugins": "a, b", "Update URI": "X", "License": "L", "License URI": "LU"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ParseHeader([]byte(tt.src))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParseHeader(f *testing.F) {
	f.Add([]byte("<?php\n/**\n * Plugin Name: Hello Yard\n * Version: 1.2.0\n */"))
	f.Add([]byte("Plugin Name: <b\n>x\nVersion: */ \xff\x00"))
	f.Fuzz(func(t *testing.T, src []byte) {
		for field, value := range ParseHeader(src) {
			if value == "" || len(value) > MaxText || plainText(value) != value || strings.ContainsAny(value, "<>\n\r\x00") {
				t.Errorf("%s = %q", field, value)
			}
		}
	})
}

func FuzzCompareVersions(f *testing.F) {
	f.Add("1.0-beta2", "1.0")
	f.Add("v1..2", "#N#")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 200 || len(b) > 200 {
			return
		}
		if CompareVersions(a, a) != 0 && a[len(a)-1] != '.' && !strings.ContainsAny(a[len(a)-1:], "-_+") && isDigit(a[len(a)-1]) {
			t.Errorf("%q is not equal to itself", a)
		}
		if got := CompareVersions(a, b); got < -1 || got > 1 {
			t.Errorf("CompareVersions(%q, %q) = %d", a, b, got)
		}
		for _, tag := range []string{TagVersion(a, b), TagVersion(a, "")} {
			if tag != "" && (!isDigit(tag[0]) || len(tag) > MaxVersion || cleanVersion(tag) != tag) {
				t.Errorf("TagVersion(%q) = %q", a, tag)
			}
		}
	})
}

func FuzzNames(f *testing.F) {
	f.Add("acme/hello-yard")
	f.Add("https://github.com/acme/hello-yard.git")
	f.Fuzz(func(t *testing.T, s string) {
		if repo, err := ParseRepo(s); err == nil {
			again, err := ParseRepo(repo.String())
			if err != nil && !strings.HasSuffix(repo.Name, ".git") || err == nil && !strings.HasSuffix(repo.Name, ".git") && again != repo {
				t.Errorf("ParseRepo(%q) = %v, again %v, %v", s, repo, again, err)
			}
			if strings.Contains(repo.String(), "..") && strings.Trim(repo.Name, ".") == "" {
				t.Errorf("ParseRepo(%q) = %v leads elsewhere", s, repo)
			}
			plugin, err := (Plugin{Repo: repo}).Normalize()
			if err == nil && string(plugin.Slug) != strings.ToLower(string(plugin.Slug)) {
				t.Errorf("slug %q", plugin.Slug)
			}
		}
		if slug, err := ParseSlug(s); err == nil && (strings.ContainsAny(string(slug), "/.%\\ ") || reserved[s]) {
			t.Errorf("ParseSlug(%q) passes", s)
		}
	})
}
