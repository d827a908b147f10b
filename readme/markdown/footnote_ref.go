package markdown

import "bytes"

// noMark stands in spans.mask for a bracket around the label of a footnote: no
// rule looks for it, and it is no part of a word.
const noMark = 0x01

// takeFootnotes takes the references to footnotes, "[^label]". Where no such
// footnote is defined the brackets lose their meaning to the rules for links.
func (s *spans) takeFootnotes() {
	line, closing := -1, -1
	for i := 0; s.st.inlines > 0; {
		next := bytes.Index(s.mask[i:], []byte("[^"))
		if next < 0 || i+next+3 >= len(s.mask) {
			return
		}
		i += next
		if line < i {
			line = indexFrom(s.mask, i, '\n')
		}
		if closing < i+3 {
			closing = indexFrom(s.mask, i+3, ']')
		}
		if line < i+3 || closing >= line {
			i += 2
			continue
		}
		if note := s.st.footnotes[string(s.mask[i+2:closing])]; note != nil {
			s.take(i, closing+1, note.reference())
			s.mask[closing] = noMark
		} else {
			s.mask[i], s.mask[i+1], s.mask[closing] = 'F', noMark, noMark
		}
		i = closing + 1
	}
}

// indexFrom returns the offset of the first c in b at or behind from, the
// length of b if there is none.
func indexFrom(b []byte, from int, c byte) int {
	if from >= len(b) {
		return len(b)
	}
	if i := bytes.IndexByte(b[from:], c); i >= 0 {
		return from + i
	}
	return len(b)
}
