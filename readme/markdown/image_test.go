package markdown

import "testing"

func TestImage(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "an image has an address and a title",
			source: `x ![y](z.png) ![y](z.png "t") ![](z.png)`,
			want:   `<p>x <img src="z.png" alt="y" /> <img src="z.png" alt="y" title="t" /> <img src="z.png" alt="" /></p>`,
		},
		{
			name:   "an image has a blank before its parenthesis",
			source: "x ![y] (z.png) ![y]\n(z.png)",
			want:   `<p>x <img src="z.png" alt="y" /> <img src="z.png" alt="y" /></p>`,
		},
		{
			name:   "an image has an address in angle brackets",
			source: "x ![y](<z.png>) ![y](<>) ![y](<z w.png>)",
			want:   `<p>x <img src="z.png" alt="y" /> <img src="" alt="y" /> <img src="<z w.png>" alt="y" /></p>`,
		},
		{
			name:   "an image has marks in its description",
			source: `x ![*y* & "z" <b>](w.png)`,
			want:   `<p>x <img src="w.png" alt="*y* &amp; &quot;z&quot; <b>" /></p>`,
		},
		{
			name:   "an image has a label",
			source: "x ![y][a] ![a][] ![y] [b] ![B]\n\n[a]: http://a.example/?q=1&r=2\n[B]: <http://b.example> \"A \"title\" & more\"\n[two words]: /two",
			want:   `<p>x <img src="http://a.example/?q=1&amp;r=2" alt="y" /> <img src="http://a.example/?q=1&amp;r=2" alt="a" /> <img src="http://b.example" alt="y" title="A &quot;title&quot; &amp; more" /> !<a href="http://b.example" title="A &quot;title&quot; &amp; more">B</a></p>`,
		},
		{
			name:   "an image has attributes",
			source: "x ![y](z){.c}",
			want:   `<p>x <img src="z" alt="y" title="" class="c" /></p>`,
		},
		{
			name:   "an image is escaped",
			source: `x \![y](z)`,
			want:   `<p>x &#33;<a href="z">y</a></p>`,
		},
	})
}
