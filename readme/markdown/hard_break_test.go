package markdown

import "testing"

func TestHardBreak(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "the end of a line behind two blanks or more is a break",
			source: "x  \ny    \nz",
			want:   "<p>x<br />\ny<br />\nz</p>",
		},
		{
			name:   "the end of a line behind one blank is none",
			source: "x \ny\nz",
			want:   "<p>x \ny\nz</p>",
		},
		{
			name:   "the end of a line is a break in emphasis and links",
			source: "x *y  \nz* [y  \nz](w)",
			want:   "<p>x <em>y<br />\nz</em> <a href=\"w\">y<br />\nz</a></p>",
		},
		{
			name:   "the end of a line is none behind a backslash",
			source: "x\\\ny",
			want:   "<p>x\\\ny</p>",
		},
	})
}
