package kses

import (
	"strings"
	"unicode/utf8"
)

// disarm writes references WordPress's way, and makes text of a "<" that has
// no ">" before the next "<": of all up to there, quotes too. If that is not
// UTF-8 it vanishes, as there. closed says that each "<" has its ">".
func disarm(s string, closed bool) string {
	if closed {
		return normalized(s)
	}
	out := builder(s)
	for s != "" {
		next := strings.IndexByte(s[1:], '<') + 1
		if next == 0 {
			next = len(s)
		}
		piece := s[:next]
		s = s[next:]
		if piece[0] != '<' || strings.IndexByte(piece, '>') >= 0 {
			writeNormalized(out, piece)
			continue
		}
		// A line end at the very end is none of it.
		text := piece
		if s == "" {
			text = strings.TrimSuffix(piece, "\n")
		}
		if utf8.ValidString(text) {
			writeEscaped(out, normalized(text))
		}
		out.WriteString(piece[len(text):])
	}
	return out.String()
}

// tagsClosed reports whether each "<" in s has its ">".
func tagsClosed(s string) bool {
	i := strings.IndexByte(s, '<')
	for i >= 0 {
		s = s[i+1:]
		if i = strings.IndexByte(s, '<'); i < 0 {
			return strings.IndexByte(s, '>') >= 0
		}
		if strings.IndexByte(s[:i], '>') < 0 {
			return false
		}
	}
	return true
}

// normalized is s with its references written WordPress's way.
func normalized(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	out := builder(s)
	writeNormalized(out, s)
	return out.String()
}

// writeNormalized writes s with its references written WordPress's way.
func writeNormalized(out *strings.Builder, s string) {
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			out.WriteString(s)
			return
		}
		out.WriteString(s[:i])
		s = s[i+writeReference(out, s[i:]):]
	}
}
