package markdown

import (
	"bytes"
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// FuzzSpans checks that the HTML is bounded, and that it is the same whether
// the text is of one piece in the source or put together from two.
func FuzzSpans(f *testing.F) {
	for _, seed := range []string{
		"x *a **b *c _d __e ***f*** g__ h_ i* j** k*",
		"[a](b(c(d)) \"e\" f\"){.g} ![h](<i>) [j][a] [a]\n[k] [[[[[[[l]]]]]]]",
		"`` ` `` \\` <b title='>'> <!-- c --> <?d?> &amp; <http://e> <f@g.hi>  \nj",
		"***a** b* [**c *d** e *f*](g) [^1] \xff\x1a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		source = strings.Trim(source, white)
		if source == "" || len(source) > 1<<12 {
			return
		}
		whole := renderSpans([]byte(source), text.NewSegment(0, len(source)))
		if len(whole) > 20*len(source)+100 {
			t.Fatalf("%d bytes of %d", len(whole), len(source))
		}
		middle := len(source) / 2
		apart := source[:middle] + "|" + source[middle:]
		parts := renderSpans([]byte(apart), text.NewSegment(0, middle), text.NewSegment(middle+1, len(apart)))
		if !bytes.Equal(whole, parts) {
			t.Fatalf("in one piece %q, in two %q", whole, parts)
		}
	})
}

// renderSpans returns the spans of lines as HTML.
func renderSpans(source []byte, lines ...text.Segment) []byte {
	segments := text.NewSegments()
	segments.AppendAll(lines)
	parent := ast.NewTextBlock()
	st := &state{
		links:     map[string]link{"a": {url: "u", title: "t", hasTitle: true}, "k": {url: "mailto:a@b.c"}},
		footnotes: map[string]*footnote{"1": {label: "1"}},
	}
	appendSpans(parent, segments, source, st)
	var html bytes.Buffer
	for child := parent.FirstChild(); child != nil; child = child.NextSibling() {
		writeNode(&html, child)
	}
	return html.Bytes()
}
