package kses

import "testing"

func TestTags(t *testing.T) {
	check(t, Filter, []example{
		{"elements that are allowed",
			"<p><br /><code>a</code><pre>b</pre><em>c</em><strong>d</strong></p><ul><li>e</li></ul><ol><li>f</li></ol><dl><dt>g</dt><dd>h</dd></dl><h3>i</h3><h4>j</h4><blockquote>k</blockquote><a>l</a>",
			"<p><br /><code>a</code><pre>b</pre><em>c</em><strong>d</strong></p><ul><li>e</li></ul><ol><li>f</li></ol><dl><dt>g</dt><dd>h</dd></dl><h3>i</h3><h4>j</h4><blockquote>k</blockquote><a>l</a>"},
		{"others go and leave their text",
			"<b>a</b><i>b</i><h1>c</h1><h2>d</h2><div>e</div><span>f</span><table><tr><td>g</td></tr></table><del>h</del>",
			"abcdefgh"},
		{"scripts and styles leave their text",
			`<script>alert(1)</script><style>a{}</style><iframe src="x">b</iframe>`,
			"alert(1)a{}b"},
		{"images and rules go", `a<img src="x" alt="y">b<hr />c<svg/onload=alert(1)>d`, "abcd"},
		{"bare elements lose attributes",
			`<p class="x" onclick="y">a</p><ol start="3"><li style="z">b</li></ol><code class=php>c</code>`,
			"<p>a</p><ol><li>b</li></ol><code>c</code>"},
		{"end tags lose attributes", `<p>a</p class="x">b`, "<p>a</p>b"},
		{"a slash stays", `<br/>a<br / >b<p/>c<em class="x"/>d`, "<br />a<br />b<p></p>c<em></em>d"},
		{"white space before a name is understood", "< p>a</ p>< / p><\tem\n>b", "<p>a</p></p><em>b"},
		{"names keep their case then", "< P>a</ EM>< H3 >", "<P>a</EM><H3>"},
		{"malformed names", "<p.x>a<p:x>b<>c</>d<?php e ?>f<!DOCTYPE g>h<![CDATA[i]]>j<:::>", "<p>a<p>bcdfhj</p>"},
		{"names with hyphens", "<p-x>a</p-x><-p>b", "ab"},
		{"tags within tags", "<p <em>a</p>", "&lt;p <em>a</p>"},
		{"a quote does not hide the end of a tag", `<a title="b>c">d</a>`, `<a>c"&gt;d</a>`},
		{"a backslash before a double quote goes in tags", `<a title=\"b\">\"c\"</a>`, `<a title="b">\"c\"</a>`},
		{"control characters and NUL go", "a\x00b\x01c\x0bd\x0ce\x1ff\x7fg\th\ni", "abcdef\x7fg\th\ni"},
		{"tags that control characters hid", "a<\x01em>b<s\x00trong>c</\x0cem>", "a<em>b<strong>c</em>"},
		{"white space at the ends goes", " \t\x0d\n\x00\x0b<p> a </p>\n \x0b", "<p> a </p>"},
		{"nothing to change",
			`Just text, "quoted" and 'so'; 100% + 1 = ü € 𝄞`,
			`Just text, "quoted" and 'so'; 100% + 1 = ü € 𝄞`},
		{"bytes that are not UTF-8 stay", "a\xff<em>\xc3</em>\x85", "a\xff<em>\xc3</em>\x85"},
		{"U+0085 and U+00A0 are no white space", "<p\u0085>a</p><a\u00a0href=\"x\">b</a>", "<p>a<a>b"},
		{"nothing", "", ""},
	})
}
