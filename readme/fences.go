package readme

import "strings"

// fences tells which lines are code between fences. It is asked of each line
// in turn.
type fences struct {
	lines []string
	mark  string // of the fence that is open, or ""

	// longest has for each line the longest fence of backticks, and of tildes,
	// from there on that can end another: to look for each end anew would take
	// quadratic time. It is made when the first fence is met.
	longest [][2]int
}

// code reports whether line i is a fence or code between fences. A fence that
// is never closed is none: it must not swallow what follows.
func (f *fences) code(i int) bool {
	line := trim(f.lines[i])
	if f.mark != "" {
		if isFenceEnd(line, f.mark) {
			f.mark = ""
		}
		return true
	}
	mark := fenceMark(line)
	if mark == "" || len(mark) > f.longestFrom(i + 1)[fenceSign(mark)] {
		return false
	}
	f.mark = mark
	return true
}

// longestFrom is f.longest of line i.
func (f *fences) longestFrom(i int) [2]int {
	if f.longest == nil {
		f.longest = make([][2]int, len(f.lines)+1)
		for k := len(f.lines) - 1; k >= 0; k-- {
			f.longest[k] = f.longest[k+1]
			line := trim(f.lines[k])
			if mark := fenceMark(line); mark != "" && mark == line {
				n := &f.longest[k][fenceSign(mark)]
				*n = max(*n, len(mark))
			}
		}
	}
	return f.longest[i]
}

// fenceSign is 0 for backticks, 1 for tildes.
func fenceSign(mark string) int {
	if mark[0] == '~' {
		return 1
	}
	return 0
}

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
