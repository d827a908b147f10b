package markdown

import (
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// nodes is how many nodes the tree of a text has.
func nodes(source string) (count int) {
	src, st := prepare(source, 0), newState(source, 0)
	pc := parser.NewContext()
	pc.Set(stateKey, st)
	tree := wordPress().Parser().Parse(text.NewReader(src), parser.WithContext(pc))
	_ = ast.Walk(tree, func(_ ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			count++
		}
		return ast.WalkContinue, nil
	})
	return count
}

func TestNodesStayInRoom(t *testing.T) {
	const size = 128 << 10
	shapes := worstShapes()
	for _, repeat := range []string{
		"<p>", "<hr>", "<hr>a", "<div>", "<div>a</div>", "<p markdown=1>a</p>\n", "<b>a", "<??>",
		"-|-\n", "#a\n", "= a =\n", ">a\n\n", "a\n\n", "a  \n", "1. a\n", "a\n\n: b\n\n",
		"\\*", "*a*", "`a` ", "[](a)", "![](a)", "<a@b.cc>",
	} {
		shapes[repeat] = shape{"", repeat}
	}
	shapes["words of abbreviations"] = shape{"*[a]: b\n\n", "a "}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			// A node of either kind has at most one of text beside it.
			const most = 4 * (size/bytesPerNode + nodesFloor)
			if n := nodes(shape.text(size)); n > most {
				t.Errorf("%d nodes, more than %d", n, most)
			}
		})
	}
}

func TestTextBeyondTheRoomStays(t *testing.T) {
	for _, repeat := range []string{"* a\n", "a\n\n", "# a\n", "*a* ", "a|b\n-|-\n", "> a\n\n", "a\n: a\n", "1. a\n"} {
		const count = 64 << 10
		out := string(WordPress(strings.Repeat(repeat, count), 0))
		for _, tag := range []string{"table", "thead", "tbody", "strong", "blockquote"} {
			out = strings.ReplaceAll(out, tag, "")
		}
		if got, want := strings.Count(out, "a"), strings.Count(repeat, "a")*count; got != want {
			t.Errorf("%q: %d letters of %d are left", repeat, got, want)
		}
	}
}
