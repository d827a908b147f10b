package markdown

import "testing"

func TestLineCode(t *testing.T) {
	checkPrepare(t, []prepareCase{
		{
			name:   "at the start of a line is indented",
			source: "a\n\n`b` c\nd",
			want:   "a\n\n    b c\nd\n\n",
		},
		{
			name:   "may start behind white space",
			source: "a\n\n \t`b`",
			want:   "a\n\n        b\n\n",
		},
		{
			name:   "ends at the next backtick, many lines on",
			source: "a\n`b\n\nc\n`\nd `e`",
			want:   "a\n    b\n    \n    c\n\nd `e`\n\n",
		},
		{
			name:   "at the start of the text loses its indent",
			source: "`a\nb`",
			want:   "a\n    b\n\n",
		},
		{
			name:   "may be empty, so a fence is cut",
			source: "a\n```\nb\n```",
			want:   "a\n    `\nb\n    `\n\n",
		},
		{
			name:   "within a line is left alone",
			source: "a `b` c",
			want:   "a `b` c\n\n",
		},
		{
			name:   "without an end is left alone",
			source: "a\n`b",
			want:   "a\n`b\n\n",
		},
		{
			name:   "does not start behind the end of other code",
			source: "`a``b` c",
			want:   "a`b` c\n\n",
		},
	})
}
