package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// footnote is a definition, "[^label]: text".
type footnote struct {
	label  string
	lines  []line // its text
	item   *footnoteItem
	number int // 1 for the first one that is used; 0 before it is
	refs   int // how many references have its number
}

// reference is a new reference to the footnote.
func (f *footnote) reference() ast.Node { return &footnoteRef{label: f.label} }

// takeFootnotes takes out the definitions of footnotes. Of two with one label
// the later one counts.
func takeFootnotes(lines []line, source []byte, st *state) []line {
	e := edit{in: lines}
	for i := 0; i < len(lines); i++ {
		label, at, ok := footnoteLabel(lines[i].text(source))
		if !ok {
			continue
		}
		if !st.room(2) {
			break
		}
		end := footnoteEnd(lines, i, at, source)
		note := append([]line(nil), lines[i:end]...)
		note[0].Start += at
		if at == len(lines[i].text(source)) {
			note = note[1:]
		}
		outdent(note, source)
		if st.footnotes == nil {
			st.footnotes = map[string]*footnote{}
		}
		st.footnotes[string(label)] = &footnote{label: string(label), lines: note}
		e.replace(i, end, blankLine(source))
		i = end - 1
	}
	return e.lines()
}

// footnoteLabel reads the start of a definition; its text begins at byte at.
func footnoteLabel(b []byte) (label []byte, at int, ok bool) {
	n := spaces(b)
	if n > 3 || !bytes.HasPrefix(b[n:], []byte("[^")) {
		return nil, 0, false
	}
	label, rest, ok := cutLabel(b[n+2:])
	return label, len(b) - len(rest) + spaces(rest), ok
}

// footnoteEnd is the line behind the footnote of line start, whose text begins
// at byte at: before another definition, or before blank lines with text
// behind them that isn't indented.
func footnoteEnd(lines []line, start, at int, source []byte) int {
	end := start + 1
	if at == len(lines[start].text(source)) && end < len(lines) && !lines[end].blank(source) {
		end++ // the first line of the text is in any case
	}
	for end < len(lines) {
		if isDefinition(lines[end].text(source)) {
			return end
		}
		if !lines[end].blank(source) {
			end++
			continue
		}
		next := skipBlankLines(lines, end, source)
		first := end == start+1 && at == len(lines[start].text(source))
		if next < len(lines) && isOutside(lines[next].text(source)) && !(first && next == end+1) {
			return end
		}
		end = next
	}
	return end
}

// isOutside reports whether text behind a blank line belongs to no footnote.
func isOutside(b []byte) bool {
	n := spaces(b)
	return n < 4 && n < len(b) && !isSpace(b[n])
}

// isDefinition reports whether a line starts like "[label]: ".
func isDefinition(b []byte) bool {
	if len(b) == 0 || b[0] != '[' {
		return false
	}
	for b = b[1:]; ; {
		_, rest, ok := cutLabel(b)
		if !ok {
			return false
		}
		if len(rest) == 0 || isSpace(rest[0]) {
			return true
		}
		b = rest
	}
}

// appendFootnotes appends the text of the footnotes. footnoteNumbers sorts
// them when the references are known.
func appendFootnotes(parent ast.Node, source []byte, st *state) {
	if len(st.footnotes) == 0 {
		return
	}
	list := &footnoteList{}
	parent.AppendChild(parent, list)
	for _, note := range st.footnotes {
		note.item = &footnoteItem{label: note.label}
		list.AppendChild(list, note.item)
		appendBlocks(note.item, note.lines, source, st)
	}
}

// footnoteNumbers numbers the footnotes in the order of their first
// references, takes out those without, and appends links back.
type footnoteNumbers struct{}

// Transform implements parser.ASTTransformer.
func (footnoteNumbers) Transform(document *ast.Document, _ text.Reader, pc parser.Context) {
	list, ok := document.LastChild().(*footnoteList)
	if !ok {
		return
	}
	document.RemoveChild(document, list)
	list.RemoveChildren(list)
	st := stateOf(pc)
	var used []*footnote
	number := func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		ref, ok := n.(*footnoteRef)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		// A footnote that is already printed cannot be referred to.
		if note := st.footnotes[ref.label]; note != nil {
			if note.number == 0 {
				used = append(used, note)
				note.number = len(used)
			}
			note.refs++
			ref.number, ref.count = note.number, note.refs
		}
		return ast.WalkContinue, nil
	}
	_ = ast.Walk(document, number) // number has no errors
	for i := 0; i < len(used); i++ {
		note := used[i]
		delete(st.footnotes, note.label)
		_ = ast.Walk(note.item, number)
		last, ok := note.item.LastChild().(*ast.Paragraph)
		if !ok {
			last = ast.NewParagraph()
			note.item.AppendChild(note.item, last)
		}
		last.AppendChild(last, &footnoteBack{label: note.label, refs: note.refs, after: ok})
		list.AppendChild(list, note.item)
	}
	if len(used) > 0 {
		document.AppendChild(document, list)
	}
}
