package kses

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// MaxUnclosedBlocks is how many blocks without an end, each in the other,
// WordPress's way of ending them is followed: it repeats the rest of the text
// once for each. With more of them the delimiters stay as they are.
const MaxUnclosedBlocks = 4

// rewriteBlocks writes the delimiters of WordPress's blocks, which are comments
// like "<!-- wp:list {"ordered":true} -->", as WordPress writes them when it
// has filtered the blocks' attributes. What a reader sees of it: a block that
// has only "0" in it loses that, and blocks without an end repeat text.
//
// The attributes are not filtered one by one: they stay within the comment,
// which is filtered as a whole.
func rewriteBlocks(s string) string {
	if !hasComment(s) {
		return s
	}
	s = shortenEnds(s)
	if !strings.Contains(s, "wp:") {
		return s
	}
	r := rewriter{text: s}
	for {
		d, found := r.next()
		if !found {
			return r.finish()
		}
		switch {
		case d.void:
			r.flush(d.start)
			r.void(d)
		case !d.closing:
			r.begin(d)
		case len(r.open) == 0:
			// An end without a start: WordPress gives up, and so do the
			// delimiters behind it.
			return string(append(r.dst, s[r.at:]...))
		default:
			r.end(d.start)
		}
		r.at = d.end
	}
}

// shortenEnds makes "-->" of a comment's end with more hyphens.
func shortenEnds(s string) string {
	if !strings.Contains(s, "--->") {
		return s
	}
	var dst []byte
	from := 0
	mark, line := finder{text: s, mark: "--->"}, finder{text: s, mark: "\n"}
	for i := 0; ; {
		n := strings.Index(s[i:], "<!--")
		if n < 0 {
			break
		}
		i += n + len("<!--")
		end := mark.from(i)
		if end == len(s) {
			break
		}
		if end > line.from(i) {
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = append(dst, strings.TrimRight(s[i:end], "-")...)
		dst = append(dst, "-->"...)
		i = end + len("--->")
		from = i
	}
	return string(append(dst, s[from:]...))
}

// rewriter is where rewriteBlocks stands.
type rewriter struct {
	text string
	dst  []byte
	at   int // up to here text is read
	open []block

	noAttributes bool // no attributes end behind where we looked
}

// block is a block without an end as yet. In dst stands first the text before
// it, then its start, then what is in it so far.
type block struct {
	delimiter
	lead           int // in text: where the text before it begins
	leadAt         int // in dst: the same
	begin, content int // in dst: where its start begins, and what is in it
}

// delimiter is one of text's comments that begin or end a block.
type delimiter struct {
	start, end    int
	closing, void bool
	name          string
	attributes    string // JSON with a space behind it, or ""
}

// flush writes the text up to end; a lone "0" within a block is nothing.
func (r *rewriter) flush(end int) {
	if text := r.text[r.at:end]; len(r.open) == 0 || text != "0" {
		r.dst = append(r.dst, text...)
	}
}

func (r *rewriter) begin(d delimiter) {
	b := block{delimiter: d, lead: r.at, leadAt: len(r.dst)}
	r.flush(d.start)
	b.begin = len(r.dst)
	r.dst = appendStart(r.dst, d, "-->")
	b.content = len(r.dst)
	r.open = append(r.open, b)
}

func appendStart(dst []byte, d delimiter, end string) []byte {
	dst = append(dst, "<!-- wp:"...)
	dst = append(dst, d.name...)
	dst = append(dst, ' ')
	dst = append(dst, d.attributes...)
	return append(dst, end...)
}

func (r *rewriter) void(d delimiter) { r.dst = appendStart(r.dst, d, "/-->") }

// end ends the innermost block where the delimiter at start does.
func (r *rewriter) end(start int) {
	last := len(r.open) - 1
	b := r.open[last]
	if text := r.text[r.at:start]; last > 0 || text != "0" {
		r.dst = append(r.dst, text...)
	}
	r.open = r.open[:last]
	r.dst = appendEnd(r.dst, b.delimiter, b.begin, b.content)
}

// appendEnd ends a block whose start and content stand at the end of dst.
func appendEnd(dst []byte, d delimiter, begin, content int) []byte {
	if text := dst[content:]; len(text) == 0 || string(text) == "0" {
		return appendStart(dst[:begin], d, "/-->")
	}
	dst = append(dst, "<!-- /wp:"...)
	dst = append(dst, d.name...)
	return append(dst, " -->"...)
}

// finish writes what follows the last delimiter and ends the blocks that are
// open: the innermost first, each with the text before it, with what was ended
// in it, and with all that follows that.
func (r *rewriter) finish() string {
	if len(r.open) == 0 {
		return string(append(r.dst, r.text[r.at:]...))
	}
	if len(r.open) > MaxUnclosedBlocks {
		first := r.open[0]
		return string(append(r.dst[:first.begin:first.begin], r.text[first.start:]...))
	}
	out := append([]byte(nil), r.dst[:r.open[0].leadAt]...)
	next, rest := len(r.dst), r.text[r.at:]
	for i := len(r.open) - 1; i >= 0; i-- {
		b := r.open[i]
		out = append(out, r.text[b.lead:b.start]...)
		begin := len(out)
		out = append(out, r.dst[b.begin:next]...)
		if rest != "0" {
			out = append(out, rest...)
		}
		out = appendEnd(out, b.delimiter, begin, begin+b.content-b.begin)
		next, rest = b.leadAt, r.text[b.lead:]
	}
	return string(out)
}

// next reads the next delimiter.
func (r *rewriter) next() (d delimiter, found bool) {
	for i := r.at; ; {
		n := strings.Index(r.text[i:], "<!--")
		if n < 0 {
			return delimiter{}, false
		}
		i += n
		if d, found := r.delimiter(i); found {
			return d, true
		}
		i += len("<!--")
	}
}

// delimiter reads the delimiter that begins at start.
func (r *rewriter) delimiter(start int) (d delimiter, found bool) {
	s := r.text
	d.start = start
	i := skipSpace(s, start+len("<!--"))
	if i == start+len("<!--") {
		return d, false
	}
	if strings.HasPrefix(s[i:], "/") {
		d.closing = true
		i++
	}
	if !strings.HasPrefix(s[i:], "wp:") {
		return d, false
	}
	i += len("wp:")
	end := blockName(s, i)
	if end < len(s) && end > i && s[end] == '/' {
		first := end
		if end = blockName(s, first+1); end == first+1 {
			return d, false
		}
	}
	d.name = strings.TrimPrefix(s[i:end], "core/")
	after := skipSpace(s, end)
	if end == i || after == end {
		return d, false
	}
	i = after
	if strings.HasPrefix(s[i:], "{") {
		if end, after = r.attributes(i); end == 0 {
			return d, false
		}
		d.attributes = blockAttributes(s[i:end])
		i = after
	}
	if strings.HasPrefix(s[i:], "/") {
		d.void = true
		i++
	}
	d.end = i + len("-->")
	return d, strings.HasPrefix(s[i:], "-->")
}

// attributes is where the attributes end that begin at i, and where what
// follows them and white space begins; 0 if they have no end.
func (r *rewriter) attributes(i int) (end, after int) {
	for !r.noAttributes {
		n := strings.IndexByte(r.text[i:], '}')
		if n < 0 {
			break
		}
		i += n + 1
		after = skipSpace(r.text, i)
		rest := strings.TrimPrefix(r.text[after:], "/")
		if after > i && strings.HasPrefix(rest, "-->") {
			return i, after
		}
	}
	r.noAttributes = true
	return 0, 0
}

// blockName is where a name ends that begins at i: i if there is none.
func blockName(s string, i int) int {
	if i == len(s) || s[i] < 'a' || s[i] > 'z' {
		return i
	}
	for i < len(s) && (s[i] >= 'a' && s[i] <= 'z' || isDigit(s[i]) || s[i] == '_' || s[i] == '-') {
		i++
	}
	return i
}

// blockAttributes is JSON so that no comment ends in it, with a space behind
// it; "" for what is no JSON or has nothing in it. There is no "<" in s: within
// a comment it would be text by now.
func blockAttributes(s string) string {
	if !utf8.ValidString(s) || !json.Valid([]byte(s)) || trim(s[1:len(s)-1]) == "" {
		return ""
	}
	return strings.NewReplacer("--", `\u002d\u002d`, ">", `\u0026gt;`,
		"&", `\u0026`, `\"`, `\u0022`).Replace(s) + " "
}
