package readme

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The lists of PHP Markdown Extra, which differ from CommonMark's:
//
//   - a list does not interrupt a paragraph, except inside an item;
//   - a line belongs to the item if it is indented at all, and up to four
//     columns are taken off: the level of an item is its indent over four,
//     rounded up;
//   - "*", "+" and "-" make one list; "1)" makes none;
//   - only the items beside a blank line, and those with one inside, have
//     paragraphs.

// itemIndent is how many columns of indent an item takes off its lines.
const itemIndent = 4

// markerAt finds a list marker in a line: the columns before it, whether it is
// a number, and where in the line the text starts. A marker is followed by
// white space; ok is false if there is none.
func markerAt(line []byte, column int) (indent int, ordered bool, start int, ok bool) {
	indent, i := util.IndentWidth(line, column)
	if i >= len(line) || indent >= itemIndent {
		return 0, false, 0, false
	}
	switch c := line[i]; {
	case c == '*' || c == '+' || c == '-':
		i++
	case '0' <= c && c <= '9':
		for i < len(line) && '0' <= line[i] && line[i] <= '9' {
			i++
		}
		if i >= len(line) || line[i] != '.' {
			return 0, false, 0, false
		}
		i++
		ordered = true
	default:
		return 0, false, 0, false
	}
	start = i
	for start < len(line) && isBlankByte(line[start]) {
		start++
	}
	return indent, ordered, start, start > i || start == len(line) || line[start] == '\n'
}

// isRule reports whether a line is a horizontal rule, such as "* * *", which
// is no item.
func isRule(line []byte) bool {
	var mark byte
	count := 0
	for _, c := range line {
		switch {
		case c == ' ' || c == '\t' || c == '\n':
		case count == 0 && (c == '*' || c == '-' || c == '_'):
			mark, count = c, 1
		case c == mark && count > 0:
			count++
		default:
			return false
		}
	}
	return count >= 3
}

// listItem is an item and what its list has to remember.
type listItem struct {
	ast.ListItem
	indent  int
	pending bool // a blank line has just been seen
	loose   bool // its text stands in paragraphs
}

// inTightItem reports whether a block that starts here would be the text of an
// item that, for all that is known yet, has no blank line: there only lists
// are more than text, "* >5 columns" is no quote.
func inTightItem(parent ast.Node) bool {
	item, ok := parent.(*listItem)
	return ok && !item.loose
}

// outsideItems is a block parser that opens nothing in such an item.
type outsideItems struct{ parser.BlockParser }

// Open implements parser.BlockParser.
func (o outsideItems) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if inTightItem(parent) {
		return nil, parser.NoChildren
	}
	return o.BlockParser.Open(parent, reader, pc)
}

// inBacktickBlock reports whether the lines that follow are code up to a known
// place, however they are indented.
func inBacktickBlock(pc parser.Context) bool {
	block, ok := pc.LastOpenedBlock().Node.(*backtickBlock)
	return ok && !block.done
}

// listParser opens and continues lists.
type listParser struct{}

// Trigger implements parser.BlockParser.
func (listParser) Trigger() []byte { return []byte("-+*0123456789") }

// CanInterruptParagraph implements parser.BlockParser; Open decides.
func (listParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (listParser) CanAcceptIndentedLine() bool { return false }

// Open implements parser.BlockParser.
func (listParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if parent.Kind() == ast.KindList || nesting(parent) >= MaxNesting {
		return nil, parser.NoChildren
	}
	last := pc.LastOpenedBlock().Node
	if ast.IsParagraph(last) && last.Parent() == parent && parent.Kind() != ast.KindListItem {
		return nil, parser.NoChildren
	}
	line, _ := reader.PeekLine()
	_, ordered, start, ok := markerAt(line, reader.LineOffset())
	if !ok || util.IsBlank(line[start:]) {
		return nil, parser.NoChildren
	}
	marker := byte('*')
	if ordered {
		marker = '.'
	}
	list := ast.NewList(marker)
	if ordered {
		list.Start = 1
	}
	return list, parser.HasChildren
}

// Continue implements parser.BlockParser.
func (listParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	item, ok := node.LastChild().(*listItem)
	if !ok {
		return parser.Close
	}
	if inBacktickBlock(pc) {
		return parser.Continue | parser.HasChildren
	}
	line, _ := reader.PeekLine()
	if util.IsBlank(line) {
		item.pending = true
		return parser.Continue | parser.HasChildren
	}
	width, at := util.IndentWidth(line, reader.LineOffset())
	if _, to, _ := equalsHeading(line[at:]); to > 0 || width < itemIndent && isRule(line) {
		return parser.Close
	}
	indent, ordered, _, isItem := markerAt(line, reader.LineOffset())
	switch same := isItem && ordered == node.(*ast.List).IsOrdered(); {
	case isItem && !same && (indent == item.indent || indent == 0):
		return parser.Close
	case !isItem && width == 0 && line[at] == '`' && !bytes.HasPrefix(line[at:], []byte("``")):
		// Code at the start of a line belongs to the item above it.
	case !isItem && width == 0:
		return parser.Close // or text that the last paragraph takes up
	}
	return parser.Continue | parser.HasChildren
}

// Close implements parser.BlockParser: the text of items that are not loose
// loses its paragraphs.
func (listParser) Close(node ast.Node, _ text.Reader, _ parser.Context) {
	for n := node.FirstChild(); n != nil; n = n.NextSibling() {
		item, ok := n.(*listItem)
		if !ok || item.loose {
			continue
		}
		for child := item.FirstChild(); child != nil; {
			next := child.NextSibling()
			if paragraph, ok := child.(*ast.Paragraph); ok {
				block := ast.NewTextBlock()
				block.SetLines(paragraph.Lines())
				item.ReplaceChild(item, paragraph, block)
			}
			child = next
		}
	}
}

// listItemParser opens and continues the items of a list.
type listItemParser struct{}

// Trigger implements parser.BlockParser.
func (listItemParser) Trigger() []byte { return []byte("-+*0123456789") }

// CanInterruptParagraph implements parser.BlockParser.
func (listItemParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (listItemParser) CanAcceptIndentedLine() bool { return false }

// Open implements parser.BlockParser.
func (listItemParser) Open(parent ast.Node, reader text.Reader, _ parser.Context) (ast.Node, parser.State) {
	list, ok := parent.(*ast.List)
	if !ok {
		return nil, parser.NoChildren
	}
	line, _ := reader.PeekLine()
	indent, ordered, start, ok := markerAt(line, reader.LineOffset())
	if !ok || ordered != list.IsOrdered() {
		return nil, parser.NoChildren
	}
	item := &listItem{indent: indent}
	if last, ok := list.LastChild().(*listItem); ok && last.pending {
		last.loose, item.loose = true, true
	}
	if util.IsBlank(line[start:]) {
		return item, parser.NoChildren
	}
	reader.AdvanceAndSetPadding(start, 0)
	return item, parser.HasChildren
}

// Continue implements parser.BlockParser.
func (listItemParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	if inBacktickBlock(pc) {
		return parser.Continue | parser.HasChildren
	}
	line, _ := reader.PeekLine()
	if util.IsBlank(line) {
		reader.AdvanceToEOL()
		return parser.Continue | parser.HasChildren
	}
	item, list := node.(*listItem), node.Parent().(*ast.List)
	indent, ordered, _, ok := markerAt(line, reader.LineOffset())
	if ok && ordered == list.IsOrdered() && indent == item.indent {
		return parser.Close
	}
	if item.pending {
		item.pending, item.loose = false, true
	}
	width, _ := util.IndentWidth(line, reader.LineOffset())
	at, padding := util.IndentPosition(line, reader.LineOffset(), min(width, itemIndent))
	reader.AdvanceAndSetPadding(at, padding)
	return parser.Continue | parser.HasChildren
}

// Close implements parser.BlockParser.
func (listItemParser) Close(ast.Node, text.Reader, parser.Context) {}
