package markdown

import "bytes"

// splitCells parts a row at "|" into at most most cells, or as many as there
// are if most is 0. "|" in code, in tags and behind "\" parts nothing.
func splitCells(l line, most int, source []byte) []line {
	b := source[l.Start:l.Stop]
	var cells []line
	var closing map[int][]int
	start := 0
	cut := func(end int) {
		cell := l
		cell.Start, cell.Stop = l.Start+start, l.Start+end
		cells = append(cells, cell)
	}
	budget := 8 * len(b) // of bytes that may be read in vain for the end of a tag
	for i := 0; i < len(b) && (most == 0 || len(cells) < most-1); {
		switch b[i] {
		case '|':
			cut(i)
			i++
			start = i
		case '\\':
			i++
			if i < len(b) && bytes.IndexByte([]byte("\\`*_{}[]()>#+-.!:|"), b[i]) >= 0 {
				i++
			}
		case '`':
			if closing == nil {
				closing = backtickRuns(b)
			}
			i += codeLength(b[i:], i, closing)
		case '<':
			i += tagLength(b[i:], &budget)
		default:
			i++
		}
	}
	cut(len(b))
	return cells
}

// backtickRuns has the places of runs of backticks by their length.
func backtickRuns(b []byte) map[int][]int {
	runs := map[int][]int{}
	for i := 0; i < len(b); i++ {
		if b[i] == '`' {
			n := backticks(b[i:])
			runs[n] = append(runs[n], i)
			i += n
		}
	}
	return runs
}

func backticks(b []byte) int {
	n := 0
	for n < len(b) && b[n] == b[0] {
		n++
	}
	return n
}

// codeLength is the length of the code at the start of b, or of the backticks
// there if nothing closes it. at is the place of b in the row.
func codeLength(b []byte, at int, closing map[int][]int) int {
	n := backticks(b)
	places := closing[n]
	for len(places) > 0 && places[0] < at+n {
		places = places[1:]
	}
	closing[n] = places
	if len(places) == 0 {
		return n
	}
	return places[0] + n - at
}

// tagLength is the length of the tag or comment at the start of b, 1 if there
// is none. What it reads for nothing it takes from the budget.
func tagLength(b []byte, budget *int) int {
	end := 0
	if *budget > 0 {
		if bytes.HasPrefix(b, []byte("<!--")) {
			if end = commentEnd(b); end == 0 {
				*budget -= len(b)
			}
		} else {
			end = tagEnd(b, budget)
		}
	}
	if end == 0 {
		return 1
	}
	return end
}

func commentEnd(b []byte) int {
	n := bytes.Index(b[4:], []byte("-->"))
	if n < 0 {
		return 0
	}
	return 4 + n + 3
}

func tagEnd(b []byte, budget *int) int {
	i := 1
	if i < len(b) && (b[i] == '/' || b[i] == '!' || b[i] == '$') {
		i++
	}
	name := i
	for i < len(b) && isNameByte(b[i]) {
		i++
	}
	if i == name || i == len(b) || b[i] != '>' && b[i] != '/' && !isSpace(b[i]) {
		return 0
	}
	for i < len(b) && b[i] != '>' {
		if b[i] == '"' || b[i] == '\'' {
			n := bytes.IndexByte(b[i+1:], b[i])
			if n < 0 {
				*budget -= len(b)
				return 0
			}
			i += n + 1
		}
		i++
	}
	if i == len(b) {
		*budget -= len(b)
		return 0
	}
	return i + 1
}
