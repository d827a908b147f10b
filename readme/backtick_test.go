package readme

import "testing"

func TestBacktick(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"alone on a line opens a block", "text\n`\na  b\n`\nmore", "<p>text</p>\n<pre><code>a  b\n</code></pre>\n<p>more</p>"},
		{"at the start of a line opens a block", "text\n\n`code`\n\nmore", "<p>text</p>\n<pre><code>code</code></pre>\n<p>more</p>"},
		{"takes blank lines in", "text\n\n`a\n\nb`\n\nmore", "<p>text</p>\n<pre><code>a\n\nb</code></pre>\n<p>more</p>"},
		{"takes the rest of its line in", "text\n\n`a` b", "<p>text</p>\n<pre><code>a b</code></pre>"},
		{"is a span in a paragraph", "text\n`code` more", "<p>text\n<code>code</code> more</p>"},
		{"is a span at the start of the text", "`code` more", "<p><code>code</code> more</p>"},
		{"without a second one is text", "text\n\n`code", "<p>text</p>\n<p>`code</p>"},
		{"stays in its item", "1. a\n`\ncode\n`\n2. b", "<ol>\n<li>a\n<pre><code>code\n</code></pre>\n</li>\n<li>b</li>\n</ol>"},
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
		{"nested count once", "a <code>b <code>c</code>", "<p>a <code>b <code>c</code></code></p>"},
	})
}
