package markdown

import "testing"

func TestLinkDefinitions(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "vanishes with the blank lines behind it",
			source: "[a] b\n[a]: http://x.y\n\nc",
			want:   "<p><a href=\"http://x.y\">a</a> b\nc</p>",
		},
		{
			name:   "title in three ways",
			source: "[a] [b] [c]\n\n[a]: u \"t\"\n[b]: u (t)\n[c]: u \"t)",
			want:   "<p><a href=\"u\" title=\"t\">a</a> <a href=\"u\" title=\"t\">c</a></p>",
		},
		{
			name:   "title in the next line",
			source: "[a]\n\n[a]: u\n   \"t\"\n",
			want:   "<p><a href=\"u\" title=\"t\">a</a></p>",
		},
		{
			name:   "address in the next line",
			source: "[a]\n\n[a]:\n   u\n",
			want:   "<p><a href=\"u\">a</a></p>",
		},
		{
			name:   "address in angle brackets",
			source: "[a]\n\n[a]: <u v> \"t\"",
			want:   "<p><a href=\"u v\" title=\"t\">a</a></p>",
		},
		{
			name:   "a word in the next line is an address",
			source: "[a]:\nb\n\n[a]",
			want:   "<p><a href=\"b\">a</a></p>",
		},
		{
			name:   "two words are text",
			source: "[a]: b c",
			want:   "<p>[a]: b c</p>",
		},
		{
			name:   "a quote in a title",
			source: "[a]\n\n[a]: u \"t \"x\" y\"",
			want:   "<p><a href=\"u\" title=\"t &quot;x&quot; y\">a</a></p>",
		},
		{
			name:   "attributes make an empty title",
			source: "[a]\n\n[a]: u {.c}",
			want:   "<p><a href=\"u\" title=\"\" class=\"c\">a</a></p>",
		},
		{
			name:   "labels have no case",
			source: "[FOO] [foo]\n\n[Foo]: u",
			want:   "<p><a href=\"u\">FOO</a></p>",
		},
		{
			name:   "the last one counts",
			source: "[a]\n\n[a]: u \"t\"\n[a]: v",
			want:   "<p><a href=\"v\">a</a></p>",
		},
		{
			name:   "a colon behind a space",
			source: "[a]\n\n[a] : u",
			want:   "<p><a href=\"u\">a</a></p>",
		},
		{
			name:   "a bracket in a label",
			source: "[a]: b]: u\n\n[a]: b",
			want:   "",
		},
		{
			name:   "indented by four is text",
			source: "a\n    [a]: u",
			want:   "<p>a\n    [a]: u</p>",
		},
	})
}
