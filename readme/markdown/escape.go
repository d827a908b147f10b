package markdown

import "strconv"

// takeEscape takes a backslash and the character behind it, if that can be
// escaped. It returns the offset behind what it has looked at.
func (s *spans) takeEscape(i int) int {
	if i+1 == len(s.mask) || !isEscapable(s.mask[i+1]) {
		return i + 1
	}
	// As an entity, so that nothing behind Markdown takes it for a mark, and
	// because short descriptions are cut by what stands in the HTML.
	s.take(i, i+2, s.raw(append(strconv.AppendInt([]byte("&#"), int64(s.text[i+1]), 10), ';')))
	return i + 2
}

// isEscapable reports whether a backslash takes the meaning from c. Markdown
// Extra adds ":" and "|" to the characters of Markdown; "<" and "~" are none.
func isEscapable(c byte) bool {
	switch c {
	case '\\', '`', '*', '_', '{', '}', '[', ']', '(', ')', '>', '#', '+', '-', '.', '!', ':', '|':
		return true
	}
	return false
}
