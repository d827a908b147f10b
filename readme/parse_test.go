package readme

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keys are those of a readme's warnings, in order, without the one for the
// licence that most short cases lack.
func keys(r *Readme) []string {
	var out []string
	for _, w := range r.Warnings {
		if w.Key != "license_missing" {
			out = append(out, w.Key)
		}
	}
	return out
}

func TestName(t *testing.T) {
	for _, c := range []struct {
		name, src, want string
		warnings        []string
	}{
		{"stands between signs", "=== Hello Yard ===\n", "Hello Yard", nil},
		{"may be Markdown's", "# Hello Yard\n", "Hello Yard", nil},
		{"may be underlined", "Hello Yard\n==========\nTags: a\n", "Hello Yard", nil},
		{"follows blank lines", "\n \n0\n=== Hello Yard ===\n", "Hello Yard", nil},
		{"has no tags", "=== <b>Hello</b> Yard<script> ===", "Hello Yard", nil},
		{"has its entities decoded", "=== Fish &amp; Chips ===", "Fish & Chips", nil},
		{"holds no tag spelt in entities", "=== &lt;script&gt;Yard ===", "Yard", nil},
		{"is no header", "Tags: a\nStable tag: 1.0\n", "", []string{"invalid_plugin_name_header"}},
		{"is not the template's", "=== Plugin Name ===\nHello Yard\nTags: a\n", "Hello Yard", []string{"invalid_plugin_name_header"}},
		{"is not prose below the template's", "=== Plugin Name ===\n" + strings.Repeat("prose ", 9) + "\n", "",
			[]string{"invalid_plugin_name_header"}},
		{"follows badges", "<!-- x\ny -->\n[![build](a)](b)\n<p align=center><img src=x></p>\n\n# Hello Yard\n", "Hello Yard", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Parse([]byte(c.src), serving)
			if r.Name != c.want {
				t.Errorf("got name %q, want %q", r.Name, c.want)
			}
			if diff := cmp.Diff(c.warnings, keys(r)); diff != "" {
				t.Errorf("warnings: -want +got\n%s", diff)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		want        Headers
		short       string
	}{
		{"have aliases", "Tested: 6.4\nRequires: 5.8\nRequires PHP: 7.4",
			Headers{Tested: "6.4", Requires: "5.8", RequiresPHP: "7.4"}, ""},
		{"may be marked up", "* **Tags:** a, b\n- Stable tag: 1.0", Headers{Tags: []string{"a", "b"}, StableTag: "1.0"}, ""},
		{"count once, the last", "Stable tag: 1.0\nStable tag: 2.0", Headers{StableTag: "2.0"}, ""},
		{"may have blank lines between", "Stable tag: 1.0\n\nTags: a", Headers{StableTag: "1.0", Tags: []string{"a"}}, ""},
		{"end at text", "Stable tag: 1.0\ntext\nTags: a", Headers{StableTag: "1.0"}, "text Tags: a"},
		{"end at a line of spaces", "Stable tag: 1.0\n \nTags: a", Headers{StableTag: "1.0"}, "Tags: a"},
		{"end at an unknown key after a blank line", "Stable tag: 1.0\n\nNote: text", Headers{StableTag: "1.0"}, "Note: text"},
		{"that are unknown are kept", "Requires Plugins: acme\nHomepage: https://example.com/a:b\nStable tag: 1.0",
			Headers{StableTag: "1.0", Extra: map[string]string{"requires plugins": "acme", "homepage": "https://example.com/a:b"}}, ""},
		{"that are none are not kept", "See [this](https://example.com): text\nStable tag: 1.0", Headers{StableTag: "1.0"}, ""},
		{"of 0 are absent", "Stable tag: 0\nTags: 0,a", Headers{Tags: []string{"a"}}, ""},
		{"keep addresses as they are", "Donate link: https://example.com/?a=1&currency=EUR", Headers{DonateLink: "https://example.com/?a=1&currency=EUR"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Parse([]byte("=== Hello Yard ===\n"+c.lines+"\n"), serving)
			if diff := cmp.Diff(c.want, r.Headers); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if r.ShortDescription != c.short {
				t.Errorf("got short description %q, want %q", r.ShortDescription, c.short)
			}
		})
	}
}

func TestExtraHeadersAreBounded(t *testing.T) {
	r := Parse([]byte(shape{head: "=== a ===\n", repeat: "key%d: value\n"}.grow(1<<16)), serving)
	if n := len(r.Headers.Extra); n != MaxExtraHeaders {
		t.Errorf("got %d headers, want %d", n, MaxExtraHeaders)
	}
}

func TestTags(t *testing.T) {
	r := Parse([]byte("=== a ===\nTags: one, plugin, , Two,0, wordpress, WordPress, 4, 5, 6, one\n"), serving)
	if diff := cmp.Diff([]string{"one", "Two", "WordPress", "4", "5", "6", "one"}, r.Headers.Tags); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	want := []Warning{
		{Key: "ignored_tags", Values: []string{"plugin", "wordpress"}, Line: 2},
		{Key: "too_many_tags", Values: []string{"6", "one"}, Line: 2},
	}
	if diff := cmp.Diff(want, r.Warnings[:2]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestContributors(t *testing.T) {
	r := Parse([]byte("=== a ===\nContributors: acme, @Acme.Inc, a b,, <b>, @@x_y--z, ünï, "+strings.Repeat("a", 61)+"\n"), serving)
	if diff := cmp.Diff([]string{"acme", "acme-inc", "a-b", "x_y-z"}, r.Headers.Contributors); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"", "", "ünï", strings.Repeat("a", 61)}, r.Warnings[0].Values); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestVersions(t *testing.T) {
	const requires, tested, php = "requires_header_ignored", "tested_header_ignored", "requires_php_header_ignored"
	for _, c := range []struct{ header, want, warning string }{
		{"Requires at least: 5.8", "5.8", ""},
		{"Requires at least: WordPress 6.8.1", "6.8.1", ""},
		{"Requires at least: 5.8 or higher", "5.8", ""},
		{"Requires at least: wp 5.8+", "5.8", ""},
		{"Requires at least: 5.8-beta", "5.8", ""},
		{"Requires at least: 6", "6", requires},
		{"Requires at least: 4.10", "4.10", requires},
		{"Requires at least: the latest", "", requires},
		{"Tested up to: 6.8", "6.8", ""},
		{"Tested up to: WordPress 6.8", "6.8", ""},
		{"Tested up to: 6.8+", "6.8", tested},
		{"Tested up to: 99.9", "99.9", ""}, // a pure parser does not know what is out
		{"Requires PHP: 7.4", "7.4", ""},
		{"Requires PHP: 8.1.2", "8.1.2", ""},
		{"Requires PHP: 8.1+", "8.1", php},
		{"Requires PHP: >=7.4", "7.4", php},
		{"Requires PHP: 7", "7", php},
		{"Requires PHP: <b>x</b>", "", php},
	} {
		t.Run(c.header, func(t *testing.T) {
			r := Parse([]byte("=== a ===\n"+c.header+"\n"), serving)
			if got := r.Headers.Requires + r.Headers.Tested + r.Headers.RequiresPHP; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := strings.Join(keys(r), " "); got != c.warning {
				t.Errorf("got warning %q, want %q", got, c.warning)
			}
		})
	}
}

func TestStableTag(t *testing.T) {
	for header, want := range map[string]string{
		"1.0": "1.0", `"1.0"`: "1.0", "/tags/1.0": "1.0", "Tags/1.0/": "1.0", ".5": "0.5", "trunk": "trunk", "v 1.0 (beta)": "v1.0beta",
	} {
		if got := Parse([]byte("=== a ===\nStable tag: "+header+"\n"), serving).Headers.StableTag; got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func TestLicense(t *testing.T) {
	for _, c := range []struct{ lines, license, uri, warning string }{
		{"License: GPLv2 or later", "GPLv2 or later", "", ""},
		{"License: GNU General Public License, version 3", "GNU General Public License, version 3", "", ""},
		{"License: GPLv2 (https://example.com/gpl)", "GPLv2", "https://example.com/gpl)", ""},
		{"License: MIT https://example.com/mit", "MIT", "https://example.com/mit", ""},
		{"License: MIT\nLicense URI: https://example.com/?a&copy=1", "MIT", "https://example.com/?a&copy=1", ""},
		{"License: Apache 1.1", "Apache 1.1", "", "invalid_license"},
		{"License: Apache Licence, Version 2.0", "Apache Licence, Version 2.0", "", ""},
		{"License: Creative Commons BY-NC 4.0", "Creative Commons BY-NC 4.0", "", "invalid_license"},
		{"License: Proprietary", "Proprietary", "", "invalid_license"},
		{"License: Acme", "Acme", "", "unknown_license"},
		{"", "", "", "license_missing"},
	} {
		t.Run(c.lines, func(t *testing.T) {
			r := Parse([]byte("=== a ===\n"+c.lines+"\n"), serving)
			if r.Headers.License != c.license || r.Headers.LicenseURI != c.uri {
				t.Errorf("got %q, %q, want %q, %q", r.Headers.License, r.Headers.LicenseURI, c.license, c.uri)
			}
			warning := ""
			if len(r.Warnings) > 0 {
				warning = r.Warnings[0].Key
			}
			if warning != c.warning {
				t.Errorf("got warning %q, want %q", warning, c.warning)
			}
		})
	}
}

func TestShortDescription(t *testing.T) {
	long := strings.Repeat("long ", 40)
	for _, c := range []struct {
		name, text, want string
		warnings         []string
	}{
		{"is plain", "A *very* [nice](https://example.com/) `x` <b>plugin</b> &amp; more.", "A very nice x plugin & more.", nil},
		{"joins its lines", "a\n\nb\n", "a b", nil},
		{"is never cut", long, strings.TrimSpace(long), []string{"trimmed_short_description"}},
		{"comes from the description", "== Description ==\n\n= Yard =\n**Bold** text.\nMore", "Yard", []string{"no_short_description_present"}},
		{"may be missing", "", "", nil},
		{"holds no script", "a<script>alert(1)</script>", "aalert(1)", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Parse([]byte("=== a ===\nTags: a\n\n"+c.text), serving)
			if r.ShortDescription != c.want {
				t.Errorf("got %q, want %q", r.ShortDescription, c.want)
			}
			if diff := cmp.Diff(c.warnings, keys(r)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestSections(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []Section
	}{
		{"have aliases", "== Frequently Asked Questions ==\na\n== Change Log ==\nb\n== Screenshot ==\nc\n", []Section{
			{"faq", "Frequently Asked Questions", "a", 3}, {"changelog", "Change Log", "b", 5}, {"screenshots", "Screenshot", "c", 7}}},
		{"that repeat are one", "== FAQ ==\na\n== Notes ==\nb\n== Frequently Asked Questions ==\nc\n", []Section{
			{"faq", "FAQ", "a\n\nc", 3}, {"notes", "Notes", "b", 5}}},
		{"may be Markdown's", "## Description\na\n### Sub\n##FAQ\nb\n##\nc\n", []Section{
			{"description", "Description", "a\n### Sub", 3}, {"faq", "FAQ", "b\n##\nc", 6}}},
		{"without text are left out", "== FAQ ==\n\n0\n== Changelog ==\n\n\na\n", []Section{{"changelog", "Changelog", "a", 6}}},
		{"have plain titles and keys", "== <b>My</b> \"Own\" Part ==\na\n", []Section{{"my_own_part", `My "Own" Part`, "a", 3}}},
		{"are not read in fenced code", "== Description ==\n```\n## a\n== b ==\n```\nc\n", []Section{
			{"description", "Description", "```\n## a\n== b ==\n```\nc", 3}}},
		{"are read after a fence without an end", "== Description ==\n```\na\n== FAQ ==\nb\n", []Section{
			{"description", "Description", "```\na", 3}, {"faq", "FAQ", "b", 6}}},
		{"that are unknown keep their indent", "== Usage ==\n\n    code\n", []Section{{"usage", "Usage", "    code", 3}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Parse([]byte("=== a ===\n\n"+c.src), serving)
			if diff := cmp.Diff(c.want, r.Sections); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestDescriptionFromTheShortOne(t *testing.T) {
	r := Parse([]byte("=== a ===\n\nA *nice* plugin.\n== FAQ ==\nb\n"), serving)
	want := []Section{{"faq", "FAQ", "b", 4}, {"description", "Description", "A *nice* plugin.", 0}}
	if diff := cmp.Diff(want, r.Sections); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestLongSectionsWarn(t *testing.T) {
	long := strings.Repeat("word ", MaxSectionWords) + "word"
	r := Parse([]byte("=== a ===\nLicense: MIT\n\na\n== Description ==\n"+long+"\n== Changelog ==\n"+long+"\n"), serving)
	want := []Warning{{Key: "trimmed_section_description", Line: 5}}
	if diff := cmp.Diff(want, r.Warnings); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(strings.Fields(r.Section("description").Markdown)) != MaxSectionWords+1 {
		t.Error("the section was cut")
	}
}

func TestSectionsAreBounded(t *testing.T) {
	r := Parse([]byte(shape{head: "= a =\n", repeat: "== %d ==\na\n"}.grow(1<<16)), serving)
	if len(r.Sections) != MaxSections {
		t.Errorf("got %d sections, want %d", len(r.Sections), MaxSections)
	}
}

func TestLongInputIsCut(t *testing.T) {
	r := Parse([]byte("=== a ===\n\n== Changelog ==\n"+strings.Repeat("a", MaxSize)), serving)
	if !slices.Contains(keys(r), "readme_too_large") {
		t.Error("no warning")
	}
	if n := len(r.Section("changelog").Markdown); n >= MaxSize {
		t.Errorf("%d bytes were kept", n)
	}
}

func entries(markdown string, profile Profile) []Entry {
	p := walker{readme: &Readme{profile: profile}}
	return p.parseEntries(markdown)
}

func TestEntries(t *testing.T) {
	for _, c := range []struct {
		name, markdown string
		want           []Entry
	}{
		{"have signs of any level", "= A? =\na\n#### B?\n\nb\n", []Entry{{"A?", "a"}, {"B?", "b"}}},
		{"may be bold if none has signs", "**A?**\na\n**B** c\n**C**", []Entry{{"A?", "a\n**B** c"}, {"C", ""}}},
		{"may follow text", "intro\n= A? =\na", []Entry{{"", "intro"}, {"A?", "a"}}},
		{"that repeat keep their first place and last text", "= A =\na\n= B =\nb\n= A =\nc", []Entry{{"A", "c"}, {"B", "b"}}},
		{"without a line are dropped", "= A =\n= B =\nb", []Entry{{"B", "b"}}},
		{"have plain headings", "= <b>A</b> &amp; B =\na", []Entry{{"A & B", "a"}}},
		{"of nothing are none", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, entries(c.markdown, Serve)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestScreenshots(t *testing.T) {
	for _, c := range []struct {
		name, markdown string
		want           []string
	}{
		{"count by position", "1. a\n2. *b*\n7. c", []string{"a", "b", "c"}},
		{"may be bullets", "* a\n* b", []string{"a", "b"}},
		{"may have paragraphs", "1. a\n\n    b\n\n2. c", []string{"a b", "c"}},
		{"do not count nested lists", "1. a\n    * b\n2. c", []string{"a", "c"}},
		{"need a list", "a", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Parse([]byte("= a =\n\n== Screenshots ==\n"+c.markdown), Options{Profile: Serve}).Screenshots); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestSectionHTML(t *testing.T) {
	r := Parse([]byte("=== a ===\n\n== FAQ ==\nintro\n= A <b>& B? =\n*a*\n== Usage ==\n*b*\n"), serving)
	for key, want := range map[string]string{
		"faq":   "<p>intro</p>\n<h4>A &amp; B?</h4>\n<p><em>a</em></p>",
		"usage": "<p><em>b</em></p>",
		"none":  "",
	} {
		if got := r.SectionHTML(key, Options{}); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}

func TestPlainText(t *testing.T) {
	for src, want := range map[string]string{
		"a <b>b</b>":           "a b",
		"a < b":                "a < b",
		"<<b>script>a":         "< script>a",
		"<<b></b>i":            "< i",
		"a <!-- b > c --> d":   "a  d",
		"a<b":                  "a",
		"&lt;b&gt;a&lt;/b&gt;": "a",
		" a\n\tb  c\x00 ":      "a b  c",
		"<\x01b>a &lt;&#1;b>":  "a",
		"a&currency=1":         "a&currency=1",
	} {
		if got := plainText(src); got != want {
			t.Errorf("%q: got %q, want %q", src, got, want)
		}
	}
}
