package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
)

// takeSetextHeadings takes out lines that have a line of "=" or "-" below
// them, even a single one. The text above them stays.
func takeSetextHeadings(lines []line, source []byte, st *state) []line {
	e := edit{in: lines}
	for i := 1; i < len(lines); i++ {
		mark, count := underline(lines[i].text(source))
		if count == 0 || lines[i-1].block != nil || lines[i-1].blank(source) {
			continue
		}
		next := skipBlankLines(lines, i+1, source)
		title, attributes := cutAttributes(trimSpaces(lines[i-1].text(source)))
		// "- a" above "-" is a list with an empty item.
		if mark != '-' || count > 1 || !bytes.HasPrefix(title, []byte("- ")) {
			if !st.room(1) {
				break
			}
			level := 1
			if mark == '-' {
				level = 2
			}
			e.replace(i-1, next, blankLine(source),
				newHeading(level, lines[i-1].Start, title, attributes, source), blankLine(source))
		}
		i = next // the next title is there at the earliest
	}
	return e.lines()
}

// underline is the mark and the length of a line of "=" or "-".
func underline(b []byte) (mark byte, count int) {
	if len(b) == 0 || b[0] != '=' && b[0] != '-' {
		return 0, 0
	}
	for count < len(b) && b[count] == b[0] {
		count++
	}
	if spaces(b[count:]) < len(b)-count {
		return 0, 0
	}
	return b[0], count
}

// newHeading is a heading whose title starts at start in the source.
func newHeading(level, start int, title, attributes, source []byte) line {
	heading := ast.NewHeading(level)
	setText(heading, []line{{Start: start, Stop: start + len(title)}}, source)
	if len(attributes) > 0 {
		setAttributes(heading, attributes)
	}
	return line{block: heading}
}
