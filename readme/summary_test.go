package readme

import "testing"

func TestSummary(t *testing.T) {
	tests := []struct{ name, description, want string }{
		{"no summary", "Text.\n\n= More =\nText.", ""},
		{"a summary among others", "Before.\n\n= Summary =\n\nIn *short*.\n\nAnd more.\n\n= Details =\nLong.", "In *short*.\n\nAnd more."},
		{"a summary at the end", "= Details =\nLong.\n\n= summary =\nIn short.", "In short."},
		{"a Markdown heading", "### Summary ###\nIn short.\n#### Details\nLong.", "In short."},
		{"a word more is another heading", "= Summary of all =\nText.", ""},
		{"a heading within code does not end it", "= Summary =\n```\n# code\n```\nText.\n= X =", "```\n# code\n```\nText."},
		{"an empty one", "= Summary =\n= Details =\nLong.", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Parse([]byte("=== Hello Yard ===\nTags: a\n\nShort.\n\n== Description ==\n"+tt.description+"\n"), serving)
			if got := r.Summary(); got != tt.want {
				t.Errorf("Summary = %q, want %q", got, tt.want)
			}
		})
	}
}
