package markdown

import "testing"

func TestFootnoteReference(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "a reference to a footnote has a number in the order of use",
			source: "x[^b] y[^a] z[^b]\n\n[^a]: One.\n\n[^b]: Two.",
			want:   "<p>x<sup id=\"fnref:b\"><a href=\"#fn:b\" class=\"footnote-ref\">1</a></sup> y<sup id=\"fnref:a\"><a href=\"#fn:a\" class=\"footnote-ref\">2</a></sup> z<sup id=\"fnref2:b\"><a href=\"#fn:b\" class=\"footnote-ref\">1</a></sup></p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:b\">\n<p>Two.&#160;<a href=\"#fnref:b\" class=\"footnote-backref\">&#8617;&#xFE0E;</a> <a href=\"#fnref2:b\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n<li id=\"fn:a\">\n<p>One.&#160;<a href=\"#fnref:a\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
		{
			name:   "a reference to a footnote without a footnote is text",
			source: "x[^b] *y* [^a_b_c] [^*z*]",
			want:   "<p>x[^b] <em>y</em> [^a_b_c] [^<em>z</em>]</p>",
		},
		{
			name:   "a reference to a footnote without a footnote is no link",
			source: "x [^b](c) [a][^b]\n\n[a]: http://a.example/?q=1&r=2\n[B]: <http://b.example> \"A \"title\" & more\"\n[two words]: /two",
			want:   `<p>x [^b](c) <a href="http://a.example/?q=1&amp;r=2">a</a>[^b]</p>`,
		},
		{
			name:   "a reference to a footnote ends on its line",
			source: "x [^b\nc] *y*",
			want:   "<p>x [^b\nc] <em>y</em></p>",
		},
		{
			name:   "a reference to a footnote needs a label",
			source: "x [^] [^]]",
			want:   "<p>x [^] [^]]</p>",
		},
		{
			name:   "a reference to a footnote is taken before emphasis",
			source: "x[^1]_y_\n\n[^1]: One.",
			want:   "<p>x<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\">1</a></sup><em>y</em></p>\n\n<div class=\"footnotes\">\n<hr />\n<ol>\n\n<li id=\"fn:1\">\n<p>One.&#160;<a href=\"#fnref:1\" class=\"footnote-backref\">&#8617;&#xFE0E;</a></p>\n</li>\n\n</ol>\n</div>",
		},
	})
}
