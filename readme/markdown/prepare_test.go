package markdown

import "testing"

func TestPrepare(t *testing.T) {
	checkPrepare(t, []prepareCase{
		{
			name:   "every line end is one",
			source: "a\r\nb\rc\nd",
			want:   "a\nb\nc\nd\n\n",
		},
		{
			name:   "white space at both ends goes",
			source: " \t\n a \n\v",
			want:   "a\n\n",
		},
		{
			name:   "PHP Markdown's own mark goes",
			source: "a\x1ab",
			want:   "ab\n\n",
		},
		{
			name:   "tabs go to the next of four columns",
			source: "a\tb\n\tc\tabcd\te",
			want:   "a   b\n    c   abcd    e\n\n",
		},
		{
			name:   "columns are characters",
			source: "é€\tb",
			want:   "é€  b\n\n",
		},
		{
			name:   "other control characters stay",
			source: "a\fb\u0001c",
			want:   "a\fb\u0001c\n\n",
		},
	})
}

// prepareCase is a text and what WordPress.org hands on to Markdown.
type prepareCase struct{ name, source, want string }

func checkPrepare(t *testing.T, cases []prepareCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := string(prepare(c.source, 0)); got != c.want {
				t.Errorf("%q\ngot  %q\nwant %q", c.source, got, c.want)
			}
		})
	}
}
