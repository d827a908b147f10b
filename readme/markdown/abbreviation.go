package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxAbbreviations is how many words may be defined. All of them are looked
// for at every word of the text.
const maxAbbreviations = 64

// abbreviation is a definition, "*[word]: text".
type abbreviation struct{ word, text []byte }

// takeAbbreviations takes out the definitions of abbreviations,
// "*[word]: what it stands for".
func takeAbbreviations(lines []line, source []byte, st *state) []line {
	e := edit{in: lines}
	for i, l := range lines {
		b := l.text(source)
		n := spaces(b)
		if n > 3 || !bytes.HasPrefix(b[n:], []byte("*[")) {
			continue
		}
		word, rest, ok := cutLabel(b[n+2:])
		if !ok {
			continue
		}
		st.abbreviate(abbreviation{word, bytes.Trim(rest, white)})
		e.replace(i, i+1, blankLine(source))
	}
	return e.lines()
}

// abbreviate keeps a definition. Of two of a word the later one counts.
func (st *state) abbreviate(a abbreviation) {
	for i, other := range st.abbreviations {
		if bytes.Equal(other.word, a.word) {
			st.abbreviations[i] = a
			return
		}
	}
	if len(st.abbreviations) < maxAbbreviations {
		st.abbreviations = append(st.abbreviations, a)
	}
}

// abbreviationMarks marks the abbreviations in the text.
type abbreviationMarks struct{}

// Transform implements parser.ASTTransformer.
func (abbreviationMarks) Transform(document *ast.Document, _ text.Reader, pc parser.Context) {
	st := stateOf(pc)
	if len(st.abbreviations) == 0 {
		return
	}
	var found []*ast.String
	// The function has no errors.
	_ = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if s, ok := n.(*ast.String); ok && entering && !s.IsCode() {
			found = append(found, s)
		}
		return ast.WalkContinue, nil
	})
	for _, s := range found {
		st.mark(s)
	}
}

// mark parts a text at its abbreviations. A span beside it is part of a word.
func (st *state) mark(s *ast.String) {
	parent, b, start := s.Parent(), s.Value, 0
	for i := 0; i < len(b); i++ {
		if i == 0 && s.PreviousSibling() != nil || i > 0 && isWord(b[i-1]) {
			continue
		}
		a := st.abbreviationAt(b[i:], s.NextSibling() != nil)
		if a == nil || st.inlines <= 0 || !st.expand(len(a.text)) {
			continue
		}
		st.inlines--
		parent.InsertBefore(parent, s, ast.NewString(b[start:i]))
		parent.InsertBefore(parent, s, a.node())
		start = i + len(a.word)
		i = start - 1
	}
	if start > 0 {
		parent.ReplaceChild(parent, s, ast.NewString(b[start:]))
	}
}

// abbreviationAt is the first definition of those whose word b starts with.
func (st *state) abbreviationAt(b []byte, goesOn bool) *abbreviation {
	for i := range st.abbreviations {
		a := &st.abbreviations[i]
		if !bytes.HasPrefix(b, a.word) {
			continue
		}
		if n := len(a.word); n < len(b) && !isWord(b[n]) || n == len(b) && !goesOn {
			return a
		}
	}
	return nil
}

// node is an abbreviation in the text.
func (a *abbreviation) node() ast.Node {
	var out buffer
	out.WriteString("<abbr")
	if len(a.text) > 0 {
		out.WriteString(` title="`)
		out.Write(appendAttribute(nil, a.text))
		out.WriteByte('"')
	}
	out.WriteByte('>')
	writePlain(&out, a.word)
	out.WriteString("</abbr>")
	node := ast.NewString(out.Bytes())
	node.SetCode(true)
	return node
}

// cutLabel parts b at the first "]:" or "] :" that has a label before it.
func cutLabel(b []byte) (label, rest []byte, ok bool) {
	for i := 1; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], ']')
		if n < 0 {
			break
		}
		i += n
		if n := colon(b[i+1:]); n > 0 {
			return b[:i], b[i+1+n:], true
		}
	}
	return nil, b, false
}

// colon is the length of ":" or " :" at the start of b.
func colon(b []byte) int {
	switch {
	case len(b) > 0 && b[0] == ':':
		return 1
	case len(b) > 1 && b[0] == ' ' && b[1] == ':':
		return 2
	}
	return 0
}
