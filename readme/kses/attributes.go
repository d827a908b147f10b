package kses

import (
	"slices"
	"strings"
)

// writeAttributes writes the attributes of an element that it may have, each
// with a space before it. s is what stands in its tag behind its name.
//
// Values get double quotes unless they have single ones. Of attributes that
// are not well-formed all is dropped up to the next white space outside of
// quotes. Of two with the same name the first one stays.
func writeAttributes(out *strings.Builder, s string, e element) {
	var few [4]string
	seen := few[:0]
	for s != "" {
		n := attributeName(s)
		if n == 0 {
			s = skipMalformed(s)
			continue
		}
		name := s[:n]
		value, quote, rest, ok := attributeValue(s[n:])
		s = rest
		if !ok {
			s = skipMalformed(rest)
			continue
		}
		allowed, address := e.allows(lower(name))
		if !allowed || slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		out.WriteByte(' ')
		out.WriteString(name)
		if quote == 0 {
			continue
		}
		if address {
			value = cutProtocols(value)
		}
		out.WriteByte('=')
		out.WriteByte(quote)
		out.WriteString(value)
		out.WriteByte(quote)
	}
}

// attributeName is the length of the name that s begins with.
func attributeName(s string) int {
	if s == "" || !isLetter(s[0]) && s[0] != '_' {
		return 0
	}
	i := 1
	for i < len(s) && (isLetter(s[i]) || isDigit(s[i]) || strings.IndexByte("-_:.", s[i]) >= 0) {
		i++
	}
	return i
}

// attributeValue reads what follows an attribute's name. quote is that which
// the value gets, 0 if there is none. It is not ok if neither white space nor
// the end follows; rest is then where the fault is.
func attributeValue(s string) (value string, quote byte, rest string, ok bool) {
	i := skipSpace(s, 0)
	if i == len(s) || s[i] != '=' {
		return "", 0, s[i:], i > 0 || s == ""
	}
	s = s[skipSpace(s, i+1):]
	if s == "" {
		return "", 0, "", false
	}
	quote = '"'
	end := 0
	switch s[0] {
	case '"', '\'':
		quote = s[0]
		end = strings.IndexByte(s[1:], quote) + 1
		if end == 0 {
			return "", 0, s, false
		}
		value, rest = s[1:end], s[end+1:]
	default:
		for end < len(s) && !isSpace(s[end]) && s[end] != '"' && s[end] != '\'' {
			end++
		}
		value, rest = s[:end], s[end:]
	}
	switch after := skipSpace(rest, 0); {
	case after > 0 || rest == "":
		return value, quote, rest[after:], true
	case rest == "/" || rest == "/\n":
		return value, quote, "", true
	}
	return "", 0, s, false
}

// skipMalformed is what follows white space outside of quotes.
func skipMalformed(s string) string {
	i := 0
	for i < len(s) && !isSpace(s[i]) {
		c := s[i]
		i++
		if c != '"' && c != '\'' {
			continue
		}
		n := strings.IndexByte(s[i:], c)
		if n < 0 {
			return ""
		}
		i += n + 1
	}
	return s[skipSpace(s, i):]
}
