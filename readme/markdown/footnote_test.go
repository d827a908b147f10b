package markdown

import "testing"

func TestFootnoteDefinitions(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "stands at the end",
			source: "a[^1]\n\n[^1]: b\n\nc",
			want:   "<p>a<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup></p>\n\n<p>c</p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<p>b&#160;<a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "in the order of use",
			source: "a[^x] b[^y]\n\n[^y]: Y\n[^x]: X",
			want:   "<p>a<sup id=\"fnref:x\"><a href=\"#fn:x\" class=\"footnote-ref\">1</a></sup> b<sup id=\"fnref:y\"><a href=\"#fn:y\" class=\"footnote-ref\">2</a></sup></p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:x\">\n<p>X&#160;<a href=\"#fnref:x\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n<li id=\"fn:y\">\n<p>Y&#160;<a href=\"#fnref:y\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "used twice",
			source: "a[^1] b[^1]\n\n[^1]: c",
			want:   "<p>a<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup> b<sup id=\"fnref2:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup></p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<p>c&#160;<a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a> <a href=\"#fnref2:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "not used",
			source: "a\n\n[^1]: b",
			want:   "<p>a</p>",
		},
		{
			name:   "not defined",
			source: "a[^2]\n\n[^1]: b",
			want:   "<p>a[^2]</p>",
		},
		{
			name:   "more than one paragraph",
			source: "a[^1]\n\n[^1]: b\n\n    c\n\nd",
			want:   "<p>a<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup></p>\n\n<p>d</p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<p>b</p>\n\n<p>c&#160;<a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "a list at its end",
			source: "a[^1]\n\n[^1]:\n    * b\n    * c",
			want:   "<p>a<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup></p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n\n<p><a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "text in the next line",
			source: "a[^1]\n\n[^1]:\n    b\nc\n\nd",
			want:   "<p>a<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup></p>\n\n<p>d</p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<p>b\nc&#160;<a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "in another footnote",
			source: "a[^1]\n\n[^1]: b[^2]\n[^2]: c",
			want:   "<p>a<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup></p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<p>b<sup id=\"fnref:2\"><a href=\"#fn:2\" class=\"footnote-ref\">2</a></sup>&#160;<a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n<li id=\"fn:2\">\n<p>c&#160;<a href=\"#fnref:2\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "in itself",
			source: "a[^1]\n\n[^1]: b[^1]",
			want:   "<p>a<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup></p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<p>b[^1]&#160;<a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "the later one of two counts",
			source: "a[^1]\n\n[^1]: b\n[^1]: c",
			want:   "<p>a<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup></p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<p>c&#160;<a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "in a heading",
			source: "# a[^1]\n\n[^1]: b",
			want:   "<h1>a<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup></h1>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<p>b&#160;<a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
	})
}
