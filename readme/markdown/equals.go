package markdown

import "strings"

// equalsHeadings makes "<h4>Title</h4>" of "= Title =" at the start of a line,
// WordPress's own heading. White space inside the signs is required and may be
// line ends, so a heading without an end goes on to a sign at the start of
// another line. What follows the second sign becomes a line of its own, and
// the white space before the first one goes, blank lines included.
func equalsHeadings(s string) string {
	var out []byte
	done := 0 // what stands in out
	for at := 0; at < len(s); {
		next := strings.IndexByte(s[at:], '=')
		if next < 0 {
			break
		}
		sign := at + next
		start := headingStart(s, done, sign)
		if start < 0 {
			at = sign + 1
			continue
		}
		from, to, end := headingTitle(s, sign)
		if end == 0 {
			at = sign + 1
			continue
		}
		if out == nil {
			out = make([]byte, 0, len(s)+len(s)/4)
		}
		out = append(out, s[done:start]...)
		out = append(out, "\n<h4>"...)
		out = append(out, s[from:to]...)
		out = append(out, "</h4>\n"...)
		done, at = end, end
	}
	if out == nil {
		return s
	}
	return string(append(out, s[done:]...))
}

// headingStart is the first line start, not before from, with nothing but
// white space between it and the sign, or -1.
func headingStart(s string, from, sign int) int {
	start := -1
	i := sign
	for ; ; i-- {
		if i == 0 || i > from && s[i-1] == '\n' {
			start = i
		}
		if i == from || !isSpace(s[i-1]) {
			return start
		}
	}
}

// headingTitle finds the title behind the sign: s[from:to] up to white space
// and a second sign that ends before end. end is 0 if there is none.
func headingTitle(s string, sign int) (from, to, end int) {
	from = skipSpace(s, sign+1)
	if from == sign+1 || from == len(s) {
		return 0, 0, 0
	}
	for i := from + 1; i < len(s); {
		if !isSpace(s[i]) {
			i++
			continue
		}
		behind := skipSpace(s, i)
		if behind < len(s) && s[behind] == '=' {
			return from, i, behind + 1
		}
		if strings.IndexByte(s[i:behind], '\n') >= 0 {
			break
		}
		i = behind
	}
	if s[from] != '=' {
		return 0, 0, 0
	}
	// "=   =" has white space enough to be a title.
	for i := from - 2; i > sign+1; i-- {
		if s[i] != '\n' {
			return i, i + 1, from + 1
		}
	}
	return 0, 0, 0
}

func skipSpace(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// isSpace reports what PCRE takes for white space.
func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
