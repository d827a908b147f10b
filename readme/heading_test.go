package readme

import "testing"

func TestEqualsHeading(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"is of level four", "= Usage =\ntext", "<h4>Usage</h4>\n<p>text</p>"},
		{"ends a paragraph", "text\n= Usage =\nmore", "<p>text</p>\n<h4>Usage</h4>\n<p>more</p>"},
		{"needs a space inside", "=Usage=", "<p>=Usage=</p>"},
		{"has no Markdown in its title", "= *a* =", "<h4>*a*</h4>"},
		{"leaves what follows to a paragraph", "= 1.0 = first *release*\nline", "<h4>1.0</h4>\n<p>first <em>release</em>\nline</p>"},
		{"may be indented", "    = Usage =", "<h4>Usage</h4>"},
		{"ends a list", "* a\n= Usage =\n* b", "<ul>\n<li>a</li>\n</ul>\n<h4>Usage</h4>\n<ul>\n<li>b</li>\n</ul>"},
		{"is no item", "* = Usage =", "<ul>\n<li>= Usage =</li>\n</ul>"},
		{"needs its second sign", "= Usage", "<p>= Usage</p>"},
		{"keeps its tags safe", "= <script>x</script>Usage =", "<h4>Usage</h4>"},
	})
}

func TestATXHeading(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"needs no space after two signs", "###Usage###", "<h3>Usage</h3>"},
		{"wants a space after one", "#1 plugin", "<p>#1 plugin</p>"},
		{"counts more than six signs as six", "######## Usage", "<h6>Usage</h6>"},
		{"loses its attributes", "### Usage {#usage .x}", "<h3>Usage</h3>"},
		{"keeps other braces", "### Usage {x}", "<h3>Usage {x}</h3>"},
		{"is text in a tight item", "* # a", "<ul>\n<li># a</li>\n</ul>"},
		{"reads Markdown in its title", "### *a*", "<h3><em>a</em></h3>"},
		{"is nothing without a title", "###", "<p>###</p>"},
	})
}
