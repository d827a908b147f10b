package readme

import "testing"

func TestHTMLElement(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"ends at its end tag", "<div>*a*</div>\n*b*", "<div>*a*</div>\n<p><em>b</em></p>"},
		{"spans blank lines", "<ul>\n<li>*a*</li>\n\n<li>b</li>\n</ul>\nc", "<ul>\n<li>*a*</li>\n\n<li>b</li>\n</ul>\n<p>c</p>"},
		{"may be followed by text", "<h3>a</h3> *b*\nc", "<h3>a</h3>\n<p><em>b</em>\nc</p>"},
		{"may hold its like", "<div><div>a</div>\n\n*b*</div>\n*c*", "<div><div>a</div>\n\n*b*</div>\n<p><em>c</em></p>"},
		{"without an end is closed", "<div>a\n\n*b*", "<div>a\n<p><em>b</em></p>\n</div>"},
		{"within a line is Markdown's", "a <b>*c*</b>", "<p>a <strong><em>c</em></strong></p>"},
	})
}
