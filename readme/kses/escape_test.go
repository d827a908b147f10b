package kses

import "testing"

func TestEscapeHTML(t *testing.T) {
	check(t, EscapeHTML, []example{
		{"what has a meaning", `a < b > c & d "e" 'f'`, "a &lt; b &gt; c &amp; d &quot;e&quot; &#039;f&#039;"},
		{"references stay",
			"&amp; &lt; &nbsp; &hellip; &#65; &#x41; &#X00e9; &#9;",
			"&amp; &lt; &nbsp; &hellip; &#065; &#x41; &#xe9; &#009;"},
		{`but not "apos"`, "&apos; &amp;apos;", "&amp;apos; &amp;apos;"},
		{"what is none is text",
			"&bogus; &colon; &#1; &#xD800; &; &#; &copy",
			"&amp;bogus; &amp;colon; &amp;#1; &amp;#xD800; &amp;; &amp;#; &amp;copy"},
		{"an encoded number is decoded", "&amp;#65; &amp;lt;", "&#065; &amp;lt;"},
		{"a zero vanishes", "a&#0;b", "ab"},
		{"tags", `<a href="b">c</a>`, "&lt;a href=&quot;b&quot;&gt;c&lt;/a&gt;"},
		{"nothing to change", "a ü € 𝄞 / \\ ` =", "a ü € 𝄞 / \\ ` ="},
		{"control characters stay", "a\x00b\x01<", "a\x00b\x01&lt;"},
		{"bytes that are not UTF-8", "a\xffb", ""},
		{"half a character", "<\xc3", ""},
		{"a surrogate", "\xed\xa0\x80", ""},
		{"overlong", "\xc0\xaf", ""},
		{"nothing", "", ""},
	})
}
