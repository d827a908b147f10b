package markdown

import "testing"

func TestQuotes(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "lines with and without the mark",
			source: "> a\nb\n> c",
			want:   "<blockquote>\n  <p>a\n  b\n  c</p>\n</blockquote>",
		},
		{
			name:   "a blank line between two of them",
			source: "> a\n\n> b\n\nc",
			want:   "<blockquote>\n  <p>a</p>\n  \n  <p>b</p>\n</blockquote>\n\n<p>c</p>",
		},
		{
			name:   "indented as you like",
			source: "      > a\n   >b",
			want:   "<blockquote>\n  <p>a\n  b</p>\n</blockquote>",
		},
		{
			name:   "quotes in quotes",
			source: "> a\n> > b\n> c",
			want:   "<blockquote>\n  <p>a</p>\n  \n  <blockquote>\n    <p>b\n    c</p>\n  </blockquote>\n</blockquote>",
		},
		{
			name:   "blocks in quotes",
			source: "> # a\n>\n> * b\n> * c\n>\n>     d",
			want:   "<blockquote>\n  <h1>a</h1>\n  \n  <ul>\n  <li>b</li>\n  <li><p>c</p>\n  \n  <p>d</p></li>\n  </ul>\n</blockquote>",
		},
		{
			name:   "a mark alone is text",
			source: ">\n\n>\na",
			want:   "<p>></p>\n\n<p>>\na</p>",
		},
		{
			name:   "in the middle of a paragraph",
			source: "a\n> b",
			want:   "<p>a</p>\n\n<blockquote>\n  <p>b</p>\n</blockquote>",
		},
		{
			name:   "a tight item has none",
			source: "* a\n> b\n* > c",
			want:   "<ul>\n<li>a\n> b</li>\n<li>> c</li>\n</ul>",
		},
		{
			name:   "a break at the start",
			source: ">   \na",
			want:   "<blockquote>\n  <p><br />\n  a</p>\n</blockquote>",
		},
	})
}
