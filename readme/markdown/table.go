package markdown

import (
	"bytes"

	extast "github.com/yuin/goldmark/extension/ast"
)

// takeTables takes out tables: a row, a line of dashes, and more rows up to a
// blank line. First those are taken whose lines all start with "|".
func takeTables(lines []line, source []byte, st *state) []line {
	return takeTablesOf(false, takeTablesOf(true, lines, source, st), source, st)
}

func takeTablesOf(leading bool, lines []line, source []byte, st *state) []line {
	e := edit{in: lines}
	for i := 1; i < len(lines); i++ {
		if !isDashes(lines[i].text(source), leading) || !isHead(lines[i-1], leading, source) {
			continue
		}
		end := i + 1
		for end < len(lines) && isRow(lines[end], leading, source) {
			end++
		}
		if end < len(lines) && !lines[end].blank(source) {
			// None of the rows is the start of a table: it would end here too.
			i = end
			continue
		}
		if st.blocks < tableNodes(lines[i-1:end], source) {
			break // it stays text
		}
		e.replace(i-1, end, line{block: newTable(lines[i-1:end], leading, source, st)})
		if end == len(lines) {
			e.replace(end, end, blankLine(source))
		}
		i = end
	}
	return e.lines()
}

// isHead reports whether a line can be the first row.
func isHead(l line, leading bool, source []byte) bool {
	b := l.text(source)
	n := spaces(b)
	if l.block != nil || n > 3 || n == len(b) {
		return false
	}
	if leading {
		return b[n] == '|' && n+1 < len(b)
	}
	return !isSpace(b[n]) && bytes.IndexByte(b[n+1:], '|') >= 0
}

// isDashes reports whether a line can be the second one.
func isDashes(b []byte, leading bool) bool {
	n := spaces(b)
	if n > 3 || n == len(b) {
		return false
	}
	b = b[n:]
	if leading {
		if b[0] != '|' {
			return false
		}
		b = b[1+spaces(b[1:]):]
	}
	dashes := 0
	for dashes < len(b) && (b[dashes] == '-' || b[dashes] == ':') {
		dashes++
	}
	if dashes == 0 {
		return false
	}
	rest := b[dashes:]
	if !leading {
		rest = rest[spaces(rest):]
		if len(rest) == 0 || rest[0] != '|' {
			return false
		}
	}
	for _, c := range rest {
		if c != '-' && c != '|' && c != ' ' && c != ':' {
			return false
		}
	}
	return true
}

// isRow reports whether a line can be one of the other rows.
func isRow(l line, leading bool, source []byte) bool {
	b := l.text(source)
	if leading {
		n := spaces(b)
		return n < len(b) && b[n] == '|'
	}
	return bytes.IndexByte(b, '|') >= 0
}

// maxEmptyCells is how many cells a table gets that its rows lack. Without it
// a wide first row and many short ones would make a page of each line.
const maxEmptyCells = 10_000

// tableNodes is how many nodes a table has at most, apart from the empty cells
// that it gets.
func tableNodes(lines []line, source []byte) int {
	nodes := 0
	for _, l := range lines {
		nodes += 2 + bytes.Count(l.text(source), []byte("|"))
	}
	return nodes
}

// newTable is the table that lines are. All rows have as many cells as the
// first one; if it is the only one, an empty row follows.
func newTable(lines []line, leading bool, source []byte, st *state) *extast.Table {
	table := extast.NewTable()
	for i := range lines {
		lines[i] = rowLine(lines[i], leading, i == 0, source)
	}
	head := splitCells(lines[0], 0, source)
	table.Alignments = alignments(lines[1].text(source), len(head))
	table.AppendChild(table, extast.NewTableHeader(newTableRow(table, head, len(head), source)))
	missing := min(maxEmptyCells, st.blocks-tableNodes(lines, source))
	nodes := 2 + len(head)
	for _, l := range lines[2:] {
		cells := splitCells(l, len(head), source)
		count := min(len(head), len(cells)+missing)
		missing -= count - len(cells)
		nodes += 1 + count
		table.AppendChild(table, newTableRow(table, cells, count, source))
	}
	if len(lines) == 2 {
		count := min(len(head), missing)
		table.AppendChild(table, newTableRow(table, nil, count, source))
		nodes += count
	}
	st.blocks -= nodes
	return table
}

// rowLine is a line without its line end and its outer "|".
func rowLine(l line, leading, head bool, source []byte) line {
	b := l.text(source)
	l.Stop = l.Start + len(b)
	start := 0
	if leading {
		start = spaces(b) + 1
	} else if head {
		start = spaces(b)
	}
	if rest := trimSpaces(b[start:]); len(rest) > 0 && rest[len(rest)-1] == '|' {
		l.Stop = l.Start + start + len(rest) - 1
	}
	l.Start += start
	return l
}

// alignments reads the line of dashes.
func alignments(b []byte, count int) []extast.Alignment {
	out := make([]extast.Alignment, count)
	for i := range out {
		out[i] = extast.AlignNone
	}
	for i, cell := range bytes.Split(b, []byte("|")) {
		if i == count {
			break
		}
		cell, left := bytes.CutPrefix(bytes.Trim(cell, " "), []byte(":"))
		cell, right := bytes.CutSuffix(cell, []byte(":"))
		switch {
		case len(cell) == 0 || len(bytes.Trim(cell, "-")) > 0 || !left && !right:
			out[i] = extast.AlignNone
		case left && right:
			out[i] = extast.AlignCenter
		case left:
			out[i] = extast.AlignLeft
		default:
			out[i] = extast.AlignRight
		}
	}
	return out
}

// newTableRow is a row of count cells, the last of them empty.
func newTableRow(table *extast.Table, cells []line, count int, source []byte) *extast.TableRow {
	row := extast.NewTableRow(table.Alignments)
	for i, alignment := range table.Alignments[:count] {
		cell := extast.NewTableCell()
		cell.Alignment = alignment
		if i < len(cells) {
			setText(cell, cells[i:i+1], source)
		}
		row.AppendChild(row, cell)
	}
	return row
}
