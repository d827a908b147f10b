package markdown

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// htmlShapes are texts for which the rules before Markdown, or those for HTML,
// might look at a part of the text again and again.
var htmlShapes = []string{
	"<div>", "<div a", "<", "<p \"", "<p '\"", "<div markdown=1>", "<p markdown=1>\n\n", "<div markdown=1>x</div>\n",
	"<div><p>", "<div markdown=1><p>x</p>", "<hr>", "<ins>\n", "* <div>\n", "> <div>\n", "<script>", "a <script>x</script>",
	"<!-- ", "<? <% ", "<![CDATA[", "<code>", "<pre><code>", "<pre><code>x</code></pre>y", "<code>&amp;",
	"`", "``` a\n", "\n`a", "\n```\na\n", "~~~ a\n", "  `\n\n", "` `` ``` ", "= ", "=\n", "= a", "\t", "a\t", " ",
}

// growthBeforeSpans is by how much prepare may make a text longer, at worst
// "`" and an indent as long as may be.
const growthBeforeSpans = maxCodeIndent * 4

func TestHTMLShapesStayBounded(t *testing.T) {
	for _, shape := range htmlShapes {
		in := strings.Repeat(shape, 64<<10/len(shape))
		for _, rules := range []Rules{0, Better} {
			if out := WordPress(in, rules); len(out) > maxGrowth*len(in) {
				t.Errorf("%q, rules %b: %d bytes became %d", shape, rules, len(in), len(out))
			}
		}
	}
}

// BenchmarkHTMLShapes shows that time grows as the text does.
func BenchmarkHTMLShapes(b *testing.B) {
	for _, shape := range htmlShapes {
		for _, size := range []int{1 << 10, 64 << 10, 4 << 20} {
			in := strings.Repeat(shape, size/len(shape))
			b.Run(fmt.Sprintf("%s/%dKB", strings.TrimSpace(shape), size>>10), func(b *testing.B) {
				b.SetBytes(int64(len(in)))
				for b.Loop() {
					source := prepare(in, 0)
					takeHTML(splitLines(source, 0), source, &state{})
				}
			})
		}
	}
}

// FuzzPrepare checks what the rules behind prepare rely on.
func FuzzPrepare(f *testing.F) {
	for _, shape := range htmlShapes {
		f.Add(shape+"a"+shape, byte(0))
		f.Add(shape+"a"+shape, byte(Better))
	}
	f.Fuzz(func(t *testing.T, source string, rules byte) {
		out := prepare(source, Rules(rules)&Better)
		if !bytes.HasSuffix(out, []byte("\n\n")) {
			t.Errorf("%q does not end with a blank line", out)
		}
		if bytes.ContainsAny(out, "\t\r\x1A") {
			t.Errorf("%q has tabs or line ends left", out)
		}
		if utf8.ValidString(source) && !utf8.Valid(out) {
			t.Errorf("%q is no UTF-8", out)
		}
		if len(out) > growthBeforeSpans*(len(source)+1) {
			t.Errorf("%d bytes became %d", len(source), len(out))
		}
	})
}

// FuzzTakeHTML checks that nothing of the text is lost or doubled: what stands
// in lines and in blocks is in order, and what is in neither is an attribute.
func FuzzTakeHTML(f *testing.F) {
	for _, shape := range htmlShapes {
		f.Add(shape + "a" + shape)
	}
	f.Add("<div markdown=\"1\">a<p>b</p> <!-- c -->\n</div>d")
	f.Fuzz(func(t *testing.T, text string) {
		source := prepare(text, 0)
		st := &state{}
		at := 0
		visit := func(start, stop int) {
			if start < at || stop < start || stop > len(source) {
				t.Fatalf("%d to %d behind %d in %q", start, stop, at, source)
			}
			if lost := source[at:start]; len(bytes.TrimLeft(lost, " ")) > 0 && !bytes.Contains(lost, []byte("markdown")) {
				t.Fatalf("%q lost in %q", lost, source)
			}
			at = stop
		}
		for _, l := range takeHTML(splitLines(source, 0), source, st) {
			if l.block == nil && l == blankLine(source) {
				continue // put in
			}
			if l.block == nil {
				visit(l.Start, l.Stop)
				continue
			}
			lines := l.block.Lines()
			for i := range lines.Len() {
				visit(lines.At(i).Start, lines.At(i).Stop)
			}
		}
		visit(max(at, len(source)-1), len(source)) // the last line end may stand alone
		for start, stop := range st.clean {
			if start >= stop || stop > len(source) || source[start] != '<' {
				t.Errorf("clean from %d to %d in %q", start, stop, source)
			}
		}
	})
}
