package markdown

import "bytes"

// tagKind is what Markdown Extra makes of the tags of a name.
type tagKind uint8

const (
	blockTag   tagKind = 1 << iota // a block wherever it stands
	contextTag                     // a block if nothing follows in its line
	cleanTag                       // nothing inside is Markdown
	emptyTag                       // has no end tag
	spanTag                        // with markdown="1" it holds spans, not blocks
)

// kindOf is the kind of the tags of a name, 0 if they are none of these. As in
// PHP Markdown, names are lower-case.
func kindOf(name []byte) tagKind {
	switch string(name) {
	case "div", "blockquote", "pre", "table", "dl", "ol", "ul", "form", "fieldset", "article", "section",
		"nav", "aside", "hgroup", "header", "footer", "figcaption", "figure":
		return blockTag
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "legend", "address":
		return blockTag | spanTag
	case "iframe":
		return blockTag | contextTag
	case "hr":
		return blockTag | emptyTag
	case "noscript", "ins", "del", "object", "canvas", "audio", "video":
		return contextTag
	case "script", "style", "math", "svg":
		return contextTag | cleanTag
	case "source", "track", "param":
		return contextTag | emptyTag
	case "img":
		return emptyTag
	case "li", "dd", "dt", "td", "th":
		return spanTag
	}
	return 0
}

// namePrefix is the length of the shortest name of a block, context or clean
// tag that s starts with, 0 if it starts with none: "<pfoo>" is read as "<p".
func namePrefix(s []byte) int {
	const longest = len("blockquote")
	for n := 1; n <= min(len(s), longest) && isWord(s[n-1]); n++ {
		if kindOf(s[:n])&(blockTag|contextTag|cleanTag) != 0 {
			return n
		}
	}
	return 0
}

// wordLength is how many letters, digits and underscores s starts with.
func wordLength(s []byte) int {
	n := 0
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n
}

func isWord(c byte) bool { return c == '_' || isAlnum(c) }

func isAlnum(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}

// mayFollowName reports whether attributes may start with c.
func mayFollowName(c byte) bool {
	return isSpace(c) || c == '"' || c == '\'' || c == '/' || isAlnum(c)
}

// markupText is a text in which tags are looked for, with what is known of it
// so that nothing is looked for twice.
type markupText struct {
	text []byte

	specials []int32 // offsets of '>', '"' and '\''
	ends     []int32 // where a tag ends that reads on from there, -1 if nowhere
	last     [4]int  // by index in instructions: where the last end mark stands, plus two
}

// nearby is how far the end of a tag is looked for before an index is made.
const nearby = 512

// tagEnd is where a tag ends whose attributes go on at i: behind the first ">"
// outside quotes, -1 if there is none. A quote without its like is none.
func (t *markupText) tagEnd(i int) int {
	for stop := min(len(t.text), i+nearby); i < stop; i++ {
		switch c := t.text[i]; c {
		case '>':
			return i + 1
		case '"', '\'':
			next := bytes.IndexByte(t.text[i+1:stop], c)
			if next < 0 {
				return t.farTagEnd(i)
			}
			i += 1 + next
		}
	}
	return t.farTagEnd(i)
}

func (t *markupText) farTagEnd(i int) int {
	if t.specials == nil {
		t.indexSpecials()
	}
	from, to := 0, len(t.specials)
	for from < to {
		if middle := (from + to) / 2; int(t.specials[middle]) < i {
			from = middle + 1
		} else {
			to = middle
		}
	}
	if from == len(t.specials) {
		return -1
	}
	return int(t.ends[from])
}

func (t *markupText) indexSpecials() {
	t.specials = make([]int32, 0, 64)
	for i, c := range t.text {
		if c == '>' || c == '"' || c == '\'' {
			t.specials = append(t.specials, int32(i))
		}
	}
	t.ends = make([]int32, len(t.specials)+1)
	none := len(t.specials)
	t.ends[none] = -1
	single, double := none, none // the next quote of each sort
	for k := none - 1; k >= 0; k-- {
		next := k + 1
		switch t.text[t.specials[k]] {
		case '>':
			t.ends[k] = t.specials[k] + 1
			continue
		case '"':
			if double < none {
				next = double + 1
			}
			double = k
		case '\'':
			if single < none {
				next = single + 1
			}
			single = k
		}
		t.ends[k] = t.ends[next]
	}
}

// instructions are the marks of what is no element: comments, processing
// instructions, character data.
var instructions = [4]struct{ start, end string }{
	{"<!--", "-->"}, {"<?", "?>"}, {"<%", "%>"}, {"<![CDATA[", "]]>"},
}

// instructionEnd is where a comment or the like ends that starts at i, -1 if
// there is none.
func (t *markupText) instructionEnd(i int) int {
	if i+1 >= len(t.text) || t.text[i+1] != '!' && t.text[i+1] != '?' && t.text[i+1] != '%' {
		return -1
	}
	for k, mark := range instructions {
		if !bytes.HasPrefix(t.text[i:], []byte(mark.start)) {
			continue
		}
		if t.last[k] == 0 {
			t.last[k] = bytes.LastIndex(t.text, []byte(mark.end)) + 2
		}
		from := i + len(mark.start)
		if t.last[k]-2 < from {
			return -1
		}
		return from + bytes.Index(t.text[from:], []byte(mark.end)) + len(mark.end)
	}
	return -1
}

// tag is where the tag ends that starts at i, as it is looked for inside an
// element, -1 if none does.
func (t *markupText) tag(i int) int {
	name := i + 1
	if name < len(t.text) && t.text[name] == '/' {
		name++
	}
	k, more := name, false // whether the name has a letter or a digit behind its first
	for k < len(t.text) && (isWord(t.text[k]) || t.text[k] == ':' || t.text[k] == '$') {
		more = more || k > name && isAlnum(t.text[k])
		k++
	}
	switch {
	case k == name:
		return t.instructionEnd(i)
	case k == len(t.text):
		return -1
	case t.text[k] == '>':
		return k + 1
	case mayFollowName(t.text[k]) || more:
		return t.tagEnd(k)
	}
	return -1
}

// markdownTag is where the tag ends that starts at i, as it is looked for in
// Markdown, -1 if none does: any tag outside elements, and within one the tags
// with a kind and those of the element's name.
func (t *markupText) markdownTag(i int, element []byte) int {
	name := i + 1
	if name < len(t.text) && t.text[name] == '/' {
		if end := t.namedTag(name+1, element); end >= 0 {
			return end
		}
	}
	if end := t.namedTag(name, element); end >= 0 {
		return end
	}
	return t.instructionEnd(i)
}

func (t *markupText) namedTag(i int, element []byte) int {
	if i >= len(t.text) {
		return -1
	}
	n := namePrefix(t.text[i:])
	if n == 0 && isSpace(t.text[i]) {
		return -1
	}
	if n == 0 && len(element) > 0 {
		if !bytes.HasPrefix(t.text[i:], element) {
			return -1
		}
		n = len(element)
	}
	i += n
	switch {
	case i == len(t.text):
		return -1
	case t.text[i] == '>':
		return i + 1
	case mayFollowName(t.text[i]):
		return t.tagEnd(i)
	}
	return -1
}
