package readme

import "testing"

// What the profile Serve makes of Markdown, filter and all. The rules have
// their own cases in the room markdown.

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
		{"of a text loses its first indent, and so nests", "  * a\n  * b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"},
	})
}

func TestBacktick(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"alone on a line opens a block", "text\n`\na  b\n`\nmore", "<p>text</p>\n<pre><code>a  b\n</code></pre>\n<p>more</p>"},
		{"at the start of a line opens a block", "text\n\n`code`\n\nmore", "<p>text</p>\n<pre><code>code\n</code></pre>\n<p>more</p>"},
		{"takes blank lines in", "text\n\n`a\n\nb`\n\nmore", "<p>text</p>\n<pre><code>a\n\nb\n</code></pre>\n<p>more</p>"},
		{"takes the rest of its line in", "text\n\n`a` b", "<p>text</p>\n<pre><code>a b\n</code></pre>"},
		{"is a span in a paragraph", "text\n`code` more", "<p>text\n<code>code</code> more</p>"},
		{"is a span at the start of the text", "`code` more", "<p><code>code</code> more</p>"},
		{"without a second one is text", "text\n\n`code", "<p>text</p>\n<p>`code</p>"},
		{"stays in its item", "1. a\n`\ncode\n`\n2. b", "<ol>\n<li>\n<p>a</p>\n<pre><code>code\n</code></pre>\n</li>\n<li>b</li>\n</ol>"},
		{"doubled is a span", "text\n\n``a ` b`` c", "<p>text</p>\n<p><code>a ` b</code> c</p>"},
		{"tripled is a fence", "```php\n= a =\n```", "<pre><code>= a =\n</code></pre>"},
	})
}

func TestCodeTags(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"are read as backticks", "a <code>*b*</code>", "<p>a <code>*b*</code></p>"},
		{"have their entities decoded once", "a <code>&lt;b&gt;</code>", "<p>a <code>&lt;b&gt;</code></p>"},
		{"may hold a backtick", "a <code>b`c</code>", "<p>a <code>b`c</code></p>"},
		{"in pre are a block", "a\n\n<pre><code>b\n= c =</code></pre>", "<p>a</p>\n<pre><code>b\n= c =\n</code></pre>"},
		{"without an end are left alone", "a <code>b", "<p>a <code>b</code></p>"},
		{"without a start are left alone", "a</code> b", "<p>a b</p>"},
		{"nested count once", "a <code>b <code>c</code>", "<p>a <code>b &lt;code&gt;c</code></p>"},
	})
}

func TestEmphasis(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"closes after punctuation", "**bold:**text", "<p><strong>bold:</strong>text</p>"},
		{"opens before quotes", `a**"b"**c`, `<p>a<strong>"b"</strong>c</p>`},
		{"is no part of a word with underscores", "a_b_c", "<p>a_b_c</p>"},
		{"needs text beside it", "2 * 3 * 4", "<p>2 * 3 * 4</p>"},
		{"of three is strong outside", "***x***", "<p><strong><em>x</em></strong></p>"},
		{"of more than three is text", "*****x*****", "<p>*****x*****</p>"},
		{"does not pair two with one", "__a_", "<p>__a_</p>"},
		{"nests", "**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"},
		{"has no strikes", "~~x~~", "<p>~~x~~</p>"},
	})
}

func TestEscape(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"makes marks literal", `\*a\* \_b\_`, "<p>*a* _b_</p>"},
		{"keeps the backslash before other characters", `C:\"x" \' \~`, `<p>C:\"x" \' \~</p>`},
		{"doubled is one", `a\\b`, `<p>a\b</p>`},
	})
}

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
		{"counts more than six signs as six", "######## Usage", "<h6>## Usage</h6>"},
		{"loses its attributes", "### Usage {#usage .x}", "<h3>Usage</h3>"},
		{"keeps other braces", "### Usage {x}", "<h3>Usage {x}</h3>"},
		{"is text in a tight item", "* # a", "<ul>\n<li># a</li>\n</ul>"},
		{"reads Markdown in its title", "### *a*", "<h3><em>a</em></h3>"},
		{"takes its last sign for the title", "###", "<h2>#</h2>"},
	})
}

func TestHTMLElement(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"ends at its end tag", "<div>*a*</div>\n*b*", "<div>*a*</div>\n<p><em>b</em></p>"},
		{"spans blank lines", "<ul>\n<li>*a*</li>\n\n<li>b</li>\n</ul>\nc", "<ul>\n<li>*a*</li>\n\n<li>b</li>\n</ul>\n<p>c</p>"},
		{"may be followed by text", "<h3>a</h3> *b*\nc", "<h3>a</h3>\n<p><em>b</em>\nc</p>"},
		{"may hold its like", "<div><div>a</div>\n\n*b*</div>\n*c*", "<div><div>a</div>\n\n*b*</div>\n<p><em>c</em></p>"},
		{"without an end is closed", "<div>a\n\n*b*", "<div>\n<p>a</p>\n<p><em>b</em></p></div>"},
		{"within a line is Markdown's", "a <b>*c*</b>", "<p>a <strong><em>c</em></strong></p>"},
	})
}
