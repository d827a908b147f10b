package main

import "testing"

func TestLinkImages(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"an image is a link with its text", `<p>a <img src="https://example.com/b.png" alt="c &gt; d" class="e"/></p>`,
			`<p>a <a class="image" href="https://example.com/b.png">c &gt; d</a></p>`},
		{"one without a text has its file's name", `<img src="https://example.com/b.png?c" alt=""/>`, `<a class="image" href="https://example.com/b.png?c">b.png</a>`},
		{"one in a link is the link's text", `<a href="https://example.com/"><img src="https://example.com/b.png" alt="c"/></a>`, `<a href="https://example.com/">c</a>`},
		{"the rest stays", `<pre><code>a &lt;img src=""</code></pre>`, `<pre><code>a &lt;img src=""</code></pre>`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := linkImages(test.in); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
