package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
)

// markers are the two kinds of list.
type markers uint8

const (
	bullets markers = iota // "*", "+" and "-", all the same
	numbers                // digits and a "."
)

// other is the kind that ends a list of this one.
func (k markers) other() markers { return k ^ 1 }

// marker is the start of an item. Its text may be empty.
type marker struct {
	indent int // spaces before it
	end    int // where the marker ends
	text   int // where the spaces behind it end
}

// marker reads the start of an item of the kind.
func (k markers) marker(b []byte) (m marker, ok bool) {
	m.indent = spaces(b)
	m.end = m.indent
	if k == bullets {
		if m.end == len(b) || b[m.end] != '*' && b[m.end] != '+' && b[m.end] != '-' {
			return m, false
		}
	} else {
		for m.end < len(b) && '0' <= b[m.end] && b[m.end] <= '9' {
			m.end++
		}
		if m.end == m.indent || m.end == len(b) || b[m.end] != '.' {
			return m, false
		}
	}
	m.end++
	m.text = m.end + spaces(b[m.end:])
	return m, m.text > m.end || m.end == len(b)
}

// spaced is marker with at least one space behind it.
func (k markers) spaced(b []byte) (m marker, ok bool) {
	m, ok = k.marker(b)
	return m, ok && m.text > m.end
}

// takeLists takes out lists, first those with bullets. Outside of all lists
// one starts behind a blank line, inside with any line. open says that the
// last line has no line end: it is the end of an item's text.
func takeLists(lines []line, source []byte, st *state, open bool) []line {
	if st.nesting > MaxNesting {
		return lines
	}
	lines = takeListsOf(bullets, lines, source, st, open)
	return takeListsOf(numbers, lines, source, st, open)
}

func takeListsOf(kind markers, lines []line, source []byte, st *state, open bool) []line {
	e := edit{in: lines}
	for i := 0; i < len(lines); i++ {
		if lines[i].block != nil || st.listLevel == 0 && i > 0 && !lines[i-1].blank(source) {
			continue
		}
		b := lines[i].text(source)
		m, ok := kind.spaced(b)
		if !ok || m.indent > 3 || open && i == len(lines)-1 && len(b) == m.end+1 {
			continue
		}
		if !st.room(3) {
			break
		}
		end := listEnd(kind, m, lines, i, source)
		list := newList(kind, lines[i:end], source, st)
		if st.listLevel > 0 || i == 0 {
			e.replace(i, i, blankLine(source))
		}
		e.replace(i, end, line{block: list}, blankLine(source))
		if end < len(lines) && !lines[end-1].blank(source) {
			e.replace(end, end, blankLine(source))
		}
		i = end - 1
	}
	return e.lines()
}

// listEnd is the line behind the list that starts with m in line start. It
// ends behind blank lines before a line that is neither indented nor an item,
// and before an item of the other kind that is indented as the first one.
// Everything else belongs to it.
func listEnd(kind markers, m marker, lines []line, start int, source []byte) int {
	// The line end of an empty first item is its text. What would end the
	// list must come behind another one.
	free := start + 1
	if m.text == len(lines[start].text(source)) {
		free++
	}
	for k := start + 1; k < len(lines); k++ {
		if lines[k].blank(source) {
			k = skipBlankLines(lines, k, source)
			if k == len(lines) {
				return k
			}
			b := lines[k].text(source)
			if _, ok := kind.spaced(b); k > free && !isSpace(b[0]) && !ok {
				return k
			}
		}
		if k < free {
			continue
		}
		if n, ok := kind.other().spaced(lines[k].text(source)); ok && n.indent == m.indent {
			return k
		}
	}
	return len(lines)
}

// newList is the list that lines are. Its items have the first one's indent;
// other lines belong to the item above them.
func newList(kind markers, lines []line, source []byte, st *state) *ast.List {
	st.listLevel++
	st.nesting++
	for lines[len(lines)-1].blank(source) {
		lines = lines[:len(lines)-1]
	}
	first, _ := kind.marker(lines[0].text(source))
	list := newListNode(kind, lines[0].text(source)[first.indent:first.end])
	isItem := func(l line) bool {
		m, ok := kind.marker(l.text(source))
		return ok && m.indent == first.indent
	}
	apart := false // a blank line stands before the item
	for start := 0; start < len(lines); {
		next := start + 1
		for next < len(lines) && !(isItem(lines[next]) && st.room(2)) {
			next++
		}
		end := next
		for end > start+1 && lines[end-1].blank(source) {
			end--
		}
		loose := apart || end < next
		for i := start + 1; i < end && !loose; i++ {
			loose = lines[i].blank(source)
		}
		apart = end < next
		m, _ := kind.marker(lines[start].text(source))
		list.AppendChild(list, newListItem(m, lines[start:end], loose, source, st))
		start = next
	}
	st.nesting--
	st.listLevel--
	return list
}

// newListNode is a list without items. Numbers count from the first one's.
func newListNode(kind markers, marker []byte) *ast.List {
	if kind == bullets {
		return ast.NewList('*')
	}
	list := ast.NewList('.')
	list.Start = 1
	number := bytes.Clone(marker[:len(marker)-1]) // dropMarker overwrites it
	if value := bytes.TrimLeft(number, "0"); len(value) > 0 && string(value) != "1" {
		list.SetAttributeString("start", number)
	}
	return list
}

// newListItem is the item that starts with m. With a blank line in it, above
// or below it, it is loose: its text is made of blocks. Otherwise it is text
// and lists.
func newListItem(m marker, lines []line, loose bool, source []byte, st *state) *ast.ListItem {
	item := ast.NewListItem(0)
	outdent(lines[1:], source)
	if !loose {
		lines[0].Start += m.text
		appendMixed(item, takeLists(lines, source, st, true), source)
		return item
	}
	dropMarker(&lines[0], m, source)
	appendBlocks(item, lines, source, st)
	return item
}

// dropMarker puts spaces for a marker, up to four of which are taken as from
// the other lines. Nothing else reads the source there.
func dropMarker(l *line, m marker, source []byte) {
	for i := m.indent; i < m.end && m.text > 4; i++ {
		source[l.Start+i] = ' '
	}
	l.Start += min(m.text, 4)
}
