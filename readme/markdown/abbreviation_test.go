package markdown

import "testing"

func TestAbbreviationDefinitions(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "vanishes",
			source: "a\n\n*[HTML]: Hypertext\n\nb",
			want:   "<p>a</p>\n\n<p>b</p>",
		},
		{
			name:   "leaves a blank line",
			source: "a\n*[HTML]: Hypertext\nb",
			want:   "<p>a</p>\n\n<p>b</p>",
		},
		{
			name:   "needs a colon",
			source: "*[HTML] Hypertext",
			want:   "<p>*[HTML] Hypertext</p>",
		},
		{
			name:   "indented by four is text",
			source: "a\n    *[HTML]: Hypertext",
			want:   "<p>a\n    *[HTML]: Hypertext</p>",
		},
	})
}
