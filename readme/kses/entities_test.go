package kses

import "testing"

func TestReferences(t *testing.T) {
	check(t, Filter, []example{
		{"a lone ampersand", "AT&T & co &", "AT&amp;T &amp; co &amp;"},
		{"named references of HTML 4 stay",
			"&amp; &lt; &gt; &quot; &apos; &nbsp; &hellip; &there4; &frac12; &thetasym; &Prime;",
			"&amp; &lt; &gt; &quot; &apos; &nbsp; &hellip; &there4; &frac12; &thetasym; &Prime;"},
		{"names are of a case", "&NBSP; &Lt; &Omega; &omega;", "&amp;NBSP; &amp;Lt; &Omega; &omega;"},
		{"other names are text",
			"&colon; &Tab; &bogus; &nbspx; &a; &sup4; &frac123; &copy",
			"&amp;colon; &amp;Tab; &amp;bogus; &amp;nbspx; &amp;a; &amp;sup4; &amp;frac123; &amp;copy"},
		{"decimal numbers get three digits",
			"&#9; &#65; &#00065; &#233; &#8230; &#1114111;",
			"&#009; &#065; &#065; &#233; &#8230; &#1114111;"},
		{"hexadecimal numbers lose zeros and keep their case",
			"&#x41; &#X41; &#x00e9; &#x2026; &#x10FfFf; &#xA;",
			"&#x41; &#x41; &#xe9; &#x2026; &#x10FfFf; &#xA;"},
		{"characters that XML does not allow",
			"&#1; &#011; &#xD800; &#xFFFE; &#x110000; &#1114112; &#xb;",
			"&amp;#1; &amp;#011; &amp;#xD800; &amp;#xFFFE; &amp;#x110000; &amp;#1114112; &amp;#xb;"},
		{"a zero alone vanishes", "a&#0;b&#x0;c&#00;d&#x00;e", "abc&amp;#00;d&amp;#x00;e"},
		{"too many digits",
			"&#12345678; &#x1234567; &#000000000000065; &#x0000000000041;",
			"&amp;#12345678; &amp;#x1234567; &#065; &#x41;"},
		{"malformed numbers",
			"&#; &#x; &#65 &#xg; &#6x; &# 65;",
			"&amp;#; &amp;#x; &amp;#65 &amp;#xg; &amp;#6x; &amp;# 65;"},
		{"an encoded reference stays encoded",
			"&amp;lt; &amp;amp; &amp;amp;lt;",
			"&amp;lt; &amp;amp; &amp;amp;lt;"},
		{"an encoded number is decoded",
			"&amp;#65; &amp;#x41; &amp;amp;#65; &amp;#0; &amp;#1;",
			"&#065; &#x41; &amp;amp;#65;  &amp;#1;"},
		{"what vanishes does not make a reference", "&&#0;lt; &a&#0;mp;", "&amp;lt; &amp;amp;"},
		{"what vanishes can make a tag", "a <&#0;em>b</em> <s&#0;trong>", "a <em>b <strong>"},
		{"references in attributes",
			`<a href="?a=1&b=2&#38;c" title="&lt;&bogus;">x</a>`,
			`<a href="?a=1&amp;b=2&#038;c" title="&lt;&amp;bogus;">x</a>`},
	})
}
