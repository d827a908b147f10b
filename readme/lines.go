package readme

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// splitLines turns a file into lines without their ends.
//
// Line ends are those of PCRE's \R: CRLF, LF, VT, FF, CR and, in valid UTF-8,
// U+0085, U+2028 and U+2029. A file that is not UTF-8 is split at the byte
// 0x85 instead. The first line loses UTF-8's byte order mark.
func splitLines(src []byte, profile Profile) []string {
	if profile.has(UTF16) {
		switch {
		case bytes.HasPrefix(src, []byte{0xFF, 0xFE}):
			src = decodeUTF16(src[2:], binary.LittleEndian)
		case bytes.HasPrefix(src, []byte{0xFE, 0xFF}):
			src = decodeUTF16(src[2:], binary.BigEndian)
		}
	}
	text, valid := string(src), utf8.Valid(src)
	lines := cutLines(text, valid)
	lines[0] = strings.TrimPrefix(lines[0], "\xEF\xBB\xBF")
	if !profile.has(UTF16) && strings.HasPrefix(lines[0], "\xFF\xFE") {
		for i, line := range lines {
			lines[i] = decodeUTF16Line(line)
		}
		return lines
	}
	if !valid && profile.has(ValidText) {
		for i, line := range lines {
			lines[i] = strings.ToValidUTF8(line, "\uFFFD")
		}
	}
	return lines
}

func cutLines(text string, valid bool) []string {
	lines := make([]string, 0, strings.Count(text, "\n")+1)
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c > '\r' && c < 0x80 || c < '\n' {
			i++
			continue
		}
		n := lineEnd(text[i:], valid)
		if n == 0 {
			i++
			continue
		}
		lines = append(lines, text[start:i])
		i += n
		start = i
	}
	return append(lines, text[start:])
}

// lineEnd is the length of the line end at the start of s, or 0.
func lineEnd(s string, valid bool) int {
	switch c := s[0]; {
	case c == '\r' && len(s) > 1 && s[1] == '\n':
		return 2
	case '\n' <= c && c <= '\r':
		return 1
	case c < 0x80:
		return 0
	case !valid && c == 0x85:
		return 1
	case valid && strings.HasPrefix(s, "\u0085"):
		return 2
	case valid && (strings.HasPrefix(s, "\u2028") || strings.HasPrefix(s, "\u2029")):
		return 3
	}
	return 0
}

// decodeUTF16 makes UTF-8 of UTF-16; an odd last byte is left out.
func decodeUTF16(src []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(src)/2)
	for i := range units {
		units[i] = order.Uint16(src[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// decodeUTF16Line makes UTF-8 of one line of a little-endian file that was
// split at the bytes of its line ends, as WordPress.org does. Every line but
// the first then begins with the second byte of a line end, so it looks
// big-endian, decodes rightly, and has an odd byte left over, which becomes
// "?" like everything else that means nothing.
func decodeUTF16Line(line string) string {
	var order binary.ByteOrder = binary.BigEndian
	src := []byte(line)
	switch {
	case strings.HasPrefix(line, "\xFF\xFE"):
		order, src = binary.LittleEndian, src[2:]
	case strings.HasPrefix(line, "\xFE\xFF"):
		src = src[2:]
	}
	var out strings.Builder
	for ; len(src) >= 2; src = src[2:] {
		r := rune(order.Uint16(src))
		if utf16.IsSurrogate(r) {
			second := rune(0)
			if len(src) >= 4 {
				second = rune(order.Uint16(src[2:]))
			}
			if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
				r = '?'
			} else {
				src = src[2:]
			}
		}
		out.WriteRune(r)
	}
	if len(src) == 1 {
		out.WriteByte('?')
	}
	return out.String()
}
