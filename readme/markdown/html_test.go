package markdown

import "testing"

func TestHTMLBlocks(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "ends at its end tag",
			source: "<div>*a*</div>\n*b*",
			want:   "<div>*a*</div>\n\n<p><em>b</em></p>",
		},
		{
			name:   "spans blank lines",
			source: "<ul>\n<li>*a*</li>\n\n<li>b</li>\n</ul>\nc",
			want:   "<ul>\n<li>*a*</li>\n\n<li>b</li>\n</ul>\n\n<p>c</p>",
		},
		{
			name:   "stands anywhere in a line",
			source: "a <div>*b*</div> c",
			want:   "<p>a</p>\n\n<div>*b*</div>\n\n<p>c</p>",
		},
		{
			name:   "may be indented",
			source: "a\n\n  <div>*b*</div>",
			want:   "<p>a</p>\n\n<div>*b*</div>",
		},
		{
			name:   "may hold its like",
			source: "<div><div>a</div>\n\n*b*</div>\n*c*",
			want:   "<div><div>a</div>\n\n*b*</div>\n\n<p><em>c</em></p>",
		},
		{
			name:   "ends a list",
			source: "* a\n<h3>b</h3>\n* c",
			want:   "<ul>\n<li>a</li>\n</ul>\n\n<h3>b</h3>\n\n<ul>\n<li>c</li>\n</ul>",
		},
		{
			name:   "stays in its item",
			source: "* a\n\n    <div>*b*</div>\n\n* c",
			want:   "<ul>\n<li><p>a</p>\n\n<div>*b*</div></li>\n<li><p>c</p></li>\n</ul>",
		},
		{
			name:   "parts lines of a list's item",
			source: "* a <div>*b*</div>\n* c",
			want:   "<ul>\n<li>a </li>\n</ul>\n\n<div>*b*</div>\n\n<ul>\n<li>c</li>\n</ul>",
		},
		{
			name:   "in a quote",
			source: "> <div>*a*</div>\n> *b*",
			want:   "<blockquote>\n  \n</blockquote>\n\n<div>*a*</div>\n\n<blockquote>\n  <p><em>b</em></p>\n</blockquote>",
		},
		{
			name:   "has a lower-case name",
			source: "<DIV>*a*</DIV>",
			want:   "<p><DIV><em>a</em></DIV></p>",
		},
		{
			name:   "hr needs no end",
			source: "a <hr> *b*",
			want:   "<p>a</p>\n\n<hr>\n\n<p><em>b</em></p>",
		},
		{
			name:   "closed in itself is one",
			source: "a <div/> *b*",
			want:   "<p>a</p>\n\n<div/>\n\n<p><em>b</em></p>",
		},
		{
			name:   "is none in indented code",
			source: "a\n\n    <div>\n\nb",
			want:   "<p>a</p>\n\n<pre><code>&lt;div&gt;\n</code></pre>\n\n<p>b</p>",
		},
		{
			name:   "is none between fences",
			source: "~~~\n<div>\n~~~",
			want:   "<pre><code>&lt;div&gt;\n</code></pre>",
		},
		{
			name:   "is none in a code span",
			source: "a `<div>` *b*",
			want:   "<p>a <code>&lt;div&gt;</code> <em>b</em></p>",
		},
		{
			name:   "is one behind a lone backtick",
			source: "a ` <div>*b*</div>",
			want:   "<p>a `</p>\n\n<div>*b*</div>",
		},
		{
			name:   "is none in the quotes of a tag",
			source: "a <b title=\"<div>\">*c*</b>",
			want:   "<p>a <b title=\"<div>\"><em>c</em></b></p>",
		},
		{
			name:   "ins is one if nothing follows in its line",
			source: "<ins>\n*a*\n</ins>",
			want:   "<ins>\n*a*\n</ins>",
		},
		{
			name:   "ins is none before text",
			source: "<ins>*a*</ins>",
			want:   "<p><ins><em>a</em></ins></p>",
		},
		{
			name:   "ins may be followed by a comment",
			source: "<ins> <!-- a -->\n*b*\n</ins>",
			want:   "<ins> <!-- a -->\n*b*\n</ins>",
		},
		{
			name:   "is left alone without a start",
			source: "a</div> *b*",
			want:   "<p>a</div> <em>b</em></p>",
		},
	})
}

func TestUnclosedHTML(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "leaves a sign of its tag",
			source: "a\n\n<div>*b*\n\nc",
			want:   "<p>a</p>\n\n<p>&lt;</p>\n\n<p>div><em>b</em></p>\n\n<p>c</p>",
		},
		{
			name:   "leaves the sign even in a line",
			source: "a <p> *b*",
			want:   "<p>a</p>\n\n<p>&lt;</p>\n\n<p>p> <em>b</em></p>",
		},
		{
			name:   "counts its like",
			source: "<div><div>*a*</div>",
			want:   "<p>&lt;</p>\n\n<p>div></p>\n\n<div>*a*</div>",
		},
		{
			name:   "leaves no sign of ins in a line",
			source: "a <ins> *b*",
			want:   "<p>a <ins> <em>b</em></p>",
		},
		{
			name:   "a quote in its tag goes on to the next",
			source: "<div title=\"a>*b*</div>\n\nc",
			want:   "<div title=\"a>*b*</div>\n\n<p>c</p>",
		},
	})
}

func TestCleanHTML(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "comments are left alone",
			source: "a <!-- *b* --> *c*",
			want:   "<p>a <!-- *b* --> <em>c</em></p>",
		},
		{
			name:   "comments span blank lines",
			source: "a <!-- *b*\n\n*c* --> *d*",
			want:   "<p>a <!-- *b*\n\n*c* --> <em>d</em></p>",
		},
		{
			name:   "comments alone are no paragraph",
			source: "a\n\n<!-- b -->\n\nc",
			want:   "<p>a</p>\n\n<!-- b -->\n\n<p>c</p>",
		},
		{
			name:   "comments without an end are text",
			source: "a <!-- *b*",
			want:   "<p>a &lt;!-- <em>b</em></p>",
		},
		{
			name:   "scripts in a line are left alone",
			source: "a <script>*b*</script> *c*",
			want:   "<p>a <script>*b*</script> <em>c</em></p>",
		},
		{
			name:   "processing instructions are left alone",
			source: "a <?php *b* ?> *c*",
			want:   "<p>a <?php *b* ?> <em>c</em></p>",
		},
		{
			name:   "others of their sort are not",
			source: "a <% *b* %> *c*",
			want:   "<p>a <% *b* %> <em>c</em></p>",
		},
	})
}

func TestMarkdownAttribute(t *testing.T) {
	checkBlocks(t, []blockCase{
		{
			name:   "is read as Markdown inside",
			source: "<div markdown=\"1\">\n*a*\n</div>\n*b*",
			want:   "<div>\n\n<p><em>a</em></p>\n\n</div>\n\n<p><em>b</em></p>",
		},
		{
			name:   "and loses the attribute",
			source: "<div class=\"a\" markdown='1' id=b>\n*a*\n</div>",
			want:   "<div class=\"a\" id=b>\n\n<p><em>a</em></p>\n\n</div>",
		},
		{
			name:   "in p holds spans",
			source: "<p markdown=\"1\">*a*\n\nb</p>",
			want:   "<p><em>a</em>\n\nb</p>",
		},
		{
			name:   "may ask for spans",
			source: "<div markdown=\"span\">*a*\nb</div>",
			want:   "<div><em>a</em>\nb</div>",
		},
		{
			name:   "may ask for blocks",
			source: "<table><tr><td markdown=\"block\">\n# a\n</td></tr></table>",
			want:   "<table><tr><td>\n\n<h1>a</h1>\n\n</td></tr></table>",
		},
		{
			name:   "outdents its lines",
			source: "<div>\n  <div markdown=\"1\">\n  # a\n\n      b\n  </div>\n</div>",
			want:   "<div>\n  <div>\n\n<h1>a</h1>\n\n<pre><code>b\n</code></pre>\n\n</div>\n</div>",
		},
		{
			name:   "may hold elements",
			source: "<div markdown=\"1\">\n<div>*a*</div>\n*b*\n</div>",
			want:   "<div>\n\n<div>*a*</div>\n\n<p><em>b</em></p>\n\n</div>",
		},
		{
			name:   "without an end leaves a sign",
			source: "<div markdown=\"1\">\n*a*",
			want:   "<p>&lt;</p>\n\n<p>div markdown=\"1\">\n<em>a</em></p>",
		},
		{
			name:   "zero is none",
			source: "<div markdown=\"0\">\n*a*\n</div>",
			want:   "<div markdown=\"0\">\n*a*\n</div>",
		},
	})
}
