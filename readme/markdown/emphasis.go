package markdown

import "github.com/yuin/goldmark/ast"

// maxEmphasis is how deep emphasis may stand in emphasis. Each level takes at
// least one kind of closing mark away from the next, so that text reaches 8.
const maxEmphasis = 16

// emphasis is WordPress.org's machine: at most one em and one strong are open
// at a time, in the order of the stack, and what stands in them is looked at
// again once they are closed.
type emphasis struct {
	*spans
	from, to, depth int
	behind          int // the last mark; a mark is blind to what stands before it
	stack           []opening
	em, strong      byte // the mark that is open, 0 for none
	triple          bool // the last opening is of three marks
}

// opening is a run of marks that may open emphasis.
type opening struct{ start, size int }

// takeEmphasis takes the emphasis in text[from:to].
func (s *spans) takeEmphasis(from, to, depth int) {
	if depth == maxEmphasis {
		return
	}
	var room [4]opening
	e := emphasis{spans: s, from: from, to: to, depth: depth, behind: from, stack: room[:0]}
	mask := s.mask[:to]
	for i := from; i < to && s.st.inlines > 0; {
		if mask[i] != '*' && mask[i] != '_' {
			i++
			continue
		}
		size := repeats(mask[i:])
		if size <= 3 && e.isMark(i, size) {
			e.mark(i, size)
			e.behind = i + size
		}
		i += size
	}
}

// isMark reports whether the run at i opens or closes something as things
// stand.
func (e *emphasis) isMark(i, size int) bool {
	c := e.mask[i]
	open := byte(0)
	switch size {
	case 1:
		open = e.em
	case 2:
		open = e.strong
	default:
		if e.em != e.strong {
			return false
		}
		open = e.em
	}
	if open == 0 {
		return e.canOpen(i, size)
	}
	return open == c && e.canClose(i, size)
}

// canOpen reports whether the run at i may open emphasis: no white space
// follows, nor a mark of punctuation and white space; and "_" is not in a
// word.
func (e *emphasis) canOpen(i, size int) bool {
	if e.mask[i] == '_' && i > e.behind && isInWord(e.mask[i-1]) {
		return false
	}
	end := i + size
	if end < e.to && (e.mask[end] == '.' || e.mask[end] == ',' || e.mask[end] == ':' || e.mask[end] == ';') {
		end++
	}
	return end >= e.to || !isSpace(e.mask[end])
}

// canClose reports whether the run at i may close emphasis: no white space
// precedes; and "_" is not in a word.
func (e *emphasis) canClose(i, size int) bool {
	if i > e.behind && isSpace(e.mask[i-1]) {
		return false
	}
	return e.mask[i] != '_' || i+size >= e.to || !isInWord(e.mask[i+size])
}

// mark opens or closes what the run at i stands for.
func (e *emphasis) mark(i, size int) {
	c := e.mask[i]
	switch {
	case e.triple:
		e.closeTriple(i, size)
	case size == 3 && e.em != 0:
		e.closeBoth(i)
	case size == 3:
		e.em, e.strong, e.triple = c, c, true
		e.stack = append(e.stack, opening{i, size})
	case size == 2 && e.strong != 0:
		if e.top().size == 1 {
			e.pop() // an em that stays open, though nothing closes it
		}
		e.wrap(e.pop(), i, i+size, 2)
	case size == 2:
		e.strong = c
		e.stack = append(e.stack, opening{i, size})
	case e.em == 0:
		e.em = c
		e.stack = append(e.stack, opening{i, size})
	case e.top().size == 1:
		e.wrap(e.pop(), i, i+size, 1)
	}
}

// closeTriple closes, at the run at i, what three marks have opened: all of
// it, or one part, and the other stays open.
func (e *emphasis) closeTriple(i, size int) {
	e.triple = false
	top := e.pop()
	if size == 3 {
		e.again(top.start+3, i)
		em := ast.NewEmphasis(1)
		e.appendRange(em, top.start+3, i)
		strong := ast.NewEmphasis(2)
		strong.AppendChild(strong, em)
		e.take(top.start, i+3, strong)
		e.em, e.strong = 0, 0
		return
	}
	rest := opening{top.start, 3 - size}
	e.wrap(opening{top.start + rest.size, size}, i, i+size, size)
	e.stack = append(e.stack, rest)
}

// closeBoth closes, with the three marks at i, the last two openings. Where
// only one is left all the text becomes emphasis.
func (e *emphasis) closeBoth(i int) {
	inner := e.pop()
	outer := e.pop()
	level := inner.level()
	e.wrap(inner, i, i+level, level)
	e.wrap(outer, i+level, i+3, outer.level())
}

// level returns 2 for strong, 1 for em.
func (o opening) level() int {
	if o.size == 2 {
		return 2
	}
	return 1
}

// wrap makes emphasis of what stands between o and i, for text up to end.
func (e *emphasis) wrap(o opening, i, end, level int) {
	e.again(o.start+o.size, i)
	node := ast.NewEmphasis(level)
	e.appendRange(node, o.start+o.size, i)
	e.take(o.start, end, node)
	if level == 2 {
		e.strong = 0
	} else {
		e.em = 0
	}
}

// again looks for emphasis in text[from:to], now that it is by itself.
func (e *emphasis) again(from, to int) { e.takeEmphasis(from, to, e.depth+1) }

// top returns the last opening, an empty one at the start of the text if there
// is none.
func (e *emphasis) top() opening {
	if len(e.stack) == 0 {
		return opening{start: e.from}
	}
	return e.stack[len(e.stack)-1]
}

// pop returns the last opening and closes it.
func (e *emphasis) pop() opening {
	top := e.top()
	e.stack = e.stack[:max(0, len(e.stack)-1)]
	return top
}

// isInWord reports whether c is part of a word to the rules for "_".
func isInWord(c byte) bool { return isAlphanumeric(c) || c == '_' || c == taken }
