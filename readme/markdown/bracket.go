package markdown

import "bytes"

// maxBrackets is how deep brackets may stand in the text of a link or an
// image, the ones around it included; an empty pair may stand one deeper.
const maxBrackets = 6

// bracketIndex knows the pairs of brackets.
type bracketIndex struct {
	pairs []int32 // by offset of "[": the offset of its "]", -1 if it has none
	open  []bracket
}

// bracket is a "[" that waits for its "]".
type bracket struct {
	at    int
	depth int // of the deepest pair in it, 0 for a pair around nothing
}

// pairBrackets finds the "]" of every "[" whose text can be that of a link.
func (s *spans) pairBrackets() {
	if cap(s.brackets.pairs) < len(s.mask) {
		s.brackets.pairs = make([]int32, max(len(s.mask), 2*cap(s.brackets.pairs)))
	}
	pairs := s.brackets.pairs[:len(s.mask)]
	open := s.brackets.open[:0]
	for i, c := range s.mask {
		switch c {
		case '[':
			pairs[i] = -1
			open = append(open, bracket{at: i})
		case ']':
			if len(open) == 0 {
				continue
			}
			pair := open[len(open)-1]
			open = open[:len(open)-1]
			if i > pair.at+1 {
				pair.depth = max(pair.depth, 1)
			}
			if pair.depth <= maxBrackets {
				pairs[pair.at] = int32(i)
			}
			if len(open) > 0 {
				outer := &open[len(open)-1]
				outer.depth = max(outer.depth, pair.depth+1)
			}
		}
	}
	s.brackets.pairs, s.brackets.open = pairs, open
}

// nextBracket returns the offset of the first "[" at or behind from, -1 if
// there is none or no more room.
func (s *spans) nextBracket(from int) int {
	if s.st.inlines <= 0 {
		return -1
	}
	if i := bytes.IndexByte(s.mask[from:], '['); i >= 0 {
		return from + i
	}
	return -1
}
