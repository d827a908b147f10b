package markdown

import (
	"bytes"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	htmlrenderer "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

var kindCodeBlock = ast.NewNodeKind("PluginyardCodeBlock")

// codeBlock is indented code, or code between fences.
type codeBlock struct {
	ast.BaseBlock
	breaks int         // line breaks before the code
	clean  map[int]int // state.clean: comments and the like were taken out before, and stay
}

// Kind implements ast.Node.
func (*codeBlock) Kind() ast.NodeKind { return kindCodeBlock }

// IsRaw implements ast.Node.
func (*codeBlock) IsRaw() bool { return true }

// Dump implements ast.Node.
func (n *codeBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// blockRenderer writes the nodes of block rules that goldmark doesn't have, or
// writes otherwise.
type blockRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (blockRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindCodeBlock, renderCodeBlock)
	r.Register(ast.KindHeading, renderHeading)
	r.Register(kindFootnoteList, renderFootnoteList)
	r.Register(kindFootnoteItem, renderFootnoteItem)
	r.Register(kindFootnoteRef, renderFootnoteRef)
	r.Register(kindFootnoteBack, renderFootnoteBack)
}

func renderCodeBlock(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString("<pre><code")
	htmlrenderer.RenderAttributes(w, n, nil)
	_ = w.WriteByte('>')
	for range n.(*codeBlock).breaks {
		_, _ = w.WriteString("<br />")
	}
	for i := range n.Lines().Len() {
		if !utf8.Valid(source[n.Lines().At(i).Start:n.Lines().At(i).Stop]) {
			// PHP has no HTML for invalid UTF-8.
			_, _ = w.WriteString("\n</code></pre>\n")
			return ast.WalkContinue, nil
		}
	}
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		n.(*codeBlock).write(w, segment.Start, segment.Stop, source)
	}
	_, _ = w.WriteString("</code></pre>\n")
	return ast.WalkContinue, nil
}

// write writes a part of the source.
func (n *codeBlock) write(w util.BufWriter, start, stop int, source []byte) {
	for i := start; i < stop && len(n.clean) > 0; i++ {
		if end := n.clean[i]; source[i] == '<' && end > i {
			escapeCode(w, source[start:i])
			_, _ = w.Write(source[i:end])
			start, i = end, end-1
		}
	}
	escapeCode(w, source[start:stop])
}

// escapeCode writes code as HTML. Quotes stay.
func escapeCode(w util.BufWriter, code []byte) {
	for {
		n := bytes.IndexAny(code, "&<>")
		if n < 0 {
			_, _ = w.Write(code)
			return
		}
		_, _ = w.Write(code[:n])
		_, _ = w.Write(util.EscapeHTMLByte(code[n]))
		code = code[n+1:]
	}
}

func renderHeading(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*ast.Heading)
	level := "0123456"[n.Level]
	if entering {
		_, _ = w.WriteString("<h")
		_ = w.WriteByte(level)
		htmlrenderer.RenderAttributes(w, n, nil)
		_ = w.WriteByte('>')
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString("</h")
	_ = w.WriteByte(level)
	_, _ = w.WriteString(">\n")
	return ast.WalkContinue, nil
}
