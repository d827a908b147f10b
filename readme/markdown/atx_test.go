package markdown

import "testing"

func TestAtxHeadings(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "one to six number signs",
			source: "# a\n## b\n### c\n#### d\n##### e\n###### f\n####### g",
			want:   "<h1>a</h1>\n\n<h2>b</h2>\n\n<h3>c</h3>\n\n<h4>d</h4>\n\n<h5>e</h5>\n\n<h6>f</h6>\n\n<h6># g</h6>",
		},
		{
			name:   "no space is needed",
			source: "#a\n##b",
			want:   "<h1>a</h1>\n\n<h2>b</h2>",
		},
		{
			name:   "number signs at the end",
			source: "# a #\n## b ####\n# c# #",
			want:   "<h1>a</h1>\n\n<h2>b</h2>\n\n<h1>c#</h1>",
		},
		{
			name:   "attributes at the end",
			source: "# a {#id .b}\n# c ## {.d x=y}\n# {#e}",
			want:   "<h1 id=\"id\" class=\"b\">a</h1>\n\n<h1 class=\"d\" x=\"y\">c</h1>\n\n<h1>{#e}</h1>",
		},
		{
			name:   "an unknown attribute is text",
			source: "# a {b}",
			want:   "<h1>a {b}</h1>",
		},
		{
			name:   "number signs alone",
			source: "##\n\n# \n\n#",
			want:   "<h1>#</h1>\n\n<h1> </h1>\n\n<p>#</p>",
		},
		{
			name:   "an indented number sign is text",
			source: " # a",
			want:   "<h1>a</h1>",
		},
		{
			name:   "in the middle of a paragraph",
			source: "a\n# b\nc",
			want:   "<p>a</p>\n\n<h1>b</h1>\n\n<p>c</p>",
		},
	})
}

func TestKeepHash(t *testing.T) {
	for _, c := range []blockCase{
		{"a word with one number sign is text", "#word\n\n##word ##", "<p>#word</p><h2>word</h2>"},
		{"a heading has a space", "# word\n\n## word", "<h1>word</h1><h2>word</h2>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(WordPress(c.source, KeepHash)); bare(got) != c.want {
				t.Errorf("%q\ngot  %q\nwant %q", c.source, got, c.want)
			}
		})
	}
}
