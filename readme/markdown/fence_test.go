package markdown

import "testing"

func TestFences(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "code between fences of tildes",
			source: "a\n\n~~~\n<b> & *c*\n~~~\n\nd",
			want:   "<p>a</p>\n\n<pre><code>&lt;b&gt; &amp; *c*\n</code></pre>\n\n<p>d</p>",
		},
		{
			name:   "a fence ends a paragraph",
			source: "a\n~~~\ncode\n~~~\nb",
			want:   "<p>a</p>\n\n<pre><code>code\n</code></pre>\n\n<p>b</p>",
		},
		{
			name:   "a class behind the fence",
			source: "~~~ php\ncode\n~~~",
			want:   "<pre><code class=\"php\">code\n</code></pre>",
		},
		{
			name:   "a class with a full stop and attributes",
			source: "~~~ .php {#id .more}\ncode\n~~~",
			want:   "<pre><code id=\"id\" class=\"php more\">code\n</code></pre>",
		},
		{
			name:   "a longer fence is another fence",
			source: "~~~~\n~~~\n~~~~",
			want:   "<pre><code>~~~\n</code></pre>",
		},
		{
			name:   "a fence without an end is text",
			source: "~~~\ncode",
			want:   "<p>~~~\ncode</p>",
		},
		{
			name:   "two fences without a line between them are text",
			source: "~~~\n~~~\n\ntext",
			want:   "<p>~~~\n~~~</p>\n\n<p>text</p>",
		},
		{
			name:   "blank lines at the start become breaks",
			source: "~~~\n\n\ncode\n\n\nmore\n\n~~~",
			want:   "<pre><code><br /><br />code\n\n\nmore\n\n</code></pre>",
		},
		{
			name:   "an indented fence is text",
			source: "  ~~~\n  code\n  ~~~",
			want:   "<p>~~~\n  code\n  ~~~</p>",
		},
		{
			name:   "spaces behind the fences",
			source: "~~~  \ncode\n~~~ \ntext",
			want:   "<pre><code>code\n</code></pre>\n\n<p>text</p>",
		},
		{
			name:   "in an item",
			source: "* a\n\n    ~~~\n    code\n    ~~~\n",
			want:   "<ul>\n<li><p>a</p>\n\n<pre><code>code\n</code></pre></li>\n</ul>",
		},
		{
			name:   "what looks like a list stays code",
			source: "~~~\n* a\n\n1. b\n~~~",
			want:   "<pre><code>* a\n\n1. b\n</code></pre>",
		},
	})
}
