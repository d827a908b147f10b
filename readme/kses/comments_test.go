package kses

import "testing"

func TestComments(t *testing.T) {
	check(t, Filter, []example{
		{"they stay", "a<!-- b -->c<!--d-->", "a<!-- b -->c<!--d-->"},
		{"empty ones go", "a<!---->b", "ab"},
		{"hyphens in them",
			"<!-- a -- b --- c - --><!---a---><!----b---->",
			"<!-- a - b - c - --><!---a--><!---b-->"},
		{"a hyphen before the last line end", "<!-- a -\n-->b", "<!-- a \n-->b"},
		{`a ">" in them`, "<!-- a > b -->c<!-- -> -->", "<!-- a &gt; b -->c<!-- -&gt; -->"},
		{"tags in them end them", "<!-- <b>a</b> -->c", "&lt;!-- a --&gt;c"},
		{`tags behind a ">" in them are filtered`,
			"<!-- a > <b>c</b> <em>d</em> -->e",
			"<!-- a &gt; c <em>d</em> -->e"},
		{"over lines", "<!-- a\nb -->c", "<!-- a\nb -->c"},
		{`over lines, with a ">"`, "<!-- a > b\nc -->d", "<!-- a &gt;--> b\nc --&gt;d"},
		{"without an end", "a<!-- b", "a&lt;!-- b"},
		{`without an end, with a ">"`, "a<!-- b > c", "a<!-- b &gt; c-->"},
		{"without an end on the last line", "a<!-- b > c\n\x01", "a<!-- b &gt; c-->"},
		{"without an end on another line", "a<!-- b > c\nd", "a<!-- b &gt;--> c\nd"},
		{"references in them", "<!-- &bogus; &amp; &#65; & -->", "<!-- &amp;bogus; &amp; &#065; &amp; -->"},
		{"more than one in a line", "<!-- a > <!-- b --> c -->d", "<!-- a &gt;  b --> c --&gt;d"},
		{"quotes with backslashes", `<!-- \"a\" -->`, `<!-- "a" -->`},
		{"that references hid", "a<&#0;!-- b -->c", "a<!-- b -->c"},
		{"that tags hid", "a<!-<b>- c -->d", "a&lt;!-- c --&gt;d"},
		{"another within", "a<!-- > <!&&#0;#0;-- b> -->c", "a<!-- &gt; <!- b&gt; ->-->c"},
		{"declarations and instructions are none", "<!a>b<!- c ->d<?e?>f", "bdf"},
		{"conditional", "<!--[if IE]><p>a</p><![endif]-->b", "<!--[if IE]&gt;<p>a</p>&lt;![endif]-->b"},
		{"the end of a script", "<!-- a --!><em>b</em>", "<!-- a -!&gt;<em>b</em>-->"},
		{"short ones", "<!-->a<!--->b<!--a->c-->d", "<!--&gt;a&gt;-->b<!--a-&gt;c-->d"},
	})
}
