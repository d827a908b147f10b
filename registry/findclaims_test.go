package registry

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/readme"
)

func TestClaimsThatDisagree(t *testing.T) {
	const header = " * Version: 1.2.0\n"
	claims := []string{
		"tested_unknown", "requires_unknown", "requires_php_invalid", "requires_mismatch", "requires_php_mismatch",
		"tested_mismatch", "requires_above_tested", "version_constant_mismatch", "changelog_mismatch", "stable_tag_mismatch",
	}
	tests := []struct {
		name, tag string
		// file is "hello-yard.php" if empty.
		file, old, new string
		want           string // codes, sorted
	}{
		{name: "none"},
		{"tested with the next WordPress", "", "", header, header + " * Tested up to: 7.0\n", "tested_mismatch"},
		{"tested with one after it", "", "", header, header + " * Tested up to: 7.1\n", "tested_mismatch tested_unknown"},
		{"tested with no version", "", "", header, header + " * Tested up to: the latest\n", "tested_unknown"},
		{"requires what does not exist", "", "", "6.2", "66.2", "requires_above_tested requires_unknown"},
		{"requires a patch of what it was tested with", "", "", "6.2", "6.8.3", ""},
		{"requires more than it was tested with", "", "", "6.2", "6.9", "requires_above_tested"},
		{"another PHP in the readme", "", "readme.txt", "Tested up", "Requires PHP: 8.1\nTested up", "requires_php_mismatch"},
		{"another WordPress in the readme", "", "readme.txt", "Tested up", "Requires at least: 6.3\nTested up", "requires_mismatch"},
		{"PHP without a minor version", "", "", "Requires PHP: 7.4", "Requires PHP: 8", "requires_php_invalid"},
		{"a constant that was forgotten", "", "", " */\n", " */\ndefine( \"HY_VERSION\", '1.1.0' );\n", "version_constant_mismatch"},
		{"a constant of a class", "", "", " */\n", " */\nclass A { public const VERSION = '1.1.0'; }\n", "version_constant_mismatch"},
		{"a constant that is right", "", "", " */\n", " */\nconst VERSION = '1.2';\n", ""},
		{"constants of other things", "", "", " */\n", " */\ndefine('HY_MIN_PHP_VERSION', '7.0'); define('HY_DB_VERSION', '3');\n", ""},
		{"constants that are not clear", "", "", " */\n", " */\ndefine('A_VERSION', '7.0'); define('B_VERSION', '3');\n", ""},
		{"a changelog without the version", "", "readme.txt", "= 1.2.0 =\n* News", "= 1.1.0 =\n* News", "changelog_mismatch"},
		{"a changelog that is ahead", "", "readme.txt", "= 1.2.0 =\n* News", "= v1.3 - today =\n* News", "changelog_mismatch"},
		{"a changelog in Markdown's headings", "", "readme.txt", "= 1.2.0 =\n* News", "### 1.2.0\n* News", ""},
		{"a changelog without versions", "", "readme.txt", "= 1.2.0 =\n* News", "= Today =\n* News", ""},
		{"a stable tag on a branch", "", "readme.txt", "Stable tag: 1.2.0", "Stable tag: 1.1.0", "stable_tag_mismatch"},
		{"a stable tag of a release", "v1.2.0", "readme.txt", "Stable tag: 1.2.0", "Stable tag: 1.1.0", "stable_tag_mismatch"},
		{"a stable tag while the next version grows", "", "", "Version: 1.2.0", "Version: 1.3.0-dev", ""},
		{"trunk", "v1.2.0", "readme.txt", "Stable tag: 1.2.0", "Stable tag: trunk", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := helloYard("1.2.0")
			file := cmp.Or(tt.file, "hello-yard.php")
			if !strings.Contains(files[file], tt.old) {
				t.Fatalf("%s does not hold %q", file, tt.old)
			}
			files[file] = strings.Replace(files[file], tt.old, tt.new, 1)
			local := localOf(t, files)
			local.Tag, local.WordPress = tt.tag, "6.9"
			pkg, err := Check(t.Context(), local)
			if err != nil {
				t.Fatal(err)
			}
			got := slices.DeleteFunc(codes(pkg), func(code string) bool { return !slices.Contains(claims, code) })
			slices.Sort(got)
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%v, want %q", got, tt.want)
			}
		})
	}
}

// Whatever a main file and a readme hold, findings name lines that are there.
func FuzzClaims(f *testing.F) {
	files := helloYard("1.2.0")
	f.Add(files["hello-yard.php"], files["readme.txt"], "v1.3.0")
	f.Add("<?php // Plugin Name: A\r// Version: 1\rconst VERSION='2';", "A\r\rStable tag: 3\r== Changelog ==\r= 4.5 =\r", "")
	f.Fuzz(func(t *testing.T, main, text, tag string) {
		header := &mainSource{name: "a.php", text: []byte(main), header: ParseHeader([]byte(main))}
		source := &readmeSource{name: "readme.txt", text: []byte(text), readme: readme.Parse([]byte(text), readme.Options{Profile: readme.Serve})}
		b := &builder{stable: "6.9", plugin: &Plugin{Slug: "a"}, repo: &Repository{}, rev: Revision{Ref: tag, Release: &Release{Tag: tag}}}
		_, _ = b.version(header, source)
		b.checkUpdateURI(header)
		b.checkClaims(header, source)
		b.checkReadme(source, header)
		for _, found := range b.sorted() {
			lines := 1 + strings.Count(main, "\n") + strings.Count(main, "\r")
			if found.Place != "a.php" {
				// A readme has more kinds of line ends.
				lines = 1 + len(text)
			}
			if found.Line < 0 || found.Line > lines {
				t.Errorf("%s:%d of %d lines: %s", found.Place, found.Line, lines, found.Code)
			}
			for _, s := range []string{found.Place, found.Message, found.Remedy} {
				if printable(s) != s {
					t.Errorf("%q is not printable", s)
				}
			}
		}
	})
}
