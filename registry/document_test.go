package registry

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var digestPattern = regexp.MustCompile(`[0-9a-f]{96}|[0-9a-f]{64}`)

var updateGolden = flag.Bool("update", false, "rewrite the golden files")

// TestDocuments keeps the documents of a few plugins by golden files:
// testdata/documents/NAME.json. Read their diff when it changes.
func TestDocuments(t *testing.T) {
	icon := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>`
	tests := []struct {
		name   string
		plugin Plugin
		forge  func(f *fakeForge)
	}{
		{"whole", Plugin{Branches: []string{"develop"}}, func(f *fakeForge) {
			f.publish("v1.1.0", helloYard("1.1.0"))
			files := helloYard("1.2.0")
			files[".wordpress-org/icon.svg"] = icon
			files["readme.txt"] = `=== Hello <b>Yard</b> ===
Contributors: acme, Gate.Keeper
Donate link: https://acme.example.com/donate
Tags: greeting, yard, {acme}Yard
Requires at least: 6.0
Tested up to: WordPress 6.8
Requires PHP: 8.1+
Requires Plugins: fence-post, woocommerce
Stable tag: 1.2.0
License: GPLv2 or later
License URI: https://www.gnu.org/licenses/gpl-2.0.html
Rating: 96
Num Ratings: 12
Ratings: 10, 1, 1, 0, 0
Active Installs: 1,000+
Added: 2024-05-06
Support URL: https://acme.example.com/support

Greets everyone in the yard, & says <em>so</em>.

== Description ==

All of it.

= Summary =

It *greets*. [More](docs/more.md) <script>alert(1)</script>

= Details =

Long.

== Frequently Asked Questions ==

= Why? =
Because.

== Screenshots ==

1. The yard.

== Changelog ==

= 1.2.0 =
* News.

== Upgrade Notice ==

For everyone.

= 1.2 =
Of the 1.2 line.

= 1.1.0 =
Old.

== Copyright ==

Ours.

== Hidden Thoughts ==

Not shown, since there is a summary.
`
			f.publish("v1.2.0", files)
		}},
		{"bare", Plugin{}, func(f *fakeForge) {
			f.repo.Description, f.repo.Homepage, f.repo.Topics = "A greeting.", "javascript:alert(1)", []string{"wordpress-plugin", "yard"}
			f.publish("1.0", map[string]string{"main.php": "<?php\n// Plugin Name: Bare\n// Version: 1.0\n"})
		}},
		{"folded", Plugin{}, func(f *fakeForge) {
			files := helloYard("1.2.0")
			files["readme.txt"] = "=== Hello Yard ===\nTags: a\n\n" + strings.Repeat("Long words. ", 20) + "\n\n== Description ==\n\nText.\n\n## Setup <i>now</i>\n\n1. Go.\n\n== Copyright ==\n\nOurs.\n"
			f.publish("v1.2.0", files)
		}},
		{"properties", Plugin{Source: SourceBranch}, func(f *fakeForge) {
			f.repo.Properties = map[string][]string{
				"wp-requires": {"6.1"}, "wp-tested_up_to": {"6.7"}, "WP-Requires-PHP": {"8.0"}, "wp-tags": {"a", "b c"},
				"wp-author": {"Property Author"}, "wp-sections": {"faq changelog", "hidden_thoughts"}, "team": {"x"},
			}
			f.commit("main", map[string]string{
				"hello-yard.php": "<?php\n# Plugin Name: Props\n# Version: 2.0-dev\n# Requires at least: 6.3\n",
				"README.md":      "# Props\n\nShort.\n\n## Description\n\nText.\n\n## Hidden Thoughts\n\nChosen.\n\n## FAQ\n\n### Why?\n\nBecause.\n",
			})
		}},
		{"theme", Plugin{}, func(f *fakeForge) {
			f.publish("v1.0.0", gardenPath("1.0.0"))
			f.publish("v1.1.0", gardenPath("1.1.0"))
		}},
		{"theme-bare", Plugin{Source: SourceBranch}, func(f *fakeForge) {
			f.commit("main", map[string]string{"style.css": "/* Theme Name: Bare\nVersion: 1.0\nTemplate: TwentyTen */"})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.plugin.Repo = Repo{"acme", "hello-yard"}
			b := newBench(t, tt.plugin)
			tt.forge(b.forge)
			document, err := b.Information(t.Context(), "hello-yard", Query{})
			if err != nil {
				t.Fatal(err)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, document.Identity, "", "  "); err != nil {
				t.Fatal(err)
			}
			// Digests depend on Go's compression, and of drawn icons on the
			// processor's rounding.
			got := digestPattern.ReplaceAllString(pretty.String(), "DIGEST")
			golden := filepath.Join("testdata", "documents", tt.name+".json")
			if *updateGolden {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("document is another one (-golden +now), rewrite with -update:\n%s", diff)
			}
		})
	}
}

// TestDocumentsKeepWordPresssShapes holds every document against what
// WordPress's PHP reads unguarded.
func TestDocumentsKeepWordPresssShapes(t *testing.T) {
	goldens, err := filepath.Glob("testdata/documents/*.json")
	if err != nil || len(goldens) == 0 {
		t.Fatal(goldens, err)
	}
	for _, golden := range goldens {
		t.Run(filepath.Base(golden), func(t *testing.T) {
			data, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			var doc map[string]any
			if err := json.Unmarshal(data, &doc); err != nil {
				t.Fatal(err)
			}
			if doc["preview_url"] != nil {
				themeShape(t, doc)
				return
			}
			noNulls(t, "", doc)
			for _, key := range []string{"sections", "contributors", "versions", "tags", "icons", "banners"} {
				if _, ok := doc[key].(map[string]any); !ok {
					t.Errorf("%s is %T, want an object", key, doc[key])
				}
			}
			if _, ok := doc["requires_plugins"].([]any); !ok {
				t.Errorf("requires_plugins is %T, want a list", doc["requires_plugins"])
			}
			if (doc["rating"] == nil) != (doc["num_ratings"] == nil) {
				t.Error("rating and num_ratings go together")
			}
			update, ok := doc["hello-yard"].(map[string]any)
			if !ok {
				t.Fatal("no update object under the slug")
			}
			for _, key := range []string{"slug", "plugin", "version", "new_version", "url", "package"} {
				if text, ok := update[key].(string); !ok || text == "" {
					t.Errorf("update has no %s", key)
				}
			}
			if update["package"] != doc["download_link"] || update["version"] != doc["version"] {
				t.Error("update and information disagree")
			}
			for _, raw := range []string{"name", "version", "requires_php"} {
				if text, _ := doc[raw].(string); strings.ContainsAny(text, "<>") {
					t.Errorf("%s is printed unescaped by WordPress and holds %q", raw, text)
				}
			}
		})
	}
}

func noNulls(t *testing.T, path string, v any) {
	switch v := v.(type) {
	case nil:
		t.Errorf("%s is null", path)
	case map[string]any:
		for key, value := range v {
			noNulls(t, path+"/"+key, value)
		}
	case []any:
		for _, value := range v {
			noNulls(t, path+"[]", value)
		}
	}
}
