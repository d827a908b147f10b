package markdown

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// htmlBlock is HTML as it stands in the source, or a row of blocks of which
// some are such HTML.
type htmlBlock struct {
	ast.BaseBlock
	inside bool // part of another, so no line end follows
}

var kindHTMLBlock = ast.NewNodeKind("MarkdownHTMLBlock")

// Kind implements ast.Node.
func (*htmlBlock) Kind() ast.NodeKind { return kindHTMLBlock }

// IsRaw implements ast.Node.
func (*htmlBlock) IsRaw() bool { return true }

// Dump implements ast.Node.
func (b *htmlBlock) Dump(source []byte, level int) { ast.DumpHelper(b, source, level, nil, nil) }

// add appends a part of the source.
func (b *htmlBlock) add(segment text.Segment) { b.Lines().Append(segment) }

// htmlBlockRenderer writes it.
type htmlBlockRenderer struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (htmlBlockRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindHTMLBlock, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		block := n.(*htmlBlock)
		if entering {
			for _, segment := range block.Lines().Sliced(0, block.Lines().Len()) {
				_, _ = w.Write(segment.Value(source))
			}
		} else if !block.inside {
			_ = w.WriteByte('\n')
		}
		return ast.WalkContinue, nil
	})
}
