// Package kses filters HTML as WordPress.org's plugin directory filters the
// sections of a readme: WordPress's force_balance_tags and wp_kses, with the
// directory's list of elements and attributes. It has WordPress's other ways
// to make text of HTML beside it, because they share the rules.
//
// The steps are those of WordPress 6.1 in its order, each in a file:
//
//	balance.go    end tags are added and dropped
//	entities.go   references that are none become text
//	lessthan.go   "<" that opens no tag becomes text
//	blocks.go     delimiters of blocks are written anew
//	tags.go       tags that are not allowed are dropped
//	attributes.go attributes that are not allowed are dropped
//	protocol.go   schemes that are not allowed are cut off
//	comments.go   comments stay, with what is in them filtered
//
// WordPress's steps are regular expressions, some of them quadratic, one even
// exponential: a "<" before a long name with hyphens that is no tag makes PHP
// give up, and the rest of the text stays out of balance. These pass over the
// text once and do not give up. The bounds that takes are constants here.
package kses

import "strings"

// MaxGrowth is how many bytes Filter makes of one at most: a quote in what is
// no tag becomes six, each of MaxUnclosedBlocks repeats them, and the "&" in a
// block's attributes becomes ten. HTML without blocks grows to no more than six
// times its length.
const MaxGrowth = 6*(MaxUnclosedBlocks+1) + 10

// Filter returns the HTML that WordPress.org would show for it. It takes time
// in proportion to its length, and returns valid UTF-8 for valid UTF-8.
//
// The result is safe to show: it has no elements, attributes or schemes beside
// those allowed. It need not be well-formed: tags that only the last steps
// understand ("< b>") come too late to be balanced.
func Filter(html string) string {
	html = trim(html)
	markup, control := inspect(html)
	if !markup && !control {
		return html
	}
	closed := true
	if markup {
		html, closed = balance(html)
	}
	if control {
		html = dropControls(html)
	}
	return trim(filterTags(html, closed, 0))
}

// filterTags is wp_kses for text without control characters. closed says that
// each "<" in it has its ">". Within comments it filters what is in them;
// depth says in how many the text stands.
func filterTags(s string, closed bool, depth int) string {
	return splitTags(rewriteBlocks(disarm(s, closed)), depth)
}

// inspect reports whether s has anything that the filter could touch:
// "<", ">" or "&", and control characters.
func inspect(s string) (markup, control bool) {
	var seen uint64
	for i := range len(s) {
		if s[i] < 32 {
			seen |= 1 << s[i]
		}
	}
	markup = strings.IndexByte(s, '<') >= 0 || strings.IndexByte(s, '&') >= 0 ||
		strings.IndexByte(s, '>') >= 0
	return markup, seen&controls != 0
}

// controls are the control characters that do not survive: all but tab, line
// feed and carriage return. The bit of a character is its code.
const controls = 1<<32 - 1 - 1<<'\t' - 1<<'\n' - 1<<'\r'

func dropControls(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	for i := range len(s) {
		if s[i] >= 32 || controls>>s[i]&1 == 0 {
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

// builder has room for what becomes of s, unless that grows much.
func builder(s string) *strings.Builder {
	var out strings.Builder
	out.Grow(len(s) + len(s)/8 + 64)
	return &out
}

// finder finds a mark again and again without looking at text twice.
type finder struct {
	text, mark string
	at         int // the first mark at or after where we looked last
	looked     bool
}

// from is where the first mark at or after i is, the length of the text if
// there is none. i must not decrease from call to call.
func (f *finder) from(i int) int {
	if f.looked && f.at >= i {
		return f.at
	}
	f.looked = true
	if n := strings.Index(f.text[i:], f.mark); n >= 0 {
		f.at = i + n
	} else {
		f.at = len(f.text)
	}
	return f.at
}

// trim is PHP's: white space and NUL go at both ends.
func trim(s string) string { return strings.Trim(s, " \t\n\r\x00\x0B") }

// isSpace is C's, and PCRE's \s.
func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// skipSpace is the first place at or after i without white space.
func skipSpace(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// lower is strings.ToLower for ASCII alone, as PHP 8 has it.
func lower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return lowered(s)
		}
	}
	return s
}

func lowered(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
