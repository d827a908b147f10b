package kses

import "strings"

// MaxCommentPasses is how often what is in a comment is filtered until that
// changes nothing more. WordPress has no such limit; one pass is enough for
// all but text made to need more, each pass of which decodes one more layer of
// references. A comment that needs more is dropped.
const MaxCommentPasses = 4

// MaxCommentNesting is how deep comments may stand in each other, which again
// takes text made for it: each level is filtered MaxCommentPasses times.
const MaxCommentNesting = 1

// commentEnds finds where comments end.
type commentEnds struct{ mark, line finder }

// tagEnd is where the tag or comment ends that begins at i: a comment behind
// "-->" on its line, or on the last line at its end. All else, also a comment
// with neither, ends with the next ">".
func (c *commentEnds) tagEnd(i int) int {
	text := c.line.text
	if from := i + len("<!--"); strings.HasPrefix(text[i:], "<!--") {
		at, line := c.mark.from(from), c.line.from(from)
		if at < line {
			return at + len("-->")
		}
		if line >= len(text)-1 {
			return line
		}
	}
	if n := strings.IndexByte(text[i:], '>'); n >= 0 {
		return i + n + 1
	}
	return len(text)
}

// writeComment writes a comment with what is in it filtered, until filtering
// changes nothing more. Hyphens in it lose those beside them, so that none end
// it. An empty one vanishes.
func writeComment(out *strings.Builder, s string, depth int) {
	s = strings.ReplaceAll(unslash(s), "<!--", "")
	s = strings.ReplaceAll(s, "-->", "")
	stable := !strings.ContainsAny(s, "<>&")
	for pass := 0; !stable; pass++ {
		if pass == MaxCommentPasses || depth > MaxCommentNesting {
			return
		}
		filtered := filterTags(s, tagsClosed(s), depth+1)
		stable = filtered == s
		s = filtered
	}
	if s == "" {
		return
	}
	out.WriteString("<!--")
	// A hyphen at the end goes, also one before the last line's end.
	line := strings.HasSuffix(s, "\n")
	s = strings.TrimSuffix(s, "\n")
	for s = strings.TrimRight(s, "-"); s != ""; {
		n := strings.Index(s, "--")
		if n < 0 {
			out.WriteString(s)
			break
		}
		out.WriteString(s[:n+1])
		s = strings.TrimLeft(s[n:], "-")
	}
	if line {
		out.WriteByte('\n')
	}
	out.WriteString("-->")
}
