package markdown

import "bytes"

// codeIndex knows where code ends in a text, in which tags are no tags. It is
// made as far as it is asked.
type codeIndex struct {
	runs   []tickRun
	fences map[fence]int // where the last line stands that ends such a fence

	blankFrom, blank int // the next blank line from there on
}

// tickRun is a run of backticks.
type tickRun struct {
	start, length int
	next          int // index of the next run of the same length, 0 if none
}

// fence is what opens and closes a block of code.
type fence struct {
	sign           byte
	length, indent int
}

// spanEnd is where a code span ends whose run of backticks stands at i, or
// where the run ends if none does so before a blank line. As in PHP Markdown,
// three backticks and more are a fence even in the middle of a line.
func (c *codeIndex) spanEnd(text []byte, i int) int {
	if c.runs == nil {
		c.indexRuns(text)
	}
	from, to := 0, len(c.runs)
	for from < to {
		if middle := (from + to) / 2; c.runs[middle].start < i {
			from = middle + 1
		} else {
			to = middle
		}
	}
	run := c.runs[from]
	end := run.start + run.length
	if run.length >= 3 {
		return c.closingEnd(text, fence{sign: '`', length: run.length}, end)
	}
	if run.next == 0 {
		return end
	}
	close := c.runs[run.next]
	if c.nextBlank(text, end) < close.start {
		return end
	}
	return close.start + close.length
}

func (c *codeIndex) indexRuns(text []byte) {
	last := map[int]int{}
	for i := 0; ; {
		next := bytes.IndexByte(text[i:], '`')
		if next < 0 {
			return
		}
		i += next
		run := tickRun{start: i}
		for i < len(text) && text[i] == '`' {
			i++
		}
		run.length = i - run.start
		if before, ok := last[run.length]; ok {
			c.runs[before].next = len(c.runs)
		}
		last[run.length] = len(c.runs)
		c.runs = append(c.runs, run)
	}
}

// nextBlank is the offset of the next two line ends in a row.
func (c *codeIndex) nextBlank(text []byte, i int) int {
	if c.blank == 0 || i < c.blankFrom || i > c.blank {
		next := bytes.Index(text[i:], []byte("\n\n"))
		if next < 0 {
			next = len(text) - i
		}
		c.blankFrom, c.blank = i, i+next
	}
	return c.blank
}

// blockEnd looks at the lines that start from i up to stop for code that is
// indented by four spaces more than indent or stands between fences. It
// returns where the first such ends, -1 if there is none. first tells whether
// a line starts at i.
func (c *codeIndex) blockEnd(text []byte, i, stop, indent int, first bool) int {
	if first && isCode(text, i, indent) {
		return codeEnd(text, i, indent)
	}
	for {
		if first {
			k := skipBlanks(text, i)
			if k == len(text) {
				return -1
			}
			switch text[k] {
			case '\n':
				if isCode(text, k+1, indent) {
					return codeEnd(text, k+1, indent)
				}
			case '~', '`':
				if k-i <= indent+3 {
					if end := c.fenceEnd(text, i, k); end >= 0 {
						return end
					}
				}
			}
		}
		next := bytes.IndexByte(text[i:stop], '\n')
		if next < 0 {
			return -1
		}
		i += next + 1
		first = true
	}
}

func skipBlanks(text []byte, i int) int {
	for i < len(text) && text[i] == ' ' {
		i++
	}
	return i
}

// isCode reports whether the line at i is indented by four spaces more than
// indent, and ends.
func isCode(text []byte, i, indent int) bool {
	for n := 0; n < indent+4; n, i = n+1, i+1 {
		if i == len(text) || text[i] != ' ' {
			return false
		}
	}
	return bytes.IndexByte(text[i:], '\n') >= 0
}

// codeEnd is where the lines end from i on that are code or blank.
func codeEnd(text []byte, i, indent int) int {
	for {
		k := skipBlanks(text, i)
		if k-i < indent+4 && (k == len(text) || text[k] != '\n') {
			return i
		}
		end := bytes.IndexByte(text[k:], '\n')
		if end < 0 {
			return i
		}
		i = k + end + 1
	}
}

// fenceEnd is where a block of code ends whose fence stands at k in the line
// at i: behind the line of the closing fence, or behind the fence if there is
// none. It is -1 if it is no fence.
func (c *codeIndex) fenceEnd(text []byte, i, k int) int {
	open := fence{sign: text[k], indent: k - i}
	for k < len(text) && text[k] == open.sign {
		open.length++
		k++
	}
	if open.length < 3 {
		return -1
	}
	k = skipBlanks(text, k)
	class := k
	if k < len(text) && text[k] == '.' {
		class++
	}
	if n := len(text[class:]) - len(bytes.TrimLeft(text[class:], classSigns)); n > 0 {
		k = skipBlanks(text, class+n)
	}
	k = skipBlanks(text, k+attributesLength(text[k:]))
	if k == len(text) || text[k] != '\n' {
		return -1
	}
	return c.closingEnd(text, open, k)
}

// closingEnd is where the first line behind i ends that closes the fence, i if
// there is none.
func (c *codeIndex) closingEnd(text []byte, open fence, i int) int {
	if c.fences == nil {
		c.indexFences(text)
	}
	if last, ok := c.fences[open]; !ok || last <= i {
		return i
	}
	i += bytes.IndexByte(text[i:], '\n') + 1
	for {
		line := text[i:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end+1]
		}
		i += len(line)
		if closing, ok := closingFence(line); ok && closing == open {
			return i
		}
	}
}

func (c *codeIndex) indexFences(text []byte) {
	c.fences = map[fence]int{}
	for i := 0; i < len(text); {
		line := text[i:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end+1]
		}
		if closing, ok := closingFence(line); ok {
			c.fences[closing] = i
		}
		i += len(line)
	}
}

// closingFence reports whether a line is nothing but a fence.
func closingFence(line []byte) (fence, bool) {
	k := skipBlanks(line, 0)
	if len(line) < k+3 || line[k] != '~' && line[k] != '`' {
		return fence{}, false
	}
	closing := fence{sign: line[k], indent: k}
	for k < len(line) && line[k] == closing.sign {
		closing.length++
		k++
	}
	k = skipBlanks(line, k)
	return closing, closing.length >= 3 && (k == len(line) || line[k] == '\n')
}

const classSigns = "-_:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
