package markdown

import "bytes"

// tagIndex keeps the search for the ends of tags linear.
type tagIndex struct {
	// Of comments and of processing instructions: true when the text behind
	// holds no end of one.
	noComment, noQuestion, noPercent bool
	// The first quote or ">" behind the last name of a tag, one more than
	// its offset.
	special int
	dead    map[int]bool // offsets of quotes from which no ">" is reached
	trail   []int        // buffer of attributesEnd
}

// tagEnd returns the offset behind the tag, comment or processing instruction
// that starts at i, -1 if none does. Any name will do.
func (s *spans) tagEnd(i int) int {
	rest := s.mask[i+1:]
	end := -1
	switch {
	case bytes.HasPrefix(rest, []byte("!--")):
		end = s.tagClose(i+4, "-->", &s.tags.noComment)
	case bytes.HasPrefix(rest, []byte("?")):
		end = s.tagClose(i+2, "?>", &s.tags.noQuestion)
	case bytes.HasPrefix(rest, []byte("%")):
		end = s.tagClose(i+2, "%>", &s.tags.noPercent)
	case bytes.HasPrefix(rest, []byte("/")):
		name := skipTagName(s.mask, i+2)
		if p := skipWhite(s.mask, name); name > i+2 && p < len(s.mask) && s.mask[p] == '>' {
			end = p + 1
		}
		return end
	}
	if end >= 0 {
		return end
	}
	return s.startTagEnd(i)
}

// tagClose returns the offset behind the first mark at or behind from, -1 if
// there is none, and remembers that in none.
func (s *spans) tagClose(from int, mark string, none *bool) int {
	if *none {
		return -1
	}
	i := bytes.Index(s.mask[from:], []byte(mark))
	if i < 0 {
		*none = true
		return -1
	}
	return from + i + len(mark)
}

// startTagEnd returns the offset behind the start tag or empty tag at i, -1 if
// there is none.
func (s *spans) startTagEnd(i int) int {
	start := i + 1
	if start < len(s.mask) && (s.mask[start] == '!' || s.mask[start] == '$') {
		start++
	}
	name := skipTagName(s.mask, start)
	if name == start || name == len(s.mask) {
		return -1
	}
	if s.mask[name] == '>' {
		return name + 1
	}
	if isSpace(s.mask[name]) {
		if end := s.attributesEnd(name + 1); end >= 0 {
			return end
		}
	}
	p := skipWhite(s.mask, name)
	if start == i+1 && bytes.HasPrefix(s.mask[p:], []byte("/>")) {
		return p + 2
	}
	return -1
}

// attributesEnd returns the offset behind the first ">" outside quotes at or
// behind from, -1 if there is none. No quote is looked at twice.
func (s *spans) attributesEnd(from int) int {
	if s.tags.special <= from {
		s.tags.special = s.tagSpecial(from) + 1
	}
	trail := s.tags.trail[:0]
	for q := s.tags.special - 1; q < len(s.mask) && !s.tags.dead[q]; {
		if s.mask[q] == '>' {
			return q + 1
		}
		trail = append(trail, q)
		end := bytes.IndexByte(s.mask[q+1:], s.mask[q])
		if end < 0 {
			break
		}
		q = s.tagSpecial(q + end + 2)
	}
	if s.tags.dead == nil {
		s.tags.dead = map[int]bool{}
	}
	for _, q := range trail {
		s.tags.dead[q] = true
	}
	s.tags.trail = trail
	return -1
}

// tagSpecial returns the offset of the first quote or ">" at or behind from,
// the length of the text if there is none.
func (s *spans) tagSpecial(from int) int {
	for from < len(s.mask) && s.mask[from] != '>' && s.mask[from] != '"' && s.mask[from] != '\'' {
		from++
	}
	return from
}

// skipTagName returns the offset behind the name of a tag at i.
func skipTagName(b []byte, i int) int {
	for i < len(b) && (isAlphanumeric(b[i]) || b[i] == '-' || b[i] == ':' || b[i] == '_') {
		i++
	}
	return i
}

// skipWhite returns the offset behind the white space at i.
func skipWhite(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}
