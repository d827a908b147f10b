package kses

import "strings"

// StripAllTags makes text of HTML as WordPress's wp_strip_all_tags does: script
// and style elements go with what is in them, then all tags, then white space
// at the ends.
func StripAllTags(s string) string {
	return trim(StripTags(dropScripts(s)))
}

// dropScripts takes out script and style elements that have an end.
func dropScripts(s string) string {
	var dst []byte
	from := 0
	last := [2]int{len(s), len(s)} // no end tag begins here or behind
	for i := 0; i < len(s); {
		open := strings.IndexByte(s[i:], '<')
		if open < 0 {
			break
		}
		i += open
		kind, name := 0, "script"
		if !hasPrefixFold(s[i+1:], name) {
			kind, name = 1, "style"
		}
		if !hasPrefixFold(s[i+1:], name) || i >= last[kind] {
			i++
			continue
		}
		end := scriptEnd(s, i+1+len(name), name)
		if end < 0 {
			last[kind] = i
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		i, from = end, end
	}
	if from == 0 {
		return s
	}
	return string(append(dst, s[from:]...))
}

// scriptEnd is where the element ends in whose tag i lies, -1 if nowhere.
func scriptEnd(s string, i int, name string) int {
	closing := strings.IndexByte(s[i:], '>')
	if closing < 0 {
		return -1
	}
	for i += closing + 1; ; i++ {
		open := strings.Index(s[i:], "</")
		if open < 0 {
			return -1
		}
		i += open
		end := i + 2 + len(name)
		if end < len(s) && s[end] == '>' && hasPrefixFold(s[i+2:], name) {
			return end + 1
		}
	}
}

// hasPrefixFold reports whether s begins with the prefix, which must be lower
// case, whatever its letters' case.
func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}
