package markdown

import (
	"bytes"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	htmlrenderer "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// GitHub renders text as GitHub renders release notes, before it filters the
// HTML.
func GitHub(source string) []byte {
	src := []byte(source)
	tree := gitHub().Parser().Parse(text.NewReader(src), parser.WithContext(newBoundedContext(len(src))))
	var out bytes.Buffer
	// Writing to memory cannot fail, and goldmark's renderers have no errors
	// of their own.
	_ = gitHub().Renderer().Render(&out, src, tree)
	return out.Bytes()
}

// gitHub is goldmark's CommonMark with GitHub's extensions, within bounds.
var gitHub = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(
				util.Prioritized(parser.NewSetextHeadingParser(), 100),
				util.Prioritized(parser.NewThematicBreakParser(), 200),
				util.Prioritized(shallow{parser.NewListParser()}, 300),
				util.Prioritized(parser.NewListItemParser(), 400),
				util.Prioritized(parser.NewCodeBlockParser(), 500),
				util.Prioritized(parser.NewATXHeadingParser(), 600),
				util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
				util.Prioritized(shallow{parser.NewBlockquoteParser()}, 800),
				util.Prioritized(parser.NewHTMLBlockParser(), 900),
				util.Prioritized(parser.NewParagraphParser(), 1000),
			),
			parser.WithInlineParsers(inlineParsers()...),
			parser.WithParagraphTransformers(paragraphTransformers()...),
		)),
		goldmark.WithRendererOptions(htmlrenderer.WithUnsafe(), htmlrenderer.WithXHTML()),
		goldmark.WithExtensions(extension.Linkify, extension.TaskList, strikes{}, tables{}),
	)
})
