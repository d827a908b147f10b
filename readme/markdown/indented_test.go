package markdown

import "testing"

func TestIndentedCode(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "four spaces behind a blank line",
			source: "a\n\n    b <c> & \"d\"\n      *e*\n\nf",
			want:   "<p>a</p>\n\n<pre><code>b &lt;c&gt; &amp; \"d\"\n  *e*\n</code></pre>\n\n<p>f</p>",
		},
		{
			name:   "a tab",
			source: "a\n\n\tb",
			want:   "<p>a</p>\n\n<pre><code>b\n</code></pre>",
		},
		{
			name:   "four spaces below text",
			source: "a\n    b",
			want:   "<p>a\n    b</p>",
		},
		{
			name:   "blank lines in code",
			source: "a\n\n    b\n\n\n    c\n\n\nd",
			want:   "<p>a</p>\n\n<pre><code>b\n\n\nc\n</code></pre>\n\n<p>d</p>",
		},
		{
			name:   "at the start of a quote",
			source: ">     a\n>     b",
			want:   "<blockquote>\n<pre><code>a\nb\n</code></pre>\n</blockquote>",
		},
		{
			name:   "in a list",
			source: "* a\n\n        b\n",
			want:   "<ul>\n<li><p>a</p>\n\n<pre><code>b\n</code></pre></li>\n</ul>",
		},
		{
			name:   "a line of a few spaces ends none of it in a quote",
			source: "> a\n>\n>     b\n>   \n> c",
			want:   "<blockquote>\n  <p>a</p>\n  \n  <p>b\n  <br />\n  c</p>\n</blockquote>",
		},
	})
}
