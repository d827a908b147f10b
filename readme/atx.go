package readme

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// atxParser reads "## Heading" as PHP Markdown Extra does: no space is needed
// after the signs, more than six count as six, closing ones and "{#id}" go. A
// single sign wants its space all the same: "#1" and "#tag" are text.
type atxParser struct{}

const maxHeadingLevel = 6

var headingAttributes = regexp.MustCompile(`[ ]+\{[ ]*[#.][-_:a-zA-Z0-9.# ]*\}[ ]*$`)

// Trigger implements parser.BlockParser.
func (atxParser) Trigger() []byte { return []byte{'#'} }

// CanInterruptParagraph implements parser.BlockParser.
func (atxParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (atxParser) CanAcceptIndentedLine() bool { return false }

// Open implements parser.BlockParser.
func (atxParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	at := pc.BlockOffset()
	if at < 0 || inTightItem(parent) {
		return nil, parser.NoChildren
	}
	signs := bytes.TrimRight(line[at:], " \n")
	level := len(signs) - len(bytes.TrimLeft(signs, "#"))
	rest := signs[level:]
	if len(rest) == 0 || level == 1 && rest[0] != ' ' {
		return nil, parser.NoChildren
	}
	title := rest
	if m := headingAttributes.FindIndex(title); m != nil {
		title = title[:m[0]]
	}
	if trimmed := bytes.TrimRight(bytes.TrimRight(title, "#"), " "); len(bytes.TrimSpace(trimmed)) > 0 {
		title = trimmed
	}
	blank := len(title) - len(bytes.TrimLeft(title, " "))
	start := segment.Start - segment.Padding + at + level
	heading := ast.NewHeading(min(level, maxHeadingLevel))
	heading.Lines().Append(text.NewSegment(start+blank, start+len(title)))
	reader.AdvanceToEOL()
	return heading, parser.NoChildren
}

// Continue implements parser.BlockParser.
func (atxParser) Continue(ast.Node, text.Reader, parser.Context) parser.State { return parser.Close }

// Close implements parser.BlockParser.
func (atxParser) Close(ast.Node, text.Reader, parser.Context) {}
