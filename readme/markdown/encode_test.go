package markdown

import "testing"

func TestEncode(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "text keeps what looks like an entity",
			source: "x &copy; &bogus; &#38; &#x26; &a_b; &#zz;",
			want:   "<p>x &copy; &bogus; &#38; &#x26; &a_b; &#zz;</p>",
		},
		{
			name:   "text makes entities of other ampersands",
			source: "x & &; &# y&z &a b; AT&T &-;",
			want:   "<p>x &amp; &amp;; &amp;# y&amp;z &amp;a b; AT&amp;T &amp;-;</p>",
		},
		{
			name:   "text makes entities of angle brackets that open",
			source: "x < y > z <<",
			want:   "<p>x &lt; y > z &lt;&lt;</p>",
		},
		{
			name:   "text keeps quotes",
			source: `x "y" 'z'`,
			want:   `<p>x "y" 'z'</p>`,
		},
	})
}
