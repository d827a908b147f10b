package markdown

import (
	"fmt"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

var (
	kindFootnoteList = ast.NewNodeKind("PluginyardFootnoteList")
	kindFootnoteItem = ast.NewNodeKind("PluginyardFootnoteItem")
	kindFootnoteRef  = ast.NewNodeKind("PluginyardFootnoteRef")
	kindFootnoteBack = ast.NewNodeKind("PluginyardFootnoteBack")
)

// footnoteList has the footnotes, behind all other text.
type footnoteList struct{ ast.BaseBlock }

// footnoteItem is the text of one footnote.
type footnoteItem struct {
	ast.BaseBlock
	label string
}

// footnoteRef is a reference to a footnote. Without a number it is text.
type footnoteRef struct {
	ast.BaseInline
	label         string
	number, count int // count is 1 for the first reference to the footnote
}

// footnoteBack is the links from a footnote to its references.
type footnoteBack struct {
	ast.BaseInline
	label string
	refs  int
	after bool // text stands before it
}

// Kind implements ast.Node.
func (*footnoteList) Kind() ast.NodeKind { return kindFootnoteList }

// Kind implements ast.Node.
func (*footnoteItem) Kind() ast.NodeKind { return kindFootnoteItem }

// Kind implements ast.Node.
func (*footnoteRef) Kind() ast.NodeKind { return kindFootnoteRef }

// Kind implements ast.Node.
func (*footnoteBack) Kind() ast.NodeKind { return kindFootnoteBack }

// Dump implements ast.Node.
func (n *footnoteList) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Dump implements ast.Node.
func (n *footnoteItem) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Dump implements ast.Node.
func (n *footnoteRef) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Dump implements ast.Node.
func (n *footnoteBack) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

func renderFootnoteList(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<div class=\"footnotes\">\n<hr />\n<ol>\n")
	} else {
		_, _ = w.WriteString("</ol>\n</div>\n")
	}
	return ast.WalkContinue, nil
}

func renderFootnoteItem(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = fmt.Fprintf(w, "<li id=\"fn:%s\">\n", util.EscapeHTML([]byte(n.(*footnoteItem).label)))
	} else {
		_, _ = w.WriteString("</li>\n")
	}
	return ast.WalkContinue, nil
}

func renderFootnoteRef(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*footnoteRef)
	label := util.EscapeHTML([]byte(n.label))
	if n.number == 0 {
		_, _ = fmt.Fprintf(w, "[^%s]", label)
		return ast.WalkContinue, nil
	}
	_, _ = fmt.Fprintf(w, `<sup id="fnref%s:%s"><a href="#fn:%[2]s" class="footnote-ref">%d</a></sup>`,
		refCount(n.count), label, n.number)
	return ast.WalkContinue, nil
}

func renderFootnoteBack(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*footnoteBack)
	if n.after {
		_, _ = w.WriteString("&#160;")
	}
	label := util.EscapeHTML([]byte(n.label))
	for i := 1; i <= n.refs; i++ {
		if i > 1 {
			_ = w.WriteByte(' ')
		}
		_, _ = fmt.Fprintf(w, `<a href="#fnref%s:%s" class="footnote-backref">&#8617;&#xFE0E;</a>`,
			refCount(i), label)
	}
	return ast.WalkContinue, nil
}

// refCount is the part of a reference's id that tells it from the others.
func refCount(count int) string {
	if count == 1 {
		return ""
	}
	return fmt.Sprint(count)
}
