package markdown

import "testing"

func TestSetextHeadings(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "one sign is enough",
			source: "a\n=\n\nb\n-",
			want:   "<h1>a</h1>\n\n<h2>b</h2>",
		},
		{
			name:   "only the last line is the heading",
			source: "a\nb\n---\nc",
			want:   "<p>a</p>\n\n<h2>b</h2>\n\n<p>c</p>",
		},
		{
			name:   "without a blank line behind it",
			source: "a\n---\nb\n===\nc",
			want:   "<h2>a</h2>\n\n<h1>b</h1>\n\n<p>c</p>",
		},
		{
			name:   "attributes",
			source: "a {#id .b .c}\n---",
			want:   "<h2 id=\"id\" class=\"b c\">a</h2>",
		},
		{
			name:   "attributes without text are text",
			source: "{#id}\n---",
			want:   "<h2>{#id}</h2>",
		},
		{
			name:   "an item above one dash is a list",
			source: "- a\n-\n- b",
			want:   "<ul>\n<li>a</li>\n<li></li>\n<li>b</li>\n</ul>",
		},
		{
			name:   "an item above two dashes is a heading",
			source: "- a\n--",
			want:   "<h2>- a</h2>",
		},
		{
			name:   "dashes with a space between them are no underline",
			source: "a\n- -",
			want:   "<p>a\n- -</p>",
		},
		{
			name:   "spans in a heading",
			source: "*a* `b`\n===",
			want:   "<h1><em>a</em> <code>b</code></h1>",
		},
	})
}
