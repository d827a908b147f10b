package readme

import (
	"strings"
	"testing"
)

func TestWordsEnd(t *testing.T) {
	for _, c := range []struct {
		name, text string
		n          int
		want       string // text up to the end, or "-" if there are fewer words
	}{
		{"fewer words", "a b", 2, "-"},
		{"as many with space behind", "a b ", 2, "a b "},
		{"more words", "a \n\tb  c", 2, "a \n\tb  "},
		{"Unicode's spaces part words", "a\u00a0b\u3000c", 2, "a\u00a0b\u3000"},
		{"so does one that is none any more", "a\u180eb c", 2, "a\u180eb "},
		{"but not where bytes are no UTF-8", "a\u00a0b\xff c d", 2, "a\u00a0b\xff c "},
		{"space before the first word counts", "\u00a0a b", 2, "\u00a0a "},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := "-"
			if end, _ := wordsEnd(c.text, c.n); end >= 0 {
				got = c.text[:end]
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// The directory's limits, with what it writes where it cuts.
func TestLimitsOfSections(t *testing.T) {
	word := strings.Repeat("a ", MaxLongSectionWords+1)
	src := "=== a ===\n\nb\n== Changelog ==\n" + word + "\n== Installation ==\n" + word + "\n== Upgrade Notice ==\n" + word
	r := Parse([]byte(src), Options{Profile: WPOrg})
	for key, words := range map[string]int{"changelog": MaxLongSectionWords, "installation": MaxSectionWords} {
		if want := strings.Repeat("a ", words) + " &hellip;"; r.Section(key).Markdown != want {
			t.Errorf("%s is not cut after %d words", key, words)
		}
	}
	if n := len(strings.Fields(r.UpgradeNotice[0].Markdown)); n != MaxLongSectionWords+1 {
		t.Errorf("the notice has %d words", n)
	}
}
