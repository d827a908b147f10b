package kses

import "strings"

// splitTags drops the tags that are not allowed, and makes "&gt;" of a ">" that
// ends no tag.
func splitTags(s string, depth int) string {
	var out *strings.Builder // nil before something changes
	c := commentEnds{
		mark: finder{text: s, mark: "-->"},
		line: finder{text: s, mark: "\n"},
	}
	from := 0
	for i := 0; ; {
		for i < len(s) && s[i] != '<' && s[i] != '>' {
			i++
		}
		if i == len(s) {
			break
		}
		start, end := i, i+1
		if s[i] == '<' {
			end = c.tagEnd(i)
		}
		i = end
		if staysAsIs(s[start:end]) {
			continue
		}
		if out == nil {
			out = builder(s)
		}
		out.WriteString(s[from:start])
		from = end
		switch text := s[start:end]; {
		case text == ">":
			out.WriteString("&gt;")
		case strings.HasPrefix(text, "<!--"):
			writeComment(out, text, depth)
		default:
			writeTag(out, text)
		}
	}
	if out == nil {
		return s
	}
	out.WriteString(s[from:])
	return out.String()
}

// staysAsIs reports whether s is a tag that is allowed and has only its name.
func staysAsIs(s string) bool {
	if len(s) < len("<p>") || s[len(s)-1] != '>' {
		return false
	}
	name := s[1 : len(s)-1]
	if name[0] == '/' {
		name = name[1:]
	}
	return elementOf(name) != forbidden
}

// writeTag writes what is allowed of a tag, which has "<" at its start and
// ">" at its end only. White space may stand before its name and around the
// slash of an end tag.
func writeTag(out *strings.Builder, s string) {
	if strings.IndexByte(s, '\\') >= 0 {
		s = unslash(s)
	}
	i := skipSpace(s, 1)
	closing := strings.HasPrefix(s[i:], "/")
	if closing {
		i = skipSpace(s, i+1)
	}
	end := i
	for end < len(s) && (isLetter(s[end]) || isDigit(s[end]) || s[end] == '-') {
		end++
	}
	name := s[i:end]
	e := elementOf(name)
	if e == forbidden {
		return
	}
	out.WriteByte('<')
	if closing {
		out.WriteByte('/')
		out.WriteString(name)
		out.WriteByte('>')
		return
	}
	attributes := strings.TrimSuffix(s[end:], ">")
	out.WriteString(name)
	if e != bare {
		writeAttributes(out, attributes, e)
	}
	for len(attributes) > 0 && isSpace(attributes[len(attributes)-1]) {
		attributes = attributes[:len(attributes)-1]
	}
	if strings.HasSuffix(attributes, "/") {
		out.WriteString(" /")
	}
	out.WriteByte('>')
}

// unslash takes the backslash from before double quotes, as WordPress does in
// tags.
func unslash(s string) string { return strings.ReplaceAll(s, `\"`, `"`) }

// element says what attributes an element may have.
type element uint8

const (
	forbidden element = iota // the element itself may not be
	bare                     // none
	link                     // "a": href, title, rel
	quotation                // "blockquote": cite
	term                     // "dt": id
)

// elementOf looks up the directory's list.
func elementOf(name string) element {
	const longest = len("blockquote")
	if len(name) > longest {
		return forbidden
	}
	switch lower(name) {
	case "br", "p", "code", "pre", "em", "strong", "ul", "ol", "dl", "dd", "li", "h3", "h4":
		return bare
	case "a":
		return link
	case "blockquote":
		return quotation
	case "dt":
		return term
	}
	return forbidden
}

// allows reports whether the element may have the attribute, a name in lower
// case, and whether its value is an address.
func (e element) allows(attribute string) (allowed, address bool) {
	switch attribute {
	case "href":
		return e == link, true
	case "title", "rel":
		return e == link, false
	case "cite":
		return e == quotation, true
	case "id":
		return e == term, false
	}
	return false, false
}
