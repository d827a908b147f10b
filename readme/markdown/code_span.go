package markdown

import (
	"bytes"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

// codeSpanIndex keeps the search for closing backticks linear.
type codeSpanIndex struct {
	last map[int]int // by length of run: where the last one starts; nil before it is needed
}

// takeCode takes the code between the run of backticks at i and the next run
// that is exactly as long. It returns the offset behind the code, or behind
// the run if that is not closed.
func (s *spans) takeCode(i int) int {
	start := i + repeats(s.mask[i:])
	size := start - i
	end := s.codeEnd(start, size)
	if end < 0 {
		return start
	}
	s.take(i, end+size, s.codeNode(start, end))
	return end + size
}

// codeEnd returns the offset of the first run of size backticks at or behind
// from, -1 if there is none.
func (s *spans) codeEnd(from, size int) int {
	if s.code.last != nil && s.code.last[size] < from {
		return -1
	}
	for i := from; i < len(s.mask); {
		next := bytes.IndexByte(s.mask[i:], '`')
		if next < 0 {
			break
		}
		i += next
		n := repeats(s.mask[i:])
		if n == size {
			return i
		}
		i += n
	}
	s.code.last = map[int]int{}
	for i := from; i < len(s.mask); {
		next := bytes.IndexByte(s.mask[i:], '`')
		if next < 0 {
			break
		}
		i += next
		n := repeats(s.mask[i:])
		s.code.last[n] = i
		i += n
	}
	return -1
}

// codeNode returns a node for the code in text[from:to]. Code that is not
// UTF-8 is empty: PHP does not escape it.
func (s *spans) codeNode(from, to int) ast.Node {
	from, to = s.trim(from, to)
	if !utf8.Valid(s.text[from:to]) {
		return &codeSpan{}
	}
	if bytes.IndexByte(s.mask[from:to], taken) < 0 {
		return &codeSpan{code: s.text[from:to]}
	}
	var html bytes.Buffer
	html.WriteString("<code>")
	for from < to {
		end := from + 1
		if s.mask[from] == taken { // clean HTML, which stays
			end = s.atoms[s.at[from]].end
			html.Write(s.text[from:end])
		} else {
			writeEscaped(&html, s.text[from:end])
		}
		from = end
	}
	html.WriteString("</code>")
	return s.raw(html.Bytes())
}

// repeats returns how often the first byte of b is repeated at its start.
func repeats(b []byte) int {
	n := 1
	for n < len(b) && b[n] == b[0] {
		n++
	}
	return n
}
