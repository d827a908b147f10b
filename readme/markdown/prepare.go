package markdown

import "strings"

// maxCodeIndent is how many bytes of white space before a backtick its code
// keeps. WordPress.org puts them before every line of the code, which makes
// n²/4 bytes of n.
const maxCodeIndent = 64

// prepare applies to the text what WordPress.org applies before Markdown: its
// own rules for code and headings, and Markdown's for white space. The result
// has "\n" for line ends, no tabs, and ends with a blank line.
func prepare(source string, rules Rules) []byte {
	text := unixLines(codeTags(trimPHP(source), rules))
	if rules&(KeepFences|KeepCode) == 0 {
		text = trimPHP(equalsHeadings(lineCode(text)))
	} else {
		text = strings.TrimRight(keepCode(text, rules), " \t\n\x00\x0B")
	}
	text = strings.TrimPrefix(text, "\uFEFF")
	if strings.IndexByte(text, '\x1A') >= 0 {
		text = strings.ReplaceAll(text, "\x1A", "") // PHP Markdown's own mark
	}
	return expandTabs(text)
}

// trimPHP trims as PHP does.
func trimPHP(s string) string { return strings.Trim(s, " \t\n\r\x00\x0B") }

// unixLines makes "\n" of every line end.
func unixLines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// expandTabs copies the text with a blank line behind it and with spaces up to
// the next multiple of four columns for tabs. A column is what PHP takes for a
// character: a byte and as many behind it as it announces, whatever they are.
func expandTabs(s string) []byte {
	out := make([]byte, 0, len(s)+3*strings.Count(s, "\t")+2)
	for {
		tab := strings.IndexByte(s, '\t')
		if tab < 0 {
			break
		}
		start := strings.LastIndexByte(s[:tab], '\n') + 1
		end := strings.IndexByte(s[tab:], '\n')
		if end < 0 {
			end = len(s) - tab
		}
		end += tab
		out = append(out, s[:start]...)
		out = expandLine(out, s[start:end])
		s = s[end:]
	}
	out = append(out, s...)
	return append(out, "\n\n"...)
}

func expandLine(out []byte, line string) []byte {
	columns, next := 0, len(out) // next is where the next character starts
	put := func(c byte) {
		if len(out) == next {
			columns++
			next += characterSize(c)
		}
		out = append(out, c)
	}
	for i := 0; i < len(line); i++ {
		if line[i] != '\t' {
			put(line[i])
			continue
		}
		for n := 4 - columns%4; n > 0; n-- {
			put(' ')
		}
	}
	return out
}

// characterSize is how many bytes a character has by its first one.
func characterSize(first byte) int {
	switch {
	case first < 0xC2 || first > 0xF7:
		return 1
	case first < 0xE0:
		return 2
	case first < 0xF0:
		return 3
	}
	return 4
}
