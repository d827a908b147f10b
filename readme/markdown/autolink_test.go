package markdown

import "testing"

func TestAutoLink(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "an address in angle brackets is a link",
			source: "x <http://y.example/a_b_c?d=1&e=*f*> <HTTPS://Y.Z> <ftp://y> <dict://y>",
			want:   `<p>x <a href="http://y.example/a_b_c?d=1&amp;e=*f*">http://y.example/a_b_c?d=1&amp;e=*f*</a> <a href="HTTPS://Y.Z">HTTPS://Y.Z</a> <a href="ftp://y">ftp://y</a> <a href="dict://y">dict://y</a></p>`,
		},
		{
			name:   "an address in angle brackets needs a known scheme",
			source: "x <gopher://y/z> <javascript:y> <mailto:y>",
			want:   "<p>x &lt;gopher://y/z> <javascript:y> <mailto:y></p>",
		},
		{
			name:   "an address in angle brackets holds no blank and no quote",
			source: `x <http://y z> <http://y"z> <http://y'z>`,
			want:   `<p>x &lt;http://y z> &lt;http://y"z> &lt;http://y'z></p>`,
		},
		{
			name:   "an address in angle brackets that looks like a tag is one",
			source: "x <http:y> <tel:12>",
			want:   "<p>x <http:y> <tel:12></p>",
		},
		{
			name:   "an address in angle brackets of mail is a link",
			source: "x <me@example.com> <mailto:me@example.com> <MAILTO:Me+you@Mail.Example.COM>",
			want:   `<p>x <a href="mailto:me@example.com">me@example.com</a> <a href="mailto:me@example.com">me@example.com</a> <a href="mailto:Me+you@Mail.Example.COM">Me+you@Mail.Example.COM</a></p>`,
		},
		{
			name:   "an address in angle brackets of mail needs a name of letters at the end",
			source: "x <me@example> <me@example.1> <me@.com> <me@a..com> <@a.com>",
			want:   "<p>x &lt;me@example> &lt;me@example.1> &lt;me@.com> &lt;me@a..com> &lt;@a.com></p>",
		},
		{
			name:   "an address in angle brackets of mail may have a quoted name or a number",
			source: `x <"a b"@example.com> <me@[127.0.0.1]>`,
			want:   `<p>x <a href="mailto:&quot;a b&quot;@example.com">&quot;a b&quot;@example.com</a> <a href="mailto:me@[127.0.0.1]">me@[127.0.0.1]</a></p>`,
		},
		{
			name:   "an address in angle brackets is none without the brackets",
			source: "x http://y.example/a_b_c www.y.example me@example.com",
			want:   "<p>x http://y.example/a_b_c www.y.example me@example.com</p>",
		},
		{
			name:   "an address in angle brackets in the text of a link is a link",
			source: "x [<http://y/z>](w)",
			want:   `<p>x <a href="w"><a href="http://y/z">http://y/z</a></a></p>`,
		},
		{
			name:   "an address in angle brackets has its telephone number without the scheme",
			source: "x <tel:+1/2>",
			want:   `<p>x <a href="tel:+1/2">+1/2</a></p>`,
		},
	})
}
