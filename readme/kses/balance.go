package kses

import "strings"

// balance closes elements that have no end and drops end tags that have no
// start, as force_balance_tags does.
//
// Any name is an element to it. Tags are written anew: their names in lower
// case, "<br>" as "<br />", "<p/>" as "<p></p>". A start tag within the same
// element ends that first, unless the element may nest. An end tag closes all
// that was opened since its start.
//
// closed reports that each "<" in the result has its ">". It is not said of
// text with anything beside plain tags.
func balance(s string) (balanced string, closed bool) {
	// A comment's start with a space in it is put out of the way, so that it
	// stays when those that come about by dropping tags lose their space.
	if hasComment(s) {
		s = strings.ReplaceAll(s, "< !--", "<    !--")
	}
	closed = true
	b := balancer{text: s}
	lastEnd := strings.LastIndexByte(s, '>')
	for i := 0; ; {
		n := strings.IndexByte(s[i:], '<')
		if n < 0 {
			break
		}
		i += n
		if i+1 < len(s) && isDigit(s[i+1]) {
			b.flush(i, i+1)
			b.out.WriteString("&lt;")
			i++
			continue
		}
		var t tag
		end := 0
		if i <= lastEnd {
			t, end = scanTag(s, i)
		}
		if end == 0 || strings.IndexByte(t.attributes, '<') >= 0 {
			closed = false
		}
		switch {
		case end == 0:
			i++
			continue
		case t.closing:
			b.end(t.name, i, end)
		default:
			b.start(t, i, end)
		}
		i = end
	}
	if len(b.open) > 0 || b.from > 0 {
		b.flush(len(s), len(s))
		for len(b.open) > 0 {
			b.pop()
		}
		s = b.out.String()
	}
	return restoreComments(s), closed
}

// restoreComments takes the space out of "< !--", and leaves one of four.
func restoreComments(s string) string {
	if !hasComment(s) {
		return s
	}
	s = strings.ReplaceAll(s, "< !--", "<!--")
	return strings.ReplaceAll(s, "<    !--", "< !--")
}

// hasComment reports whether s could begin a comment, with spaces or without.
// It looks for "!--" because "<" is everywhere.
func hasComment(s string) bool { return strings.Contains(s, "!--") }

// balancer is where balance stands. What stays as it is is not copied before
// something changes.
type balancer struct {
	text   string
	from   int // up to here text is written
	out    strings.Builder
	open   []string       // the elements that are open, outermost first
	counts map[string]int // how many of each are; nil while there are few
}

// flush writes the text up to i and leaves out what follows, up to end.
func (b *balancer) flush(i, end int) {
	if b.from == 0 {
		b.out.Grow(len(b.text) + len(b.text)/8 + 64)
	}
	b.out.WriteString(b.text[b.from:i])
	b.from = end
}

func (b *balancer) push(name string) {
	// So many are looked through faster than a map is asked.
	const few = 32
	b.open = append(b.open, name)
	switch {
	case b.counts != nil:
		b.counts[name]++
	case len(b.open) > few:
		b.counts = make(map[string]int)
		for _, open := range b.open {
			b.counts[open]++
		}
	}
}

// drop forgets the innermost element.
func (b *balancer) drop() (name string) {
	name = b.open[len(b.open)-1]
	b.open = b.open[:len(b.open)-1]
	if b.counts != nil {
		b.counts[name]--
	}
	return name
}

// pop ends the innermost element.
func (b *balancer) pop() { b.endTag(b.drop()) }

func (b *balancer) endTag(name string) {
	b.out.WriteString("</")
	b.out.WriteString(name)
	b.out.WriteByte('>')
}

// end writes what the end tag of the name closes, which stands at i.
func (b *balancer) end(name string, i, end int) {
	last := len(b.open) - 1
	if last >= 0 && b.open[last] == name && b.text[i+2:end-1] == name {
		b.drop()
		return
	}
	b.flush(i, end)
	if b.counts != nil && b.counts[name] == 0 {
		return
	}
	for ; last >= 0; last-- {
		if b.open[last] != name {
			continue
		}
		for len(b.open) > last {
			b.pop()
		}
		return
	}
}

// start writes the start tag at i, and an end tag before or behind it if need
// be.
func (b *balancer) start(t tag, i, end int) {
	single := isVoid(t.name)
	selfClosing := strings.HasSuffix(t.attributes, "/")
	last := len(b.open) - 1
	again := last >= 0 && b.open[last] == t.name && !mayNest(t.name)
	if !single && !selfClosing && !again && b.text[i+1:end-1] == t.name ||
		b.text[i:end] == "<br />" {
		if !single {
			b.push(t.name)
		}
		return
	}
	b.flush(i, end)
	if !single && !selfClosing {
		if again {
			b.pop()
		}
		b.push(t.name)
	}
	if single {
		t.space = " "
	} else if selfClosing {
		t.attributes = trim(t.attributes[:len(t.attributes)-1])
	}
	b.out.WriteByte('<')
	b.out.WriteString(t.name)
	b.out.WriteString(t.space)
	b.attributes(t.attributes)
	if single && !selfClosing {
		b.out.WriteByte('/')
	}
	b.out.WriteByte('>')
	if !single && selfClosing {
		b.endTag(t.name)
	}
}

// attributes writes what stands in a tag behind its name: as it is, but that
// "<" before a digit is text even here.
func (b *balancer) attributes(s string) {
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			b.out.WriteString(s)
			return
		}
		b.out.WriteString(s[:i])
		if i+1 < len(s) && isDigit(s[i+1]) {
			b.out.WriteString("&lt;")
		} else {
			b.out.WriteByte('<')
		}
		s = s[i+1:]
	}
}

// tag is a tag as balance reads it.
type tag struct {
	closing    bool
	name       string // in lower case
	space      string // between name and attributes
	attributes string // trimmed; ends in "/" if the tag closes itself
}

// scanTag reads the tag that begins with the "<" at i. end is behind it, 0 if
// there is none.
func scanTag(s string, i int) (t tag, end int) {
	i++
	if i < len(s) && s[i] == '/' {
		t.closing = true
		i++
	}
	after := customName(s, i)
	if after == 0 {
		after = plainName(s, i)
	}
	if after == i || after >= len(s) || !endsName(s[after]) {
		return tag{}, 0
	}
	t.name = lower(s[i:after])
	space := skipSpace(s, after)
	if strings.HasPrefix(s[space:], ">") {
		return t, space + 1
	}
	if strings.HasPrefix(s[space:], "/>") {
		t.attributes = "/"
		return t, space + 2
	}
	n := strings.IndexByte(s[space:], '>')
	if n < 0 || space == after {
		return tag{}, 0
	}
	t.space = s[after:space]
	t.attributes = trim(s[space : space+n])
	return t, space + n + 1
}

// endsName reports whether c may follow the name of an element.
func endsName(c byte) bool { return c == '>' || c == '/' || isSpace(c) }

// plainName is where the name of an element ends that begins at i.
func plainName(s string, i int) int {
	for i < len(s) && (isLetter(s[i]) || isDigit(s[i]) || s[i] == '_' || s[i] == ':') {
		i++
	}
	return i
}

// customName is where the name of a custom element ends that begins at i: one
// with a hyphen in it, all in lower case. It is 0 if there is none.
func customName(s string, i int) int {
	if i >= len(s) || s[i] < 'a' || s[i] > 'z' {
		return 0
	}
	hyphen := 0
	for ; i < len(s); i++ {
		c := s[i]
		if c == '-' {
			if hyphen == 0 {
				hyphen = i
			}
		} else if (c < 'a' || c > 'z') && !isDigit(c) && c != '.' && c != '_' {
			break
		}
	}
	if hyphen == 0 || i == hyphen+1 {
		return 0
	}
	return i
}

// isVoid reports whether an element has no end.
func isVoid(name string) bool {
	switch name {
	case "area", "base", "basefont", "br", "col", "command", "embed", "frame", "hr",
		"img", "input", "isindex", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

// mayNest reports whether an element may stand directly in one like it.
func mayNest(name string) bool {
	switch name {
	case "article", "aside", "blockquote", "details", "div", "figure", "object",
		"q", "section", "span":
		return true
	}
	return false
}
