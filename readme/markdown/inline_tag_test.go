package markdown

import "testing"

func TestInlineTag(t *testing.T) {
	checkSpans(t, []spanCase{
		{
			name:   "tags stay as they are, whatever their name",
			source: `x <b class="y">z</b> <nonsense> <my:tag a='>'> <br/> <br /> </b >`,
			want:   `<p>x <b class="y">z</b> <nonsense> <my:tag a='>'> <br/> <br /> </b ></p>`,
		},
		{
			name:   "tags hide marks in their attributes",
			source: "x <a href=\"http://x.y/_a_\" title=\"*b* > `c`\">*d*</a>",
			want:   "<p>x <a href=\"http://x.y/_a_\" title=\"*b* > `c`\"><em>d</em></a></p>",
		},
		{
			name:   "tags may go over lines",
			source: "x <b\nclass=\"y\nw\">z</b>",
			want:   "<p>x <b\nclass=\"y\nw\">z</b></p>",
		},
		{
			name:   "tags need a name",
			source: "x < b> <> <1> <é> 2<3 & 4>3",
			want:   "<p>x &lt; b> &lt;> <1> &lt;é> 2<3 & 4>3</p>",
		},
		{
			name:   "tags need a closing quote",
			source: `x <b title="y> *z*`,
			want:   `<p>x &lt;b title="y> <em>z</em></p>`,
		},
		{
			name:   "tags are taken by a later quote",
			source: `x <b title="y> *z* "> w`,
			want:   `<p>x <b title="y> *z* "> w</p>`,
		},
		{
			name:   "tags may be declarations",
			source: "x <!DOCTYPE html> <$x>",
			want:   "<p>x <!DOCTYPE html> <$x></p>",
		},
		{
			name:   "tags may be processing instructions",
			source: "x <?php *y* ?> <% *z* %> w",
			want:   "<p>x <?php *y* ?> <% *z* %> w</p>",
		},
		{
			name:   "tags without an end are text",
			source: "x <?php *y* <!-- z",
			want:   "<p>x &lt;?php <em>y</em> &lt;!-- z</p>",
		},
		{
			name:   "tags do not close with attributes",
			source: `x </b class="y"> z`,
			want:   `<p>x &lt;/b class="y"> z</p>`,
		},
	})
}
