package markdown

import "testing"

func TestLists(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "all bullets are the same",
			source: "* a\n+ b\n- c",
			want:   "<ul>\n<li>a</li>\n<li>b</li>\n<li>c</li>\n</ul>",
		},
		{
			name:   "numbers",
			source: "1. a\n2. b",
			want:   "<ol>\n<li>a</li>\n<li>b</li>\n</ol>",
		},
		{
			name:   "numbers from another one on",
			source: "7. a\n1. b",
			want:   "<ol start=\"7\">\n<li>a</li>\n<li>b</li>\n</ol>",
		},
		{
			name:   "a number with zeros",
			source: "007. a\n\n0. b",
			want:   "<ol start=\"007\">\n<li><p>a</p></li>\n<li><p>b</p></li>\n</ol>",
		},
		{
			name:   "a very long number",
			source: "123456789012. a\n\n123456789013. b",
			want:   "<ol start=\"123456789012\">\n<li><pre><code>      a\n</code></pre></li>\n<li><pre><code>      b\n</code></pre></li>\n</ol>",
		},
		{
			name:   "a parenthesis makes no item",
			source: "1) a\n2) b",
			want:   "<p>1) a\n2) b</p>",
		},
		{
			name:   "below a paragraph is text",
			source: "a\n* b\n* c",
			want:   "<p>a\n* b\n* c</p>",
		},
		{
			name:   "a line below an item belongs to it",
			source: "* a\nb\n* c",
			want:   "<ul>\n<li>a\nb</li>\n<li>c</li>\n</ul>",
		},
		{
			name:   "numbers below bullets are another list",
			source: "* a\n1. b\n* c",
			want:   "<ul>\n<li>a</li>\n</ul>\n\n<ol>\n<li>b</li>\n</ol>\n\n<p>* c</p>",
		},
		{
			name:   "numbers with another indent belong to the item",
			source: "* a\n  1. b\n  2. c\n* d",
			want:   "<ul>\n<li>a\n\n<ol>\n<li>b</li>\n<li>c</li>\n</ol></li>\n<li>d</li>\n</ul>",
		},
		{
			name:   "indents of one, two and four are one level",
			source: "* a\n * b\n  * c\n    * d",
			want:   "<ul>\n<li>a\n\n<ul>\n<li>b</li>\n<li>c</li>\n<li>d</li>\n</ul></li>\n</ul>",
		},
		{
			name:   "an indent of eight is two levels",
			source: "* a\n    * b\n        * c\n* d",
			want:   "<ul>\n<li>a\n\n<ul>\n<li>b\n\n<ul>\n<li>c</li>\n</ul></li>\n</ul></li>\n<li>d</li>\n</ul>",
		},
		{
			name:   "less indent than the first item",
			source: "  * a\n* b",
			want:   "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
		},
		{
			name:   "a blank line makes the items beside it loose",
			source: "* a\n* b\n\n* c\n* d",
			want:   "<ul>\n<li>a</li>\n<li><p>b</p></li>\n<li><p>c</p></li>\n<li>d</li>\n</ul>",
		},
		{
			name:   "a blank line within an item",
			source: "* a\n\n  b\n* c",
			want:   "<ul>\n<li><p>a</p>\n\n<p>b</p></li>\n<li>c</li>\n</ul>",
		},
		{
			name:   "a nested list behind a blank line",
			source: "* a\n\n    * b\n    * c\n* d",
			want:   "<ul>\n<li><p>a</p>\n\n<ul>\n<li>b</li>\n<li>c</li>\n</ul></li>\n<li>d</li>\n</ul>",
		},
		{
			name:   "text behind a nested list",
			source: "* a\n    * b\n\n  c",
			want:   "<ul>\n<li><p>a</p>\n\n<ul>\n<li>b</li>\n</ul>\n\n<p>c</p></li>\n</ul>",
		},
		{
			name:   "two items in a line",
			source: "* * a\n* 1. b",
			want:   "<ul>\n<li>\n<ul>\n<li>a</li>\n</ul></li>\n<li>\n<ol>\n<li>b</li>\n</ol></li>\n</ul>",
		},
		{
			name:   "an empty item",
			source: "* a\n*\n* b",
			want:   "<ul>\n<li>a</li>\n<li></li>\n<li>b</li>\n</ul>",
		},
		{
			name:   "an empty first item",
			source: "*\n* a",
			want:   "<p>*\n* a</p>",
		},
		{
			name:   "an empty first item and a space",
			source: "* \n* a",
			want:   "<ul>\n<li></li>\n<li>a</li>\n</ul>",
		},
		{
			name:   "an empty item and a paragraph",
			source: "* \n\na",
			want:   "<ul>\n<li><p>a</p></li>\n</ul>",
		},
		{
			name:   "an empty item, two blank lines and a paragraph",
			source: "* \n\n\na",
			want:   "<ul>\n<li></li>\n</ul>\n\n<p>a</p>",
		},
		{
			name:   "ends before a paragraph",
			source: "* a\n\nb",
			want:   "<ul>\n<li>a</li>\n</ul>\n\n<p>b</p>",
		},
		{
			name:   "goes on with an indented paragraph",
			source: "* a\n\n  b\n\nc",
			want:   "<ul>\n<li><p>a</p>\n\n<p>b</p></li>\n</ul>\n\n<p>c</p>",
		},
		{
			name:   "ends before a block of HTML",
			source: "* a\n\n<div>b</div>\n\n* c",
			want:   "<ul>\n<li>a</li>\n</ul>\n\n<div>b</div>\n\n<ul>\n<li>c</li>\n</ul>",
		},
		{
			name:   "code in an item",
			source: "* a\n\n        code\n\n* b",
			want:   "<ul>\n<li><p>a</p>\n\n<pre><code>code\n</code></pre></li>\n<li><p>b</p></li>\n</ul>",
		},
		{
			name:   "code in the first line of an item",
			source: "*       code\n\n* b",
			want:   "<ul>\n<li><pre><code>code\n</code></pre></li>\n<li><p>b</p></li>\n</ul>",
		},
		{
			name:   "a heading in an item",
			source: "* # a\n\n  b\n* # c",
			want:   "<ul>\n<li><h1>a</h1>\n\n<p>b</p></li>\n<li># c</li>\n</ul>",
		},
		{
			name:   "a quote in an item",
			source: "* a\n\n  > b\n\n* c",
			want:   "<ul>\n<li><p>a</p>\n\n<blockquote>\n  <p>b</p>\n</blockquote></li>\n<li><p>c</p></li>\n</ul>",
		},
		{
			name:   "a break before a nested list",
			source: "* a  \n    * b",
			want:   "<ul>\n<li>a<br />\n\n<ul>\n<li>b</li>\n</ul></li>\n</ul>",
		},
		{
			name:   "a list in a paragraph of an item",
			source: "* a\n\n    b\n    * c",
			want:   "<ul>\n<li><p>a</p>\n\n<p>b</p>\n\n<ul>\n<li>c</li>\n</ul></li>\n</ul>",
		},
		{
			name:   "spaces behind the marker",
			source: "*   a\n*       b",
			want:   "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
		},
	})
}
