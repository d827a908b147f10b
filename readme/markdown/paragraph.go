package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// appendParagraphs appends what is left when all other rules have been asked:
// paragraphs, parted by blank lines, and blocks. A block without a blank line
// to the text beside it stands in the text's paragraph. A comment, a script or
// the like is no paragraph.
func appendParagraphs(parent ast.Node, lines []line, source []byte, st *state) {
	for i := skipBlankLines(lines, 0, source); i < len(lines); i = skipBlankLines(lines, i, source) {
		start, whole := i, true
		last := !st.room(1) // it has all that is left
		for i < len(lines) && (last || !lines[i].blank(source)) {
			whole = whole && lines[i].block == nil
			i++
		}
		if i == start+1 && !whole {
			parent.AppendChild(parent, lines[start].block)
			continue
		}
		paragraph := ast.NewParagraph()
		if !whole {
			appendMixed(paragraph, lines[start:i], source)
			parent.AppendChild(parent, paragraph)
			continue
		}
		setText(paragraph, lines[start:i], source)
		if isClean(paragraph.Lines(), st) {
			raw := &htmlBlock{}
			raw.add(paragraph.Lines().At(0))
			parent.AppendChild(parent, raw)
			continue
		}
		parent.AppendChild(parent, paragraph)
	}
}

// isClean reports whether text is nothing but a comment or the like.
func isClean(text *text.Segments, st *state) bool {
	return text.Len() == 1 && text.At(0).Stop == st.clean[text.At(0).Start]
}

// appendMixed appends lines of text and blocks between them.
func appendMixed(parent ast.Node, lines []line, source []byte) {
	for i := 0; i < len(lines); {
		if lines[i].block != nil {
			parent.AppendChild(parent, lines[i].block)
			i++
			continue
		}
		start := i
		for i < len(lines) && lines[i].block == nil {
			i++
		}
		node := ast.NewTextBlock()
		setText(node, lines[start:i], source)
		if node.Lines().Len() == 0 {
			continue
		}
		_, tight := parent.(*ast.ListItem)
		keepEnd(node, lines[start:i], i < len(lines), tight, source)
		parent.AppendChild(parent, node)
	}
}

// keepEnd puts back the spaces behind text, which in a tight item stay, and
// the line end if it makes them a line break before a block.
func keepEnd(node ast.Node, lines []line, block, tight bool, source []byte) {
	last := node.Lines().Len() - 1
	segment := node.Lines().At(last)
	n := spaces(source[segment.Stop:])
	if !tight && !block || n == 0 {
		return
	}
	for _, l := range lines {
		if l.Start < segment.Stop && segment.Stop+n <= l.Stop {
			segment.Stop += n
			if block && n > 1 {
				segment.Stop = l.Stop
			}
			node.Lines().Set(last, segment)
			return
		}
	}
}

// white is what is trimmed from the ends of text.
const white = " \t\n\r\x00\x0b"

// setText gives a leaf its text without the white space around it. Lines that
// follow each other in the source become one segment.
func setText(node ast.Node, lines []line, source []byte) {
	for len(lines) > 0 {
		l := &lines[0]
		if bytes.HasPrefix(source[l.Start:l.Stop], []byte("  ")) && isWhite(l.text(source)) && len(lines) > 1 {
			break // a line break
		}
		l.Start = l.Stop - len(bytes.TrimLeft(source[l.Start:l.Stop], white))
		if l.Start < l.Stop {
			break
		}
		lines = lines[1:]
	}
	stop := 0
	for len(lines) > 0 {
		l := lines[len(lines)-1]
		stop = l.Start + len(bytes.TrimRight(source[l.Start:l.Stop], white))
		if stop > l.Start {
			break
		}
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return
	}
	var room [8]text.Segment
	segments := room[:0]
	current := lines[0].segment()
	for _, l := range lines[1:] {
		if l.Start == current.Stop {
			current.Stop = l.Stop
			continue
		}
		segments = append(segments, current)
		current = l.segment()
	}
	current.Stop = stop
	node.Lines().AppendAll(append(segments, current))
}
