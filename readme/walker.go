package readme

import "strings"

// walker walks the lines of a readme once, from the name to the last section.
type walker struct {
	readme *Readme
	lines  []string
	next   int    // index in lines of the next line to read
	short  string // short description as written, Markdown

	// openFence is the line before which no fence can be opened, since one
	// without an end was met.
	openFence int
}

// warn notes what WordPress.org would complain of.
func (p *walker) warn(key string, line int, values ...string) {
	p.readme.Warnings = append(p.readme.Warnings, Warning{Key: key, Values: values, Line: line})
}

// skipBlank moves to the next line that has something in it and reports
// whether there is one.
func (p *walker) skipBlank() bool {
	for p.next < len(p.lines) && isEmpty(trim(p.lines[p.next])) {
		p.next++
	}
	return p.next < len(p.lines)
}

// space is what PHP's trim takes off: the directory's rules are written in it.
const space = " \t\n\r\x00\x0b"

func trim(s string) string { return strings.Trim(s, space) }

// isEmpty is PHP's empty(): to WordPress.org a lone "0" is nothing either.
func isEmpty(s string) bool { return s == "" || s == "0" }

// lower lowers ASCII letters alone, as PHP 8 does.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
