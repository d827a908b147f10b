package markdown

// takeAtxHeadings takes out lines that start with "#". They need no space
// behind it (but see KeepHash) and may have more "#" at their end.
func takeAtxHeadings(lines []line, source []byte, st *state) []line {
	e := edit{in: lines}
	for i := 0; i < len(lines); i++ {
		b := lines[i].text(source)
		level, start := atxStart(b)
		if level == 0 || st.rules&KeepHash != 0 && level == 1 && start == level {
			continue
		}
		if !st.room(1) {
			break
		}
		next := skipBlankLines(lines, i+1, source)
		title, attributes := atxTitle(b[start:])
		e.replace(i, next, blankLine(source),
			newHeading(level, lines[i].Start+start, title, attributes, source), blankLine(source))
		i = next - 1
	}
	return e.lines()
}

// atxStart is the level of a heading and where its title starts. At least one
// character is the title: a space, or the last "#".
func atxStart(b []byte) (level, start int) {
	for level < len(b) && level < 6 && b[level] == '#' {
		level++
	}
	if level == 0 || len(b) == 1 {
		return 0, 0
	}
	if level == len(b) {
		level--
	}
	start = level + spaces(b[level:])
	if start == len(b) {
		start--
	}
	return level, start
}

// atxTitle parts a title from the "#" and the attributes behind it. Its first
// character stays.
func atxTitle(b []byte) (title, attributes []byte) {
	title, attributes = cutAttributes(trimSpaces(b))
	for len(title) > 1 && title[len(title)-1] == '#' {
		title = title[:len(title)-1]
	}
	title = trimSpaces(title)
	if len(title) == 0 {
		title = b[:1]
	}
	return title, attributes
}
