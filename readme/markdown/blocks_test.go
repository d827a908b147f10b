package markdown

import (
	"regexp"
	"strings"
	"testing"
)

// blockCase is a text and what WordPress.org makes of it before it filters it.
type blockCase struct{ name, source, want string }

// checkBlocks compares what a browser would: white space beside the tags of
// blocks counts as little as the way in which a character is written.
func checkBlocks(t *testing.T, cases []blockCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := string(WordPress(c.source, 0))
			if bare(got) != bare(c.want) {
				t.Errorf("%q\ngot  %q\nwant %q", c.source, got, c.want)
			}
		})
	}
}

var (
	besideBlock = regexp.MustCompile(`\s*(</?(?:p|ul|ol|li|h[1-6]|blockquote|dl|dt|dd|` +
		`table|thead|tbody|tr|th|td|hr|br|pre|div)\b[^>]*>)\s*`)
	lineStart = regexp.MustCompile(`\n +`)
	written   = strings.NewReplacer("&gt;", ">", "&quot;", `"`, "&#45;", "-", "&#124;", "|")
)

func bare(html string) string {
	return written.Replace(lineStart.ReplaceAllString(besideBlock.ReplaceAllString(html, "$1"), "\n"))
}
