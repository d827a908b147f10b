package markdown

import "github.com/yuin/goldmark/ast"

// takeQuotes takes out quotes. One starts with a line of ">" and text, has
// all lines up to the next blank one, and goes on behind it with another ">".
func takeQuotes(lines []line, source []byte, st *state) []line {
	if st.nesting >= MaxNesting {
		return lines
	}
	e := edit{in: lines}
	for i := 0; i < len(lines); i++ {
		if !startsQuote(lines[i], source) {
			continue
		}
		if !st.room(1) {
			break
		}
		end := i
		for end < len(lines) && startsQuote(lines[end], source) {
			for end < len(lines) && !lines[end].blank(source) {
				end++
			}
			end = skipBlankLines(lines, end, source)
		}
		quote := ast.NewBlockquote()
		unquote(lines[i:end], source)
		appendBlocks(quote, lines[i:end], source, st)
		e.replace(i, end, blankLine(source), line{block: quote}, blankLine(source))
		i = end - 1
	}
	return e.lines()
}

func startsQuote(l line, source []byte) bool {
	b := l.text(source)
	n := spaces(b)
	return n < len(b)-1 && b[n] == '>'
}

// unquote takes ">" and a space from the start of lines, and the spaces from
// lines that have nothing else.
func unquote(lines []line, source []byte) {
	for i, l := range lines {
		if l.block != nil {
			continue
		}
		b := l.text(source)
		n := spaces(b)
		switch {
		case n == len(b):
			lines[i].Start += n
		case b[n] == '>':
			n++
			lines[i].Start += n + min(spaces(b[n:]), 1)
		}
	}
}
