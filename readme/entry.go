package readme

import "strings"

// parseEntries splits an FAQ or the upgrade notices. If any line starts with
// "#" or "=" those lines are the headings, of whatever level; if none does,
// lines that are "**bold**" from end to end are. Text before the first heading
// has the heading "". Of headings that occur twice the first gives the place
// and the last the text; one followed at once by another heading is dropped.
func (p *walker) parseEntries(markdown string) []Entry {
	if markdown == "" {
		return nil
	}
	lines := strings.Split(markdown, "\n")
	code := p.codeLines(lines)
	heading := boldHeading
	if p.has(RuledEntries) {
		heading = boldTitle
	}
	for i, line := range lines {
		if line = trim(line); line != "" && (line[0] == '#' || line[0] == '=') && !code(i) {
			heading = signHeading
			break
		}
	}

	var entries []Entry
	index := map[string]int{}
	key := ""
	store := func(text string) {
		at, ok := index[key]
		if !ok {
			at = len(entries)
			index[key] = at
			entries = append(entries, Entry{Heading: key})
		}
		entries[at].Markdown = trim(text)
	}
	start, offset := 0, 0 // of the entry's text and of the line, in markdown
	for i, line := range lines {
		end := offset + len(line) + 1
		if title, ok := heading(line); ok && !code(i) {
			if start < offset {
				store(markdown[start:offset])
			}
			if key = title; p.has(PlainText) {
				key = plainText(title)
			}
			start = end
		}
		offset = end
	}
	if start < len(markdown) {
		store(markdown[start:])
	} else if !isEmpty(key) {
		store("")
	}
	return entries
}

// codeLines reports of each line whether it is code between fences, in a
// profile that cares.
func (p *walker) codeLines(lines []string) func(i int) bool {
	if !p.has(FencedHeadings) {
		return func(int) bool { return false }
	}
	code := fences{lines: lines}
	within := make([]bool, len(lines))
	for i := range lines {
		within[i] = code.code(i)
	}
	return func(i int) bool { return within[i] }
}

// signHeading reads "= Question =" and "# Question" of any level. Only the
// sign that the line starts with is taken off.
func signHeading(line string) (string, bool) {
	trimmed := trim(line)
	if trimmed == "" || trimmed[0] != '#' && trimmed[0] != '=' {
		return "", false
	}
	return strings.Trim(line, trimmed[:1]+" \t"), true
}

// boldHeading reads a line that is "**Question**"; to WordPress.org "***" is
// one as well, without text.
func boldHeading(line string) (string, bool) {
	trimmed := trim(line)
	if !strings.HasPrefix(trimmed, "**") || !strings.HasSuffix(trimmed, "**") {
		return "", false
	}
	return strings.Trim(line, "* \t"), true
}

// boldTitle reads a line that is "**Question**" with text in it.
func boldTitle(line string) (string, bool) {
	title, ok := boldHeading(line)
	return title, ok && title != ""
}
