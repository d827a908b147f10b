package readme

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard"
)

// wporg are the options of a comparison with WordPress.org.
var wporg = Options{Profile: WPOrg, Stable: StableWordPress}

// complete is a readme that lacks nothing.
const complete = `=== Hello Yard ===
Contributors: acme
Tags: yard
Requires at least: 6.2
Tested up to: 6.8
Requires PHP: 7.4
Stable tag: 1.0.0
License: GPLv2 or later
Donate link: https://example.com/

A yard.

== Description ==
a

== Frequently Asked Questions ==
= b? =
c

== Screenshots ==
1. d

== Changelog ==
e

== Upgrade Notice ==
= 1.0.0 =
f
`

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name, old, new string // what is replaced in a readme that lacks nothing
		want           string // severity, code and line
	}{
		{"nothing is wrong", "", "", ""},
		{"no name", "=== Hello Yard ===\n", "", "error invalid_plugin_name_header 1"},
		{"the template's name", "Hello Yard ===", "Plugin Name ===\n== x ==", "error invalid_plugin_name_header 1"},
		{"a name of nothing", "=== Hello Yard ===", "=== ===", "error invalid_plugin_name_header 1"},
		{"a licence that does not fit", "GPLv2 or later", "Proprietary", "error invalid_license 8"},
		{"a licence nobody knows", "GPLv2 or later", "Acme", "note unknown_license 8"},
		{"no licence", "License: GPLv2 or later\n", "", "warning license_missing 8"},
		{"an empty licence", "GPLv2 or later", "", "warning license_missing 8"},
		{"words for a version", "Requires at least: 6.2", "Requires at least: new", "warning requires_header_ignored 4, note requires_header_missing 4"},
		{"a version to come", "Tested up to: 6.8", "Tested up to: 7.1", "warning tested_header_ignored 5"},
		{"not tested", "Tested up to: 6.8\n", "", "warning tested_header_missing 8"},
		{"a sign in PHP's version", "7.4", "7.4+", "warning requires_php_header_ignored 6, note requires_php_header_missing 6"},
		{"trunk", "1.0.0\nL", "trunk\nL", "warning stable_tag_invalid 7"},
		{"nobody", "Contributors: acme\n", "", "note contributors_missing 8"},
		{"someone who cannot be", "acme", "<b>", "warning contributor_ignored 2"},
		{"six tags", "yard\n", "1, 2, 3, 4, 5, 6\n", "warning too_many_tags 3"},
		{"a tag that says nothing", "yard\n", "yard, plugin\n", "warning ignored_tags 3"},
		{"a long short description", "A yard.", strings.Repeat("a ", 100), "warning trimmed_short_description 11"},
		{"no short description", "A yard.", "", "note no_short_description_present 9"},
		{"a long section", "\na\n", "\n" + strings.Repeat("a ", MaxSectionWords+1) + "\n", "warning trimmed_section_description 13"},
		{"no questions", "= b? =\nc\n", "", "note faq_missing 0"},
		{"no captions", "1. d", "d", "note screenshots_missing 20"},
		{"no changelog", "== Changelog ==\ne\n", "", "note changelog_missing 0"},
		{"no notice", "= 1.0.0 =\nf\n", "", "note upgrade_notice_missing 0"},
		{"no donations", "Donate link: https://example.com/\n", "", "note donate_link_missing 8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := strings.Replace(complete, c.old, c.new, 1)
			r := Parse([]byte(src), wporg)
			var got []string
			for _, p := range r.Validate() {
				got = append(got, fmt.Sprintf("%s %s %d", p.Severity, p.Code, p.Line))
				if p.Message == "" || p.Remedy == "" || strings.Contains(p.Message, "%!") || strings.Contains(p.Message, "%s") {
					t.Errorf("%s says %q, %q", p.Code, p.Message, p.Remedy)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(r.Validate(), r.Document(wporg).Problems); diff != "" {
				t.Errorf("the document has others: -want +got\n%s", diff)
			}
		})
	}
}

// The starting readme is held to what it teaches.
func TestTemplateHasNoProblem(t *testing.T) {
	for name, o := range map[string]Options{"WPOrg": wporg, "Serve": {Profile: Serve, Stable: StableWordPress}} {
		r := Parse([]byte(pluginyard.ReadmeTemplate), o)
		if diff := cmp.Diff([]Problem(nil), r.Validate()); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		if len(r.Warnings) > 0 {
			t.Errorf("%s: warnings %v", name, r.Warnings)
		}
	}
}

func TestEveryProblemHasAMessageAndARemedy(t *testing.T) {
	concern := []string{"invalid_license", "unknown_license", "contributor_ignored", "too_many_tags", "ignored_tags", "trademarked_name"}
	for code, s := range sayings {
		if s.message == "" || s.remedy == "" {
			t.Errorf("%s lacks words", code)
		}
		if strings.Contains(s.message, "%s") != slices.Contains(concern, code) {
			t.Errorf("%s: %q and its values do not fit", code, s.message)
		}
	}
}
