package readme

import "strings"

// fenceMark is the run of backticks or tildes that opens a fenced code block
// at the start of a trimmed line, or "".
func fenceMark(line string) string {
	if !strings.HasPrefix(line, "```") && !strings.HasPrefix(line, "~~~") {
		return ""
	}
	mark := line[:len(line)-len(strings.TrimLeft(line, line[:1]))]
	if mark[0] == '`' && strings.Contains(line[len(mark):], "`") {
		return "" // "```code```" is a code span
	}
	return mark
}

func isFenceEnd(line, mark string) bool {
	return strings.HasPrefix(line, mark) && strings.Trim(line, mark[:1]) == ""
}

// fenceAt returns the mark if the line opens a fence that is closed further
// on: a fence left open must not swallow the sections that follow.
func (p *walker) fenceAt(line string) string {
	mark := fenceMark(line)
	if mark == "" || p.next < p.openFence {
		return ""
	}
	for i := p.next + 1; i < len(p.lines); i++ {
		if isFenceEnd(trim(p.lines[i]), mark) {
			return mark
		}
	}
	// No end for this one; a shorter mark might have one, but looking again
	// and again would take quadratic time.
	p.openFence = len(p.lines)
	return ""
}
