package readme

// walker walks the lines of a readme once, from the name to the last section.
type walker struct {
	readme *Readme
	lines  []string
	next   int    // index in lines of the next line to read
	short  string // short description on one line, Markdown

	shortLines []string // the same, line by line
}

func (p *walker) has(rule Profile) bool { return p.readme.profile.has(rule) }

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

// value is a header's value as the profile has it.
func (p *walker) value(s string) string {
	if p.has(PlainText) {
		return plainText(s)
	}
	return s
}

// address is a header's value that is an address.
func (p *walker) address(s string) string {
	if p.has(PlainText) {
		return address(s)
	}
	return s
}
