package markdown

import "testing"

func TestLink(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "a link has an address",
			source: "x [y](http://z.example/a_b_c*d*) [empty]()",
			want:   `<p>x <a href="http://z.example/a_b_c*d*">y</a> <a href="">empty</a></p>`,
		},
		{
			name:   "a link has a title in quotes of either kind",
			source: "x [y](z \"t\") [y](z 't \"u\"') [y](z \"t \"u\" v\") [y]( z\n\"t\"\n)",
			want:   `<p>x <a href="z" title="t">y</a> <a href="z" title="t &quot;u&quot;">y</a> <a href="z" title="t &quot;u&quot; v">y</a> <a href="z" title="t">y</a></p>`,
		},
		{
			name:   "a link has an address in angle brackets",
			source: `x [y](<z>) [y](<z w>) [y](<http://z w> "t") [y](<z>"t")`,
			want:   `<p>x <a href="z">y</a> <a href="z w">y</a> <a href="http://z w" title="t">y</a> <a href="&lt;z>&quot;t&quot;">y</a></p>`,
		},
		{
			name:   "a link has parentheses in its address",
			source: "x [y](z(w)) [y](a(b(c(d()))))",
			want:   `<p>x <a href="z(w)">y</a> <a href="a(b(c(d())))">y</a></p>`,
		},
		{
			name:   "a link has too many parentheses in its address",
			source: "x [y](a(b(c(d(e)))))",
			want:   "<p>x [y](a(b(c(d(e)))))</p>",
		},
		{
			name:   "a link has brackets in its text",
			source: "x [y [z] w](v) [a[b[c[d[e[f]]]]]](u)",
			want:   `<p>x <a href="v">y [z] w</a> <a href="u">a[b[c[d[e[f]]]]]</a></p>`,
		},
		{
			name:   "a link has too many brackets in its text",
			source: "x [a[b[c[d[e[f[g]]]]]]](u)",
			want:   "<p>x [a[b[c[d[e[f[g]]]]]]](u)</p>",
		},
		{
			name:   "a link needs its parenthesis at once",
			source: "x [y] (z) [y]\n(z)",
			want:   "<p>x [y] (z) [y]\n(z)</p>",
		},
		{
			name:   "a link needs an address without blanks",
			source: `x [y](z w) [y](z "t)`,
			want:   `<p>x [y](z w) [y](z "t)</p>`,
		},
		{
			name:   "a link takes a quoted word for its address if nothing else stands there",
			source: `x [y]("z") [y]("z w")`,
			want:   `<p>x <a href="&quot;z&quot;">y</a> <a href="" title="z w">y</a></p>`,
		},
		{
			name:   "a link has attributes in braces, and then a title",
			source: `x [y](z){.c} [y](z "t") {#i .c .d k=v} [y](z){c`,
			want:   `<p>x <a href="z" title="" class="c">y</a> <a href="z" title="t" id="i" class="c d" k="v">y</a> <a href="z">y</a>{c</p>`,
		},
		{
			name:   "a link has marks in its text",
			source: "x [*y* `z` <b>w</b>](v)",
			want:   `<p>x <a href="v"><em>y</em> <code>z</code> <b>w</b></a></p>`,
		},
		{
			name:   "a link has marks around it",
			source: "x *[y](z)* **[y](z)**",
			want:   `<p>x <em><a href="z">y</a></em> <strong><a href="z">y</a></strong></p>`,
		},
		{
			name:   "a link has its text read twice",
			source: "x [**a *b** c *d*](u)",
			want:   `<p>x <a href="u"><strong>a *b</strong> c <em>d</em></a></p>`,
		},
		{
			name:   "a link has an image in it",
			source: "x [![y](z.png)](w)",
			want:   `<p>x <a href="w"><img src="z.png" alt="y" /></a></p>`,
		},
		{
			name:   "a link has no link in it but one by label",
			source: "x [y [z](w) v](u) [y [a][] v](u)\n\n[a]: http://a.example/?q=1&r=2\n[B]: <http://b.example> \"A \"title\" & more\"\n[two words]: /two",
			want:   `<p>x <a href="u">y [z](w) v</a> <a href="u">y <a href="http://a.example/?q=1&amp;r=2">a</a> v</a></p>`,
		},
		{
			name:   "a link has a label",
			source: "x [y][a] [y] [a] [y]\n[a] [y][b]\n\n[a]: http://a.example/?q=1&r=2\n[B]: <http://b.example> \"A \"title\" & more\"\n[two words]: /two",
			want:   `<p>x <a href="http://a.example/?q=1&amp;r=2">y</a> <a href="http://a.example/?q=1&amp;r=2">y</a> <a href="http://a.example/?q=1&amp;r=2">y</a> <a href="http://b.example" title="A &quot;title&quot; &amp; more">y</a></p>`,
		},
		{
			name:   "a link has its text for a label",
			source: "x [a][] [B] [two words] [two\nwords][] [two \nwords]\n\n[a]: http://a.example/?q=1&r=2\n[B]: <http://b.example> \"A \"title\" & more\"\n[two words]: /two",
			want:   "<p>x <a href=\"http://a.example/?q=1&amp;r=2\">a</a> <a href=\"/two\">B</a> <a href=\"/two\">two\nwords</a> <a href=\"/two\">two \nwords</a></p>",
		},
		{
			name:   "a link has a label that is not defined",
			source: "x [y][z] [y][] [y]\n\n[a]: http://a.example/?q=1&r=2\n[B]: <http://b.example> \"A \"title\" & more\"\n[two words]: /two",
			want:   "<p>x [y][z] [y][] [y]</p>",
		},
		{
			name:   "a link takes the text after it for a label first",
			source: "x [z] [a](u) [z][a](u)\n\n[a]: http://a.example/?q=1&r=2\n[B]: <http://b.example> \"A \"title\" & more\"\n[two words]: /two",
			want:   `<p>x <a href="http://a.example/?q=1&amp;r=2">z</a>(u) <a href="http://a.example/?q=1&amp;r=2">z</a>(u)</p>`,
		},
		{
			name:   "a link has a title from its definition",
			source: "x [B]\n\n[a]: http://a.example/?q=1&r=2\n[B]: <http://b.example> \"A \"title\" & more\"\n[two words]: /two",
			want:   `<p>x <a href="http://b.example" title="A &quot;title&quot; &amp; more">B</a></p>`,
		},
		{
			name:   "a link keeps the letters of other alphabets",
			source: "x [é](http://é.example/ü?ö)",
			want:   `<p>x <a href="http://é.example/ü?ö">é</a></p>`,
		},
		{
			name:   "a link escapes quotes and ampersands in its address",
			source: `x [y](z?a=1&b=2&amp;c=<>")`,
			want:   `<p>x <a href="z?a=1&amp;b=2&amp;c=&lt;>&quot;">y</a></p>`,
		},
		{
			name:   "a link writes to an e-mail address",
			source: "x [y](mailto:me@example.com?a=1&b=2)",
			want:   `<p>x <a href="mailto:me@example.com?a=1&amp;b=2">y</a></p>`,
		},
		{
			name:   "a link takes an escaped character in an address of mail for its number",
			source: `x [y](mailto:a\_b@c.example)`,
			want:   `<p>x <a href="mailto:a&amp;#95;b@c.example">y</a></p>`,
		},
		{
			name:   "a link hides a tag in its address",
			source: "x [y](<z>)",
			want:   `<p>x <a href="z">y</a></p>`,
		},
	})
}
