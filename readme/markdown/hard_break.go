package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
)

// appendText appends text[from:to], of which nothing was taken, to parent. The
// end of a line behind two blanks or more is a break.
func (s *spans) appendText(parent ast.Node, from, to int) {
	for i := from; i < to && s.st.inlines > 0; i++ {
		next := bytes.IndexByte(s.text[i:to], '\n')
		if next < 0 {
			break
		}
		i += next
		end := i
		for end > from && s.text[end-1] == ' ' {
			end--
		}
		if i-end < 2 {
			continue
		}
		if end > from {
			parent.AppendChild(parent, s.plain(s.text[from:end]))
		}
		parent.AppendChild(parent, s.raw([]byte("<br />\n")))
		s.st.inlines--
		from = i + 1
	}
	if from < to {
		parent.AppendChild(parent, s.plain(s.text[from:to]))
	}
}
