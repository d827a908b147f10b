package markdown

import "bytes"

// maxParentheses is how deep parentheses may stand in an address; an empty
// pair may stand one deeper.
const maxParentheses = 3

// destination is what stands in the parentheses of a link, and the braces
// behind them, as offsets.
type destination struct {
	url, urlEnd     int
	title, titleEnd int
	hasTitle        bool
	brace           int // of the attributes, 0 if there are none
	end             int // behind all of it
}

// tailIndex keeps the search for the ends of addresses and titles linear.
type tailIndex struct {
	quote, apostrophe search
	angle             search
	blank             int // one more than the offset of the next white space
	lastAngle         int // the last ">" before it that can end an address, -1 if there is none
}

// search remembers that from its start up to found there is nothing.
type search struct {
	known        bool
	start, found int
}

// destination reads the destination behind a "(" at from-1.
func (s *spans) destination(from int, image bool) (destination, bool) {
	url := from
	for url < len(s.mask) && (s.mask[url] == ' ' || s.mask[url] == '\n') {
		url++
	}
	if url < len(s.mask) && s.mask[url] == '<' {
		end := -1
		if image {
			end = s.wordAngle(url + 1)
		} else {
			end = s.nextAngle(url + 2)
		}
		if end >= 0 {
			d, ok := s.tail(end + 1)
			d.url, d.urlEnd = url+1, end
			return d, ok
		}
	}
	end := s.addressEnd(url)
	if d, ok := s.tail(end); ok {
		d.url, d.urlEnd = url, end
		return d, true
	}
	for i := len(s.ends) - 1; i >= 0; i-- {
		if s.ends[i] == end {
			continue
		}
		if d, ok := s.tail(s.ends[i]); ok {
			d.url, d.urlEnd = url, s.ends[i]
			return d, true
		}
	}
	return destination{}, false
}

// addressEnd returns the offset behind the longest address at from. Where a
// title may start in it without a blank is left in s.ends.
func (s *spans) addressEnd(from int) int {
	s.ends = s.ends[:0]
	depth, outer := 0, from
	start := true // of a word outside parentheses
	i := from
	for ; i < len(s.mask); i++ {
		c := s.mask[i]
		if depth == 0 && start && (c == '"' || c == '\'') {
			s.ends = append(s.ends, i)
		}
		start = false
		switch {
		case isSpace(c):
			if depth > 0 {
				return outer
			}
			return i
		case c == ')':
			if depth == 0 {
				return i
			}
			depth--
			start = depth == 0
		case c == '(':
			if depth == 0 {
				outer = i
			}
			if depth == maxParentheses {
				if i+1 == len(s.mask) || s.mask[i+1] != ')' {
					return outer
				}
				i++
				continue
			}
			depth++
		}
	}
	if depth > 0 {
		return outer
	}
	return i
}

// tail reads what follows the address of a link: blanks, a title, ")" and
// attributes.
func (s *spans) tail(i int) (destination, bool) {
	i = skipGap(s.mask, i)
	if i == len(s.mask) {
		return destination{}, false
	}
	var d destination
	if c := s.mask[i]; c == '"' || c == '\'' {
		end := s.titleEnd(c, i+1)
		if end == len(s.mask) {
			return destination{}, false
		}
		d.hasTitle, d.title, d.titleEnd = true, i+1, end
		i = skipGap(s.mask, end+1)
	}
	if s.mask[i] != ')' {
		return destination{}, false
	}
	d.end = i + 1
	brace := d.end
	if brace < len(s.mask) && s.mask[brace] == ' ' {
		brace++
	}
	if n := attributesLength(s.mask[brace:]); n > 0 {
		d.brace, d.end = brace, brace+n
	}
	return d, true
}

// titleEnd returns the offset of the first quote at or behind from that is
// followed by ")", the length of the text if there is none.
func (s *spans) titleEnd(quote byte, from int) int {
	known := &s.tails.quote
	if quote == '\'' {
		known = &s.tails.apostrophe
	}
	return known.find(s.mask, from, func(i int) bool {
		if s.mask[i] != quote {
			return false
		}
		end := skipGap(s.mask, i+1)
		return end < len(s.mask) && s.mask[end] == ')'
	})
}

// nextAngle returns the offset of the first ">" at or behind from that can end
// the address of a link, -1 if there is none.
func (s *spans) nextAngle(from int) int {
	i := s.tails.angle.find(s.mask, from, func(i int) bool {
		if s.mask[i] != '>' {
			return false
		}
		_, ok := s.tail(i + 1)
		return ok
	})
	if i == len(s.mask) {
		return -1
	}
	return i
}

// find returns the offset of the first byte of b at or behind from that match
// likes, the length of b if there is none.
func (f *search) find(b []byte, from int, match func(int) bool) int {
	from = min(from, len(b)) // the text may end within what was looked for before
	end, found := len(b), len(b)
	if f.known && from <= f.found {
		if from >= f.start {
			return f.found
		}
		end, found = f.start, f.found
	}
	for i := from; i < end; i++ {
		if match(i) {
			found = i
			break
		}
	}
	f.known, f.start, f.found = true, from, found
	return found
}

// wordAngle returns the offset of the last ">" that can end the address of an
// image at from, which holds no white space; -1 if there is none.
func (s *spans) wordAngle(from int) int {
	if s.tails.blank <= from {
		end := from
		for end < len(s.mask) && !isSpace(s.mask[end]) {
			end++
		}
		s.tails.blank = end + 1
		s.tails.lastAngle = -1
		for i := end - 1; i >= from; i-- {
			if s.mask[i] != '>' {
				continue
			}
			if _, ok := s.tail(i + 1); ok {
				s.tails.lastAngle = i
				break
			}
		}
	}
	if s.tails.lastAngle < from {
		return -1
	}
	return s.tails.lastAngle
}

// skipGap returns the offset behind the blanks and line ends at i.
func skipGap(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n') {
		i++
	}
	return i
}

// appendBraced appends the attributes in braces to a tag.
func appendBraced(tag, braced []byte) []byte {
	var id, classes, others []byte
	for i := 0; i < len(braced); {
		size := attributeLength(braced[i:])
		if size == 0 {
			i++
			continue
		}
		attribute := braced[i : i+size]
		i += size
		switch name, value, ok := bytes.Cut(attribute, []byte("=")); {
		case attribute[0] == '#':
			if id == nil {
				id = attribute[1:]
			}
		case attribute[0] == '.':
			if classes != nil {
				classes = append(classes, ' ')
			}
			classes = append(classes, attribute[1:]...)
		case ok:
			others = append(append(append(others, ' '), name...), `="`...)
			others = append(append(others, value...), '"')
		}
	}
	if len(id) > 0 {
		tag = append(append(append(tag, ` id="`...), id...), '"')
	}
	if len(classes) > 0 {
		tag = append(append(append(tag, ` class="`...), classes...), '"')
	}
	return append(tag, others...)
}
