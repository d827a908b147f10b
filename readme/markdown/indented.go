package markdown

// takeCode takes out code that is indented by four spaces. It starts behind a
// blank line and ends before a line that is indented less.
func takeCode(lines []line, source []byte, st *state) []line {
	e := edit{in: lines}
	for i := 0; i < len(lines); i++ {
		if !isIndented(lines[i], source) || i > 0 && !lines[i-1].blank(source) {
			continue
		}
		end := indentedEnd(lines, i, source)
		if end == 0 {
			continue
		}
		if !st.room(1) {
			break
		}
		e.replace(i, end, line{block: newCode(lines[i:end], source, st)}, blankLine(source))
		i = end - 1
	}
	return e.lines()
}

func isIndented(l line, source []byte) bool {
	b := l.text(source)
	return len(b) >= 4 && b[0] == ' ' && spaces(b[:4]) == 4
}

// indentedEnd is the line behind the code that starts at start. It must not be
// one of a few spaces (there are some in quotes): then the code ends above
// the last of its own lines that has nothing but the four spaces, or there is
// none and the result is 0.
func indentedEnd(lines []line, start int, source []byte) int {
	end, last := start, 0
	for end < len(lines) && isIndented(lines[end], source) {
		if b := lines[end].text(source); end > start && len(b) > 4 && !isSpace(b[4]) {
			last = end
		}
		end = skipBlankLines(lines, end+1, source)
	}
	if end < len(lines) {
		if b := lines[end].text(source); spaces(b) == len(b) {
			return last
		}
	}
	return end
}

// newCode is a block of indented code without the blank lines around it.
func newCode(lines []line, source []byte, st *state) *codeBlock {
	outdent(lines, source)
	lines = lines[skipBlankLines(lines, 0, source):]
	for len(lines) > 0 && lines[len(lines)-1].blank(source) {
		lines = lines[:len(lines)-1]
	}
	code := &codeBlock{clean: st.clean}
	for _, l := range lines {
		code.Lines().Append(l.segment())
	}
	return code
}
