package markdown

import (
	"bytes"

	extast "github.com/yuin/goldmark/extension/ast"
)

// takeDefinitionLists takes out definition lists: lines of terms, perhaps a
// blank line, and definitions that start with ":" and a space.
func takeDefinitionLists(lines []line, source []byte, st *state) []line {
	if st.nesting > MaxNesting {
		return lines
	}
	e := edit{in: lines}
	for i := 0; i < len(lines); i++ {
		if i > 0 && !lines[i-1].blank(source) || lines[i].blank(source) {
			continue
		}
		first := lastDefinition(lines, i, source)
		if first == 0 {
			continue
		}
		if !st.room(1) {
			break
		}
		end := definitionListEnd(lines, first, source)
		e.replace(i, end, line{block: newDefinitionList(lines[i:end], source, st)}, blankLine(source))
		i = end - 1
	}
	return e.lines()
}

// definition reads the start of a definition; its text may be empty.
func definition(b []byte) (m marker, ok bool) {
	m.indent = spaces(b)
	if m.indent > 3 || m.indent == len(b) || b[m.indent] != ':' {
		return m, false
	}
	m.end = m.indent + 1
	m.text = m.end + spaces(b[m.end:])
	return m, m.text > m.end
}

func isDefinitionLine(lines []line, i int, source []byte) bool {
	if i >= len(lines) {
		return false
	}
	_, ok := definition(lines[i].text(source))
	return ok
}

// lastDefinition is the last definition of those that the text from line start
// up to the next blank line, and the line behind that one, could start its
// first definition with; 0 if there is none.
func lastDefinition(lines []line, start int, source []byte) int {
	end, last := start, 0
	for end < len(lines) && !isWhite(lines[end].text(source)) {
		if end > start && isDefinitionLine(lines, end, source) {
			last = end
		}
		end++
	}
	switch {
	case end == start:
		return 0
	case isDefinitionLine(lines, end, source):
		return end
	case end < len(lines) && lines[end].blank(source) && isDefinitionLine(lines, end+1, source):
		return end + 1
	}
	return last
}

// isWhite reports whether b has nothing but white space.
func isWhite(b []byte) bool {
	for _, c := range b {
		if !isSpace(c) {
			return false
		}
	}
	return true
}

// definitionListEnd is the line behind the list whose first definition is in
// line first: behind blank lines before a line that is neither indented nor a
// term nor a definition.
func definitionListEnd(lines []line, first int, source []byte) int {
	empty := isEmptyDefinition(lines[first], source)
	for k := first + 1; k < len(lines); k++ {
		if !lines[k].blank(source) {
			continue
		}
		run := k
		k = skipBlankLines(lines, k, source)
		if k == len(lines) {
			break
		}
		if empty && k == first+2 && run == first+1 || isSpace(lines[k].text(source)[0]) {
			continue
		}
		if !isDefinitionLine(lines, k, source) && termsEnd(lines, k, source) == 0 {
			return k
		}
	}
	return len(lines)
}

// termsEnd is the line behind the terms from line start on, before their
// definition or the blank line above it; 0 if they have none.
func termsEnd(lines []line, start int, source []byte) int {
	for i := start; i < len(lines); i++ {
		b := lines[i].text(source)
		if i == start && len(b) > 0 {
			b = b[min(spaces(b), 3):]
		}
		if len(b) == 0 || isSpace(b[0]) {
			return 0
		}
		next := i + 1
		if next < len(lines) && lines[next].blank(source) {
			next++
		}
		if isDefinitionLine(lines, next, source) {
			return i + 1
		}
	}
	return 0
}

// newDefinitionList is the list that lines are.
func newDefinitionList(lines []line, source []byte, st *state) *extast.DefinitionList {
	st.nesting++
	for lines[len(lines)-1].blank(source) {
		lines = lines[:len(lines)-1]
	}
	list := extast.NewDefinitionList(0, nil)
	apart := false // a blank line stands before line i
	for i := 0; i < len(lines); {
		if !st.room(2) {
			list.AppendChild(list, newRawText(lines[i:], source))
			break
		}
		if terms := definitionTerms(lines, i, source); terms > 0 {
			for ; i < terms && st.room(2); i++ {
				term := extast.NewDefinitionTerm()
				appendMixed(term, lines[i:i+1], source)
				list.AppendChild(list, term)
			}
			i = skipBlankLines(lines, terms, source)
			apart = i > terms
			continue
		}
		first, empty := i, i > 0 && isEmptyDefinition(lines[i], source)
		i = definitionEnd(lines, first, empty, source)
		if first == 0 || empty && first+1 == len(lines) && bytes.HasSuffix(lines[first].text(source), []byte(": ")) {
			// A first definition without a term is no definition, nor is a last
			// one whose line end is all that it could have for text.
			list.AppendChild(list, newRawText(lines[first:i], source))
		} else {
			list.AppendChild(list, newDefinition(lines[first:i], apart, source, st))
		}
		next := skipBlankLines(lines, i, source)
		apart = next > i+1 || next > i && !(empty && i == first+1)
		i = next
	}
	st.nesting--
	return list
}

// definitionEnd is the line behind the definition of line first and before the
// blank lines behind it: there follows another definition, or terms.
//
// The line end of an empty definition is its text, so that the next line
// cannot start another one.
func definitionEnd(lines []line, first int, empty bool, source []byte) int {
	i := first + 1
	if empty && i < len(lines) && !lines[i].blank(source) {
		i++
	}
	for i < len(lines) && !isDefinitionLine(lines, i, source) {
		next := skipBlankLines(lines, i, source)
		if next > i && (isDefinitionLine(lines, next, source) || definitionTerms(lines, next, source) > 0) {
			break
		}
		i = max(next, i+1)
	}
	return i
}

func isEmptyDefinition(l line, source []byte) bool {
	b := l.text(source)
	m, ok := definition(b)
	return ok && m.text == len(b)
}

// definitionTerms is termsEnd for terms behind a blank line or at the start of
// the list.
func definitionTerms(lines []line, i int, source []byte) int {
	if i >= len(lines) || i > 0 && !lines[i-1].blank(source) || isDefinitionLine(lines, i, source) {
		return 0
	}
	return termsEnd(lines, i, source)
}

// newDefinition is a definition. With a blank line in it or above it its text
// is made of blocks.
func newDefinition(lines []line, loose bool, source []byte, st *state) *extast.DefinitionDescription {
	node := extast.NewDefinitionDescription()
	m, _ := definition(lines[0].text(source))
	for i := 1; i < len(lines) && !loose; i++ {
		loose = lines[i].blank(source)
	}
	outdent(lines[1:], source)
	node.IsTight = !loose
	if !loose {
		lines[0].Start += m.text
		appendMixed(node, lines, source)
		return node
	}
	dropMarker(&lines[0], m, source)
	appendBlocks(node, lines, source, st)
	return node
}

// newRawText is text that no rule reads.
func newRawText(lines []line, source []byte) *htmlBlock {
	raw := &htmlBlock{}
	for _, l := range lines {
		raw.add(l.segment())
	}
	return raw
}
