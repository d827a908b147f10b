package readme

import "testing"

func TestList(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"does not interrupt a paragraph", "text\n* a", "<p>text\n* a</p>"},
		{"nests by one space as by four", "* a\n * b\n    * c", "<ul>\n<li>a\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n</li>\n</ul>"},
		{"nests twice by five", "* a\n * b\n     * c", "<ul>\n<li>a\n<ul>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n</li>\n</ul>"},
		{"is one whatever its bullets", "* a\n+ b\n- c", "<ul>\n<li>a</li>\n<li>b</li>\n<li>c</li>\n</ul>"},
		{"of numbers starts after one of bullets", "* a\n1. b", "<ul>\n<li>a</li>\n</ul>\n<ol>\n<li>b</li>\n</ol>"},
		{"has no numbers with brackets", "1) a", "<p>1) a</p>"},
		{"has paragraphs beside blank lines only", "* a\n* b\n\n* c\n* d", "<ul>\n<li>a</li>\n<li>\n<p>b</p>\n</li>\n<li>\n<p>c</p>\n</li>\n<li>d</li>\n</ul>"},
		{"takes indented paragraphs in", "* a\n\n b", "<ul>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n</ul>"},
		{"ends at a paragraph", "* a\n\nb", "<ul>\n<li>a</li>\n</ul>\n<p>b</p>"},
		{"takes the lines below in", "* a\nb", "<ul>\n<li>a\nb</li>\n</ul>"},
		{"has no quotes in tight items", "* >5 columns", "<ul>\n<li>&gt;5 columns</li>\n</ul>"},
		{"is none if a rule", "* a\n\n* * *\n\nb", "<ul>\n<li>a</li>\n</ul>\n\n<p>b</p>"},
		{"is none without text", "*", "<p>*</p>"},
		{"may be indented as a whole", "  * a\n  * b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
	})
}
