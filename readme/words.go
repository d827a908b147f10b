package readme

import (
	"unicode"
	"unicode/utf8"
)

// The words of a section that WordPress.org shows.
const (
	MaxSectionWords     = 2500
	MaxLongSectionWords = 5000 // of the changelog and the FAQ
)

// wordLimit is how many words of a section WordPress.org shows.
func wordLimit(key string) int {
	if key == "changelog" || key == "faq" {
		return MaxLongSectionWords
	}
	return MaxSectionWords
}

// limitSections warns of sections that WordPress.org cuts, and cuts them
// unless the profile has WholeText. Upgrade notices have no limit. Sections of
// titles that WordPress.org does not know are part of the description there,
// and count as such.
func (p *walker) limitSections() {
	more := 0 // words that WordPress.org adds to the description
	for _, s := range p.readme.Sections {
		if !isStandard(s.Key) || s.Key == "other_notes" {
			_, words := wordsEnd(s.Markdown, MaxSectionWords)
			more += words + 1
		}
	}
	for i := range p.readme.Sections {
		s := &p.readme.Sections[i]
		limit := wordLimit(s.Key)
		if s.Key == "description" {
			limit = max(1, limit-more)
		}
		if !isStandard(s.Key) || s.Key == "upgrade_notice" || s.Key == "other_notes" || len(s.Markdown) < 2*limit-1 {
			continue
		}
		end, _ := wordsEnd(s.Markdown, limit)
		if end < 0 {
			continue
		}
		p.warn("trimmed_section_"+s.Key, s.Line)
		if !p.has(WholeText) {
			s.Markdown = s.Markdown[:end] + " &hellip;"
		}
	}
}

// wordsEnd is where the space behind the n-th word ends, and how many words
// with space behind them there are, at most n. The end is -1 if there are
// fewer. White space is Unicode's, or ASCII's in text that is not UTF-8.
func wordsEnd(text string, n int) (end, words int) {
	valid := utf8.ValidString(text)
	within := false // white space
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf && valid {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if isWhite(r, valid) {
			within = true
		} else if within {
			within = false
			if words++; words == n {
				return i, words
			}
		}
		i += size
	}
	if within {
		if words++; words == n {
			return len(text), words
		}
	}
	return -1, words
}

func isWhite(r rune, valid bool) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || '\t' <= r && r <= '\r'
	}
	return valid && (unicode.IsSpace(r) || r == '\u180E')
}
