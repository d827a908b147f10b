package markdown

import "testing"

func TestEscape(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "backslashes takes the meaning from the marks of Markdown",
			source: "x \\\\ \\` \\* \\_ \\{ \\} \\[ \\] \\( \\) \\> \\# \\+ \\- \\. \\!",
			want:   "<p>x &#92; &#96; &#42; &#95; &#123; &#125; &#91; &#93; &#40; &#41; &#62; &#35; &#43; &#45; &#46; &#33;</p>",
		},
		{
			name:   "backslashes takes the meaning from the marks of Markdown Extra",
			source: `x \: \|`,
			want:   "<p>x &#58; &#124;</p>",
		},
		{
			name:   "backslashes leaves other characters with their backslash",
			source: `x \~ \< \" \a \& \/ \=`,
			want:   `<p>x \~ \&lt; \" \a \&amp; \/ \=</p>`,
		},
		{
			name:   "backslashes escapes before it looks for code",
			source: "x \\`not code\\` and \\\\`code`",
			want:   "<p>x &#96;not code&#96; and &#92;<code>code</code></p>",
		},
		{
			name:   "backslashes stays at the end of a line and of the text",
			source: "x\\\ny\\",
			want:   "<p>x\\\ny\\</p>",
		},
		{
			name:   "backslashes makes a letter of the mark for the rules of emphasis",
			source: `_\_a_ \*_b_`,
			want:   "<p><em>&#95;a</em> &#42;_b_</p>",
		},
		{
			name:   "backslashes makes no label of a word with one",
			source: "x [a\\_b] [a]\n\n[a]: http://a.example/?q=1&r=2\n[B]: <http://b.example> \"A \"title\" & more\"\n[two words]: /two",
			want:   `<p>x <a href="http://a.example/?q=1&amp;r=2">a&#95;b</a></p>`,
		},
	})
}
