package markdown

import "testing"

func TestCodeSpan(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "code ends with as many backticks as it starts with",
			source: "x `a ``b` ``c ` d`` ```e`` f```",
			want:   "<p>x <code>a ``b</code> <code>c ` d</code> <code>e`` f</code></p>",
		},
		{
			name:   "code is trimmed and escaped",
			source: "x ` <b> & &amp; \"q\" `",
			want:   `<p>x <code>&lt;b&gt; &amp; &amp;amp; "q"</code></p>`,
		},
		{
			name:   "code goes over lines",
			source: "x `a\n  b`",
			want:   "<p>x <code>a\n  b</code></p>",
		},
		{
			name:   "code is opaque to all other rules",
			source: "x `*a* [b](c) \\* <b>` _`d`_",
			want:   `<p>x <code>*a* [b](c) \* &lt;b&gt;</code> <em><code>d</code></em></p>`,
		},
		{
			name:   "code without an end is text",
			source: "x ``a` *b*",
			want:   "<p>x ``a` <em>b</em></p>",
		},
		{
			name:   "code needs something between the backticks",
			source: "x `` y",
			want:   "<p>x `` y</p>",
		},
		{
			name:   "code in a tag does not end",
			source: "x `a <b title=\"`\"> c",
			want:   `<p>x <code>a &lt;b title="</code>"> c</p>`,
		},
		{
			name:   "code may be nothing but blanks",
			source: "x `  ` y",
			want:   "<p>x <code></code> y</p>",
		},
		{
			name:   "code may hold a comment, which stays one",
			source: "x `<!-- c -->` y",
			want:   "<p>x <code>&lt;!-- c --&gt;</code> y</p>",
		},
	})
}
