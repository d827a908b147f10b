package readme

import (
	"bytes"
	"html"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	htmlrenderer "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Options of rendering.
type Options struct {
	LinkBase  string // what relative links are resolved against; "" leaves them out
	ImageBase string // the same for images
}

// HTML renders Markdown as WordPress.org understands it into HTML that holds
// only elements, attributes and schemes safe in wp-admin.
func HTML(markdown string, o Options) string {
	return sanitize(render(wordPressMarkdown(), source(markdown)), o)
}

// GitHubHTML renders GitHub's Markdown (release notes) into the same safe HTML.
func GitHubHTML(markdown string, o Options) string {
	return sanitize(render(gitHubMarkdown(), []byte(bound(markdown))), o)
}

// Text is the visible text of some Markdown, on one line.
func Text(markdown string) string {
	return visibleText(render(wordPressMarkdown(), source(markdown)))
}

// SectionHTML renders one section; the FAQ as WordPress's popup shows it, a
// heading and its answer each. It is "" if there is no such section.
func (r *Readme) SectionHTML(key string, o Options) string {
	section := r.Section(key)
	if section == nil {
		return ""
	}
	if key != "faq" {
		return HTML(section.Markdown, o)
	}
	var out strings.Builder
	for _, entry := range r.FAQ {
		if entry.Heading != "" {
			out.WriteString("<h4>" + html.EscapeString(entry.Heading) + "</h4>\n")
		}
		out.WriteString(HTML(entry.Markdown, o) + "\n")
	}
	return strings.TrimSpace(out.String())
}

// bound cuts text at MaxSize, makes its line ends "\n" and its bytes UTF-8.
func bound(markdown string) string {
	if len(markdown) > MaxSize {
		markdown = markdown[:MaxSize]
	}
	if strings.Contains(markdown, "\r") {
		markdown = strings.ReplaceAll(markdown, "\r\n", "\n")
		markdown = strings.ReplaceAll(markdown, "\r", "\n")
	}
	if !utf8.ValidString(markdown) {
		markdown = strings.ToValidUTF8(markdown, "\uFFFD")
	}
	return strings.Map(printable, markdown)
}

// source prepares text for wordPressMarkdown.
func source(markdown string) []byte {
	return []byte(expandTabs(codeToBackticks(bound(markdown))))
}

// expandTabs puts spaces up to the next multiple of four columns for tabs.
func expandTabs(s string) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var out strings.Builder
	column := 0
	for _, r := range s {
		switch r {
		case '\t':
			n := 4 - column%4
			out.WriteString("    "[:n])
			column += n
			continue
		case '\n':
			column = -1
		}
		column++
		out.WriteRune(r)
	}
	return out.String()
}

// wordPressMarkdown is goldmark taught what WordPress.org's Markdown Extra
// does otherwise: see list.go, heading.go, backtick.go and emphasis.go.
var wordPressMarkdown = sync.OnceValue(func() goldmark.Markdown {
	md := goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(
				util.Prioritized(newEqualsHeadingParser(), 50),
				util.Prioritized(parser.NewSetextHeadingParser(), 100),
				util.Prioritized(parser.NewThematicBreakParser(), 200),
				util.Prioritized(listParser{}, 300),
				util.Prioritized(listItemParser{}, 400),
				util.Prioritized(backtickParser{}, 450),
				util.Prioritized(parser.NewCodeBlockParser(), 500),
				util.Prioritized(atxParser{}, 600),
				util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
				util.Prioritized(outsideItems{shallow{parser.NewBlockquoteParser()}}, 800),
				util.Prioritized(newHTMLElementParser(), 850),
				util.Prioritized(parser.NewHTMLBlockParser(), 900),
				util.Prioritized(parser.NewParagraphParser(), 1000),
			),
			parser.WithInlineParsers(inlineParsers(emphasisParser{})...),
			parser.WithASTTransformers(util.Prioritized(strongOutside{}, 100)),
			parser.WithParagraphTransformers(paragraphTransformers()...),
		)),
		goldmark.WithRendererOptions(htmlrenderer.WithUnsafe(), htmlrenderer.WithXHTML(),
			htmlrenderer.WithWriter(fewEscapes{htmlrenderer.DefaultWriter}),
			renderer.WithNodeRenderers(
				util.Prioritized(equalsTitleRenderer{}, 100),
				util.Prioritized(htmlElementRenderer{}, 100))),
		goldmark.WithExtensions(extension.DefinitionList, tables{}),
	)
	return md
})

// gitHubMarkdown is GitHub's Markdown as goldmark has it.
var gitHubMarkdown = sync.OnceValue(func() goldmark.Markdown {
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
			parser.WithInlineParsers(inlineParsers(parser.NewEmphasisParser())...),
			parser.WithParagraphTransformers(paragraphTransformers()...),
		)),
		goldmark.WithRendererOptions(htmlrenderer.WithUnsafe(), htmlrenderer.WithXHTML()),
		goldmark.WithExtensions(extension.Linkify, extension.TaskList, strikes{}, tables{}),
	)
})

// parse makes the tree of some Markdown, within the bounds of bounds.go.
func parse(md goldmark.Markdown, source []byte) ast.Node {
	return md.Parser().Parse(text.NewReader(source), parser.WithContext(newBoundedContext(len(source))))
}

// render makes HTML that nobody has made safe yet.
func render(md goldmark.Markdown, source []byte) []byte {
	var out bytes.Buffer
	// Writing to memory cannot fail, and goldmark's renderers have no errors
	// of their own.
	_ = md.Renderer().Render(&out, source, parse(md, source))
	return out.Bytes()
}
