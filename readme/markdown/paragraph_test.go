package markdown

import "testing"

func TestParagraphs(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "parted by blank lines",
			source: "a\nb\n\n\nc",
			want:   "<p>a\nb</p>\n\n<p>c</p>",
		},
		{
			name:   "a line of spaces is blank",
			source: "a\n   \nb",
			want:   "<p>a</p>\n\n<p>b</p>",
		},
		{
			name:   "white space around it",
			source: "  a  \n\n   b",
			want:   "<p>a</p>\n\n<p>b</p>",
		},
		{
			name:   "a comment is none",
			source: "<!-- a -->\n\nb <!-- c -->",
			want:   "<!-- a -->\n\n<p>b <!-- c --></p>",
		},
		{
			name:   "in HTML",
			source: "a <div>b</div> c",
			want:   "<p>a</p>\n\n<div>b</div>\n\n<p>c</p>",
		},
	})
}
