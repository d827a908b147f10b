package markdown

import "testing"

func TestRules(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "three signs",
			source: "---\n***\n___",
			want:   "<hr />\n\n<hr />\n\n<hr />",
		},
		{
			name:   "spaces between the signs",
			source: "- - -\n*  *  *\n   _ _ _ _  ",
			want:   "<hr />\n\n<hr />\n\n<hr />",
		},
		{
			name:   "too many spaces between them",
			source: "-   -   -",
			want:   "<ul>\n<li>\n<ul>\n<li>-</li>\n</ul></li>\n</ul>",
		},
		{
			name:   "too few signs",
			source: "--\n\n**",
			want:   "<p>--</p>\n\n<p>**</p>",
		},
		{
			name:   "in the middle of a paragraph",
			source: "a\n***\nb",
			want:   "<p>a</p>\n\n<hr />\n\n<p>b</p>",
		},
		{
			name:   "in a list",
			source: "* a\n* * *\n* b",
			want:   "<ul>\n<li>a</li>\n</ul>\n\n<hr />\n\n<ul>\n<li>b</li>\n</ul>",
		},
		{
			name:   "indented by four",
			source: "a\n    ***",
			want:   "<p>a\n    ***</p>",
		},
	})
}
