package markdown

import "testing"

func TestDefinitionLists(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "a term and a definition",
			source: "Apple\n: A fruit",
			want:   "<dl>\n<dt>Apple</dt>\n<dd>A fruit</dd>\n</dl>",
		},
		{
			name:   "two terms and two definitions",
			source: "Apple\nPear\n: A fruit\n: A tree",
			want:   "<dl>\n<dt>Apple</dt>\n<dt>Pear</dt>\n<dd>A fruit</dd>\n\n<dd>A tree</dd>\n</dl>",
		},
		{
			name:   "a blank line above the definition",
			source: "Apple\n\n: A fruit",
			want:   "<dl>\n<dt>Apple</dt>\n<dd>\n<p>A fruit</p>\n</dd>\n</dl>",
		},
		{
			name:   "two terms with definitions",
			source: "Apple\n: A fruit\n\nBean\n: A seed",
			want:   "<dl>\n<dt>Apple</dt>\n<dd>A fruit</dd>\n\n<dt>Bean</dt>\n<dd>A seed</dd>\n</dl>",
		},
		{
			name:   "more than one paragraph",
			source: "Apple\n: A fruit\n\n    From a tree\n\nBean\n: A seed",
			want:   "<dl>\n<dt>Apple</dt>\n<dd>\n<p>A fruit</p>\n\n<p>From a tree</p>\n</dd>\n\n<dt>Bean</dt>\n<dd>A seed</dd>\n</dl>",
		},
		{
			name:   "a blank line between definitions",
			source: "Apple\n: A fruit\n\n: A firm",
			want:   "<dl>\n<dt>Apple</dt>\n<dd>A fruit</dd>\n\n<dd>\n<p>A firm</p>\n</dd>\n</dl>",
		},
		{
			name:   "lines of a definition",
			source: "Apple\n: A fruit\n  from a tree\nand more",
			want:   "<dl>\n<dt>Apple</dt>\n<dd>A fruit\nfrom a tree\nand more</dd>\n</dl>",
		},
		{
			name:   "ends before a paragraph",
			source: "Apple\n: A fruit\n\nText",
			want:   "<dl>\n<dt>Apple</dt>\n<dd>A fruit</dd>\n</dl>\n\n<p>Text</p>",
		},
		{
			name:   "without a space is text",
			source: "Apple\n:A fruit",
			want:   "<p>Apple\n:A fruit</p>",
		},
		{
			name:   "without a term is text",
			source: ": A fruit\n: A *tree*",
			want:   "<dl>\n: A fruit\n<dd>A <em>tree</em></dd>\n</dl>",
		},
		{
			name:   "an empty definition",
			source: "Apple\n:   \n: A fruit",
			want:   "<dl>\n<dt>Apple</dt>\n<dd>\n: A fruit</dd>\n</dl>",
		},
		{
			name:   "a list in a definition",
			source: "Apple\n\n:   * a\n    * b",
			want:   "<dl>\n<dt>Apple</dt>\n<dd>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n</dd>\n</dl>",
		},
		{
			name:   "spans in term and definition",
			source: "*Apple*\n: `A` fruit",
			want:   "<dl>\n<dt><em>Apple</em></dt>\n<dd><code>A</code> fruit</dd>\n</dl>",
		},
		{
			name:   "a heading is no term",
			source: "# Apple\n: A fruit\n",
			want:   "<dl>\n<dt><h1>Apple</h1></dt>\n<dd>\n<p>A fruit</p>\n</dd>\n</dl>",
		},
	})
}
