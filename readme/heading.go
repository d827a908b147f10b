package readme

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// equalsHeadingParser reads "= Heading =", WordPress's own heading, which is
// of level 4 everywhere. There must be white space inside the signs; the title
// has no Markdown. What follows the second sign opens a paragraph.
type equalsHeadingParser struct{ parser.BlockParser }

func newEqualsHeadingParser() parser.BlockParser {
	return equalsHeadingParser{parser.NewParagraphParser()} // for the text after it
}

func (equalsHeadingParser) Trigger() []byte             { return []byte{'='} }
func (equalsHeadingParser) CanInterruptParagraph() bool { return true }
func (equalsHeadingParser) CanAcceptIndentedLine() bool { return true }

// Open implements parser.BlockParser. The heading stands at the start of a
// line of the document: "* = x =" is an item, "> = x =" a quote.
func (p equalsHeadingParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	start := pc.BlockOffset()
	if start < 0 || parent.Kind() != ast.KindDocument {
		return nil, parser.NoChildren
	}
	from, to, rest := equalsHeading(line[start:])
	if to == 0 {
		return nil, parser.NoChildren
	}
	base := segment.Start + start
	heading := &equalsTitle{title: text.NewSegment(base+from, base+to)}
	if len(bytes.TrimSpace(line[start+rest:])) == 0 {
		reader.AdvanceToEOL()
		return heading, parser.NoChildren
	}
	parent.AppendChild(parent, heading)
	reader.Advance(start + rest)
	return p.BlockParser.Open(parent, reader, pc)
}

// Continue implements parser.BlockParser.
func (p equalsHeadingParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	if ast.IsParagraph(node) {
		return p.BlockParser.Continue(node, reader, pc)
	}
	return parser.Close
}

// Close implements parser.BlockParser.
func (p equalsHeadingParser) Close(node ast.Node, reader text.Reader, pc parser.Context) {
	if ast.IsParagraph(node) {
		p.BlockParser.Close(node, reader, pc)
	}
}

// equalsTitle is the heading. Its title is raw HTML, so that goldmark must not
// look into it.
type equalsTitle struct {
	ast.BaseBlock
	title text.Segment
}

var kindEqualsTitle = ast.NewNodeKind("EqualsTitle")

// Kind implements ast.Node.
func (*equalsTitle) Kind() ast.NodeKind { return kindEqualsTitle }

// IsRaw implements ast.Node.
func (*equalsTitle) IsRaw() bool { return true }

// Dump implements ast.Node.
func (t *equalsTitle) Dump(source []byte, level int) { ast.DumpHelper(t, source, level, nil, nil) }

// equalsTitleRenderer writes it.
type equalsTitleRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (equalsTitleRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindEqualsTitle, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.WriteString("<h4>")
			_, _ = w.Write(n.(*equalsTitle).title.Value(source))
			_, _ = w.WriteString("</h4>\n")
		}
		return ast.WalkContinue, nil
	})
}

// equalsHeading finds the title in "= title = rest": from and to are its
// bounds, rest is where the text after it starts. to is 0 if there is none.
func equalsHeading(line []byte) (from, to, rest int) {
	if len(line) == 0 || line[0] != '=' {
		return 0, 0, 0
	}
	from = 1
	for from < len(line) && isBlankByte(line[from]) {
		from++
	}
	if from == 1 {
		return 0, 0, 0
	}
	for i := from + 1; i < len(line); i++ {
		if line[i] == '=' && isBlankByte(line[i-1]) {
			title := bytes.TrimRight(line[from:i], " \t")
			return from, from + len(title), i + 1
		}
	}
	return 0, 0, 0
}

func isBlankByte(c byte) bool { return c == ' ' || c == '\t' }
