package markdown

import (
	"bytes"
	"strings"
)

// maxLabels is how many "]:" of a line are tried as the end of its label, from
// the last one on. Each try may read the whole line.
const maxLabels = 8

// takeLinks takes out link definitions, `[label]: url "title"`, and the blank
// lines behind them, so that the paragraphs around one become one.
func takeLinks(lines []line, source []byte, st *state) []line {
	e := edit{in: lines}
	for i := 0; i < len(lines); i++ {
		label, l, next := linkDefinition(lines, i, source)
		if next == 0 {
			continue
		}
		if !st.room(1) {
			break
		}
		st.links[lowerASCII(label)] = l
		next = skipBlankLines(lines, next, source)
		e.replace(i, next)
		i = next - 1
	}
	return e.lines()
}

// linkDefinition reads the definition that starts in line i. next is the line
// behind it, 0 if there is none.
func linkDefinition(lines []line, i int, source []byte) (label []byte, l link, next int) {
	b := lines[i].text(source)
	start := spaces(b)
	if start > 3 || start == len(b) || b[start] != '[' {
		return nil, l, 0
	}
	start++
	end := len(b)
	for range maxLabels {
		for {
			end = bytes.LastIndexByte(b[:end], ']')
			if end <= start {
				return nil, l, 0
			}
			if colon(b[end+1:]) > 0 {
				break
			}
		}
		if l, next = linkTarget(lines, i, end+1+colon(b[end+1:]), source); next > 0 {
			return b[start:end], l, next
		}
	}
	return nil, l, 0
}

// linkTarget reads address and title from byte at of line i on. The address
// may stand in the next line.
func linkTarget(lines []line, i, at int, source []byte) (l link, next int) {
	b := lines[i].text(source)
	at += spaces(b[at:])
	if at == len(b) {
		i++
		if i == len(lines) {
			return l, 0
		}
		b = lines[i].text(source)
		at = spaces(b)
		if at == len(b) {
			return l, 0
		}
	}
	if b[at] == '<' {
		end := at + 1
		for range maxLabels {
			n := bytes.IndexByte(b[min(end+1, len(b)):], '>')
			if n < 0 {
				break
			}
			end += 1 + n
			if next = linkTitle(lines, i, end+1, &l, source); next > 0 {
				l.url = string(b[at+1 : end])
				return l, next
			}
		}
	}
	end := at
	for end < len(b) && !isSpace(b[end]) {
		end++
	}
	// Attributes need no space before them.
	if n := bytes.LastIndexByte(b, '{'); at < n && n < end && attributesLength(b[n:]) == len(b)-n {
		end = n
	}
	if next = linkTitle(lines, i, end, &l, source); next > 0 {
		l.url = string(b[at:end])
	}
	return l, next
}

// linkTitle reads what follows an address: nothing, a title or attributes, in
// the same line or the next. It returns the line behind it, 0 if there is
// something else.
func linkTitle(lines []line, i, at int, l *link, source []byte) (next int) {
	b := lines[i].text(source)
	rest := b[at:]
	n := spaces(rest)
	if n < len(rest) {
		if title, braced, ok := titleLine(rest[n:]); ok && (n > 0 || title == nil) {
			l.title, l.hasTitle, l.braced = string(title), true, braced
			return i + 1
		}
		return 0
	}
	if i+1 < len(lines) {
		b := lines[i+1].text(source)
		if title, braced, ok := titleLine(b[spaces(b):]); ok {
			l.title, l.hasTitle, l.braced = string(title), true, braced
			return i + 2
		}
	}
	return i + 1
}

// titleLine is the title of a line that has nothing else but attributes in
// braces. It is nil if there are only attributes: they make the title empty.
func titleLine(b []byte) (title, braced []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	if n := bytes.LastIndexByte(b, '{'); n >= 0 && attributesLength(b[n:]) == len(b)-n {
		b, braced = b[:n], b[n:]
	}
	if len(b) == 0 {
		return nil, braced, true
	}
	b = trimSpaces(b)
	last := len(b) - 1
	if last < 1 || b[0] != '"' && b[0] != '(' || b[last] != '"' && b[last] != ')' {
		return nil, nil, false
	}
	return b[1:last:last], braced, true
}

// lowerASCII is b with its ASCII letters in lower case.
func lowerASCII(b []byte) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, string(b))
}
