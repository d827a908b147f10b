package kses

import "testing"

func TestLessThan(t *testing.T) {
	check(t, Filter, []example{
		{"before white space", "1 < 2 and a <b", "1 &lt; 2 and a &lt;b"},
		{"quotes up to the next tag are encoded",
			`a < "b" 'c' <em>"d"</em>`,
			`a &lt; &quot;b&quot; &#039;c&#039; <em>"d"</em>`},
		{"before another", "a << b <<em>c</em>", "a &lt;&lt; b &lt;<em>c</em>"},
		{"an open tag at the end", `a <a href="b`, "a &lt;a href=&quot;b"},
		{"an open comment before a tag", "a <!-- b <em>c</em> --> d", "a &lt;!-- b <em>c</em> --&gt; d"},
		{"before a digit", "I <3 you <4>", "I &lt;3 you &lt;4&gt;"},
		{`a ">" alone`, "a > b >> c -> d", "a &gt; b &gt;&gt; c -&gt; d"},
		{`what is not UTF-8 vanishes with its "<"`, "a < \xff b <em>\xff</em>", "a <em>\xff</em>"},
		{"but for a line end at the end", "a < \xff b\n\x01", "a"},
		{"references before it",
			`a < &amp; &#65; &apos; &bogus; "`,
			"a &lt; &amp; &#065; &amp;apos; &amp;bogus; &quot;"},
	})
}
