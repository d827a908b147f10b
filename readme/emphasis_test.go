package readme

import "testing"

func TestEmphasis(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"closes after punctuation", "**bold:**text", "<p><strong>bold:</strong>text</p>"},
		{"opens before quotes", `a**"b"**c`, "<p>a<strong>&#34;b&#34;</strong>c</p>"},
		{"is no part of a word with underscores", "a_b_c", "<p>a_b_c</p>"},
		{"needs text beside it", "2 * 3 * 4", "<p>2 * 3 * 4</p>"},
		{"of three is strong outside", "***x***", "<p><strong><em>x</em></strong></p>"},
		{"of more than three is text", "*****x*****", "<p>*****x*****</p>"},
		{"does not pair two with one", "__a_", "<p>__a_</p>"},
		{"nests", "**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"},
		{"has no strikes", "~~x~~", "<p>~~x~~</p>"},
	})
}

func TestEscape(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"makes marks literal", `\*a\* \_b\_`, "<p>*a* _b_</p>"},
		{"keeps the backslash before other characters", `C:\"x" \' \~`, `<p>C:\&#34;x&#34; \&#39; \~</p>`},
		{"doubled is one", `a\\b`, `<p>a\b</p>`},
	})
}
