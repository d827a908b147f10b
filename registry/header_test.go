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

func TestParseThemeHeader(t *testing.T) {
	tests := []struct {
		name string
		src  string
		want Header
	}{
		{"a block comment", "/*\nTheme Name: Garden Path\nVersion: 1.2.0\n*/\nbody{}", Header{"Theme Name": "Garden Path", "Version": "1.2.0"}},
		{"stars, tabs and Windows line ends", "/**\r\n *\tTheme Name:\tGarden Path\r\n * Version:1.2.0 */\r\n", Header{"Theme Name": "Garden Path", "Version": "1.2.0"}},
		{"with UTF-8's byte order mark before the comment", "\ufeff/*\nTheme Name: A\n*/", Header{"Theme Name": "A"}},
		{"in UTF-16, WordPress sees none", "\xff\xfe/\x00*\x00\n\x00T\x00h\x00e\x00m\x00e\x00", Header{}},
		{"in Latin-1, what is no UTF-8 goes", "/* Theme Name: Gr\xfcn */", Header{"Theme Name": "Grn"}},
		{"a plugin's fields are none", "/* Plugin Name: A\nNetwork: true\nRequires Plugins: b */", Header{}},
		{"all the fields", "Theme Name: N\nTheme URI: U\nDescription: D\nAuthor: A\nAuthor URI: AU\nVersion: 1\nTemplate: p\nStatus: publish\nTags: a, b\nText Domain: T\nDomain Path: P\nRequires at least: 6\nTested up to: 7\nRequires PHP: 8\nUpdate URI: X\nLicense: L\nLicense URI: LU\n",
			Header{"Theme Name": "N", "Theme URI": "U", "Description": "D", "Author": "A", "Author URI": "AU", "Version": "1", "Template": "p", "Status": "publish", "Tags": "a, b", "Text Domain": "T", "Domain Path": "P", "Requires at least": "6", "Tested up to": "7", "Requires PHP": "8", "Update URI": "X", "License": "L", "License URI": "LU"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ParseThemeHeader([]byte(tt.src))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParseHeader(f *testing.F) {
	f.Add([]byte("<?php\n/**\n * Plugin Name: Hello Yard\n * Version: 1.2.0\n */"))
	f.Add([]byte("/*\nTheme Name: Garden Path\nTemplate: ../a\nTags: a,,<b>\n*/"))
	f.Add([]byte("Plugin Name: <b\n>x\nVersion: */ \xff\x00"))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, header := range []Header{ParseHeader(src), ParseThemeHeader(src)} {
			for field, value := range header {
				if value == "" || len(value) > MaxText || plainText(value) != value || strings.ContainsAny(value, "<>\n\r\x00") {
					t.Errorf("%s = %q", field, value)
				}
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

func TestAVersionIsWrittenWhereWordPressReadsIt(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"behind the tag", "<?php\n/*\n * Plugin Name: A\n */\n", "<?php\n/* Version: 1.2.0 */\n\n/*\n * Plugin Name: A\n */\n"},
		{"in one line with the name", "<?php // Plugin Name: A", "<?php\n/* Version: 1.2.0 */\n // Plugin Name: A"},
		{"before a declaration", "<?php declare(strict_types=1);\n# Plugin Name: A\n", "<?php\n/* Version: 1.2.0 */\n declare(strict_types=1);\n# Plugin Name: A\n"},
		{"at the top of a style sheet", "/*\nTheme Name: A\n*/", "/* Version: 1.2.0 */\n/*\nTheme Name: A\n*/"},
		{"behind a style sheet's charset", "@charset \"utf-8\";\n/*\nTheme Name: A\n*/", "@charset \"utf-8\";\n/* Version: 1.2.0 */\n\n/*\nTheme Name: A\n*/"},
		{"not where it would push another header out", "<?php\n" + strings.Repeat("#\n", HeaderBytes/2-15) + "# Plugin Name: A\n", ""},
		{"not where there is one already", "<?php\n# Plugin Name: A\n# Version: 1.0\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(withVersion([]byte(tt.src), "1.2.0")); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzWithVersion: what is written reads as the version, and nothing else reads
// differently.
func FuzzWithVersion(f *testing.F) {
	f.Add([]byte("<?php\n/*\n * Plugin Name: A\n */"), "1.2.0")
	f.Add([]byte("@charset \"utf-8\";/* Theme Name: A */"), "v2-beta+1")
	f.Fuzz(func(t *testing.T, src []byte, version string) {
		if version = cleanVersion(version); version == "" {
			return
		}
		with := withVersion(src, version)
		if with == nil {
			return
		}
		before, after := ParseHeader(src), ParseHeader(with)
		if rawVersion(with) != version || before["Version"] != "" || before["Plugin Name"] != after["Plugin Name"] || len(after) != len(before)+1 {
			t.Errorf("%q: %q", src, with)
		}
	})
}
