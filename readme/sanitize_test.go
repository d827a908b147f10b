package readme

import (
	"testing"

	"github.com/pluginyard/pluginyard/readme/markdown"
)

// BenchmarkSanitize filters the HTML of a readme of about 13 KB.
func BenchmarkSanitize(b *testing.B) {
	rendered := markdown.WordPress(typicalReadme(), markdown.Better)
	b.SetBytes(int64(len(rendered)))
	b.ReportAllocs()
	for b.Loop() {
		sanitize(rendered, testOptions)
	}
}

func TestHTMLIsSafe(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"script goes with its text", "a <script>alert(1)</script> b", "<p>a  b</p>"},
		{"style goes with its text", "<style>p{}</style>\n\na", "<p>a</p>"},
		{"frames go", `<iframe src="https://example.com/"></iframe>a`, "<p>a</p>"},
		{"event handlers go", `<a href="https://example.com/" onclick="x()">a</a>`, `<p><a href="https://example.com/">a</a></p>`},
		{"style attributes go", `<p style="position:fixed">a</p>`, "<p>a</p>"},
		{"script links lose the link", "[a](javascript:alert(1))", "<p>a</p>"},
		{"data images go", "![a](data:image/svg+xml;base64,AAAA)", ""},
		{"hidden script links lose the link", "<a href=\"java\nscript:x\">a</a>", "<p>a</p>"},
		{"entities hide no scheme", `<a href="&#106;avascript:x">a</a>`, "<p>a</p>"},
		{"comments go", "a <!-- b --> c", "<p>a  c</p>"},
		{"unknown entities are text", "a &bogus; &amp; &copy; < b", "<p>a &amp;bogus; &amp; © &lt; b</p>"},
		{"control characters go", "a\x00b\x01c", "<p>abc</p>"},
		{"mail links stay", "[a](mailto:a@example.com)", `<p><a href="mailto:a@example.com">a</a></p>`},
		{"bare addresses are text", "https://example.com/", "<p>https://example.com/</p>"},
		{"only a new window is a target", `<a href="https://example.com/" target="_top" rel="opener nofollow">a</a>`,
			`<p><a href="https://example.com/" rel="nofollow">a</a></p>`},
		{"scripts without an end lose their tag", "a <script> b", "<p>a  b</p>"},
		{"frames without an end lose their tag", "a <iframe> b", "<p>a</p>\n\n<p>b</p>"},
		{"a sign without an end is text", "a <b", "<p>a &lt;b</p>"},
		{"what is left open is closed", "<em>a <strong>b", "<p><em>a <strong>b</strong></em></p>"},
	})
}

func TestHTMLThatThePopupDrops(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"bold and italic are strong and emphasis", "<b>a</b> <i>b</i>", "<p><strong>a</strong> <em>b</em></p>"},
		{"a table is lines", "a | b\n--|--\n1 | 2", "<div><strong>a</strong> | <strong>b</strong></div>\n<div>1 | 2</div>"},
		{"a definition list is paragraphs", "a\n: b", "<p><strong>a</strong></p>\n<div>b</div>"},
		{"keys are code", "<kbd>a</kbd>", "<p><code>a</code></p>"},
		{"details are a block", "<details><summary>a</summary>b</details>", "<div><p><strong>a</strong></p>b</div>"},
		{"font and underline leave their text", "<font color=red><u>a</u></font>", "<p>a</p>"},
	})
}

func TestHTMLResolvesAddresses(t *testing.T) {
	checkRendering(t, toHTML, []rendering{
		{"a relative link", "[a](docs/x.md)", `<p><a href="https://example.com/acme/hello-yard/blob/main/docs/x.md">a</a></p>`},
		{"a link from the root is one from the base", "[a](/docs/x.md)", `<p><a href="https://example.com/acme/hello-yard/blob/main/docs/x.md">a</a></p>`},
		{"a link without a scheme", "[a](//example.org/x)", `<p><a href="https://example.org/x">a</a></p>`},
		{"a fragment is no link", "[a](#x)", "<p>a</p>"},
		{"an image", "![a](b.png)", `<p><img src="https://raw.example.com/acme/hello-yard/main/b.png" alt="a"/></p>`},
		{"an image from elsewhere", "![a](https://example.com/b.png)", `<p><img src="https://example.com/b.png" alt="a"/></p>`},
	})
	if got := HTML("[a](b) ![c](d)", Options{Profile: Serve}); got != "<p>a </p>" {
		t.Errorf("without bases: got %q", got)
	}
}

func TestGitHubHTML(t *testing.T) {
	checkRendering(t, func(s string) string { return GitHubHTML(s, testOptions) }, []rendering{
		{"lists interrupt paragraphs", "text\n* a", "<p>text</p>\n<ul>\n<li>a</li>\n</ul>"},
		{"strikes are marked", "~~x~~", "<p>~~x~~</p>"},
		{"bare addresses are links", "https://example.com/", `<p><a href="https://example.com/">https://example.com/</a></p>`},
		{"tasks have boxes", "- [x] a\n- [ ] b", "<ul>\n<li>☑ a</li>\n<li>☐ b</li>\n</ul>"},
		{"equals signs are text", "= a =", "<p>= a =</p>"},
		{"fences are code", "```go\na\n```", "<pre><code>a\n</code></pre>"},
		{"script goes", "<script>x</script>a", "a"},
	})
}

func TestText(t *testing.T) {
	checkRendering(t, Text, []rendering{
		{"has no marks", "a *b* `c` [d](https://example.com/)", "a b c d"},
		{"is on one line", "a\n\n* b\n* c", "a b c"},
		{"has its entities decoded", "a &amp; b &lt;", "a & b <"},
		{"has no images", "![a](b.png) c", "c"},
		{"has no scripts", "a <script>b</script>", "a"},
		{"holds no tag spelt in entities", "&lt;script&gt;a", "a"},
		{"of nothing is nothing", " \n", ""},
	})
}

func TestSanitizeBalances(t *testing.T) {
	checkRendering(t, filter, []rendering{
		{"phrases end with the block that holds their end", "<b><p>a</b>b</p>c", "<strong><p>ab</p></strong>c"},
		{"a quote without an end ends with its tag", `<a href="https://example.com/>a</a> b`, `<a href="https://example.com/">a</a> b`},
		{"a comment without an end takes the rest", "a<!-- b > c", "a"},
		{"code keeps what looks like an address", `<code>&lt;a href="x"&gt; it's &quot;</code>`, `<code>&lt;a href=&#34;x"&gt; it's "</code>`},
		{"end tags of nothing go", "</p>a</em></li>", "a"},
	})
}

func filter(html string) string { return sanitize([]byte(html), testOptions) }
