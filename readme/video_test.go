package readme

import "testing"

func TestVideosBecomeLinks(t *testing.T) {
	const youtube = `<a href="https://www.youtube.com/watch?v=aaaa_bb-bcc">Video on YouTube</a>`
	checkRendering(t, filter, []rendering{
		{"a shortcode with an ID", "<p>[youtube aaaa_bb-bcc]</p>", "<p>" + youtube + "</p>"},
		{"a shortcode with an address", "<p>[youtube https://youtu.be/a?t=1&amp;b=c]</p>",
			`<p><a href="https://youtu.be/a?t=1&amp;b=c">Video on YouTube</a></p>`},
		{"a shortcode with an equals sign", "[youtube=https://www.youtube.com/watch?v=aaaa_bb-bcc]", youtube},
		{"a shortcode with its size", "[youtube aaaa_bb-bcc w=640 h=385]", youtube},
		{"a shortcode with its size behind the ID", "[youtube aaaa_bb-bcc&w=640]", youtube},
		{"a shortcode with a named argument", `[youtube width="640" id="aaaa_bb-bcc"]`, youtube},
		{"a shortcode around an address", "[youtube]https://www.youtube.com/watch?v=aaaa_bb-bcc[/youtube]", youtube},
		{"a shortcode within text", "<p>See [youtube aaaa_bb-bcc], and more.</p>", "<p>See " + youtube + ", and more.</p>"},
		{"a shortcode across tags that go", "[you<u>tube aaaa_bb-bcc</u>]", youtube},
		{"Vimeo", "[vimeo 123456]", `<a href="https://vimeo.com/123456">Video on Vimeo</a>`},
		{"Vimeo by its address", "[vimeo http://vimeo.com/123456]", `<a href="http://vimeo.com/123456">Video on Vimeo</a>`},
		{"VideoPress", "[wpvideo AbCdEfGh w=640]", `<a href="https://videopress.com/v/AbCdEfGh">Video on VideoPress</a>`},
		{"an embed of a site", "[embed width=1]https://wordpress.tv/2020/01/01/a/[/embed]",
			`<a href="https://wordpress.tv/2020/01/01/a/">Video on WordPress.tv</a>`},
		{"an embed of any address", "[embed]https://example.com/a[/embed]", `<a href="https://example.com/a">https://example.com/a</a>`},
		{"a file", `[video width="1" mp4="https://example.com/a.mp4"][/video]`, `<a href="https://example.com/a.mp4">Video: a.mp4</a>`},
		{"a file of the repository", `[video src=a.webm]`, `<a href="https://raw.example.com/acme/hello-yard/main/a.webm">Video: a.webm</a>`},
		{"an address alone in its paragraph", "<p>\nhttps://www.youtube.com/watch?v=aaaa_bb-bcc </p>", "<p>\n" + youtube + " </p>"},
		{"an address alone on its line", "<p>Look:\nhttps://youtu.be/a\nor<br>http://m.youtube.com/shorts/b</p>",
			"<p>Look:\n" + `<a href="https://youtu.be/a">Video on YouTube</a>` + "\nor<br/>" + `<a href="http://m.youtube.com/shorts/b">Video on YouTube</a></p>`},
		{"an address alone in its item", "<li>https://vimeo.com/1</li>", `<li><a href="https://vimeo.com/1">Video on Vimeo</a></li>`},
		{"a frame", `<iframe src="//www.youtube-nocookie.com/embed/aaaa_bb-bcc?rel=0" width="1"></iframe>`, youtube},
		{"a player", `<video controls><source src="https://example.com/a.mp4">b</video>`, `<a href="https://example.com/a.mp4">Video: a.mp4</a>`},
	})
}

func TestTextThatIsNoVideo(t *testing.T) {
	for _, s := range []string{
		"<code>[youtube aaaa_bb-bcc]</code>", "<pre><code>https://youtu.be/a\n</code></pre>", "<p><strong><code>[vimeo 1]</code></strong></p>",
		`<a href="https://example.com/">[youtube aaaa_bb-bcc]</a>`, "[gallery ids=1]", "[youtube]", "[youtube aaaa_bb-bcc", "[youtube [b]", "[[youtube aaaa_bb-bcc]]", "[youtube channel]", "[youtubers aaaa_bb-bcc]",
		"[youtube https://example.com/a]", "[vimeo id=&lt;b&gt;]", "[embed]a[/embed]", "[embed]https://example.com/a", "[video]", "[video src=javascript:a]",
		"<p>https://example.com/a</p>", "<p>See https://youtu.be/a</p>", "<p>https://youtu.be/a b</p>", "<p><em>a</em>https://youtu.be/a</p>",
		"<p>https://youtu.be/a<em>b</em></p>", "<p>https://notyoutube.com/watch?v=a</p>", "<p>ftp://youtu.be/a</p>", "<p>https://youtu.be@example.com/a</p>",
	} {
		if got := filter(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}
