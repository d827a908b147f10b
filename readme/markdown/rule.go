package markdown

import "github.com/yuin/goldmark/ast"

// takeRules takes out horizontal rules: lines of three or more "-", "*" or
// "_" with at most two spaces between them.
func takeRules(lines []line, source []byte, st *state) []line {
	e := edit{in: lines}
	for i, l := range lines {
		if isRule(l.text(source)) && st.room(1) {
			e.replace(i, i+1, blankLine(source), line{block: ast.NewThematicBreak()}, blankLine(source))
		}
	}
	return e.lines()
}

func isRule(b []byte) bool {
	n := spaces(b)
	b = trimSpaces(b[n:])
	if n > 3 || len(b) < 3 || b[0] != '-' && b[0] != '*' && b[0] != '_' {
		return false
	}
	count, gap := 0, 0
	for _, c := range b {
		switch {
		case c == b[0]:
			count++
			gap = 0
		case c == ' ' && gap < 2:
			gap++
		default:
			return false
		}
	}
	return count >= 3
}
