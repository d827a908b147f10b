package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// spanParser reads the text of a block at once. Goldmark asks it at the first
// byte of a block.
type spanParser struct{}

// Trigger implements parser.InlineParser: goldmark asks for ' ' at the start
// of a line that starts with a letter or a digit.
func (spanParser) Trigger() []byte {
	return []byte(" \t!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
}

// Parse implements parser.InlineParser. It leaves nothing of the block, so it
// is asked once.
func (spanParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	parent.RemoveChildren(parent) // goldmark takes a first line that is "\" for a break
	appendSpans(parent, parent.Lines(), block.Source(), stateOf(pc))
	for line, _ := block.PeekLine(); line != nil; line, _ = block.PeekLine() {
		block.AdvanceLine()
	}
	last := parent.LastChild()
	if last == nil {
		return ast.NewString(nil)
	}
	parent.RemoveChild(parent, last) // goldmark appends what is returned
	return last
}

// taken stands in spans.mask for every byte that a rule has taken. WordPress.org
// puts "X", a control character, a number and "X" in its place: to the rules
// that come later it is a letter on both sides, but no word and no label. The
// source holds none.
const taken = 0x1A

// spans are the spans of one block, found rule by rule. What a rule takes is
// opaque to all later rules, so their order is as much part of the dialect as
// the rules themselves. The buffers serve one block after the other.
type spans struct {
	st    *state
	text  []byte  // of the block
	mask  []byte  // text, as the next rule sees it
	atoms []atom  // what was taken, in the order in which it was
	at    []int32 // by offset in text: the index of the atom that starts there

	code     codeSpanIndex
	tags     tagIndex
	tails    tailIndex
	brackets bracketIndex
	label    []byte // buffer of definition
	ends     []int  // buffer of destination

	// Nodes and bytes that the tree has, up to their length, and room for
	// more of them.
	strings []ast.String
	memory  []byte
}

// atom is a node made of text up to end.
type atom struct {
	node ast.Node
	end  int
}

// appendSpans makes inline nodes of the lines of a block.
func appendSpans(parent ast.Node, lines *text.Segments, source []byte, st *state) {
	s := &st.spans
	s.st = st
	s.load(lines, source)
	seen := s.takeTokens()
	if seen&sawBracket != 0 {
		s.takeFootnotes()
		s.takeImages()
		s.takeLinks()
	}
	if seen&sawAngle != 0 {
		s.takeAutoLinks(0, len(s.text))
	}
	if seen&sawEmphasis != 0 {
		s.takeEmphasis(0, len(s.text), 0)
	}
	s.appendRange(parent, 0, len(s.text))
}

// load makes s ready for the text of lines, which is copied only where it is
// not of one piece in the source.
func (s *spans) load(lines *text.Segments, source []byte) {
	first, last := lines.At(0), lines.At(lines.Len()-1)
	size := 0
	for i := range lines.Len() {
		segment := lines.At(i)
		size += segment.Len()
	}
	if size == last.Stop-first.Start {
		s.text = source[first.Start:last.Stop]
	} else {
		start := len(s.memory)
		for i := range lines.Len() {
			segment := lines.At(i)
			s.memory = append(s.memory, source[segment.Start:segment.Stop]...)
		}
		s.text = s.memory[start:]
	}
	s.mask = append(s.mask[:0], s.text...)
	for i := indexFrom(s.mask, 0, taken); i < len(s.mask); i = indexFrom(s.mask, i, taken) {
		s.mask[i] = 'X' // prepare leaves none
	}
	if cap(s.at) < len(s.text) {
		s.at = make([]int32, max(len(s.text), 2*cap(s.at)))
	}
	s.atoms = s.atoms[:0]
	s.code, s.tags = codeSpanIndex{}, tagIndex{}
	if len(s.st.clean) > 0 {
		s.takeClean(lines)
	}
}

// takeClean takes the elements whose content is no Markdown wherever they
// stand, such as script.
func (s *spans) takeClean(lines *text.Segments) {
	offset := 0
	for i := range lines.Len() {
		segment := lines.At(i)
		for start := segment.Start; start < segment.Stop && s.st.inlines > 0; start++ {
			at := offset + start - segment.Start
			if at >= len(s.mask) || s.mask[at] != '<' {
				continue
			}
			if end, ok := s.st.clean[start]; ok {
				to := min(at+end-start, len(s.text))
				s.take(at, to, s.raw(s.text[at:to]))
			}
		}
		offset += segment.Len()
	}
}

// take puts node in the place of text[from:to].
func (s *spans) take(from, to int, node ast.Node) {
	s.st.inlines--
	s.at[from] = int32(len(s.atoms))
	s.atoms = append(s.atoms, atom{node: node, end: to})
	for i := from; i < to; i++ {
		s.mask[i] = taken
	}
}

// trim returns text[from:to] without the white space at its ends.
func (s *spans) trim(from, to int) (int, int) {
	for from < to && isTrimmed(s.mask[from]) {
		from++
	}
	for from < to && isTrimmed(s.mask[to-1]) {
		to--
	}
	return from, to
}

// appendRange appends to parent what text[from:to] has become: nodes where
// something was taken, text elsewhere.
func (s *spans) appendRange(parent ast.Node, from, to int) {
	for from < to {
		if s.mask[from] == taken {
			a := s.atoms[s.at[from]]
			parent.AppendChild(parent, a.node)
			from = a.end
			continue
		}
		end := to
		if i := bytes.IndexByte(s.mask[from:to], taken); i >= 0 {
			end = from + i
		}
		s.appendText(parent, from, end)
		from = end
	}
}

// plain returns a node for text.
func (s *spans) plain(value []byte) ast.Node {
	if len(s.strings) == cap(s.strings) {
		s.strings = make([]ast.String, 0, min(32, 4+2*cap(s.strings)))
	}
	s.strings = append(s.strings, ast.String{Value: value})
	return &s.strings[len(s.strings)-1]
}

// raw returns a node for HTML.
func (s *spans) raw(html []byte) ast.Node {
	node := ast.NewString(html)
	node.SetCode(true)
	return node
}

// keep appends what was appended to s.memory, a tag, and returns it.
func (s *spans) keep(memory []byte) []byte {
	start := len(s.memory)
	s.memory = memory
	return memory[start:len(memory):len(memory)]
}

// isTrimmed reports whether PHP's trim strips c.
func isTrimmed(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\v' || c == 0
}

// isAlphanumeric reports whether c is a letter or a digit of ASCII.
func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
