package readme

import (
	"strings"

	"github.com/yuin/goldmark/ast"
)

// captions are the items of the lists in a screenshots section, as Markdown.
// Their numbers do not count, only their order: "7. x" as the fourth item is
// the fourth screenshot. Lists of any kind count, nested ones do not.
func captions(markdown string) []string {
	src := source(markdown)
	var out []string
	_ = ast.Walk(parse(wordPressMarkdown(), src), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || n.Kind() != ast.KindListItem {
			return ast.WalkContinue, nil
		}
		var caption []string
		for child := n.FirstChild(); child != nil && child.Kind() != ast.KindList; child = child.NextSibling() {
			if lines := child.Lines(); lines != nil {
				caption = append(caption, strings.TrimSpace(string(lines.Value(src))))
			}
		}
		out = append(out, strings.Join(caption, "\n\n"))
		return ast.WalkSkipChildren, nil
	})
	return out
}
