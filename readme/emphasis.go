package readme

import (
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// emphasisParser reads "*" and "_" by the rules of PHP Markdown Extra, which
// looks at white space where CommonMark looks at punctuation too:
// "**bold:**text" is bold.
type emphasisParser struct{}

// Trigger implements parser.InlineParser.
func (emphasisParser) Trigger() []byte { return []byte{'*', '_'} }

// Parse implements parser.InlineParser.
func (emphasisParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	node := parser.ScanDelimiter(line, before, 1, emphasisMarks{})
	if node == nil {
		return nil
	}
	if node.OriginalLength > 3 {
		block.Advance(node.OriginalLength)
		return ast.NewTextSegment(segment.WithStop(segment.Start + node.OriginalLength))
	}
	after := line[node.OriginalLength:]
	node.CanOpen = opensEmphasis(after)
	node.CanClose = !unicode.IsSpace(before)
	if node.Char == '_' {
		node.CanOpen = node.CanOpen && !isWord(before)
		node.CanClose = node.CanClose && (len(after) == 0 || !isWord(rune(after[0])))
	}
	node.Segment = segment.WithStop(segment.Start + node.OriginalLength)
	block.Advance(node.OriginalLength)
	pc.PushDelimiter(node)
	return node
}

// opensEmphasis reports whether emphasis may begin before this text: it must
// not start with white space, nor with a full stop or the like before one.
func opensEmphasis(after []byte) bool {
	if len(after) > 0 && (after[0] == '.' || after[0] == ',' || after[0] == ':' || after[0] == ';') {
		after = after[1:]
	}
	return len(after) > 0 && !util.IsSpace(after[0])
}

// isWord is PHP Markdown's idea of a word: ASCII only.
func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
}

// emphasisMarks pairs the marks.
type emphasisMarks struct{}

func (emphasisMarks) IsDelimiter(b byte) bool { return b == '*' || b == '_' }

func (emphasisMarks) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	// "__a_" is text: two marks do not pair with one.
	return opener.Char == closer.Char && opener.OriginalLength+closer.OriginalLength != 3
}

func (emphasisMarks) OnMatch(consumes int) ast.Node { return ast.NewEmphasis(consumes) }

// strongOutside makes "***x***" strong around emphasis, which CommonMark has
// the other way round.
type strongOutside struct{}

// Transform implements parser.ASTTransformer.
func (strongOutside) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		outer, ok := n.(*ast.Emphasis)
		if !ok || !entering || outer.Level != 1 || outer.ChildCount() != 1 {
			return ast.WalkContinue, nil
		}
		if inner, ok := outer.FirstChild().(*ast.Emphasis); ok && inner.Level == 2 && inner.Pos() == outer.Pos() {
			outer.Level, inner.Level = 2, 1
		}
		return ast.WalkContinue, nil
	})
}
