package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// line is a line of the source, or a block that was taken out of it.
type line struct {
	Start, Stop int      // with its "\n" if it has one
	block       ast.Node // what stands here instead of text; nil for a line of text
}

// segment is the line as the tree has it.
func (l line) segment() text.Segment { return text.NewSegment(l.Start, l.Stop) }

// opaque is what the rules see of a block that was taken out: a word.
var opaque = []byte("B")

// text is the line without its "\n".
func (l line) text(source []byte) []byte {
	if l.block != nil {
		return opaque
	}
	stop := l.Stop
	if stop > l.Start && source[stop-1] == '\n' {
		stop--
	}
	return source[l.Start:stop]
}

// blank reports whether nothing stands in the line, not even a space.
func (l line) blank(source []byte) bool {
	return l.block == nil && (l.Stop == l.Start || l.Stop == l.Start+1 && source[l.Start] == '\n')
}

// blankLine is an empty line: the last one that prepare has written.
func blankLine(source []byte) line {
	return line{Start: len(source) - 1, Stop: len(source)}
}

// blockParser reads the whole text at once: most of Markdown Extra's rules
// need to see what follows.
type blockParser struct{}

// Trigger implements parser.BlockParser.
func (blockParser) Trigger() []byte { return nil }

// CanInterruptParagraph implements parser.BlockParser.
func (blockParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (blockParser) CanAcceptIndentedLine() bool { return true }

// Open implements parser.BlockParser.
func (blockParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	source, st := reader.Source(), stateOf(pc)
	_, rest := reader.Position()
	lines := takeHTML(splitLines(source, rest.Start), source, st)
	emptyBlankLines(lines, source)
	lines = takeFences(lines, source, st)
	if signs := firstSigns(lines, source); signs['['] || signs['*'] {
		lines = takeFootnotes(lines, source, st)
		lines = takeLinks(lines, source, st)
		lines = takeAbbreviations(lines, source, st)
	}
	appendTaken(parent, lines, source, st)
	appendFootnotes(parent, source, st)
	reader.SetPosition(0, text.NewSegment(len(source), len(source)))
	return nil, parser.NoChildren
}

// Continue implements parser.BlockParser.
func (blockParser) Continue(ast.Node, text.Reader, parser.Context) parser.State { return parser.Close }

// Close implements parser.BlockParser.
func (blockParser) Close(ast.Node, text.Reader, parser.Context) {}

// splitLines has the lines of the source from start.
func splitLines(source []byte, start int) []line {
	lines := make([]line, 0, bytes.Count(source[start:], []byte("\n"))+1)
	for start < len(source) {
		stop := len(source)
		if n := bytes.IndexByte(source[start:], '\n'); n >= 0 {
			stop = start + n + 1
		}
		lines = append(lines, line{Start: start, Stop: stop})
		start = stop
	}
	return lines
}

// emptyBlankLines takes the spaces out of lines that have nothing else, so
// that the other rules know a blank line by its length.
func emptyBlankLines(lines []line, source []byte) {
	for i, l := range lines {
		if b := l.text(source); len(b) > 0 && spaces(b) == len(b) {
			lines[i].Start += len(b)
		}
	}
}

// appendBlocks makes blocks of the lines inside a block. It may move their
// starts.
func appendBlocks(parent ast.Node, lines []line, source []byte, st *state) {
	if st.nesting >= MaxNesting {
		appendParagraphs(parent, lines, source, st)
		return
	}
	appendTaken(parent, takeHTML(lines, source, st), source, st)
}

// appendTaken is appendBlocks for lines whose HTML has been taken out. Rules
// whose signs start no line are not asked.
func appendTaken(parent ast.Node, lines []line, source []byte, st *state) {
	st.nesting++
	signs := firstSigns(lines, source)
	if signs['~'] || signs['`'] {
		lines = takeFences(lines, source, st)
	}
	if signs['='] || signs['-'] {
		lines = takeSetextHeadings(lines, source, st)
	}
	if signs['#'] {
		lines = takeAtxHeadings(lines, source, st)
	}
	if signs['|'] || signs['-'] || signs[':'] {
		lines = takeTables(lines, source, st)
	}
	if signs['*'] || signs['-'] || signs['_'] {
		lines = takeRules(lines, source, st)
	}
	if signs['*'] || signs['-'] || signs['+'] || signs['0'] {
		lines = takeLists(lines, source, st, false)
	}
	if signs[':'] {
		lines = takeDefinitionLists(lines, source, st)
	}
	if signs[' '] {
		lines = takeCode(lines, source, st)
	}
	if signs['>'] {
		lines = takeQuotes(lines, source, st)
	}
	appendParagraphs(parent, lines, source, st)
	st.nesting--
}

// firstSigns is which bytes lines start with, behind spaces: '0' for any digit,
// ' ' if a line has four spaces or more.
func firstSigns(lines []line, source []byte) (signs [256]bool) {
	for _, l := range lines {
		i := l.Start
		for i < l.Stop && source[i] == ' ' {
			i++
		}
		if i-l.Start >= 4 {
			signs[' '] = true
		}
		if i == l.Stop {
			continue
		}
		if c := source[i]; '0' <= c && c <= '9' {
			signs['0'] = true
		} else {
			signs[c] = true
		}
	}
	return signs
}

// edit replaces runs of lines. It copies them at the first replacement.
type edit struct {
	in, out []line
	done    int // how many of in were replaced or copied
}

// replace puts with for in[from:to]. Runs come in their order.
func (e *edit) replace(from, to int, with ...line) {
	if e.out == nil {
		e.out = make([]line, 0, len(e.in)+8)
	}
	e.out = append(e.out, e.in[e.done:from]...)
	e.out = append(e.out, with...)
	e.done = to
}

// lines are the lines behind all replacements.
func (e *edit) lines() []line {
	if e.out == nil {
		return e.in
	}
	return append(e.out, e.in[e.done:]...)
}

// skipBlankLines is the first line from i on that isn't blank.
func skipBlankLines(lines []line, i int, source []byte) int {
	for i < len(lines) && lines[i].blank(source) {
		i++
	}
	return i
}

// outdent takes up to four spaces from the start of each line.
func outdent(lines []line, source []byte) {
	for i, l := range lines {
		if l.block == nil {
			lines[i].Start += min(spaces(l.text(source)), 4)
		}
	}
}

// spaces is how many spaces b starts with.
func spaces(b []byte) int {
	n := 0
	for n < len(b) && b[n] == ' ' {
		n++
	}
	return n
}

// trimSpaces is b without the spaces at its end.
func trimSpaces(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}
