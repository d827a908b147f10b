package markdown

import "sort"

// codeFence is a line of three or more "~" or "`" before or behind code.
type codeFence struct {
	mark  byte
	count int
}

// takeFences takes out the code between two fences of the same mark and
// length. The first may have a class and attributes behind it; neither may be
// indented. There must be a line between them.
func takeFences(lines []line, source []byte, st *state) []line {
	e := edit{in: lines}
	var closing map[codeFence][]int
	for i := 0; i < len(lines); i++ {
		f, info, ok := openingFence(lines[i].text(source))
		if !ok {
			continue
		}
		if closing == nil {
			closing = closingFences(lines, source)
		}
		at := closing[f]
		at = at[sort.SearchInts(at, i+1):]
		if len(at) == 0 || at[0] == i+1 {
			continue
		}
		if !st.room(1) {
			break
		}
		e.replace(i, at[0]+1, blankLine(source),
			line{block: newFencedCode(lines[i+1:at[0]], info, source, st)},
			blankLine(source), blankLine(source))
		i = at[0]
	}
	return e.lines()
}

// openingFence reads the line before code; info is what stands behind the
// marks.
func openingFence(b []byte) (f codeFence, info []byte, ok bool) {
	f = fenceAt(b)
	if f.count < 3 {
		return f, nil, false
	}
	info = b[f.count:]
	info = info[spaces(info):]
	rest := info[classLength(info):]
	rest = rest[spaces(rest):]
	if n := attributesLength(rest); n > 0 {
		rest = rest[n:]
	}
	return f, info, spaces(rest) == len(rest)
}

// classLength is the length of a class at the start of b, with a "." or
// without.
func classLength(b []byte) int {
	n := 0
	if n < len(b) && b[n] == '.' {
		n++
	}
	start := n
	for n < len(b) && isNameByte(b[n]) {
		n++
	}
	if n == start {
		return 0
	}
	return n
}

func fenceAt(b []byte) (f codeFence) {
	if len(b) < 3 || b[0] != '~' && b[0] != '`' {
		return f
	}
	f.mark = b[0]
	for f.count < len(b) && b[f.count] == f.mark {
		f.count++
	}
	return f
}

// closingFences has the numbers of the lines that could end code, in their
// order. It is made once, since every opening fence asks.
func closingFences(lines []line, source []byte) map[codeFence][]int {
	closing := map[codeFence][]int{}
	for i, l := range lines {
		b := trimSpaces(l.text(source))
		if f := fenceAt(b); f.count >= 3 && f.count == len(b) {
			closing[f] = append(closing[f], i)
		}
	}
	return closing
}

// newFencedCode is the code in lines. Blank lines at its start become line
// breaks.
func newFencedCode(lines []line, info, source []byte, st *state) *codeBlock {
	code := &codeBlock{clean: st.clean}
	first := skipBlankLines(lines, 0, source)
	code.breaks = first
	for _, l := range lines[first:] {
		code.Lines().Append(l.segment())
	}
	class := info[:classLength(info)]
	rest := info[len(class):]
	if len(class) > 0 && class[0] == '.' {
		class = class[1:]
	}
	setAttributes(code, rest[spaces(rest):], class)
	return code
}
