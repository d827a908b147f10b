package markdown

import "strings"

// keepCode is lineCode and equalsHeadings for KeepFences and KeepCode. Code
// blocks come out in one of the two forms that Markdown keeps: between fences
// without indent, and in lists indented behind a blank line.
//
// A backtick at the start of a line opens a block as on WordPress.org, but for
// a span that WordPress.org would make plain text of: at the start of the
// text, below a line of a paragraph, before more text in a list. A line with
// nothing but a backtick opens a block anywhere.
func keepCode(s string, rules Rules) string {
	k := &codeKeeper{s: s, rules: rules, out: make([]byte, 0, len(s)+len(s)/4)}
	afterBlank := true
	for at := 0; at < len(s); {
		end := lineEnd(s, at)
		start := at + indentLength(s[at:end])
		if next := k.takeCode(at, start, afterBlank); next > at {
			at, afterBlank = next, false
			continue
		}
		text := s[start:end]
		afterBlank = k.follow(text, start-at, afterBlank)
		at = min(end+1, len(s))
	}
	k.flush(len(s))
	return strings.TrimLeft(string(k.out), "\n")
}

// codeKeeper is at work on a text.
type codeKeeper struct {
	s      string
	rules  Rules
	out    []byte
	done   int  // what of s stands in out
	inList bool // whether the line is in a list
	fences []fenceLine
}

// fenceLine is a line with nothing but a fence.
type fenceLine struct {
	start, end int
	sign       byte
	length     int
	longest    [2]int // how long fences are here and below, of backticks and of tildes
}

// follow notes whether the lines below are in a list, and reports whether the
// next one follows a blank line or a heading.
func (k *codeKeeper) follow(text string, indent int, afterBlank bool) bool {
	switch {
	case text == "":
		return true
	case text[0] == '=' || text[0] == '#':
		k.inList = false
		return true
	case isBullet(text):
		k.inList = k.inList || afterBlank && indent < 4
	case afterBlank && indent == 0:
		k.inList = false
	}
	return false
}

// isBullet reports whether text is an item of a list.
func isBullet(text string) bool {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 0 {
		return strings.HasPrefix(text[digits:], ". ")
	}
	return len(text) > 1 && strings.IndexByte("*+-", text[0]) >= 0 && (text[1] == ' ' || text[1] == '\t')
}

// takeCode writes the block of code that the line at at opens, whose first
// sign is at start. It returns where the text goes on, at if there is none.
func (k *codeKeeper) takeCode(at, start int, afterBlank bool) int {
	s := k.s
	if start == len(s) || s[start] != '`' && s[start] != '~' {
		return at
	}
	end := lineEnd(s, start)
	length := runLength(s[start:end], s[start])
	info := strings.TrimSpace(s[start+length : end])
	least := 3
	if s[start] == '`' && k.rules&KeepFences == 0 {
		least = 1 << 30
	} else if s[start] == '`' && k.rules&KeepCode != 0 && info == "" {
		least = 2
	}
	if length >= least && (s[start] == '~' || strings.IndexByte(info, '`') < 0) {
		if closing, ok := k.closing(end, s[start], length); ok {
			k.fence(at, start, length, closing)
			return min(closing.end+1, len(s))
		}
	}
	if s[start] != '`' || length > 1 && k.rules&KeepCode != 0 {
		return at
	}
	size := strings.IndexByte(s[start+1:], '`')
	if size < 0 {
		return at
	}
	closing := start + 1 + size
	end = lineEnd(s, closing)
	code, rest := s[start+1:closing], s[closing+1:end]
	if k.rules&KeepCode == 0 {
		k.flush(at)
		k.out = appendIndented(k.out, code, cut(s[at:start], maxCodeIndent))
		k.out = append(append(k.out, rest...), '\n')
		k.done = min(end+1, len(s))
		return k.done
	}
	alone := info == ""
	if !alone && !hasBlankLine(code) &&
		(at == 0 || !afterBlank || k.inList && strings.TrimSpace(rest) != "") {
		return at
	}
	k.flush(at)
	k.block(code, rest, s[at:start])
	k.done = min(end+1, len(s))
	return k.done
}

// block writes code as an indented block.
func (k *codeKeeper) block(code, rest, indent string) {
	code, rest = strings.TrimLeft(code, "\n"), strings.TrimRight(rest, " \t")
	if rest == "" {
		code = strings.TrimRight(code, " \t\n")
	}
	if code+rest == "" {
		return
	}
	k.blankLine()
	indent = cut(indent, maxCodeIndent)
	if k.inList {
		indent = strings.Repeat(" ", 4*max(1, level(columns(indent))))
	}
	k.out = appendIndented(k.out, code, indent)
	k.out = append(append(k.out, rest...), '\n')
}

// fence writes a block between fences, whose first line is at at and whose
// fence of so many signs starts at start. Indent goes, or in a list becomes
// that of the item.
func (k *codeKeeper) fence(at, start, length int, closing fenceLine) {
	s := k.s
	k.flush(at)
	k.done = min(closing.end+1, len(s))
	k.inList = k.inList && start > at
	indent := ""
	if k.inList {
		indent = strings.Repeat(" ", 4*level(columns(cut(s[at:start], maxCodeIndent))))
		k.blankLine()
	}
	body := lineEnd(s, start) + 1
	if body >= closing.start {
		return // there is no block without code
	}
	mark := s[start : start+max(length, 3)]
	if length < 3 {
		mark = strings.Repeat(s[start:start+1], 3)
	}
	class, _, _ := strings.Cut(strings.TrimSpace(s[start+length:body-1]), " ")
	if strings.Trim(class, classSigns) != "" {
		class = ""
	}
	k.out = append(append(append(append(k.out, indent...), mark...), class...), '\n')
	width := columns(s[at:start])
	for i := body; i < closing.start; {
		end := lineEnd(s, i)
		text := withoutColumns(s[i:end], width)
		if text != "" {
			k.out = append(append(k.out, indent...), text...)
		}
		k.out = append(k.out, '\n')
		i = end + 1
	}
	k.out = append(append(append(k.out, indent...), mark...), '\n')
}

// closing finds the line below from that closes a fence.
func (k *codeKeeper) closing(from int, sign byte, length int) (fenceLine, bool) {
	if k.fences == nil {
		k.fences = fenceLines(k.s)
	}
	low, high := 0, len(k.fences)
	for low < high {
		if middle := (low + high) / 2; k.fences[middle].start < from {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == len(k.fences) || k.fences[low].longest[signIndex(sign)] < length {
		return fenceLine{}, false
	}
	for k.fences[low].sign != sign || k.fences[low].length < length {
		low++
	}
	return k.fences[low], true
}

func fenceLines(s string) []fenceLine {
	lines := []fenceLine{}
	for at := 0; at < len(s); {
		end := lineEnd(s, at)
		text := strings.Trim(s[at:end], " \t")
		if text != "" && (text[0] == '`' || text[0] == '~') && runLength(text, text[0]) == len(text) {
			lines = append(lines, fenceLine{start: at, end: end, sign: text[0], length: len(text)})
		}
		at = end + 1
	}
	longest := [2]int{}
	for i := len(lines) - 1; i >= 0; i-- {
		sign := signIndex(lines[i].sign)
		longest[sign] = max(longest[sign], lines[i].length)
		lines[i].longest = longest
	}
	return lines
}

func signIndex(sign byte) int {
	if sign == '~' {
		return 1
	}
	return 0
}

// flush writes the text up to to.
func (k *codeKeeper) flush(to int) {
	if k.done < to {
		k.out = append(k.out, equalsHeadings(k.s[k.done:to])...)
	}
	k.done = to
}

// blankLine ends the text before with a blank line.
func (k *codeKeeper) blankLine() {
	if n := len(k.out); n > 0 && (n < 2 || k.out[n-2] != '\n') {
		k.out = append(k.out, '\n')
	}
}

// lineEnd is where the line ends that i is in.
func lineEnd(s string, i int) int {
	if end := strings.IndexByte(s[i:], '\n'); end >= 0 {
		return i + end
	}
	return len(s)
}

func indentLength(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

func runLength(s string, sign byte) int {
	n := 0
	for n < len(s) && s[n] == sign {
		n++
	}
	return n
}

// columns is how wide white space is.
func columns(indent string) int {
	n := 0
	for i := range len(indent) {
		n++
		if indent[i] == '\t' {
			n += 3 - (n-1)%4
		}
	}
	return n
}

// withoutColumns is a line without white space of up to so many columns.
func withoutColumns(line string, width int) string {
	for width > 0 && line != "" && (line[0] == ' ' || line[0] == '\t') {
		width--
		if line[0] == '\t' {
			width -= 3
		}
		line = line[1:]
	}
	return line
}

// level is how deep in lists text with so many columns of white space stands.
func level(columns int) int { return (columns + 3) / 4 }

func hasBlankLine(s string) bool {
	for i := strings.IndexByte(s, '\n'); i >= 0; {
		rest := strings.TrimLeft(s[i+1:], " \t")
		if strings.HasPrefix(rest, "\n") {
			return true
		}
		next := strings.IndexByte(s[i+1:], '\n')
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

func cut(s string, size int) string { return s[:min(len(s), size)] }
