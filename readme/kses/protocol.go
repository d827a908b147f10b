package kses

import (
	"strconv"
	"strings"
)

// MaxProtocols is how many schemes are cut off an address, as in WordPress; an
// address with more of them becomes "".
const MaxProtocols = 5

// cutProtocols returns an address without the schemes in front of it that are
// not allowed: "javascript:alert(1)" becomes "alert(1)". What stands before
// the first colon, also a reference to one, is a scheme, unless "/?" is in it.
// White space, references and backslashes with zeros do not hide one; a scheme
// that is allowed is written without them, in lower case.
func cutProtocols(address string) string {
	address = dropSlashZero(address)
	for range MaxProtocols + 1 {
		cut := cutProtocol(address, 1)
		if cut == address {
			return address
		}
		address = cut
	}
	return ""
}

// cutProtocol cuts one scheme. feed says how many "feed:" it would be the
// first behind, plus one: each may have another scheme behind it, the third
// makes the address "".
func cutProtocol(address string, feed int) string {
	colon, after := findColon(address)
	if colon < 0 || strings.Contains(address[:colon], "/?") {
		return address
	}
	rest := trim(address[after:])
	scheme := schemeOf(address[:colon])
	if scheme == "feed" {
		if feed > 2 {
			return ""
		}
		rest = cutProtocol(rest, feed+1)
		if rest == "" || rest == "0" {
			return rest
		}
	}
	if scheme == "" {
		return rest
	}
	if len(scheme)+1+len(rest) == len(address) && strings.HasPrefix(address, scheme+":") {
		return address // it needs no copy
	}
	return scheme + ":" + rest
}

// findColon is where the first colon begins and ends, or a reference to one;
// -1 if there is none.
func findColon(s string) (start, end int) {
	for i := range len(s) {
		switch s[i] {
		case ':':
			return i, i + 1
		case '&':
			if code, _, n := numericReference(s[i:]); n > 0 && code == ':' {
				return i, i + n
			}
		}
	}
	return -1, -1
}

// schemeOf is the scheme that s is, if it is allowed, otherwise "".
func schemeOf(s string) string {
	for i := range len(s) {
		if !isLetter(s[i]) && !isDigit(s[i]) {
			return allowedScheme(uncover(s))
		}
	}
	return allowedScheme(s)
}

// uncover takes out of a scheme what could hide it: references, the decimal
// ones first, white space, control characters, and backslashes with zeros.
func uncover(s string) string {
	s = decode(decode(s, 10), 16)
	dst := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] > ' ' {
			dst = append(dst, s[i])
		}
	}
	return dropSlashZero(string(dst))
}

// decode decodes the numeric references to the base, as PHP's chr does: a code
// above 255 is cut to its last eight bits.
func decode(s string, base int) string {
	if !strings.Contains(s, "&#") {
		return s
	}
	dst := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] == '&' {
			if code, b, n := numericReference(s[i:]); n > 0 && b == base {
				dst = append(dst, byte(code))
				i += n
				continue
			}
		}
		dst = append(dst, s[i])
		i++
	}
	return string(dst)
}

func allowedScheme(name string) string {
	switch name := lower(name); name {
	case "http", "https", "ftp", "ftps", "mailto", "news", "irc", "irc6", "ircs",
		"gopher", "nntp", "feed", "telnet", "mms", "rtsp", "sms", "svn", "tel", "fax",
		"xmpp", "webcal", "urn":
		return name
	}
	return ""
}

// numericReference is the code, base and length of the reference that s begins
// with; length 0 if it begins with none.
func numericReference(s string) (code uint64, base, length int) {
	if len(s) < 4 || s[1] != '#' {
		return 0, 0, 0
	}
	digits, base := s[2:], 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n := 0
	for n < len(digits) && isDigitOf(digits[n], base) {
		n++
	}
	if n == 0 || n == len(digits) || digits[n] != ';' {
		return 0, 0, 0
	}
	code, err := strconv.ParseUint(digits[:n], base, 64)
	if err != nil {
		return 0, 0, 0
	}
	return code, base, len(s) - len(digits) + n + 1
}

// dropSlashZero takes out backslashes with zeros behind them, once.
func dropSlashZero(s string) string {
	if !strings.Contains(s, `\0`) {
		return s
	}
	var dst []byte
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			dst = append(dst, s[i])
			i++
			continue
		}
		start := i
		for i < len(s) && s[i] == '\\' {
			i++
		}
		zeros := i
		for i < len(s) && s[i] == '0' {
			i++
		}
		if i == zeros {
			dst = append(dst, s[start:i]...)
		}
	}
	return string(dst)
}
