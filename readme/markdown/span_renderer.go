package markdown

import (
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

var (
	kindCodeSpan = ast.NewNodeKind("PluginyardCodeSpan")
	kindAnchor   = ast.NewNodeKind("PluginyardAnchor")
)

// codeSpan is code in a line.
type codeSpan struct {
	ast.BaseInline
	code []byte // not yet escaped
}

// Kind implements ast.Node.
func (*codeSpan) Kind() ast.NodeKind { return kindCodeSpan }

// Dump implements ast.Node.
func (n *codeSpan) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"Code": string(n.code)}, nil)
}

// anchor is a link; its children are its text.
type anchor struct {
	ast.BaseInline
	tag []byte // as it is written, attributes and all
}

// Kind implements ast.Node.
func (*anchor) Kind() ast.NodeKind { return kindAnchor }

// Dump implements ast.Node.
func (n *anchor) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"Tag": string(n.tag)}, nil)
}

// spanRenderer writes the nodes of spanParser.
type spanRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (spanRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	for _, kind := range [...]ast.NodeKind{ast.KindString, ast.KindEmphasis, kindCodeSpan, kindAnchor} {
		r.Register(kind, renderSpan)
	}
}

func renderSpan(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		writeStart(w, node)
	} else {
		_, _ = w.WriteString(endOf(node))
	}
	return ast.WalkContinue, nil
}

// writer is what spans are written to; its errors are kept for its flush.
type writer interface {
	Write(b []byte) (int, error)
	WriteString(s string) (int, error)
}

// writeStart writes what stands before the children of a span.
func writeStart(w writer, node ast.Node) {
	switch n := node.(type) {
	case *ast.String:
		if n.IsCode() {
			_, _ = w.Write(n.Value)
		} else {
			writePlain(w, n.Value)
		}
	case *codeSpan:
		_, _ = w.WriteString("<code>")
		if utf8.Valid(n.code) { // PHP has no HTML for other bytes
			writeEscaped(w, n.code)
		}
	case *anchor:
		_, _ = w.Write(n.tag)
	case *footnoteRef: // in an attribute; elsewhere it has a renderer
		_, _ = w.WriteString("[^" + n.label + "]")
	case *ast.Emphasis:
		if n.Level == 2 {
			_, _ = w.WriteString("<strong>")
		} else {
			_, _ = w.WriteString("<em>")
		}
	}
}

// endOf returns what is written of a span behind its children.
func endOf(node ast.Node) string {
	switch n := node.(type) {
	case *codeSpan:
		return "</code>"
	case *anchor:
		return "</a>"
	case *ast.Emphasis:
		if n.Level == 2 {
			return "</strong>"
		}
		return "</em>"
	}
	return ""
}

// writeNode writes a span, for where it has ended up in an attribute.
func writeNode(w writer, node ast.Node) {
	writeStart(w, node)
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		writeNode(w, child)
	}
	_, _ = w.WriteString(endOf(node))
}
