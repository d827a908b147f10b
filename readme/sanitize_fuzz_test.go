package readme

import (
	"strings"
	"testing"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// popupPolicy is the list of element.go and attribute.go in other hands: it
// must find nothing to take away from what sanitize writes.
func popupPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("abbr", "acronym", "code", "pre", "em", "strong", "div", "span", "p", "br", "ul", "ol", "li",
		"h1", "h2", "h3", "h4", "h5", "h6", "blockquote")
	p.AllowNoAttrs().OnElements("div", "span")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowAttrs("href", "title", "target", "rel").OnElements("a")
	p.AllowAttrs("title").OnElements("abbr", "acronym")
	p.AllowAttrs("class").OnElements("div", "span", "img")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowAttrs("cite").OnElements("blockquote")
	return p
}

// pieces are the tokens of HTML as x/net/html reads them: two texts are the
// same document if these are equal.
func pieces(s string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type == html.SelfClosingTagToken {
			token.Type = html.StartTagToken
		}
		out.WriteString(token.String())
	}
	return out.String()
}

func checkSanitized(t *testing.T, policy *bluemonday.Policy, src string) {
	t.Helper()
	out := sanitize([]byte(src), testOptions)
	checkSafe(t, src, out)
	if again := sanitize([]byte(out), testOptions); again != out {
		t.Fatalf("%q became %q and that %q", src, out, again)
	}
	if got, want := pieces(policy.Sanitize(out)), pieces(out); got != want {
		t.Fatalf("%q became\n%q, of which the policy leaves\n%q", src, want, got)
	}
	var open []string
	z := html.NewTokenizer(strings.NewReader(out))
	for z.Next() != html.ErrorToken {
		switch token := z.Token(); {
		case token.Data == "br" || token.Data == "img":
		case token.Type == html.StartTagToken:
			open = append(open, token.Data)
		case token.Type == html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("%q became %q, where </%s> closes %q", src, out, token.Data, open)
			}
			open = open[:len(open)-1]
		}
		if len(open) > MaxNesting {
			t.Fatalf("%q became %q, which is deeper than %d", src, out, MaxNesting)
		}
	}
	if len(open) > 0 {
		t.Fatalf("%q became %q, which leaves %q open", src, out, open)
	}
}

// hostileHTML are inputs that have passed one filter or another.
var hostileHTML = []string{
	`<a href="java&#x73;cript:x">a</a><a href=" javascript:x">b</a><a href="//a@b">c</a><a href="http:\\b">d</a>`,
	`<img src="x" alt="a' onerror=y"><img src='https://a/"onerror="x'><img/src=https://a/b/onerror=x>`,
	`<p title="</p><script>alert(1)</script>">`, `<noscript><p title="</noscript><img src=x onerror=y>">`,
	`<svg><p><style><!--</style><img title="--><img src=x onerror=y>">`, `<math><mtext><table><mglyph><style><img src=x>`,
	`<a b=">"<a b=">"<a b=">"`, `<a b='x><p c="y>`, `<!-- a --!> b <!--> c <!---> d --> e`, `</ a><? b ?><!d>e`,
	`<dt>a<dd>b<dt>c<p>d</dl>e`, `<table><tr><th>a<td>b<tr><td>c<table><tr><td>d</table></table>`,
	`<em><p>a</em>b</p>c <b><i>d</b>e</i>`, `<li>a<ul><li>b<li>c</ul><li>d`, `<h2>a<h3>b<p>c<h2>d`,
	`<a href=https://a/>a<a href=https://b/>b<p>c</a>d`, `&am<u>p;lt;</u>&#0;&#x80;&#x9d;&copy=&notit;&bogus;&#39A=&quotB&`,
	"[you<u></u>tube a]\n[[vimeo 1]] [embed]https://a/[/embed][wpvideo b w=1]", "<p>https://youtu.be/a\n<br>https://vimeo.com/1</p>",
	`<video><source src=a.mp4></video><iframe src=//www.youtube.com/embed/a></iframe><code>[youtube a]</code>`,
	`<script>a</SCRIPT >b<script>c`, `<textarea><p></textarea>a`, "a\r\nb\rc\x00\x7f\u0085\xff\u2028", `<IMG SRC=A CLASS="b &#34; c">`,
	`<input type=checkbox checked><input type=CHECKBOX><del>a</del>`, `<a href="mailto:a@example.com?subject=b c">d</a>`,
	`<a href="https://a/é?b=&quot;c&amp;d=%zz">e</a>`, `<a href="https://A.B:80/%7Ec/../d">e</a>`, `<a href="x:y">a</a>`,
}

func TestSanitizeAgreesWithThePolicy(t *testing.T) {
	policy := popupPolicy()
	for _, src := range hostileHTML {
		checkSanitized(t, policy, src)
	}
	for _, s := range worstHTML() {
		checkSanitized(t, policy, s.grow(8<<10))
	}
}

func FuzzSanitize(f *testing.F) {
	seed(f, func(s string) { f.Add(s) })
	for _, src := range hostileHTML {
		f.Add(src)
	}
	for _, s := range worstHTML() {
		f.Add(s.grow(200))
	}
	policy := popupPolicy()
	f.Fuzz(func(t *testing.T, src string) { checkSanitized(t, policy, src) })
}

// FuzzResolve holds the short way of resolve against the long one.
func FuzzResolve(f *testing.F) {
	for _, s := range []string{"https://example.com/a?b=c&d=%20", "http://a", "https://a.b-c/~d/../e", "https://-/?#", "https://a//?a=+"} {
		f.Add(s)
	}
	links := newBase(testOptions.LinkBase)
	f.Fuzz(func(t *testing.T, address string) {
		if long := links.resolveParsed(address, true); isPlainWeb(address) && long != address {
			t.Fatalf("%q is left alone, and would be %q", address, long)
		}
	})
}

// worstHTML are shapes that could take a filter quadratic time or memory.
func worstHTML() []shape {
	return []shape{
		{name: "open tags", repeat: "<"},
		{name: "open tag names", repeat: "<a"},
		{name: "open quotes", repeat: `<a b="`},
		{name: "tags in quotes", repeat: `<a b=">"`},
		{name: "both quotes", repeat: `<a b='>"`},
		{name: "attributes", head: "<a", repeat: " a=1"},
		{name: "attributes without values", head: "<a", repeat: " =", end: ">"},
		{name: "comments", repeat: "<!--"},
		{name: "comment ends", head: "<!--", repeat: "--!"},
		{name: "declarations", repeat: "<!a>"},
		{name: "scripts", repeat: "<script>"},
		{name: "script ends", head: "<script>", repeat: "</scrip>"},
		{name: "dropped elements", repeat: "<svg><math><object><video><audio><canvas><title>"},
		{name: "end tags", repeat: "</p>"},
		{name: "open phrases", repeat: "<em><p>"},
		{name: "phrases over blocks", repeat: "<em><p>a</em>"},
		{name: "open items", repeat: "<ul><li>"},
		{name: "items", repeat: "<li>"},
		{name: "terms", repeat: "<dt>"},
		{name: "links", repeat: "<a href=a>"},
		{name: "open links", repeat: "<a href=https://a/"},
		{name: "images", repeat: "<img src=a>"},
		{name: "cells", repeat: "<td>"},
		{name: "table rows", repeat: "<tr><th>"},
		{name: "nested tables", repeat: "<table><tr><td>"},
		{name: "ampersands", repeat: "&"},
		{name: "open entities", repeat: "&amp"},
		{name: "long entities", head: "&", repeat: "a"},
		{name: "open shortcodes", repeat: "[youtube "},
		{name: "open embeds", repeat: "[embed]a "},
		{name: "embeds", repeat: "[embed]https://a/[/embed]"},
		{name: "shortcodes", repeat: "[youtube a]"},
		{name: "arguments", head: "[youtube", repeat: " a=b", end: "]"},
		{name: "addresses", repeat: "https://youtu.be/a\n"},
		{name: "address on one line", head: "https://youtu.be/", repeat: "/a"},
		{name: "brackets", repeat: "["},
		{name: "brackets in tags", repeat: "[<u>"},
		{name: "brackets between tags", repeat: "[<br>"},
		{name: "deep brackets", head: "<div><div><em>", repeat: "[<b>a</b>"},
		{name: "carriage returns", repeat: "\r"},
		{name: "control characters", repeat: "\u0080\x01"},
		{name: "broken UTF-8", repeat: "\xff\xc2"},
	}
}
