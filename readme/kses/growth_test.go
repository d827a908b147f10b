package kses

import (
	"fmt"
	"strings"
	"testing"
)

// shape is an input that is repeated to the size asked for.
type shape struct{ name, head, repeat, end string }

func (s shape) grow(size int) string {
	n := max(0, size-len(s.head)-len(s.end))/len(s.repeat) + 1
	return s.head + strings.Repeat(s.repeat, n) + s.end
}

// worstShapes are inputs that take WordPress's filter, or one written without
// care, more time than in proportion to their length.
func worstShapes() []shape {
	return []shape{
		{name: "less-thans", repeat: "<"},
		{name: "greater-thans", repeat: ">"},
		{name: "ampersands", repeat: "&"},
		{name: "digits", repeat: "<1"},
		{name: "open tags", repeat: "<a "},
		{name: "open tags before one end", repeat: "<a ", end: ">"},
		{name: "tags", repeat: "<b>"},
		{name: "different tags", head: "<a0>", repeat: "<a><b><i><u><s><em><p>"},
		{name: "end tags", repeat: "</b>"},
		{name: "end tags of others", head: strings.Repeat("<a><b>", 2000), repeat: "</i>"},
		{name: "end tags out of order", repeat: "<a><b></a></b>"},
		{name: "closed elements", repeat: "<a/>"},
		{name: "white space in tags", head: "<a", repeat: " ", end: "b>"},
		{name: "white space in open tags", repeat: "<a    "},
		{name: "long names", head: "<", repeat: "a-", end: ">"},
		{name: "attributes", head: "<a ", repeat: "href=x ", end: ">"},
		{name: "names of attributes", head: "<a ", repeat: "rel tItle ", end: ">"},
		{name: "open quotes", head: "<a ", repeat: `title="b' `, end: ">"},
		{name: "malformed attributes", head: "<a ", repeat: `=" `, end: ">"},
		{name: "quotes in text", head: "<", repeat: `"`},
		{name: "schemes", head: `<a href="`, repeat: "a:", end: `">`},
		{name: "feeds", head: `<a href="`, repeat: "feed:", end: `">`},
		{name: "backslashes", head: `<a href="`, repeat: `\`, end: `">`},
		{name: "backslashes and zeros", head: `<a href="`, repeat: `\\0`, end: `">`},
		{name: "references in schemes", head: `<a href="`, repeat: "&#106;", end: `:">`},
		{name: "references", repeat: "&amp;"},
		{name: "numbers", repeat: "&#x41;"},
		{name: "zeros in numbers", head: "&#", repeat: "0", end: "65;"},
		{name: "zeros that vanish", repeat: "&", end: strings.Repeat("#0;", 1000)},
		{name: "open comments", repeat: "<!--"},
		{name: "open comments with an end each", repeat: "<!-- > "},
		{name: "open comments and a line", repeat: "<!-- > ", end: "\n<p>"},
		{name: "comments", repeat: "<!-- a -->"},
		{name: "comments over lines", repeat: "<!-- a\n -->"},
		{name: "comments with more hyphens", repeat: "<!-- a --->"},
		{name: "open comments before more hyphens", repeat: "<!-- a > ", end: "\n--->"},
		{name: "hyphens", head: "<!-- ", repeat: "-", end: "-->"},
		{name: "layers in a comment", head: "<!-- > ", repeat: "&", end: strings.Repeat("#0;", 5000) + "-->"},
		{name: "comments in comments", head: "<!-- > ", repeat: "<!&&#0;#0;-- a> ", end: "-->"},
		{name: "blocks", repeat: "<!-- wp:a -->"},
		{name: "blocks and ends", repeat: "<!-- wp:a --><!-- wp:b /--><!-- /wp:a -->"},
		{name: "four blocks and text", head: strings.Repeat("<!-- wp:a -->", 4), repeat: `<"<`},
		{name: "ends of blocks", repeat: "<!-- /wp:a -->"},
		{name: "open attributes of blocks", repeat: "<!-- wp:a {\"b > "},
		{name: "brackets of blocks", repeat: "<!-- wp:a {} > } "},
		{name: "nested attributes", head: "<!-- wp:a ", repeat: `{"a":`, end: " -->"},
		{name: "control characters", repeat: "\x00\x01<\x02"},
		{name: "broken UTF-8", repeat: "\xff<\xfe"},
		{name: "scripts", repeat: "<script>"},
		{name: "scripts and styles", repeat: "<script></style><style>"},
		{name: "ends of scripts", head: "<script>", repeat: "</script"},
		{name: "white space", repeat: " \n"},
	}
}

// Whoever passes over the text again and again needs minutes here.
func TestWorstShapesStayWithinBounds(t *testing.T) {
	for _, s := range worstShapes() {
		t.Run(s.name, func(t *testing.T) {
			text := s.grow(1 << 20)
			checkText(t, text, Filter(text), MaxGrowth)
			checkText(t, text, StripTags(text), 1)
			checkText(t, text, StripAllTags(text), 1)
			checkText(t, text, EscapeHTML(text), 6)
		})
	}
}

// BenchmarkGrowth has each worst shape in two sizes: the MB/s of both are of
// the same order, whatever the shape.
func BenchmarkGrowth(b *testing.B) {
	for _, s := range worstShapes() {
		for _, size := range []int{1 << 10, 64 << 10, 4 << 20} {
			text := s.grow(size)
			b.Run(fmt.Sprintf("%s/%dK", s.name, size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					Filter(text)
				}
			})
		}
	}
}

// BenchmarkFilter has the HTML of a typical readme of 13 KB.
func BenchmarkFilter(b *testing.B) {
	var out strings.Builder
	for i := range 24 {
		fmt.Fprintf(&out, "<h4>Part %d</h4>\n\n<p>The yard has a <strong>fence</strong>, a <em>gate</em> and a "+
			"<a href=\"https://example.com/shed/%d\">shed</a>, and it is <code>hello_yard( %d )</code> that grows it.</p>\n\n"+
			"<ul>\n<li>Grass</li>\n<li>Weeds &amp; flowers\n\n<ul>\n<li>of <em>all</em> kinds</li>\n</ul></li>\n</ul>\n\n", i, i, i)
	}
	for i := range 60 {
		fmt.Fprintf(&out, "<h4>1.%d</h4>\n\n<ul>\n<li>Fixed: the gate no longer squeaks when it rains.</li>\n"+
			"<li>New: <code>fence_%d</code> filter.</li>\n</ul>\n\n", i, i)
	}
	text := out.String()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Filter(text)
	}
}
