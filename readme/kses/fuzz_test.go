package kses

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// allowedAttributes are the elements that Filter may leave, with what they may
// have.
var allowedAttributes = map[string][]string{
	"a": {"href", "title", "rel"}, "blockquote": {"cite"}, "dt": {"id"},
	"br": nil, "p": nil, "code": nil, "pre": nil, "em": nil, "strong": nil, "ul": nil,
	"ol": nil, "dl": nil, "dd": nil, "li": nil, "h3": nil, "h4": nil,
}

// hostile are examples of what is to be filtered, for the fuzzer to begin with.
var hostile = []string{
	`<a href="javascript:alert(1)" onclick=x>a</a>`, `<a href='&#106;avascript&#x3A;x'>`, `<script>a</script>`,
	`<p><em>a</p></em><li>b<li>c`, `<!-- a > <b>c</b> -->`, "<!-- a\n > b --><em>", `<!-- wp:a {"b":"c"} -->0<!-- /wp:a -->`,
	`<!-- wp:a --><!-- wp:b -->c`, `< p>a< / em>`, `<img src=x onerror=alert(1)//`, `a < "b" & 'c' &#0;`, "<\x01p>\x00",
	"\xff<\xfe", `<a title="b>c" href=d/>`, `<blockquote cite="feed:feed:x">`, `<x-y/><dt id=a"b>`, `<!-- > <!&&#0;#0;-- b> -->`,
	`<?xml a -><!DOCTYPE "b>"><? "c" ?>`, `<style>a</style ><SCRIPT>b</script>`, `<!--><!---><!----!>`,
}

func FuzzFilter(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	for _, s := range worstShapes() {
		f.Add(s.grow(200))
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := Filter(s)
		times := MaxGrowth
		if !strings.Contains(s, "wp:") {
			times = 6
		}
		checkText(t, s, out, times)
		checkElements(t, out)
		if strings.Contains(out, "<!--") {
			return // what is in a comment may come out of it
		}
		again := Filter(out)
		if got, want := startTags(again), startTags(out); !slices.Equal(got, want) {
			t.Fatalf("%q has %q; filtered again, %q, it has %q", out, want, again, got)
		}
	})
}

// checkText fails unless out is valid if s is, and at most the times longer.
func checkText(t *testing.T, s, out string, times int) {
	t.Helper()
	if utf8.ValidString(s) && !utf8.ValidString(out) {
		t.Fatalf("%q became %q, which is not UTF-8", s, out)
	}
	if len(out) > times*len(s) {
		t.Fatalf("%d bytes became %d, more than %d times as many", len(s), len(out), times)
	}
	if strings.ContainsRune(out, 0) && !strings.ContainsRune(s, 0) {
		t.Fatalf("%q became %q, with a NUL in it", s, out)
	}
}

// checkElements fails unless a browser finds only what is allowed.
func checkElements(t *testing.T, out string) {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(out), body)
	if err != nil {
		return // nested deeper than the parser goes
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	for n := range body.Descendants() {
		if n.Type == html.TextNode || n.Type == html.CommentNode {
			continue
		}
		names, ok := allowedAttributes[n.Data]
		if n.Type != html.ElementNode || !ok {
			t.Fatalf("%v %q is not allowed in %q", n.Type, n.Data, out)
		}
		for _, a := range n.Attr {
			if !slices.Contains(names, a.Key) {
				t.Fatalf("%s %s is not allowed in %q", n.Data, a.Key, out)
			}
			if a.Key == "href" || a.Key == "cite" {
				checkAddress(t, a.Val)
			}
		}
	}
}

// checkAddress fails if a browser sees a scheme that is not allowed: it drops
// tabs and line ends, and control characters and spaces in front.
func checkAddress(t *testing.T, address string) {
	t.Helper()
	seen := strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(address)
	seen = strings.TrimLeftFunc(seen, func(r rune) bool { return r <= ' ' })
	scheme, _, found := strings.Cut(seen, ":")
	if !found || strings.ContainsAny(scheme, "/?#") {
		return
	}
	if allowedScheme(scheme) == "" {
		t.Fatalf("%q has the scheme %q", address, scheme)
	}
}

// startTags are the names of the start tags in s, in their order.
func startTags(s string) []string {
	var names []string
	for z := html.NewTokenizer(strings.NewReader(s)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return names
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			names = append(names, string(name))
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		stripped := StripTags(s)
		checkText(t, s, stripped, 1)
		if strings.ContainsRune(stripped, 0) {
			t.Fatalf("%q holds a NUL", stripped)
		}
		for i := range len(stripped) {
			if stripped[i] == '<' && (i+1 == len(stripped) || !isSpace(stripped[i+1])) {
				t.Fatalf("%q became %q, where a tag could begin", s, stripped)
			}
		}
		checkText(t, s, StripAllTags(s), 1)
		escaped := EscapeHTML(s)
		checkText(t, s, escaped, 6)
		if utf8.ValidString(s) == (escaped == "") && s != "" && !strings.Contains(s, "&#") {
			t.Fatalf("%q became %q", s, escaped)
		}
		if strings.ContainsAny(escaped, `<>"'`) {
			t.Fatalf("%q became %q, with markup in it", s, escaped)
		}
	})
}
