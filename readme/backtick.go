package readme

import (
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// backtickParser reads a backtick at the start of a line, which opens a code
// block up to the next backtick, be that on the same line or many lines on.
// Text after the closing one is part of the code, as on WordPress.org.
//
// Two backticks or more are Markdown's: a fence, or a code span. So is one at
// the very start of the text or below a line of a paragraph, where
// WordPress.org would lose the code; a line with nothing but a backtick opens
// a code block even there.
type backtickParser struct{}

// backtickBlock is a code block that ends at a known place.
type backtickBlock struct {
	ast.CodeBlock
	end  int // offset in the source of the closing backtick
	done bool
}

// Trigger implements parser.BlockParser.
func (backtickParser) Trigger() []byte { return []byte{'`'} }

// CanInterruptParagraph implements parser.BlockParser; Open decides.
func (backtickParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (backtickParser) CanAcceptIndentedLine() bool { return true }

// Open implements parser.BlockParser.
func (backtickParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	at := pc.BlockOffset()
	if at < 0 || bytes.HasPrefix(line[at:], []byte("``")) {
		return nil, parser.NoChildren
	}
	alone := len(bytes.TrimSpace(line[at+1:])) == 0
	if !alone && (ast.IsParagraph(pc.LastOpenedBlock().Node) || parent.FirstChild() == nil) {
		return nil, parser.NoChildren
	}
	source := reader.Source()
	open := segment.Start + at - segment.Padding
	if open < 0 || open >= len(source) || source[open] != '`' {
		return nil, parser.NoChildren
	}
	length := bytes.IndexByte(source[open+1:], '`')
	if length < 0 {
		return nil, parser.NoChildren
	}
	block := &backtickBlock{end: open + 1 + length}
	if at > 0 {
		block.Lines().Append(text.NewSegment(open-at, open)) // the code keeps its indent
	}
	block.take(text.NewSegment(open+1, segment.Stop))
	reader.AdvanceToEOL()
	return block, parser.NoChildren
}

// Continue implements parser.BlockParser.
func (backtickParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	block := node.(*backtickBlock)
	if block.done {
		return parser.Close
	}
	_, segment := reader.PeekLine()
	block.take(segment)
	reader.AdvanceToEOL()
	if block.done {
		return parser.Close
	}
	return parser.Continue | parser.NoChildren
}

// take adds a line to the code, without the closing backtick.
func (b *backtickBlock) take(line text.Segment) {
	if b.end < line.Start || b.end >= line.Stop {
		b.Lines().Append(line)
		return
	}
	b.Lines().Append(line.WithStop(b.end))
	b.Lines().Append(text.NewSegment(b.end+1, line.Stop))
	b.done = true
}

// Close implements parser.BlockParser: blank lines at both ends go.
func (backtickParser) Close(node ast.Node, reader text.Reader, _ parser.Context) {
	lines := node.Lines()
	blank := func(i int) bool {
		s := lines.At(i)
		return util.IsBlank(s.Value(reader.Source()))
	}
	from, to := 0, lines.Len()
	for from < to && blank(from) {
		from++
	}
	for to > from && blank(to-1) {
		to--
	}
	lines.SetSliced(from, to)
}

// codeToBackticks makes Markdown's code of HTML's, so that nothing in it is
// read as Markdown: "<code>*a*</code>" is "`*a*`". Entities are decoded and
// "<br />" left out, since both come from editors that wrote HTML. Of nested
// tags the innermost count, and one without an end is left alone.
func codeToBackticks(markdown string) string {
	const start, end = "<code>", "</code>"
	if !strings.Contains(markdown, start) {
		return markdown
	}
	var out strings.Builder
	out.Grow(len(markdown))
	for {
		to := strings.Index(markdown, end)
		if to < 0 {
			break
		}
		from := strings.LastIndex(markdown[:to], start)
		if from < 0 {
			out.WriteString(markdown[:to+len(end)])
			markdown = markdown[to+len(end):]
			continue
		}
		before, code := markdown[:from], markdown[from+len(start):to]
		markdown = markdown[to+len(end):]
		code = html.UnescapeString(strings.ReplaceAll(code, "<br />", ""))
		if strings.HasSuffix(before, "<pre>") && strings.HasPrefix(markdown, "</pre>") {
			before, markdown = strings.TrimSuffix(before, "<pre>"), strings.TrimPrefix(markdown, "</pre>")
			code = "\n" + code + "\n"
		}
		out.WriteString(before)
		switch {
		case code == "":
		case strings.Contains(code, "`"):
			out.WriteString("`` " + code + " ``")
		default:
			out.WriteString("`" + code + "`")
		}
	}
	out.WriteString(markdown)
	return out.String()
}
