package registry

import (
	"strconv"
	"strings"
)

// CompareVersions orders two versions as PHP's version_compare does, since
// that is how WordPress decides whether to offer an update: -1, 0 or +1.
// "1.0-dev" < "1.0-alpha" < "1.0-beta" < "1.0-RC" < "1.0" < "1.0-pl"; any
// other word is lower than all of these.
func CompareVersions(a, b string) int {
	if a == "" || b == "" {
		return sign(len(a) - len(b))
	}
	return compareParts(versionParts(a), versionParts(b))
}

// versionParts cuts a version where php_canonicalize_version would put a dot:
// at every character that is not a letter or digit, and between digits and
// letters. A trailing separator leaves an empty last part, as in PHP.
func versionParts(v string) []string {
	if v[0] == '#' {
		return strings.Split(v, ".") // PHP takes it for canonical
	}
	var b strings.Builder
	b.Grow(2 * len(v))
	b.WriteByte(v[0])
	last := v[0] // the last byte written
	for i := 1; i < len(v); i++ {
		c, before := v[i], v[i-1]
		turn := isDigit(c) && !isDigit(before) && before != '.' ||
			!isDigit(c) && c != '.' && !isVersionSeparator(c) && isDigit(before)
		alnum := isDigit(c) || isLetter(c)
		if (turn || !alnum) && last != '.' {
			b.WriteByte('.')
			last = '.'
		}
		if turn || alnum {
			b.WriteByte(c)
			last = c
		}
	}
	return strings.Split(b.String(), ".")
}

// compareParts follows PHP's loop: it ends where either rest is empty, which
// is after the last part or at an empty last part, but not at an empty part in
// the middle.
func compareParts(a, b []string) int {
	i := 0
	for ; i < len(a) && i < len(b) && !spent(a[i:]) && !spent(b[i:]); i++ {
		if c := comparePart(a[i], b[i]); c != 0 {
			return c
		}
	}
	switch {
	case i < len(a):
		return longer(a[i])
	case i < len(b):
		return -longer(b[i])
	}
	return 0
}

func spent(rest []string) bool { return len(rest) == 1 && rest[0] == "" }

// longer says how a version whose next part is part compares with one that
// ends before it: PHP puts a number above the end and any word beside "#N#".
func longer(part string) int {
	switch {
	case part == "":
		return -1
	case isDigit(part[0]):
		return 1
	}
	return sign(versionForm(part) - versionForm("#"))
}

func comparePart(a, b string) int {
	digitA, digitB := a != "" && isDigit(a[0]), b != "" && isDigit(b[0])
	switch {
	case digitA && digitB:
		return compareNumbers(a, b)
	case digitA:
		a = "#"
	case digitB:
		b = "#"
	}
	return sign(versionForm(a) - versionForm(b))
}

// compareNumbers reads the leading digits as PHP's strtol does, which stops at
// the largest long.
func compareNumbers(a, b string) int {
	x, _ := strconv.ParseInt(a, 10, 64) // on overflow it is the largest one
	y, _ := strconv.ParseInt(b, 10, 64)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// versionForms are PHP's special words in ascending order; a part belongs to
// the first one that it starts with. "#" stands for a number.
var versionForms = [...]struct {
	prefix string
	order  int
}{
	{"dev", 0}, {"alpha", 1}, {"a", 1}, {"beta", 2}, {"b", 2},
	{"RC", 3}, {"rc", 3}, {"#", 4}, {"pl", 5}, {"p", 5},
}

func versionForm(part string) int {
	for _, form := range versionForms {
		if strings.HasPrefix(part, form.prefix) {
			return form.order
		}
	}
	return -1
}

func isVersionSeparator(c byte) bool { return c == '-' || c == '_' || c == '+' }
func isDigit(c byte) bool            { return '0' <= c && c <= '9' }
func isLetter(c byte) bool           { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// TagVersion is the version that a tag names: what follows prefix, or else the
// last slash ("hello-yard/1.2.0"), without a leading "v". It is "" when that
// does not start with a digit, since WordPress could not compare it.
func TagVersion(tag, prefix string) string {
	if prefix != "" && strings.HasPrefix(tag, prefix) {
		tag = tag[len(prefix):]
	} else {
		tag = tag[strings.LastIndexByte(tag, '/')+1:]
	}
	return cleanVersion(tag)
}

// cleanVersion is a version as an author may write it, without a leading "v";
// "" when it is none.
func cleanVersion(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1 && (s[0] == 'v' || s[0] == 'V') {
		s = s[1:]
	}
	if s == "" || len(s) > MaxVersion || !isDigit(s[0]) {
		return ""
	}
	for _, c := range []byte(s) {
		if !isDigit(c) && !isLetter(c) && !strings.ContainsRune(".-+_~", rune(c)) {
			return ""
		}
	}
	return s
}

// MaxVersion bounds a version's length in bytes; it becomes part of file names.
const MaxVersion = 64
