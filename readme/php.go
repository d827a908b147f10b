package readme

import "strings"

// WordPress.org's rules are written in PHP's notions of these.

// trim takes off what PHP's trim does.
func trim(s string) string { return trimLeft(trimRight(s)) }

func trimLeft(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

func trimRight(s string) string {
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0 || c == '\v'
}

// isEmpty is PHP's empty(): to WordPress.org a lone "0" is nothing either.
func isEmpty(s string) bool { return s == "" || s == "0" }

// lower lowers ASCII letters alone, as PHP 8 does, byte by byte.
func lower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// removeFold removes each phrase in turn, in any case of ASCII letters.
func removeFold(s string, phrases ...string) string {
	for _, phrase := range phrases {
		folded, phrase := lower(s), lower(phrase)
		at := strings.Index(folded, phrase)
		if at < 0 {
			continue
		}
		var out strings.Builder
		start := 0
		for at >= 0 {
			out.WriteString(s[start : start+at])
			start += at + len(phrase)
			at = strings.Index(folded[start:], phrase)
		}
		out.WriteString(s[start:])
		s = out.String()
	}
	return s
}
