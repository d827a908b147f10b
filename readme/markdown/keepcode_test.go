package markdown

import "testing"

func TestKeepCode(t *testing.T) {
	cases := []struct{ name, source, want string }{
		{"a backtick alone on a line opens a block", "text\n`\na  b\n`\nmore", "<p>text</p><pre><code>a  b\n</code></pre><p>more</p>"},
		{"a backtick behind a blank line opens a block", "text\n\n`code`\n\nmore", "<p>text</p><pre><code>code\n</code></pre><p>more</p>"},
		{"a block takes blank lines in", "text\n\n`a\n\nb`\n\nmore", "<p>text</p><pre><code>a\n\nb\n</code></pre><p>more</p>"},
		{"a block takes the rest of its line in", "text\n\n`a` b", "<p>text</p><pre><code>a b\n</code></pre>"},
		{"a backtick below a line is a span", "text\n`code` more", "<p>text\n<code>code</code> more</p>"},
		{"a backtick at the start of the text is a span", "`code` more", "<p><code>code</code> more</p>"},
		{"a backtick without another is text", "text\n\n`code", "<p>text</p><p>`code</p>"},
		{"a block stays in its item", "1. a\n`\ncode\n`\n2. b", "<ol><li><p>a</p><pre><code>code\n</code></pre></li><li>b</li></ol>"},
		{"a backtick before text in a list is a span", "* a\n\n`f()` is *b*.", "<ul><li>a</li></ul><p><code>f()</code> is <em>b</em>.</p>"},
		{"two backticks are a span", "text\n\n``a ` b`` c", "<p>text</p><p><code>a ` b</code> c</p>"},
		{"a block has no headings", "a\n\n<pre><code>b\n= c =</code></pre>", "<p>a</p><pre><code>b\n= c =\n</code></pre>"},
		{"a code tag may hold a backtick", "a <code>b`c</code>", "<p>a <code>b`c</code></p>"},
		{"a code tag in pre may hold backticks", "a <pre><code>b `c` d</code></pre> e", "<p>a</p><pre><code>b `c` d\n</code></pre><p>e</p>"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := string(WordPress(c.source, KeepCode|KeepFences)); bare(got) != bare(c.want) {
				t.Errorf("%q\ngot  %q\nwant %q", c.source, got, c.want)
			}
		})
	}
}

func TestKeepFences(t *testing.T) {
	cases := []struct{ name, source, want string }{
		{"a fence opens a block", "a\n```php\n= b =\n\n<div>\n```\nc", "<p>a</p><pre><code class=\"php\">= b =\n\n&lt;div&gt;\n</code></pre><p>c</p>"},
		{"a fence may end with a longer one", "~~~\n= a =\n~~~~~", "<pre><code>= a =\n</code></pre>"},
		{"a fence may have more than a class behind it", "```js title=\"a\"\nb\n```\n\n```c++\nd\n```", "<pre><code class=\"js\">b\n</code></pre><pre><code>d\n</code></pre>"},
		{"an indented fence loses its indent", "a\n\n   ```\n     b\n   ```", "<p>a</p><pre><code>  b\n</code></pre>"},
		{"a fence stays in its item", "1. a\n   ```\n   b <div>\n\n   = c =\n   ```\n2. d", "<ol><li><p>a</p><pre><code>b &lt;div&gt;\n\n= c =\n</code></pre></li><li>d</li></ol>"},
		{"a fence stays in an inner item", "* a\n    * b\n\n      ```\n      c\n        d\n      ```\n* e", "<ul><li><p>a</p><ul><li><p>b</p><pre><code>c\n  d\n</code></pre></li></ul></li><li>e</li></ul>"},
		{"a fence left open is text", "```\na\n\n= B =", "<p>```\na</p><h4>B</h4>"},
		{"a fence around nothing vanishes", "a\n\n```\n```\n\nb", "<p>a</p><p>b</p>"},
		{"backticks around text in a line are a span", "a\n\n```b``` c", "<p>a</p><p><code>b</code> c</p>"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := string(WordPress(c.source, KeepCode|KeepFences)); bare(got) != bare(c.want) {
				t.Errorf("%q\ngot  %q\nwant %q", c.source, got, c.want)
			}
		})
	}
}

func TestCloseHTML(t *testing.T) {
	cases := []struct{ name, source, want string }{
		{"an element without an end goes on", "<div>a\n\n*b*", "<div><p>a</p><p><em>b</em></p>"},
		{"a paragraph without an end is one", "a <p class=\"x\"> *b*\n\n*c*", "<p>a</p><p><em>b</em></p><p><em>c</em></p>"},
		{"pre without an end takes the rest", "a\n<pre>\n*b*\n\n*c*", "<p>a</p><pre>\n*b*\n\n*c*"},
		{"an element with an end is as ever", "a <div>*b*</div> *c*", "<p>a</p><div>*b*</div><p><em>c</em></p>"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := string(WordPress(c.source, CloseHTML)); bare(got) != bare(c.want) {
				t.Errorf("%q\ngot  %q\nwant %q", c.source, got, c.want)
			}
		})
	}
}
