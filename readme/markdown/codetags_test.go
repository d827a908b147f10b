package markdown

import "testing"

func TestCodeTags(t *testing.T) {
	checkPrepare(t, []prepareCase{
		{
			name:   "become backticks",
			source: "a <code>*b*</code> c",
			want:   "a `*b*` c\n\n",
		},
		{
			name:   "in pre become a block's",
			source: "a\n\n<pre><code>b\nc</code></pre>\nd",
			want:   "a\n\n    \n    b\n    c\n\nd\n\n",
		},
		{
			name:   "end at the first end tag, whatever they started with",
			source: "<code>a</code></pre> x <pre><code>b</code> <code>c <code>d</code>",
			want:   "a x `\nb\n     c <code>d`\n\n",
		},
		{
			name:   "without an end are left alone",
			source: "a <code>b",
			want:   "a <code>b\n\n",
		},
		{
			name:   "have their entities decoded",
			source: "a <code>&lt;b&gt; &amp;lt; &rarr; &#039; &quot;</code>",
			want:   "a `<b> &lt; → ' \"`\n\n",
		},
		{
			name:   "have only the entities of HTML 4 decoded",
			source: "a <code>&apos;&#60;&bogus;&</code>",
			want:   "a `&apos;&#60;&bogus;&`\n\n",
		},
		{
			name:   "have two entities decoded by number, afterwards",
			source: "a <code>&#38;&#39; &amp;#39;</code>",
			want:   "a `&' '`\n\n",
		},
		{
			name:   "lose their line breaks",
			source: "a <code>b<br />\nc&lt;br /&gt;</code>",
			want:   "a `b\nc`\n\n",
		},
	})
}
