package readme

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// plainText is the text of a line without its tags, entities decoded, white
// space as single spaces. What it returns holds nothing that HTML would read
// as a tag, also where the line spelt one in entities.
func plainText(s string) string {
	s = stripTags(oneLine(s))
	if strings.Contains(s, "&") {
		// Entities may spell control characters, and those hide a tag.
		s = stripTags(oneLine(entity.ReplaceAllStringFunc(s, html.UnescapeString)))
	}
	return strings.TrimSpace(s)
}

// entity is one with its semicolon: without, "&currency=EUR" in an address
// would begin with a currency sign.
var entity = regexp.MustCompile(`&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});`)

// oneLine makes one line of text: line ends and tabs become spaces, with the
// white space around them, control characters go.
func oneLine(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	gap := false
	for _, r := range strings.TrimSpace(s) {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\f' || r == '\v' || r == 0x85 || r == 0x2028 || r == 0x2029:
			gap = true
			continue
		case unicode.IsControl(r), gap && r == ' ':
			continue
		}
		if gap {
			gap = false
			if !strings.HasSuffix(out.String(), " ") {
				out.WriteByte(' ')
			}
		}
		out.WriteRune(r)
	}
	return strings.TrimSpace(out.String())
}

// address is an address as it was written, without tags and white space.
func address(s string) string {
	return strings.TrimSpace(stripTags(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0x2028 || r == 0x2029 {
			return -1
		}
		return r
	}, s)))
}

// stripTags removes tags and comments, nested ones too. A "<" that no tag can
// start with stays. Stripping twice is stripping once, and a tag without an
// end takes the rest with it, as PHP's strip_tags does.
func stripTags(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	depth := 0
	last := byte(0) // last byte written
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case strings.HasPrefix(s[i:], "<!--") && depth == 0:
			end := strings.Index(s[i+4:], "-->")
			if end < 0 {
				return out.String()
			}
			i += 4 + end + 2
		case c == '<' && (depth > 0 || i+1 < len(s) && opensTag(s[i+1])):
			depth++
		case depth > 0:
			if c == '>' {
				depth--
			}
		default:
			if last == '<' && opensTag(c) {
				out.WriteByte(' ') // what stood between them was a tag
			}
			out.WriteByte(c)
			last = c
		}
	}
	return out.String()
}

// opensTag reports whether a "<" followed by c starts a tag, a comment or a
// declaration.
func opensTag(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '/' || c == '!' || c == '?'
}
