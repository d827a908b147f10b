package markdown

import (
	"strings"
	"testing"
)

// spanCase is a text and what WordPress.org makes of it before it filters it,
// but for characters that it writes as numbers: those it writes for escapes
// and e-mail addresses stand here as they are.
type spanCase struct{ name, source, want string }

func checkSpans(t *testing.T, cases []spanCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := oneBreak(string(WordPress(c.source, 0))); got != oneBreak(c.want) {
				t.Errorf("%q\ngot  %q\nwant %q", c.source, got, c.want)
			}
		})
	}
}

// oneBreak leaves out blank lines, which stand between blocks, and the two
// numbers that we write as well.
func oneBreak(html string) string {
	html = strings.NewReplacer("&#62;", ">", "&#38;", "&amp;").Replace(html)
	for strings.Contains(html, "\n\n") {
		html = strings.ReplaceAll(html, "\n\n", "\n")
	}
	return html
}
