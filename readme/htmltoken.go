package readme

import (
	"html"
	"slices"
	"strings"
)

// tokens reads HTML as browsers do, a piece at a time and in one pass. Where a
// browser would lose the rest of the text it is more patient: a "<" that no
// ">" follows is text, a quote without an end ends with its tag, and an
// element whose text is to be dropped loses only its tag if it is never closed.
type tokens struct {
	src  string
	next int // where the next piece starts

	name       string // of an element, in lower case
	text       string // as written
	empty      bool   // whether a start tag ends in "/>"
	attributes []rawAttribute

	last     int      // of the last ">" in src, or -1
	noQuotes bool     // whether quotes count for nothing from here on
	unclosed []string // elements of which no end tag is left
}

// rawAttribute is one as written; its value without quotes.
type rawAttribute struct{ key, value string }

// maxAttributes is how many attributes of one tag are looked at. The filter
// keeps four at most.
const maxAttributes = 64

type tokenKind uint8

const (
	endOfText tokenKind = iota
	textToken
	startTag
	endTag
)

func newTokens(src string) tokens { return tokens{src: src, last: strings.LastIndexByte(src, '>')} }

// read moves to the next piece and tells its kind. Comments, declarations and
// instructions are passed over.
func (t *tokens) read() tokenKind {
	for t.next < len(t.src) {
		rest := t.src[t.next:]
		at := strings.IndexByte(rest, '<')
		switch {
		case at < 0 || t.next+at > t.last:
			t.text, t.next = rest, len(t.src)
			return textToken
		case at > 0:
			t.text, t.next = rest[:at], t.next+at
			return textToken
		}
		switch { // a ">" follows, so that rest[1] is there
		case isTagLetter(rest[1]):
			t.tag(t.next + 1)
			return startTag
		case rest[1] == '/' && isTagLetter(rest[2]):
			t.tag(t.next + 2)
			return endTag
		case strings.HasPrefix(rest, "<!--"):
			t.next += commentEnd(rest)
		case rest[1] == '!' || rest[1] == '?' || rest[1] == '/':
			t.next += strings.IndexByte(rest, '>') + 1
		default:
			t.text, t.next = "<", t.next+1
			return textToken
		}
	}
	return endOfText
}

// commentEnd is where the comment ends that s starts with; one that is never
// closed takes the rest.
func commentEnd(s string) int {
	for _, none := range []string{"<!-->", "<!--->"} {
		if strings.HasPrefix(s, none) {
			return len(none)
		}
	}
	for i := len("<!--"); ; {
		at := strings.Index(s[i:], "--")
		if at < 0 {
			return len(s)
		}
		i += at + 1 // at the second dash; a third may follow
		for _, end := range []string{"->", "-!>"} {
			if strings.HasPrefix(s[i:], end) {
				return i + len(end)
			}
		}
	}
}

// tag reads a tag whose name starts at i.
func (t *tokens) tag(i int) {
	start, upper := i, false
	for i < len(t.src) && !isTagSpace(t.src[i]) && t.src[i] != '/' && t.src[i] != '>' {
		upper = upper || 'A' <= t.src[i] && t.src[i] <= 'Z'
		i++
	}
	t.name = t.src[start:i]
	if upper {
		t.name = lower(t.name)
	}
	if !t.readAttributes(i) {
		t.noQuotes = true
		t.readAttributes(i)
	}
}

// readAttributes reads up to the end of a tag; ok is false if it has none.
func (t *tokens) readAttributes(i int) (ok bool) {
	s := t.src
	t.attributes, t.empty = t.attributes[:0], false
	for {
		start := i
		for i < len(s) && (isTagSpace(s[i]) || s[i] == '/') {
			i++
		}
		if i == len(s) {
			return false
		}
		if s[i] == '>' {
			t.empty, t.next = i > start && s[i-1] == '/', i+1
			return true
		}
		start = i
		for i < len(s) && !isTagSpace(s[i]) && s[i] != '/' && s[i] != '>' && (s[i] != '=' || i == start) {
			i++
		}
		a := rawAttribute{key: s[start:i]}
		for i < len(s) && isTagSpace(s[i]) {
			i++
		}
		if i < len(s) && s[i] == '=' {
			a.value, i = t.attributeValue(i + 1)
			if i < 0 {
				return false
			}
		}
		if len(t.attributes) < maxAttributes {
			t.attributes = append(t.attributes, a)
		}
	}
}

// attributeValue reads what follows "=" at i; end is negative if a quote has
// no end.
func (t *tokens) attributeValue(i int) (value string, end int) {
	s := t.src
	for i < len(s) && isTagSpace(s[i]) {
		i++
	}
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		quote := s[i]
		if !t.noQuotes {
			length := strings.IndexByte(s[i+1:], quote)
			if length < 0 {
				return "", -1
			}
			return s[i+1 : i+1+length], i + length + 2
		}
		value, end = bareValue(s, i+1)
		return strings.TrimSuffix(value, string(quote)), end
	}
	return bareValue(s, i)
}

// bareValue reads a value without quotes.
func bareValue(s string, start int) (value string, end int) {
	for end = start; end < len(s) && !isTagSpace(s[end]) && s[end] != '>'; end++ {
	}
	return s[start:end], end
}

// attribute returns the value of an attribute of the present tag, with its
// entities decoded; "" if it has none.
func (t *tokens) attribute(key string) string {
	value, _ := t.lookUp(key)
	return value
}

func (t *tokens) lookUp(key string) (value string, ok bool) {
	for _, a := range t.attributes {
		if len(a.key) == len(key) && lower(a.key) == key {
			return decodeAttribute(a.value), true
		}
	}
	return "", false
}

// skip moves past the end tag of the element that was just started, and
// returns what the element holds. If there is no end tag it stays where it is.
func (t *tokens) skip(name string) (content string) {
	if slices.Contains(t.unclosed, name) {
		return ""
	}
	start := t.next
	for i := start; ; {
		at := strings.Index(t.src[i:], "</")
		if at < 0 || i+at > t.last {
			t.unclosed = append(t.unclosed, name)
			return ""
		}
		content = t.src[start : i+at]
		i += at + len("</")
		end := i + len(name)
		if end < len(t.src) && strings.EqualFold(t.src[i:end], name) &&
			(isTagSpace(t.src[end]) || t.src[end] == '/' || t.src[end] == '>') {
			t.tag(i)
			return content
		}
	}
}

// decodeAttribute decodes entities. A name without a semicolon is none: it may
// be a parameter of an address, as in "?a=1&copy=2".
func decodeAttribute(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var out strings.Builder
	for {
		at := strings.IndexByte(s, '&')
		if at < 0 {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(s[:at])
		s = s[at:]
		n := entityLength(s)
		if s[n-1] == ';' || strings.HasPrefix(s, "&#") {
			out.WriteString(html.UnescapeString(s[:n]))
		} else {
			out.WriteString(s[:n])
		}
		s = s[n:]
	}
}

// longestEntity is how many bytes an entity may have: the longest that HTML
// names has 33.
const longestEntity = 40

// entityLength is how many bytes of s, which starts with "&", may be an
// entity: the sign alone if no name or number follows.
func entityLength(s string) int {
	i := 1
	if i < len(s) && s[i] == '#' {
		i++
	}
	for i < len(s) && i < longestEntity && (isTagLetter(s[i]) || '0' <= s[i] && s[i] <= '9') {
		i++
	}
	if i > 1 && i < len(s) && s[i] == ';' {
		i++
	}
	return i
}

// isTagLetter reports whether a tag's name may start with c.
func isTagLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isTagSpace reports whether c is white space within a tag.
func isTagSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }
