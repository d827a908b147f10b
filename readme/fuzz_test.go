package readme

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// allowed are the elements that HTML may hold, with their attributes.
var allowed = map[string][]string{
	"a": {"href", "title", "target", "rel"}, "abbr": {"title"}, "acronym": {"title"}, "blockquote": {"cite"},
	"img": {"src", "alt", "class"}, "div": {"class"}, "span": {"class"},
	"code": nil, "pre": nil, "em": nil, "strong": nil, "p": nil, "br": nil, "ul": nil, "ol": nil, "li": nil,
	"h1": nil, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil,
}

// checkSafe fails unless out is what HTML and GitHubHTML promise of markdown.
func checkSafe(t *testing.T, markdown, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Fatalf("no valid UTF-8: %q", out)
	}
	if most := MaxGrowth*len(markdown) + MaxGrowthFloor; len(out) > most {
		t.Fatalf("%d bytes became %d, more than %d", len(markdown), len(out), most)
	}
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(out), body)
	if err != nil {
		t.Fatalf("no HTML: %v: %q", err, out)
	}
	for _, n := range nodes {
		for d := range n.Descendants() {
			checkNode(t, d)
		}
		checkNode(t, n)
	}
}

func checkNode(t *testing.T, n *html.Node) {
	t.Helper()
	if n.Type == html.TextNode {
		return
	}
	attributes, ok := allowed[n.Data]
	if n.Type != html.ElementNode || !ok {
		t.Fatalf("%v %q is not allowed", n.Type, n.Data)
	}
	for _, a := range n.Attr {
		if !slices.Contains(attributes, a.Key) {
			t.Fatalf("%s %s is not allowed", n.Data, a.Key)
		}
		switch a.Key {
		case "href", "src", "cite":
			web := strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "http://")
			if !web && (n.Data != "a" || !strings.HasPrefix(a.Val, "mailto:")) {
				t.Fatalf("%s %s=%q is not allowed", n.Data, a.Key, a.Val)
			}
		}
	}
}

// checkPlain fails unless s is plain text on one line.
func checkPlain(t *testing.T, what, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r\x00") {
		t.Fatalf("%s: %q is not on one line", what, s)
	}
	if again := stripTags(s); again != s {
		t.Fatalf("%s: %q holds a tag, without it is %q", what, s, again)
	}
}

// seed adds what the tests know: golden readmes, worst shapes and a few that
// mean harm.
func seed(f *testing.F, add func(string)) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		add(string(src))
	}
	for _, s := range worstShapes() {
		add(s.grow(200))
	}
	for _, s := range []string{
		`<a href="javascript:x">a</a>`, `[a](<javascript:x>)`, `<img src=x onerror=y>`, `<svg><script>x</script></svg>`,
		"<p title='a\"b'>", `<a href="&#x6a;avascript:x">`, "[a]: data:x\n\n[a]", "<math><a xlink:href=x>", "<!--><script>-->",
		"* a\n\n  `\n  b\n* c", "a\n: b\n\n  `c\n`", "> = a =\n> `b`", "<div>\n= a =\n</div> b", "\xff\xfe=\x00=\x00",
		"<\x00\x01g mrc=x rnerror=y>", "&lt;&#1;b>a",
	} {
		add(s)
	}
}

func FuzzHTML(f *testing.F) {
	seed(f, func(s string) { f.Add(s) })
	f.Fuzz(func(t *testing.T, markdown string) {
		checkSafe(t, markdown, HTML(markdown, testOptions))
		checkPlain(t, "text", Text(markdown))
	})
}

func FuzzGitHubHTML(f *testing.F) {
	seed(f, func(s string) { f.Add(s) })
	f.Fuzz(func(t *testing.T, markdown string) {
		checkSafe(t, markdown, GitHubHTML(markdown, testOptions))
	})
}

func FuzzParse(f *testing.F) {
	seed(f, func(s string) { f.Add([]byte(s)) })
	for _, c := range ruleCases() {
		if len(c.src) < 2000 {
			f.Add([]byte(c.src))
		}
	}
	f.Add([]byte(complete))
	f.Fuzz(func(t *testing.T, src []byte) {
		checkProfilesAgree(t, src)
		checkDocument(t, src, wporg)
		checkDocument(t, src, serving)
		checkPrinted(t, src)
		r := Parse(src, serving)
		checkPlain(t, "name", r.Name)
		checkPlain(t, "short description", r.ShortDescription)
		h := r.Headers
		for _, s := range []string{h.Requires, h.Tested, h.RequiresPHP, h.StableTag, h.License, h.LicenseURI, h.DonateLink} {
			checkPlain(t, "header", s)
		}
		for _, s := range slices.Concat(h.Tags, h.Contributors) {
			checkPlain(t, "tag or contributor", s)
		}
		for key, value := range h.Extra {
			checkPlain(t, "extra header", key)
			checkPlain(t, "extra header", value)
		}
		size := 0
		known := map[string]bool{}
		for _, s := range r.Sections {
			checkPlain(t, "title", s.Title)
			if strings.ContainsAny(s.Key, `<>&"' `) || known[s.Key] {
				t.Fatalf("section key %q", s.Key)
			}
			known[s.Key] = true
			size += len(s.Markdown)
			checkSafe(t, s.Markdown+s.Title, r.SectionHTML(s.Key, testOptions))
		}
		// An invalid byte may become three, a line end two.
		if most := 4*len(src) + 16; size > most {
			t.Fatalf("%d bytes became sections of %d, more than %d", len(src), size, most)
		}
		for _, e := range slices.Concat(r.FAQ, r.UpgradeNotice) {
			checkPlain(t, "heading", e.Heading)
		}
		for _, w := range r.Warnings {
			if w.Key == "" || w.Line < 0 {
				t.Fatalf("warning %+v", w)
			}
			for _, v := range w.Values {
				checkPlain(t, "warning", v)
			}
		}
	})
}

// TestWorstShapesAreSafe asks of long inputs what the fuzz targets ask of
// short ones, the bound on growth above all.
func TestWorstShapesAreSafe(t *testing.T) {
	for _, s := range worstShapes() {
		t.Run(s.name, func(t *testing.T) {
			markdown := s.grow(16 << 10)
			checkSafe(t, markdown, HTML(markdown, testOptions))
			checkSafe(t, markdown, GitHubHTML(markdown, testOptions))
			checkPlain(t, "text", Text(markdown))
		})
	}
}
