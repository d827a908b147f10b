package markdown

import (
	"bytes"
	"sort"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// takeHTML takes HTML out of the lines: elements that are blocks become lines
// with a block, wherever in a line they stand, and comments and the like are
// recorded in st.clean. Code stays as it is.
//
// An element without an end is not taken. As on WordPress.org, "<" then stands
// between blank lines, and what follows is text; but see CloseHTML. Blank lines
// are put around what is taken, too.
func takeHTML(lines []line, source []byte, st *state) []line {
	hasTag := false
	for _, l := range lines {
		if l.block == nil && bytes.IndexByte(source[l.Start:l.Stop], '<') >= 0 {
			hasTag = true
			break
		}
	}
	if !hasTag {
		return lines
	}
	r := newHTMLReader(lines, source, st)
	r.markdown(0, 0, nil, false)
	if len(r.parts) <= 1 && len(r.cleans) == 0 {
		return lines
	}
	for _, c := range r.cleans {
		if st.clean == nil {
			st.clean = map[int]int{}
		}
		st.clean[r.offset(c[0])] = r.offset(c[1]-1) + 1
	}
	taken := make([]line, 0, len(lines)+2*len(r.parts)+4)
	for _, p := range r.parts {
		switch {
		case p.block != nil:
			taken = r.appendBlock(taken, line{block: p.block})
		case p.sign:
			at := r.offset(p.from)
			taken = r.appendBlock(taken, line{Start: at, Stop: at + 1})
		default:
			taken = r.appendText(taken, p)
		}
	}
	return taken
}

// htmlReader looks for HTML in lines.
type htmlReader struct {
	markupText // the text of the lines

	source []byte
	st     *state
	lines  []line
	starts []int  // offset in text of each line, and of the end
	marks  []mark // what text holds instead of lines' text

	parts  []part
	cleans [][2]int // ranges of text that are "clean", ascending

	tags  []foundTag // of an element and all that follows
	codes codeIndex

	opensFrom, opens int // the next "<" from there on, len(text) if there is none

	level    int          // how many elements with markdown="1" are open
	budget   int          // bytes that may yet be read again
	unclosed map[int]bool // where elements start that were read as Markdown and have no end
}

// An element with markdown="1" and without an end is read for nothing, with all
// elements in it, and tags are looked for anew where an earlier look saw none
// (in the quotes of another tag). Together that may cost rereading times the
// length of the text, in bytes, and rereadingFree on top: enough for any text
// with some sense, and about a second for one of 4 MB without.
const (
	rereading     = 4
	rereadingFree = 1 << 17
)

// part is a piece of the result: text[from:to], or a block.
type part struct {
	from, to int
	outdent  int  // the spaces that lines may lose
	sign     bool // the text is the "<" of an element without an end
	block    ast.Node
}

// mark stands in the text for something that was taken out before, so that
// nothing is found in it.
type mark struct {
	at, length int // in text
	size       int // in the source
}

func newHTMLReader(lines []line, source []byte, st *state) *htmlReader {
	r := &htmlReader{source: source, st: st, lines: lines, starts: make([]int, 0, len(lines)+1), opens: -1}
	whole := len(st.clean) == 0
	for i, l := range lines {
		if l.block != nil || i > 0 && l.Start != lines[i-1].Stop {
			whole = false
			break
		}
	}
	if whole {
		start, stop := lines[0].Start, lines[len(lines)-1].Stop
		for _, l := range lines {
			r.starts = append(r.starts, l.Start-start)
		}
		r.starts = append(r.starts, stop-start)
		r.text = source[start:stop]
	} else {
		r.copyText(st.clean)
	}
	r.budget = rereading*len(r.text) + rereadingFree
	return r
}

// copyText makes the text of lines that do not follow each other, or hold
// something clean.
func (r *htmlReader) copyText(clean map[int]int) {
	for _, l := range r.lines {
		r.starts = append(r.starts, len(r.text))
		if l.block != nil {
			r.text = append(r.text, "\n\n\x1A\n\n"...)
			continue
		}
		at := l.Start
		for len(clean) > 0 {
			next := bytes.IndexByte(r.source[at:l.Stop], '<')
			if next < 0 {
				break
			}
			open := at + next
			end := clean[open]
			if end == 0 || end > l.Stop {
				end = open + 1
				r.text = append(r.text, r.source[at:end]...)
			} else {
				r.text = append(r.text, r.source[at:open]...)
				r.marks = append(r.marks, mark{at: len(r.text), length: 1, size: end - open})
				r.text = append(r.text, '\x1A')
			}
			at = end
		}
		r.text = append(r.text, r.source[at:l.Stop]...)
	}
	r.starts = append(r.starts, len(r.text))
}

// offset is the offset in the source of an offset in the text, which is not in
// a mark or a block.
func (r *htmlReader) offset(i int) int {
	return r.lineOffset(r.lineAt(i), i)
}

// lineAt is the line that holds the offset.
func (r *htmlReader) lineAt(i int) int {
	return sort.Search(len(r.lines), func(k int) bool { return r.starts[k+1] > i })
}

func (r *htmlReader) lineOffset(k, i int) int {
	start := r.starts[k]
	offset := r.lines[k].Start + i - start
	first := sort.Search(len(r.marks), func(m int) bool { return r.marks[m].at >= start })
	for _, m := range r.marks[first:] {
		if m.at >= i {
			break
		}
		offset += m.size - m.length
	}
	return offset
}

// appendText appends the lines of a part that is text.
func (r *htmlReader) appendText(lines []line, p part) []line {
	clean := sort.Search(len(r.cleans), func(k int) bool { return r.cleans[k][1] > p.from })
	join := false // whether the last line goes on
	for k := r.lineAt(p.from); k < len(r.lines) && r.starts[k] < p.to; k++ {
		if r.lines[k].block != nil {
			lines = append(lines, r.lines[k])
			continue
		}
		from, to := max(p.from, r.starts[k]), min(p.to, r.starts[k+1])
		if !join {
			for n := 0; n < p.outdent && from < to && r.text[from] == ' '; n++ {
				from++
			}
		}
		if from == to {
			continue
		}
		start, stop := r.lineOffset(k, from), r.lineOffset(k, to)
		if join {
			lines[len(lines)-1].Stop = stop
		} else {
			lines = append(lines, line{Start: start, Stop: stop})
		}
		for clean < len(r.cleans) && r.cleans[clean][1] <= to {
			clean++
		}
		join = clean < len(r.cleans) && r.cleans[clean][0] < to
	}
	return lines
}

// appendBlock appends what was taken out and as many blank lines as stand around it on
// WordPress.org: one, and another one above it where it starts its line.
func (r *htmlReader) appendBlock(lines []line, taken line) []line {
	blank := blankLine(r.source)
	if n := len(lines); n == 0 || lines[n-1].block != nil || bytes.HasSuffix(r.source[lines[n-1].Start:lines[n-1].Stop], []byte("\n")) {
		lines = append(lines, blank)
	}
	return append(lines, blank, taken, blank)
}

// addText adds a part of text.
func (r *htmlReader) addText(from, to int) {
	if from < to {
		r.parts = append(r.parts, part{from: from, to: to})
	}
}

// addBlock adds a block.
func (r *htmlReader) addBlock(block ast.Node) {
	r.parts = append(r.parts, part{block: block})
}

// raw is a piece of the text as a block.
func (r *htmlReader) raw(from, to int) *htmlBlock {
	block := &htmlBlock{}
	r.addRaw(block, from, to)
	return block
}

// addRaw adds a piece of the text to a block. Blocks in it become children,
// and then the text becomes children, too.
func (r *htmlReader) addRaw(block *htmlBlock, from, to int) {
	for from < to {
		k := r.lineAt(from)
		if inner := r.lines[k].block; inner != nil {
			if lines := block.Lines(); lines.Len() > 0 {
				before := &htmlBlock{inside: true}
				before.SetLines(lines)
				block.SetLines(text.NewSegments())
				block.AppendChild(block, before)
			}
			block.AppendChild(block, inner)
			from = r.starts[k+1]
			continue
		}
		stop := min(to, r.starts[k+1])
		segment := text.NewSegment(r.lineOffset(k, from), r.lineOffset(k, stop))
		from = stop
		target := block
		if block.HasChildren() {
			target = &htmlBlock{inside: true}
			block.AppendChild(block, target)
		}
		if n := target.Lines().Len(); n > 0 && target.Lines().At(n-1).Stop == segment.Start {
			segment.Start = target.Lines().At(n - 1).Start
			target.Lines().Set(n-1, segment)
		} else {
			target.add(segment)
		}
	}
}
