// Package markdown renders two dialects of Markdown: that of WordPress.org's
// plugin directory, which is PHP Markdown Extra 1.6.0 behind three rules of
// its own, and GitHub's. What it writes is as unsafe as its input: the callers
// filter it.
//
// WordPress.org's dialect is older than CommonMark and differs from it in
// nearly every rule, so none of goldmark's parsers is used for it: blocks.go
// is one block parser and spans.go one inline parser, each of which asks the
// rules in WordPress.org's order. A rule is a file with its cases beside it.
// Goldmark has the tree, the walk over it, and its HTML.
package markdown

import (
	"bytes"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	htmlrenderer "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Rules are the places where rendering is deliberately better than
// WordPress.org's; 0 is exactly WordPress.org.
type Rules uint8

const (
	// KeepFences keeps code between fences of backticks: WordPress.org takes
	// the first backtick for the start of its own code.
	KeepFences Rules = 1 << iota
	// KeepCode keeps code between backticks at the start of a line, where
	// WordPress.org makes plain text of it: at the start of the text, below a
	// line of a paragraph, in a list.
	KeepCode
	// KeepHash keeps "#word" at the start of a line as text: WordPress.org
	// makes a heading of it even without a space.
	KeepHash
	// CloseHTML takes an HTML element without an end for one that ends with
	// the text: WordPress.org prints "<" and the rest of its tag.
	CloseHTML

	// Better is all of them.
	Better Rules = KeepFences | KeepCode | KeepHash | CloseHTML
)

// MaxNesting is how deep quotes, lists and elements may stand in each other.
// Every line is looked at once per level.
const MaxNesting = 32

// WordPress renders text as WordPress.org's plugin directory does before it
// filters the HTML.
func WordPress(source string, rules Rules) []byte {
	src := prepare(source, rules)
	pc := parser.NewContext()
	pc.Set(stateKey, newState(source, rules))
	tree := wordPress().Parser().Parse(text.NewReader(src), parser.WithContext(pc))
	var out buffer
	out.Grow(len(src) + len(src)/2)
	// Writing to memory cannot fail, and the renderers have no errors of
	// their own.
	_ = wordPress().Renderer().Render(&out, src, tree)
	return bytes.TrimSpace(out.Bytes())
}

func newState(source string, rules Rules) *state {
	return &state{
		rules: rules, links: map[string]link{},
		expansion: len(source)*referenceFactor + referenceFloor,
		blocks:    len(source)/bytesPerNode + nodesFloor,
		inlines:   len(source)/bytesPerNode + nodesFloor,
	}
}

// expand reports whether bytes more may be put into the text by definitions of
// links and abbreviations, and counts them. Without a bound a long address and
// many references to it would make a gigabyte of a megabyte.
func (st *state) expand(bytes int) bool {
	st.expansion -= bytes
	return st.expansion >= 0
}

// buffer is what the renderer writes to, without a second buffer before it.
type buffer struct{ bytes.Buffer }

// Buffered implements util.BufWriter.
func (*buffer) Buffered() int { return 0 }

// Flush implements util.BufWriter.
func (*buffer) Flush() error { return nil }

var wordPress = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(util.Prioritized(blockParser{}, 100)),
			parser.WithInlineParsers(util.Prioritized(spanParser{}, 100)),
			parser.WithASTTransformers(
				util.Prioritized(footnoteNumbers{}, 100),
				util.Prioritized(abbreviationMarks{}, 200)),
		)),
		goldmark.WithRendererOptions(htmlrenderer.WithUnsafe(), htmlrenderer.WithXHTML(),
			renderer.WithNodeRenderers(
				util.Prioritized(blockRenderer{}, 100),
				util.Prioritized(htmlBlockRenderer{}, 100),
				util.Prioritized(spanRenderer{}, 100),
				util.Prioritized(extension.NewTableHTMLRenderer(), 200),
				util.Prioritized(extension.NewDefinitionListHTMLRenderer(), 200))),
	)
})

// state is what the rules know of the text as a whole. blocks.go fills it
// before spans.go reads it.
type state struct {
	rules Rules
	links map[string]link // definitions by lower-case label
	clean map[int]int     // comments, scripts and the like: from where in the source to behind where

	footnotes     map[string]*footnote // definitions by label
	abbreviations []abbreviation
	listLevel     int // in how many lists the text stands
	nesting       int // in how many blocks it stands; see MaxNesting
	expansion     int // bytes that definitions may yet put into the text; see expand
	blocks        int // nodes that may yet be made of lines; see room
	inlines       int // nodes that may yet be made of text in a block

	spans spans // buffers of spanParser
}

// link is a link definition, "[label]: url "title"".
type link struct {
	url, title string
	hasTitle   bool
	braced     []byte // attributes, "{#id .class}"
}

var stateKey = parser.NewContextKey()

func stateOf(pc parser.Context) *state { return pc.Get(stateKey).(*state) }
