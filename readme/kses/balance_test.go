package kses

import "testing"

func TestBalance(t *testing.T) {
	check(t, balanced, []example{
		{"what is balanced stays",
			"<p>a <em>b</em></p><ul><li>c</li></ul>",
			"<p>a <em>b</em></p><ul><li>c</li></ul>"},
		{"an element without an end is closed at the end", "<p>a <em>b", "<p>a <em>b</em></p>"},
		{"an end tag closes what is open within", "<p><em>a</p>b</em>", "<p><em>a</em></p>b"},
		{"an end tag without a start goes", "a</p>b</br>", "ab"},
		{"any name is an element", "<foo>a<foo:bar>b", "<foo>a<foo:bar>b</foo:bar></foo>"},
		{"an item ends the item before it", "<li>a<li>b", "<li>a</li><li>b</li>"},
		{"an item after an element in it does not", "<li><p>a<li>b", "<li><p>a<li>b</li></p></li>"},
		{"a paragraph ends the paragraph before it", "<p>a<p>b</p>", "<p>a</p><p>b</p>"},
		{"divisions and quotes nest",
			"<div><div>a<blockquote><blockquote>b",
			"<div><div>a<blockquote><blockquote>b</blockquote></blockquote></div></div>"},
		{"emphasis does not nest", "<em>a<em>b</em></em>", "<em>a</em><em>b</em>"},
		{"names become lower case", "<P>a<EM>b</eM></p>", "<p>a<em>b</em></p>"},
		{"a line break gets a slash", "a<br>b<BR/>c<br />d<br  >e<br/ >", "a<br />b<br />c<br />d<br />e<br/ >"},
		{"attributes of a void element stay",
			`<img src=x><img src="x"/><img src="x" />`,
			`<img src=x/><img src="x"/><img src="x" />`},
		{"an element that closes itself gets an end",
			`<p/><a name="x"/>b<em />`,
			`<p></p><a name="x"></a>b<em></em>`},
		{"white space around attributes", "<a  href=\"x\"  >b</a >c</a\n>", `<a  href="x">b</a>c`},
		{"a tag over lines", "<a\nhref=\"x\"\n>b", "<a\nhref=\"x\">b</a>"},
		{`a "<" before a digit is text`, `a <3 b <4>c</4> <a x="<5>">`, `a &lt;3 b &lt;4>c <a x="&lt;5>"></a>`},
		{"a tag within a tag is an attribute", "<a <b>c", "<a <b>c</a>"},
		{`a "<" without ">" stays`, "a < b <c", "a < b <c"},
		{"white space before the name makes it no tag", "< p>a</ p>", "< p>a</ p>"},
		{"custom elements have a hyphen", "<x-y>a<x-y.z_1 b>c", "<x-y>a<x-y.z_1 b>c</x-y.z_1></x-y>"},
		{"hyphens elsewhere make no tag", "<x->a<X-y>b<x-y:z>c", "<x->a<X-y>b<x-y:z>c"},
		{"names may have digits, colons and underscores", "<h3>a<_b>c<:d>e</1>", "<h3>a<_b>c<:d>e</:d></_b></h3>"},
		{"a slash in an end tag stays out of the name", "</p/>a<p></p />b", "a<p></p>b"},
		{"a comment keeps its space", "a < !-- b -->", "a < !-- b -->"},
		{"a comment that comes about loses its space", "a <</x> !-- b -->", "a <!-- b -->"},
		{"four spaces before a comment become one", "a <    !-- b -->", "a < !-- b -->"},
		{"tags in comments count", "<!-- <b> -->a", "<!-- <b> -->a</b>"},
		{"many elements without an end",
			"<a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s></a></zz>x",
			"<a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s><a><b><i><u><s></s></u></i></b></a>x</s></u></i></b></a></s></u></i></b></a></s></u></i></b></a></s></u></i></b></a></s></u></i></b></a></s></u></i></b></a></s></u></i></b></a>"},
		{"bytes that are not UTF-8", "<p>\xff<em \xfe>a", "<p>\xff<em \xfe>a</em></p>"},
	})
}

func balanced(s string) string {
	balanced, closed := balance(s)
	if closed && !tagsClosed(balanced) {
		return "not closed: " + balanced
	}
	return balanced
}
