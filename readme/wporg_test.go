package readme

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWordPressOrg has what WordPress.org's parser, asked with 6.9 for the
// stable branch, answers in one key of its document.
func TestWordPressOrg(t *testing.T) {
	for _, c := range []struct{ name, src, key, want string }{
		{"the name is escaped HTML", "=== <b>A</b> & \"B\" &amp; &copy; &bogus; C<d ===\n", "name",
			`"A &amp; &quot;B&quot; &amp; &copy; &amp;bogus; C"`},
		{"an underlined name", "Hello Yard\n===\nTags: a\n", "tags",
			`["a"]`},
		{"a header line for a name", "Tags: a\n", "warnings",
			`{"invalid_plugin_name_header":true,"license_missing":true}`},
		{"the name below the template's", "=== Plugin Name ===\n\n# Hello\n", "name",
			`"Hello"`},
		{"a blank line of spaces ends the headers", "=== a ===\nTags: a\n \nStable tag: 1\n", "stable_tag",
			`""`},
		{"an unknown header after a blank line is text", "=== a ===\nTags: a\n\nNote: b\n", "short_description",
			`"Note: b"`},
		{"tags are as written", "=== a ===\nTags: <b>, A , a, wordpress, WordPress,0\n", "tags",
			`["<b>","A","a","WordPress"]`},
		{"words around a version", "=== a ===\nRequires at least: WordPress 5.8 or higher\n", "requires",
			`"5.8"`},
		{"words are removed one after the other", "=== a ===\nRequires at least: WWPP 5.8\n", "requires",
			`""`},
		{"a suffix of a version", "=== a ===\nRequires at least: 5.8-beta\n", "requires",
			`"5.8"`},
		{"a suffix after a space", "=== a ===\nRequires at least: 5.8 - beta\n", "warnings",
			`{"requires_header_ignored":true,"license_missing":true}`},
		{"a minor of two digits", "=== a ===\nTested up to: 4.10\n", "warnings",
			`{"tested_header_ignored":true,"license_missing":true}`},
		{"the version after the stable one", "=== a ===\nTested up to: 7.0\n", "tested",
			`"7.0"`},
		{"a version that is far ahead", "=== a ===\nRequires at least: 7.1\n", "warnings",
			`{"requires_header_ignored":true,"license_missing":true}`},
		{"a licence that brings its address", "=== a ===\nLicense: GPLv2 - HTTPS://example.com/a (b)\n", "license",
			`"GPLv2 -  (b)"`},
		{"the address that a licence brings", "=== a ===\nLicense: GPLv2 (https://example.com/a)\n", "license_uri",
			`"https://example.com/a)"`},
		{"a licence of nothing but an address", "=== a ===\nLicense: https://example.com/a\n", "warnings",
			`{"license_missing":true}`},
		{"the text of the GPL for a licence", "=== a ===\nLicense: GNU General Public License Version 2, June 1991 Copyright (C) 1989, not proprietary\n", "warnings",
			`{}`},
		{"a licence of the Commons", "=== a ===\nLicense: Creative-Commons BY-NC\n", "warnings",
			`{"unknown_license":"Creative-Commons BY-NC"}`},
		{"nobody between two commas", "=== a ===\nContributors: acme,,@alice, @ bob, _, A.B-C_d\n", "warnings",
			`{"contributor_ignored":[""," bob","_"],"license_missing":true}`},
		{"contributors' names in addresses", "=== a ===\nContributors: acme,,@alice, _, A.B-C_d@\n", "contributors",
			`["acme","alice","a-b-c_d"]`},
		{"a stable tag in a folder", "=== a ===\nStable tag: '/Tags/v1.0 (beta)'\n", "stable_tag",
			`"v1.0beta"`},
		{"a short description that is Markdown", "=== a ===\n\nA *very* [nice](https://example.com/) `x` <b>y</b> & \"z\".\n", "short_description",
			`""`},
		{"a short description with a heading", "=== a ===\n\n= A = b\n", "short_description",
			`"A\n\nb"`},
		{"a short description that ends a sentence late", "=== a ===\n\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx. More of it, and more.\n", "short_description",
			`"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx."`},
		{"a short description that ends a sentence early", "=== a ===\n\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx. xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", "short_description",
			`"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx. xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx &hellip;"`},
		{"entities count once for the limit", "=== a ===\n\n& & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & \n", "short_description",
			`"&amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp;"`},
		{"entities are cut as they are written", "=== a ===\n\n& & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & & \n", "short_description",
			`"&amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp; &amp;  &hellip;"`},
		{"a description for a short one", "=== a ===\n\n== Description ==\n\n= A & <b>B</b> =\n\nc\n", "short_description",
			`"A &amp; B"`},
		{"text that no section claims", "=== a ===\n\nb\n### c\nd\n== Installation ==\ne\n", "sections",
			`{"installation":"<p>e</p>","description":"<p>b</p>"}`},
		{"unknown sections", "=== a ===\n\nb\n== C ==\nd\n== <i>E</i> ==\n\nf\n== FAQ ==\ng\n", "sections",
			`{"faq":"<p>g</p>","description":"<p>b</p>\n\n<h3>C</h3>\n\n<p>d</p>\n\n<h3>E</h3>\n\n<p>f</p>"}`},
		{"sections that repeat", "=== a ===\n\n== FAQ ==\na\n== Changelog ==\nb\n== Frequently Asked Questions ==\nc\n", "sections",
			`{"faq":"<p>ac</p>","changelog":"<p>b</p>","description":""}`},
		{"a heading with spaces before", "=== a ===\n\n  == Changelog ==\nb\n", "section_order",
			`["changelog","description"]`},
		{"questions", "=== a ===\n\n== FAQ ==\nintro\n= A <i>b</i> & c? =\nd\n## E ##\nf\n= A <i>b</i> & c? =\ng\n", "faq",
			`[{"heading":"A <i>b</i> & c?","html":"<p>d</p>"}]`},
		{"the section of questions", "=== a ===\n\n== FAQ ==\nintro\n= A <i>b</i> & c? =\n*d*\n", "sections",
			`{"faq":"<p>intro</p>\n<dl>\n<dt id='a%20%3Ci%3Eb%3C%2Fi%3E%20%26%20c%3F'><h3>A b &amp; c?</h3></dt>\n<dd><p><em>d</em></p></dd>\n\n</dl>","description":""}`},
		{"a heading keeps its other sign", "=== a ===\n\n== FAQ ==\n#= A\nb\n= c #\nd\n", "faq",
			`[{"heading":"= A","html":"<p>b</p>"},{"heading":"c #","html":"<p>d</p>"}]`},
		{"a question without a line is lost", "=== a ===\n\n== FAQ ==\n= A =\n= B =\nc\n= D =\n", "faq",
			`[{"heading":"B","html":"<p>c</p>"},{"heading":"D","html":""}]`},
		{"bold questions", "=== a ===\n\n== FAQ ==\n**A?**\nb\n***\nc\n**D** e\n", "faq",
			`[{"heading":"A?","html":"<p>b</p>"}]`},
		{"notices are text", "=== a ===\n\n== Upgrade Notice ==\n= <b>1.0</b> =\n<b>a</b> & *b*\n", "upgrade_notice",
			`[{"heading":"<b>1.0</b>","html":"<p>a &amp; <em>b</em></p>"}]`},
		{"captions", "=== a ===\n\n== Screenshots ==\n1. a\n2. *b* <u>c</u>\n    * d\n7. e\n", "screenshots",
			`["a","<em>b</em> c\n\n<ul>\n<li>d</li></ul>","e"]`},
		{"bytes that are no UTF-8", "=== a ===\nTags: caf\xe9\n\n\xe8\n", "short_description",
			`""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := jsonField(t, c.src, Options{Profile: WPOrg, Stable: "6.9"}, c.key)
			if c.key != "short_description" {
				// Between blocks of HTML white space means nothing.
				got, c.want = strings.ReplaceAll(got, `\n\n`, `\n`), strings.ReplaceAll(c.want, `\n\n`, `\n`)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// WordPress.org's floating point numbers put 6.9 beyond 6.8 and 0.1 for one
// header and not for the other.
func TestVersionsBeyondTheStableOne(t *testing.T) {
	for _, c := range []struct{ stable, version, requires, tested string }{
		{"6.9", "7.0", "7.0", "7.0"},
		{"6.9", "7.1", "", ""},
		{"6.8", "6.9", "", "6.9"},
		{"6.8", "6.8.3", "6.8.3", "6.8.3"},
		{"6.4", "6.5.2", "6.5.2", "6.5.2"},
		{"6.4", "6.6", "", ""},
		{"", "99.9", "99.9", "99.9"},
	} {
		r := Parse([]byte("=== a ===\nRequires: "+c.version+"\nTested: "+c.version), Options{Stable: c.stable})
		if r.Headers.Requires != c.requires || r.Headers.Tested != c.tested {
			t.Errorf("%s with %s: got %q and %q, want %q and %q", c.version, c.stable, r.Headers.Requires, r.Headers.Tested, c.requires, c.tested)
		}
	}
}
