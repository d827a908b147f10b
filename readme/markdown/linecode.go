package markdown

import "strings"

// lineCode indents the code between a backtick at the start of a line and the
// next one, which may stand anywhere, so that it becomes a code block if there
// is a blank line above it. What follows the second backtick follows the code.
func lineCode(s string) string {
	var out []byte
	done := 0 // what stands in out
	for at := 0; at < len(s); {
		open, indent := lineBacktick(s, at)
		if open < 0 {
			break
		}
		length := strings.IndexByte(s[open+1:], '`')
		if length < 0 {
			break
		}
		if out == nil {
			out = make([]byte, 0, len(s)+len(s)/4)
		}
		out = append(out, s[done:open-indent]...)
		out = appendIndented(out, s[open+1:open+1+length], s[open-min(indent, maxCodeIndent):open])
		done = open + 1 + length + 1
		at = done
	}
	if out == nil {
		return s
	}
	return string(append(out, s[done:]...))
}

// lineBacktick finds the next backtick at the start of a line with nothing but
// indent bytes of spaces and tabs before it, from at on; open is -1 if there
// is none. At at itself a line starts only at the start of s.
func lineBacktick(s string, at int) (open, indent int) {
	for i := at; ; {
		next := strings.IndexByte(s[i:], '`')
		if next < 0 {
			return -1, 0
		}
		i += next
		start := i
		for start > at && (s[start-1] == ' ' || s[start-1] == '\t') {
			start--
		}
		if start == 0 || start > at && s[start-1] == '\n' {
			return i, i - start
		}
		i++
	}
}

// appendIndented appends the code with the indent and four spaces before every
// line, but not behind a line end that ends it.
func appendIndented(out []byte, code, indent string) []byte {
	for {
		out = append(append(out, indent...), "    "...)
		end := strings.IndexByte(code, '\n')
		if end < 0 {
			return append(out, code...)
		}
		out = append(out, code[:end+1]...)
		code = code[end+1:]
		if code == "" {
			return out
		}
	}
}
