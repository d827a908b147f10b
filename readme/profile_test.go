package readme

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ruleCase shows what one rule is for: a readme of which WPOrg and Serve make
// different things. What WPOrg makes of it was asked of WordPress.org's parser.
type ruleCase struct {
	rule         Profile
	name         string
	src          string
	shows        func(*Readme) any
	wporg, serve any
}

func ruleCases() []ruleCase {
	words := strings.Repeat("word ", MaxSectionWords)
	return []ruleCase{
		{WholeText, "a long section is not cut", "=== a ===\n\n== Description ==\n" + words + "end",
			func(r *Readme) any { return r.Section("description").Markdown },
			words + " &hellip;", words + "end"},
		{WholeText, "a long short description is not cut", "=== a ===\n\n" + strings.Repeat("a", 160),
			func(r *Readme) any { return r.ShortDescription },
			strings.Repeat("a", 150) + " &hellip;", strings.Repeat("a", 160)},
		{AllTags, "a sixth tag stays", "=== a ===\nTags: 1, 2, 3, 4, 5, 6",
			func(r *Readme) any { return r.Headers.Tags },
			[]string{"1", "2", "3", "4", "5"}, []string{"1", "2", "3", "4", "5", "6"}},
		{UTF16, "a little-endian file is decoded as a whole", utf16LE("=== a ===\nStable tag: 1.0\nLicense: MIT\n"),
			func(r *Readme) any { return r.Headers.License }, "MIT?", "MIT"},
		{UTF16, "a big-endian file is decoded", "\xfe\xff\x00=\x00=\x00=\x00 \x00a",
			func(r *Readme) any { return r.Name }, "", "a"},
		{ValidText, "one byte does not void the name", "=== caf\xe9 ===\n\n== Description ==\ncaf\xe9",
			func(r *Readme) any { return r.Name + ": " + r.Section("description").Markdown }, ": caf\xe9", "caf\ufffd: caf\ufffd"},
		{Preamble, "badges are not the name", "[![build](a)](b)\n\n# Hello Yard\nTags: a",
			func(r *Readme) any { return r.Name }, "[![build](a)](b)", "Hello Yard"},
		{PlainText, "a name is no HTML", "=== Fish & Chips ===",
			func(r *Readme) any { return r.Name }, "Fish &amp; Chips", "Fish & Chips"},
		{PlainText, "a tag holds no HTML", "=== a ===\nTags: <b>a</b>",
			func(r *Readme) any { return r.Headers.Tags }, []string{"<b>a</b>"}, []string{"a"}},
		{PlainText, "a question holds no HTML", "=== a ===\n\n== FAQ ==\n= <i>A</i> &amp; B =\nc",
			func(r *Readme) any { return r.FAQ[0].Heading }, "<i>A</i> &amp; B", "A & B"},
		{ExtraHeaders, "unknown headers are kept", "=== a ===\nHomepage: https://example.com/",
			func(r *Readme) any { return r.Headers.Extra }, map[string]string(nil), map[string]string{"homepage": "https://example.com/"}},
		{PublishedVersions, "a version with a sign is one", "=== a ===\nRequires PHP: 8.1+",
			func(r *Readme) any { return r.Headers.RequiresPHP }, "", "8.1"},
		{PublishedVersions, "a version that is not out yet is one", "=== a ===\nTested up to: 7.1",
			func(r *Readme) any { return r.Headers.Tested }, "", "7.1"},
		{PartedSections, "repeated sections do not run together", "=== a ===\n\n== Changelog ==\na\n== Changelog ==\n= 1.0 =\n",
			func(r *Readme) any { return r.Section("changelog").Markdown }, "a= 1.0 =", "a\n\n= 1.0 ="},
		{OwnSections, "unknown sections stay", "=== a ===\n\nb\n== Usage ==\nc\n== Description ==\nd\n",
			func(r *Readme) any { return titles(r) },
			[]string{"description: d\n<h3>Usage</h3>c"}, []string{"usage: c", "description: d"}},
		{OwnSections, "text before the first section is not lost", "=== a ===\n\n### b\nc\n== Description ==\nd\n",
			func(r *Readme) any { return titles(r) }, []string{"description: d"}, []string{": ### b\nc", "description: d"}},
		{KeepLines, "a text without sections keeps its lists", "# a\n\nb\n\n* c\n* d\n",
			func(r *Readme) any { return r.Section("description").Markdown }, "b * c * d", "b\n\n* c\n* d"},
		{FencedHeadings, "code has no sections", "=== a ===\n\n== Description ==\n~~~\n## a\n~~~\nb",
			func(r *Readme) any { return titles(r) },
			[]string{"description: ~~~\n<h3>a</h3>~~~\nb"}, []string{"description: ~~~\n## a\n~~~\nb"}},
		{FencedHeadings, "a fence without an end is none, and leaves the others be",
			"=== a ===\n\n== Description ==\n```\n~~~\n## a\n~~~\nb",
			func(r *Readme) any { return titles(r) },
			[]string{"description: ```\n~~~\n<h3>a</h3>~~~\nb"}, []string{"description: ```\n~~~\n## a\n~~~\nb"}},
		{FencedHeadings, "code has no questions", "=== a ===\n\n== FAQ ==\n= A? =\n~~~\n# b\n~~~\n",
			func(r *Readme) any { return r.FAQ },
			[]Entry{{"A?", "~~~"}, {"b", "~~~"}}, []Entry{{"A?", "~~~\n# b\n~~~"}}},
		{RuledEntries, "a ruler is no question", "=== a ===\n\n== FAQ ==\nintro\n\n***\n\nmore\n**A?**\na",
			func(r *Readme) any { return r.FAQ },
			[]Entry{{"", "more"}, {"A?", "a"}}, []Entry{{"", "intro\n\n***\n\nmore"}, {"A?", "a"}}},
	}
}

// titles are the sections as "key: text".
func titles(r *Readme) []string {
	var list []string
	for _, s := range r.Sections {
		list = append(list, s.Key+": "+s.Markdown)
	}
	return list
}

// utf16LE encodes ASCII, with a byte order mark.
func utf16LE(s string) string {
	out := "\xff\xfe"
	for _, c := range []byte(s) {
		out += string([]byte{c, 0})
	}
	return out
}

func TestRules(t *testing.T) {
	for _, c := range ruleCases() {
		t.Run(c.name, func(t *testing.T) {
			for _, p := range []struct {
				name    string
				profile Profile
				want    any
			}{
				{"WPOrg", WPOrg, c.wporg},
				{"Serve", Serve, c.serve},
				{"Serve without the rule", Serve &^ c.rule, nil},
			} {
				got := c.shows(Parse([]byte(c.src), Options{Profile: p.profile, Stable: StableWordPress}))
				switch {
				case p.want != nil:
					if diff := cmp.Diff(p.want, got); diff != "" {
						t.Errorf("%s: -want +got\n%s", p.name, diff)
					}
				case cmp.Equal(c.serve, got):
					t.Errorf("%s: %v is the same", p.name, got)
				}
			}
		})
	}
}

// markdownCase shows what a rule of Markdown does to a description, as the
// only rule.
type markdownCase struct {
	rule                   Profile
	markdown, wporg, alone string
}

func markdownCases() []markdownCase {
	return []markdownCase{
		{KeepFences, "a\n\n```php\n$a = 1;\n\n$b\n```",
			"<p>a</p>\n<pre><code>`php\n</code></pre>\n<p>$a = 1;</p>\n<p>$b\n    `</p>",
			"<p>a</p>\n<pre><code>$a = 1;\n\n$b\n</code></pre>"},
		{KeepCode, "`a` b", "<p>a b</p>", "<p><code>a</code> b</p>"},
		{KeepCode, "* a\n`b`", "<ul>\n<li>a\nb</li>\n</ul>", "<ul>\n<li>a\n<code>b</code></li>\n</ul>"},
		{KeepHash, "#1 in yards", "1 in yards", "<p>#1 in yards</p>"},
		{CloseHTML, "<blockquote>a", "<p>&lt;</p>\n<p>blockquote&gt;a</p>", "<blockquote>\n<p>a</p></blockquote>"},
	}
}

func TestMarkdownRules(t *testing.T) {
	for _, c := range markdownCases() {
		t.Run(c.markdown, func(t *testing.T) {
			for profile, want := range map[Profile]string{WPOrg: c.wporg, c.rule: c.alone} {
				r := Parse([]byte("=== a ===\n\n== Description ==\n"+c.markdown), Options{Profile: profile})
				if got := r.Document(Options{}).Sections[0].HTML; got != want {
					t.Errorf("rule %#x: got %q, want %q", uint32(profile), got, want)
				}
			}
		})
	}
}

// popupCase shows what a rule of the popup does to a description.
type popupCase struct {
	rule                   Profile
	markdown, wporg, serve string
}

func popupCases() []popupCase {
	return []popupCase{
		{PopupHTML, "a <b>c</b>\n\n##### d", "<p>a c</p>\nd", "<p>a <strong>c</strong></p>\n<h5>d</h5>"},
		{PopupHTML, "![a](https://example.com/b.png)", "<p></p>", `<p><img src="https://example.com/b.png" alt="a"/></p>`},
		{PopupHTML, "a | b\n--|--\nc | d", "a\nb\n\n\n\n\nc\nd",
			"<div><strong>a</strong> | <strong>b</strong></div>\n<div>c | d</div>"},
		{Links, "[a](docs/b)", `<p><a href="docs/b">a</a></p>`,
			`<p><a href="https://example.com/acme/hello-yard/blob/main/docs/b">a</a></p>`},
		{Videos, "[youtube dQw4w9WgXcQ]", "<p>[youtube dQw4w9WgXcQ]</p>",
			`<p><a href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">Video on YouTube</a></p>`},
		{Videos, "https://vimeo.com/1234", "<p>https://vimeo.com/1234</p>",
			`<p><a href="https://vimeo.com/1234">Video on Vimeo</a></p>`},
	}
}

func TestPopupRules(t *testing.T) {
	for _, c := range popupCases() {
		t.Run(c.markdown, func(t *testing.T) {
			o := testOptions
			if got := HTML(c.markdown, o); got != c.serve {
				t.Errorf("Serve: got %q, want %q", got, c.serve)
			}
			o.Profile = Serve &^ c.rule
			if got := HTML(c.markdown, o); got == c.serve {
				t.Errorf("Serve without the rule: %q is the same", got)
			}
			o.Profile = WPOrg
			if got := HTML(c.markdown, o); got != c.wporg {
				t.Errorf("WPOrg: got %q, want %q", got, c.wporg)
			}
		})
	}
}

func TestEveryRuleHasACase(t *testing.T) {
	var shown Profile
	for _, c := range ruleCases() {
		shown |= c.rule
	}
	for _, c := range markdownCases() {
		shown |= c.rule
	}
	for _, c := range popupCases() {
		shown |= c.rule
	}
	for rule := Profile(1); rule < endOfRules; rule <<= 1 {
		if !shown.has(rule) {
			t.Errorf("rule %#x has no case", uint32(rule))
		}
	}
}
