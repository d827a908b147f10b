package installer

import "strings"

// pattern is one line of a .distignore, see [parsePatterns].
type pattern struct {
	negated    bool // "!": what matches is kept after all
	folderOnly bool // "/" at the end: matches folders alone
	baseOnly   bool // no other "/": matches the last element at any depth
	// literal is what the text must begin with, up to the first special
	// character; the rest is matched by one of whole, suffix and steps.
	literal string
	whole   bool // there is no rest
	ends    bool // the rest is one "*" and the literal suffix
	suffix  string
	steps   []step
	never   bool // malformed, matches nothing
}

// step is one state of a pattern's matcher. Matching walks over the text once
// and keeps the set of steps that could come next, so that it takes at most
// len(steps) times len(text) moves whatever the pattern.
type step struct {
	op    stepOp
	char  byte
	class *[256]bool
}

type stepOp uint8

const (
	opChar      stepOp = iota // this byte
	opAny                     // one byte but "/"
	opClass                   // one byte of the class but "/"
	opStar                    // any bytes but "/"
	opDeep                    // any bytes
	opMaybeDeep               // nothing at all, or the next two steps: opDeep, "/"
)

// parsePatterns reads a .distignore. Its format is gitignore(5), as git itself
// reads it, down to the cases that its manual is silent about:
//
//   - A line that begins with "#" is a comment, one that begins with "!" keeps
//     what an earlier line left out; "\#" and "\!" stand for themselves.
//   - Spaces at a line's end do not count unless escaped ("\ "); a carriage
//     return before the line's end and a byte order mark at the start neither.
//     Spaces at a line's start and tabs do.
//   - A "/" at the start or within the pattern anchors it to the folder of the
//     .distignore, one at the end makes it match folders alone.
//   - "*", "?" and "[…]" do not match "/"; "**" between slashes, or between one
//     and an end, matches any folders; elsewhere it is "*".
//   - Classes know ranges, "!" or "^" for all others, escapes, and POSIX names
//     such as [:digit:]. They match bytes, like "?".
//   - An unfinished class, an unknown POSIX name or a "\" at the end matches
//     nothing.
func parsePatterns(text string) []pattern {
	text = strings.TrimPrefix(text, "\ufeff")
	var patterns []pattern
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		// Git's lines are C strings.
		line, _, _ = strings.Cut(line, "\x00")
		if line == "" || line[0] == '#' {
			continue
		}
		if line = trimSpaces(line); line != "" {
			patterns = append(patterns, parsePattern(line))
		}
	}
	return patterns
}

// trimSpaces cuts the spaces at a line's end that are not escaped.
func trimSpaces(line string) string {
	end := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			continue
		case '\\':
			if i++; i == len(line) {
				return line
			}
		}
		end = i + 1
	}
	return line[:end]
}

func parsePattern(s string) (p pattern) {
	if s, p.negated = strings.CutPrefix(s, "!"); s == "" {
		p.never = true
		return p
	}
	if s, p.folderOnly = strings.CutSuffix(s, "/"); s == "" {
		p.never = true
		return p
	}
	p.baseOnly = strings.IndexByte(s, '/') < 0
	s = strings.TrimPrefix(s, "/")
	special := strings.IndexAny(s, `*?[\`)
	if special < 0 {
		p.literal, p.whole = s, true
		return p
	}
	p.literal, s = s[:special], s[special:]
	if p.baseOnly && s[0] == '*' && !strings.ContainsAny(s[1:], `*?[\`) {
		p.ends, p.suffix = true, s[1:]
		return p
	}
	p.steps, p.never = compile(s)
	return p
}

// compile turns what follows a pattern's literal start into steps.
func compile(s string) (steps []step, never bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i == len(s) {
				return nil, true
			}
			steps = append(steps, step{op: opChar, char: s[i]})
		case '?':
			steps = append(steps, step{op: opAny})
		case '[':
			class, n := parseClass(s[i:])
			if n == 0 {
				return nil, true
			}
			steps = append(steps, step{op: opClass, class: class})
			i += n - 1
		case '*':
			first := i
			for i+1 < len(s) && s[i+1] == '*' {
				i++
			}
			rest := s[i+1:]
			switch {
			case i == first, first > 0 && s[first-1] != '/',
				rest != "" && rest[0] != '/' && !strings.HasPrefix(rest, `\/`):
				steps = append(steps, step{op: opStar})
			case strings.HasPrefix(rest, "/"):
				steps = append(steps, step{op: opMaybeDeep}, step{op: opDeep}, step{op: opChar, char: '/'})
				i++
			default:
				steps = append(steps, step{op: opDeep})
			}
		default:
			steps = append(steps, step{op: opChar, char: s[i]})
		}
	}
	return steps, false
}

// parseClass reads the bracket expression at the start of s and says how long
// it is; 0 if it is malformed.
func parseClass(s string) (class *[256]bool, n int) {
	class = new([256]bool)
	i := 1
	negated := i < len(s) && (s[i] == '!' || s[i] == '^')
	if negated {
		i++
	}
	// low is what a range may begin with, -1 where none can.
	for low, first := -1, true; ; first = false {
		if i >= len(s) {
			return nil, 0
		}
		c := s[i]
		switch {
		case c == ']' && !first:
			if negated {
				for b := range class {
					class[b] = !class[b]
				}
			}
			class['/'] = false
			return class, i + 1
		case c == '-' && low >= 0 && i+1 < len(s) && s[i+1] != ']':
			i++
			if s[i] == '\\' {
				if i++; i == len(s) {
					return nil, 0
				}
			}
			for b := low; b <= int(s[i]); b++ {
				class[b] = true
			}
			low = -1
		case c == '[' && i+1 < len(s) && s[i+1] == ':':
			size, ok := addPosixClass(class, s[i:])
			if !ok {
				return nil, 0
			}
			if size == 0 {
				class['['], low = true, '['
				break
			}
			i += size - 1
			low = -1
		case c == '\\':
			if i++; i == len(s) {
				return nil, 0
			}
			c = s[i]
			fallthrough
		default:
			class[c], low = true, int(c)
		}
		i++
	}
}

// addPosixClass adds the class that "[:name:]" at the start of s names, and
// says how long that is: 0 if it is none, and only a bracket. It is not ok if
// it has no end or POSIX has no such class.
func addPosixClass(class *[256]bool, s string) (size int, ok bool) {
	end := strings.IndexByte(s[2:], ']')
	if end < 0 {
		return 0, false
	}
	name, isName := strings.CutSuffix(s[2:2+end], ":")
	if !isName {
		return 0, true
	}
	member := posixClass(name)
	if member == nil {
		return 0, false
	}
	for b := range 128 {
		class[b] = class[b] || member(byte(b))
	}
	return 2 + end + 1, true
}

// posixClass is the ASCII part of the class that POSIX gives this name, nil if
// there is none.
func posixClass(name string) func(c byte) bool {
	in := func(lo, hi byte) func(byte) bool { return func(c byte) bool { return lo <= c && c <= hi } }
	lower, upper, digit := in('a', 'z'), in('A', 'Z'), in('0', '9')
	graph := in('!', '~')
	switch name {
	case "alnum":
		return func(c byte) bool { return lower(c) || upper(c) || digit(c) }
	case "alpha":
		return func(c byte) bool { return lower(c) || upper(c) }
	case "blank":
		return func(c byte) bool { return c == ' ' || c == '\t' }
	case "cntrl":
		return func(c byte) bool { return c < ' ' || c == 127 }
	case "digit":
		return digit
	case "graph":
		return graph
	case "lower":
		return lower
	case "print":
		return in(' ', '~')
	case "punct":
		return func(c byte) bool { return graph(c) && !lower(c) && !upper(c) && !digit(c) }
	case "space":
		return func(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
	case "upper":
		return upper
	case "xdigit":
		return func(c byte) bool { return digit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
	}
	return nil
}

// matcher matches patterns and counts the work. The zero value is ready.
type matcher struct {
	work      int64 // moves so far
	now, next []int
	seen      []int // by step: the turn in which it was added last
	turn      int
}

// matches reports whether the pattern matches a path, relative to the folder
// of its .distignore.
func (m *matcher) matches(p *pattern, path string, folder bool) bool {
	m.work++
	if p.never || p.folderOnly && !folder {
		return false
	}
	if p.baseOnly {
		path = path[strings.LastIndexByte(path, '/')+1:]
	}
	rest, ok := strings.CutPrefix(path, p.literal)
	switch {
	case !ok:
		return false
	case p.whole:
		return rest == ""
	case p.ends:
		return strings.HasSuffix(rest, p.suffix)
	}
	return m.run(p.steps, rest)
}

// run reports whether the steps match the whole text.
func (m *matcher) run(steps []step, text string) bool {
	if len(m.seen) <= len(steps) {
		m.seen = make([]int, len(steps)+1)
		m.turn = 0
	}
	m.turn++
	m.now = m.add(m.now[:0], steps, 0)
	for i := range len(text) {
		if len(m.now) == 0 {
			return false
		}
		m.work += int64(len(m.now))
		m.turn++
		c := text[i]
		m.next = m.next[:0]
		for _, at := range m.now {
			if at == len(steps) {
				continue
			}
			switch s := &steps[at]; {
			case s.op == opStar && c != '/', s.op == opDeep:
				m.next = m.add(m.next, steps, at)
			case s.op == opChar && c == s.char,
				s.op == opAny && c != '/',
				s.op == opClass && s.class[c]:
				m.next = m.add(m.next, steps, at+1)
			}
		}
		m.now, m.next = m.next, m.now
	}
	for _, at := range m.now {
		if at == len(steps) {
			return true
		}
	}
	return false
}

// add puts a step into the set, and those that can follow it without a byte.
func (m *matcher) add(set []int, steps []step, at int) []int {
	for m.seen[at] != m.turn {
		m.seen[at] = m.turn
		set = append(set, at)
		if at == len(steps) {
			break
		}
		switch steps[at].op {
		case opMaybeDeep:
			set = m.add(set, steps, at+3)
			at++
		case opStar, opDeep:
			at++
		default:
			return set
		}
	}
	return set
}
