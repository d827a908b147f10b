package kses

import (
	"strings"
	"testing"
)

// example is what WordPress makes of html.
type example struct{ name, html, want string }

func check(t *testing.T, filter func(string) string, examples []example) {
	t.Helper()
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			if got := filter(e.html); got != e.want {
				t.Errorf("%q became\n%q, want\n%q", e.html, got, e.want)
			}
		})
	}
}

// What WordPress repeats for each of many blocks stays as it is here.
func TestManyBlocksWithoutAnEndStay(t *testing.T) {
	html := strings.Repeat("<!-- wp:a -->b", MaxUnclosedBlocks+1)
	if got := Filter(html); got != html {
		t.Errorf("%q became\n%q", html, got)
	}
}

// WordPress would filter a comment until nothing changes, however often.
func TestACommentThatNeedsManyPassesGoes(t *testing.T) {
	html := "<!-- " + strings.Repeat("&", 9) + strings.Repeat("#0;", 9) + "-->"
	if got := Filter(html); got != "" {
		t.Errorf("%q became %q", html, got)
	}
}
