package readme

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// htmlElementParser reads a block element of HTML from its tag at the start of
// a line to its end tag, blank lines included; what follows the end tag is
// Markdown again. CommonMark would end it at a blank line, and only there. An
// element without an end is left to goldmark.
type htmlElementParser struct{ parser.BlockParser }

func newHTMLElementParser() parser.BlockParser {
	return htmlElementParser{parser.NewParagraphParser()} // for the text after it
}

// htmlElement is such an element, as it stands in the source.
type htmlElement struct {
	ast.BaseBlock
	end  int // offset in the source behind the end tag
	done bool
}

var kindHTMLElement = ast.NewNodeKind("HTMLElement")

// Kind implements ast.Node.
func (*htmlElement) Kind() ast.NodeKind { return kindHTMLElement }

// IsRaw implements ast.Node.
func (*htmlElement) IsRaw() bool { return true }

// Dump implements ast.Node.
func (e *htmlElement) Dump(source []byte, level int) { ast.DumpHelper(e, source, level, nil, nil) }

// htmlElementRenderer writes it.
type htmlElementRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (htmlElementRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindHTMLElement, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.Write(n.Lines().Value(source))
			_ = w.WriteByte('\n')
		}
		return ast.WalkContinue, nil
	})
}

// Trigger implements parser.BlockParser.
func (htmlElementParser) Trigger() []byte { return []byte{'<'} }

// CanInterruptParagraph implements parser.BlockParser.
func (htmlElementParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (htmlElementParser) CanAcceptIndentedLine() bool { return false }

// Open implements parser.BlockParser.
func (p htmlElementParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	context, ok := pc.(*boundedContext)
	if !ok || parent.Kind() != ast.KindDocument {
		return nil, parser.NoChildren
	}
	line, segment := reader.PeekLine()
	at := pc.BlockOffset()
	if at < 0 {
		return nil, parser.NoChildren
	}
	name := tagName(line[at+1:])
	if !spansBlankLines(name) || context.scan < 0 {
		return nil, parser.NoChildren
	}
	source := reader.Source()
	length := elementLength(source[segment.Start+at:], name)
	if length == 0 {
		context.scan -= len(source) - segment.Start
		return nil, parser.NoChildren
	}
	element := &htmlElement{end: segment.Start + at + length}
	rest := element.take(segment)
	if rest == 0 {
		reader.AdvanceToEOL()
		return element, parser.NoChildren
	}
	parent.AppendChild(parent, element)
	reader.Advance(rest)
	return p.BlockParser.Open(parent, reader, pc)
}

// Continue implements parser.BlockParser.
func (p htmlElementParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	element, ok := node.(*htmlElement)
	if !ok {
		return p.BlockParser.Continue(node, reader, pc)
	}
	if element.done {
		return parser.Close
	}
	_, segment := reader.PeekLine()
	if rest := element.take(segment); rest > 0 {
		reader.Advance(rest)
	} else {
		reader.AdvanceToEOL()
	}
	if element.done {
		return parser.Close
	}
	return parser.Continue | parser.NoChildren
}

// Close implements parser.BlockParser.
func (p htmlElementParser) Close(node ast.Node, reader text.Reader, pc parser.Context) {
	if ast.IsParagraph(node) {
		p.BlockParser.Close(node, reader, pc)
	}
}

// take adds a line to the element and returns where in the line the text
// behind it starts, 0 if there is none.
func (e *htmlElement) take(line text.Segment) (rest int) {
	if e.end > line.Stop {
		e.Lines().Append(line)
		return 0
	}
	e.done = true
	e.Lines().Append(line.WithStop(max(e.end, line.Start)))
	if e.end >= line.Stop-1 {
		return 0
	}
	return e.end - line.Start
}

// spansBlankLines lists the elements that PHP Markdown takes whole.
func spansBlankLines(name string) bool {
	switch name {
	case "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "dl", "ol", "ul",
		"address", "form", "fieldset", "center", "figure", "section", "article", "details":
		return true
	}
	return false
}

// tagName is the lower-case name at the start of a tag's inside.
func tagName(tag []byte) string {
	i := 0
	for i < len(tag) && i < 16 && (tag[i]|0x20 >= 'a' && tag[i]|0x20 <= 'z' || i > 0 && tag[i] >= '0' && tag[i] <= '9') {
		i++
	}
	return lower(string(tag[:i]))
}

// elementLength is the length of the element at the start of s up to the end
// of its end tag, or 0 if it has none. Elements of the same name may stand
// inside.
func elementLength(s []byte, name string) int {
	depth := 0
	for i := 0; i < len(s); {
		next := bytes.IndexByte(s[i:], '<')
		if next < 0 {
			return 0
		}
		i += next + 1
		closing := i < len(s) && s[i] == '/'
		if closing {
			i++
		}
		if tagName(s[i:]) != name {
			continue
		}
		end := bytes.IndexByte(s[i:], '>')
		if end < 0 {
			return 0
		}
		i += end + 1
		if !closing {
			depth++
		} else if depth--; depth == 0 {
			return i
		}
	}
	return 0
}
