package markdown

import (
	"encoding/xml"
	"strings"
)

// codeTags makes backticks of <code>, so that nothing in it is read as
// Markdown: "<code>*a*</code>" is "`*a*`", and in <pre> a block. Entities are
// decoded and "<br />" left out, since both come from editors that wrote HTML.
// The element ends at the first end tag, with </pre> if that follows, whatever
// it started with.
func codeTags(s string, rules Rules) string {
	const start, end = "<code>", "</code>"
	if !strings.Contains(s, start) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	for {
		from := strings.Index(s, start)
		if from < 0 {
			break
		}
		length := strings.Index(s[from+len(start):], end)
		if length < 0 {
			break
		}
		before, block := strings.CutSuffix(s[:from], "<pre>")
		code := decodeCode(s[from+len(start) : from+len(start)+length])
		s = strings.TrimPrefix(s[from+len(start)+length+len(end):], "</pre>")
		mark := "`"
		if rules&KeepCode != 0 {
			mark = markFor(code)
		}
		switch {
		case block:
			code = "\n" + code + "\n"
		case len(mark) > 1:
			code = " " + code + " "
		}
		own := block && rules&KeepCode != 0 // on lines of its own it is a block
		out.WriteString(before)
		if own && before != "" && !strings.HasSuffix(before, "\n") {
			out.WriteByte('\n')
		}
		out.WriteString(mark)
		out.WriteString(code)
		out.WriteString(mark)
		if own && s != "" && s[0] != '\n' && s[0] != '\r' {
			out.WriteByte('\n')
		}
	}
	out.WriteString(s)
	return out.String()
}

// decodeCode decodes the entities of HTML 4, once, and then those of "&" and
// "'" by number.
func decodeCode(s string) string {
	if strings.IndexByte(s, '&') >= 0 {
		s = decodeEntities(s)
	}
	s = strings.ReplaceAll(s, "<br />", "")
	s = strings.ReplaceAll(s, "&#38;", "&")
	return strings.ReplaceAll(s, "&#39;", "'")
}

// longestEntity is the length of "&thetasym;".
const longestEntity = 10

func decodeEntities(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			break
		}
		out.WriteString(s[:i])
		s = s[i:]
		if end := strings.IndexByte(s[:min(len(s), longestEntity)], ';'); end > 0 {
			name := s[1:end]
			decoded, ok := xml.HTMLEntity[name]
			if name == "#039" {
				decoded, ok = "'", true
			}
			if ok {
				out.WriteString(decoded)
				s = s[end+1:]
				continue
			}
		}
		out.WriteByte('&')
		s = s[1:]
	}
	out.WriteString(s)
	return out.String()
}

// markFor is a run of backticks that the code does not hold.
func markFor(code string) string {
	longest, run := 0, 0
	for i := range len(code) {
		if code[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return strings.Repeat("`", longest+1)
}
