package readme

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// splitLines turns a file into lines without their ends, all valid UTF-8.
//
// UTF-16 is known by its byte order mark. Line ends are those of PCRE's \R:
// CRLF, LF, VT, FF, CR and, in valid UTF-8, U+0085, U+2028 and U+2029. A file
// that is not UTF-8 is split at the byte 0x85 instead, and each run of bytes
// that mean nothing becomes one U+FFFD.
func splitLines(src []byte) []string {
	switch {
	case bytes.HasPrefix(src, []byte{0xEF, 0xBB, 0xBF}):
		src = src[3:]
	case bytes.HasPrefix(src, []byte{0xFF, 0xFE}):
		src = decodeUTF16(src[2:], binary.LittleEndian)
	case bytes.HasPrefix(src, []byte{0xFE, 0xFF}):
		src = decodeUTF16(src[2:], binary.BigEndian)
	}
	text, valid := string(src), utf8.Valid(src)

	lines := make([]string, 0, strings.Count(text, "\n")+1)
	start := 0
	for i := 0; i < len(text); {
		n := lineEnd(text[i:], valid)
		if n == 0 {
			i++
			continue
		}
		lines = append(lines, text[start:i])
		i += n
		start = i
	}
	lines = append(lines, text[start:])
	if !valid {
		for i, line := range lines {
			lines[i] = strings.ToValidUTF8(line, "\uFFFD")
		}
	}
	return lines
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

// decodeUTF16 makes UTF-8 of UTF-16; an odd last byte is left out. The
// directory splits such files before it decodes them and leaves a "?" at the
// end of each line; nobody wants that.
func decodeUTF16(src []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(src)/2)
	for i := range units {
		units[i] = order.Uint16(src[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
