package kses

import (
	"strings"
	"unicode/utf8"
)

// EscapeHTML makes HTML of text as WordPress's esc_html does: "&", "<", ">"
// and both quotes become references, and references that are valid stay as
// they are. Text that is not UTF-8 becomes "".
func EscapeHTML(s string) string {
	if !utf8.ValidString(s) {
		return ""
	}
	start := strings.IndexAny(s, `&<>"'`)
	if start < 0 {
		return s
	}
	out := builder(s)
	out.WriteString(s[:start])
	writeEscaped(out, s[start:])
	return out.String()
}

// writeEscaped writes s, which must be UTF-8, with references for what has a
// meaning in HTML.
func writeEscaped(out *strings.Builder, s string) {
	from := 0
	for i := 0; i < len(s); {
		reference := ""
		switch s[i] {
		case '&':
			out.WriteString(s[from:i])
			var n int
			if strings.HasPrefix(s[i:], "&apos;") {
				// WordPress knows it, but PHP's HTML 4 does not.
				out.WriteString("&amp;")
				n = 1
			} else {
				n = writeReference(out, s[i:])
			}
			i += n
			from = i
			continue
		case '<':
			reference = "&lt;"
		case '>':
			reference = "&gt;"
		case '"':
			reference = "&quot;"
		case '\'':
			reference = "&#039;"
		default:
			i++
			continue
		}
		out.WriteString(s[from:i])
		out.WriteString(reference)
		i++
		from = i
	}
	out.WriteString(s[from:])
}
