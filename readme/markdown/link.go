package markdown

import (
	"bytes"
	"fmt"

	"github.com/yuin/goldmark/ast"
)

// takeLinks takes links: first all with a label, then all with an address,
// then all whose text is the label. A link of a later pass can hold one of an
// earlier pass.
func (s *spans) takeLinks() {
	if len(s.st.links) > 0 {
		s.takeReferences(false)
	}
	if bytes.Contains(s.mask, []byte("](")) {
		s.takeInline(false)
	}
	if len(s.st.links) > 0 {
		s.takeShortcuts()
	}
}

// takeReferences takes "[text] [label]", or "![text] [label]" for images. What
// has that shape but no definition is not looked at again in this pass.
func (s *spans) takeReferences(image bool) {
	s.pairBrackets()
	from := 0 // no match starts before
	last := bytes.LastIndexByte(s.mask, ']')
	for i := s.nextBracket(0); i >= 0 && i < len(s.mask); i = s.nextBracket(i) {
		end := int(s.brackets.pairs[i])
		start := i
		if image {
			start--
		}
		if end < 0 || start < from || image && s.mask[start] != '!' {
			i++
			continue
		}
		p := skipToLabel(s.mask, end+1)
		if p >= last || s.mask[p] != '[' {
			i++
			continue
		}
		labelEnd := indexFrom(s.mask, p+1, ']')
		if definition, ok := s.definition(p+1, labelEnd, i+1, end, image); ok {
			s.takeReference(image, start, labelEnd+1, i+1, end, definition)
		}
		i = labelEnd + 1
		from = i
	}
}

// takeReference takes text[start:end], a link or an image whose text is
// text[from:to], for a definition.
func (s *spans) takeReference(image bool, start, end, from, to int, l link) {
	tag := appendAddress(s.openTag(image), []byte(l.url))
	tag = s.closeAddress(tag, image, from, to)
	if l.hasTitle {
		tag = append(appendAttribute(append(tag, ` title="`...), []byte(l.title)), '"')
	}
	s.takeTag(image, start, end, from, to, appendBraced(tag, l.braced), 1)
}

// takeShortcuts takes "[label]".
func (s *spans) takeShortcuts() {
	for i := s.nextBracket(0); i >= 0 && i < len(s.mask); i = s.nextBracket(i) {
		end := i + 1
		for end < len(s.mask) && s.mask[end] != '[' && s.mask[end] != ']' {
			end++
		}
		if end == len(s.mask) {
			return
		}
		if s.mask[end] == '[' || end == i+1 {
			i = end
			continue
		}
		if definition, ok := s.definition(i+1, end, i+1, end, false); ok {
			s.takeReference(false, i, end+1, i+1, end, definition)
		}
		i = end + 1
	}
}

// skipToLabel returns the offset where the label of a link may start whose
// text ends at i: a blank, the end of the line and blanks may stand between.
func skipToLabel(b []byte, i int) int {
	if i < len(b) && b[i] == ' ' {
		i++
	}
	if i < len(b) && b[i] == '\n' {
		i++
		for i < len(b) && b[i] == ' ' {
			i++
		}
	}
	return i
}

// definition returns what is defined for the label text[from:to], or for the
// text of the link if the label is empty. In the label of a link, unlike that
// of an image, the end of a line is a blank.
func (s *spans) definition(from, to, textFrom, textTo int, image bool) (link, bool) {
	if from == to {
		from, to = textFrom, textTo
	}
	s.label = s.label[:0]
	for i := from; i < to; i++ {
		c := s.mask[i]
		switch {
		case c == taken:
			return link{}, false
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case !image && c == ' ' && i+1 < to && s.mask[i+1] == '\n':
			continue
		case !image && c == '\n':
			c = ' '
		}
		s.label = append(s.label, c)
	}
	definition, ok := s.st.links[string(s.label)]
	if !ok || !s.st.expand(len(definition.url)+len(definition.title)+len(definition.braced)) {
		return link{}, false
	}
	return definition, true
}

// takeInline takes "[text](address "title"){attributes}", or the same behind
// "!" for images.
func (s *spans) takeInline(image bool) {
	s.pairBrackets()
	s.tails = tailIndex{}
	from := 0
	for i := s.nextBracket(0); i >= 0 && i < len(s.mask); i = s.nextBracket(i) {
		end := int(s.brackets.pairs[i])
		start := i
		if image {
			start--
		}
		if end < 0 || start < from || image && s.mask[start] != '!' {
			i++
			continue
		}
		p := end + 1
		if image && p < len(s.mask) && isSpace(s.mask[p]) {
			p++
		}
		if p >= len(s.mask) || s.mask[p] != '(' {
			i++
			continue
		}
		d, ok := s.destination(p+1, image)
		if !ok {
			i++
			continue
		}
		s.takeDestination(image, start, i+1, end, d)
		i = d.end
		from = i
	}
}

// takeDestination takes the text from start to the end of d, a link or an
// image whose text is text[from:to].
func (s *spans) takeDestination(image bool, start, from, to int, d destination) {
	tag := s.openTag(image)
	if image {
		tag = s.appendTaken(tag, d.url, d.urlEnd, appendAddress)
	} else {
		tag = s.appendURL(tag, d)
	}
	tag = s.closeAddress(tag, image, from, to)
	if d.hasTitle || d.brace > 0 {
		tag = s.appendTaken(append(tag, ` title="`...), d.title, d.titleEnd, appendAttribute)
		tag = append(tag, '"')
	}
	if d.brace > 0 {
		tag = appendBraced(tag, s.text[d.brace:d.end])
	}
	s.takeTag(image, start, d.end, from, to, tag, 2)
}

// appendURL appends the address of a link. WordPress.org takes "<address>" for
// a tag if it looks like one.
func (s *spans) appendURL(tag []byte, d destination) []byte {
	if bytes.IndexByte(s.mask[d.url:d.urlEnd], taken) < 0 {
		return appendAddress(tag, s.text[d.url:d.urlEnd])
	}
	var url bytes.Buffer
	for i := d.url; i < d.urlEnd; {
		if s.mask[i] != taken {
			url.WriteByte(s.text[i])
			i++
			continue
		}
		a := s.atoms[s.at[i]]
		if n, ok := a.node.(*ast.String); ok && !n.IsCode() {
			// An escaped character, which is a number from here on: to an
			// address of mail, five characters.
			fmt.Fprintf(&url, "&#%d;", n.Value[0])
		} else {
			writeNode(&url, a.node)
		}
		i = a.end
	}
	return appendAddress(tag, withoutAngles(url.Bytes()))
}

// withoutAngles returns url without the angle brackets around it.
func withoutAngles(url []byte) []byte {
	if len(url) > 1 && url[0] == '<' && url[len(url)-1] == '>' && bytes.IndexByte(url, '\n') < 0 {
		return url[1 : len(url)-1]
	}
	return url
}

// openTag returns s.memory with a tag behind it, up to its address.
func (s *spans) openTag(image bool) []byte {
	if image {
		return append(s.memory, `<img src="`...)
	}
	return append(s.memory, `<a href="`...)
}

// closeAddress appends what follows the address in a tag: of an image, its
// description text[from:to].
func (s *spans) closeAddress(tag []byte, image bool, from, to int) []byte {
	tag = append(tag, '"')
	if image {
		tag = append(s.appendTaken(append(tag, ` alt="`...), from, to, appendAttribute), '"')
	}
	return tag
}

// takeTag takes text[start:end], an image or a link with a tag. The rules for
// the text of a link, text[from:to], are applied passes times, which shows
// where a mark is left over.
func (s *spans) takeTag(image bool, start, end, from, to int, tag []byte, passes int) {
	if image {
		s.take(start, end, s.raw(s.keep(append(tag, " />"...))))
		return
	}
	node := &anchor{tag: s.keep(append(tag, '>'))}
	s.takeAutoLinks(from, to)
	for range passes {
		s.takeEmphasis(from, to, 0)
	}
	s.appendRange(node, from, to)
	s.take(start, end, node)
}
