package markdown

import (
	"bytes"
	"sort"

	"github.com/yuin/goldmark/ast"
)

// foundTag is a tag or an instruction inside an element.
type foundTag struct {
	start, end int32
	match      int32 // index of the tag that ends the element, -1 if none does
	below      int32 // while tags are matched: the next open one of this name
	markdowns  int32 // how many of the tags up to this one have markdown="1"
}

// tagAt is the index in r.tags of the tag that starts at i, -1 if it is none.
func (r *htmlReader) tagAt(i int) int {
	find := func() int {
		k := sort.Search(len(r.tags), func(k int) bool { return int(r.tags[k].start) >= i })
		if k < len(r.tags) && int(r.tags[k].start) == i {
			return k
		}
		return -1
	}
	if k := find(); k >= 0 {
		return k
	}
	if r.budget <= 0 {
		return -1
	}
	if len(r.tags) > 0 {
		r.budget -= len(r.text) - i
	}
	r.findTags(i)
	return find()
}

// findTags reads all tags from i on and matches those that start an element
// with those that end it: of the same name, with as many starts as ends of
// that name between them.
func (r *htmlReader) findTags(i int) {
	r.tags = r.tags[:0]
	open := map[string]int32{} // index of the last open tag, plus one
	markdowns := int32(0)
	for {
		start, end := r.nextTag(i)
		if end < 0 {
			return
		}
		i = end
		k := int32(len(r.tags))
		found := foundTag{start: int32(start), end: int32(end), match: k}
		tag := r.text[start:end]
		name, closing := tagName(tag)
		switch {
		case isInstruction(tag) || kindOf(name)&emptyTag != 0:
		case closing:
			if top := open[string(name)]; top > 0 {
				r.tags[top-1].match = k
				open[string(name)] = r.tags[top-1].below
			}
		case tag[len(tag)-2] != '/':
			found.match = -1
			found.below = open[string(name)]
			open[string(name)] = k + 1
		}
		if r.wantsMarkdown(tag) {
			markdowns++
		}
		found.markdowns = markdowns
		r.tags = append(r.tags, found)
	}
}

// nextTag finds the next tag at or behind i; end is -1 if there is none.
func (r *htmlReader) nextTag(i int) (start, end int) {
	for {
		next := bytes.IndexByte(r.text[i:], '<')
		if next < 0 {
			return 0, -1
		}
		i += next
		if end := r.tag(i); end >= 0 {
			return i, end
		}
		i++
	}
}

// tagName is the word a tag starts with.
func tagName(tag []byte) (name []byte, closing bool) {
	name = tag[1:]
	if name[0] == '/' {
		name, closing = name[1:], true
	}
	return name[:wordLength(name)], closing
}

// isInstruction reports whether a tag is a comment or the like. "<%" counts as
// an element without a name.
func isInstruction(tag []byte) bool { return tag[1] == '!' || tag[1] == '?' }

// element reads the element whose tag starts at start. It returns where it
// ends, -1 if it has no end; then nothing is added to r.parts. If it is a
// block, what it is made of is added.
func (r *htmlReader) element(start int, block bool) (end int) {
	k := r.tagAt(start)
	if k < 0 {
		return -1
	}
	match := int(r.tags[k].match)
	if block {
		inside := r.tags[len(r.tags)-1].markdowns
		if match >= 0 {
			inside = r.tags[match].markdowns
		}
		if k > 0 {
			inside -= r.tags[k-1].markdowns
		}
		if inside > 0 && r.unclosed[start] {
			return -1
		}
		cost := len(r.text) - start
		if match >= 0 {
			cost = int(r.tags[match].end) - start
		}
		if inside > 0 && r.level < MaxNesting && r.budget >= cost {
			r.budget -= cost
			return r.markdownElement(start)
		}
	}
	if match < 0 {
		return -1
	}
	end = int(r.tags[match].end)
	if block {
		r.addBlock(r.raw(start, end))
	}
	return end
}

// markdownElement is element for one that has markdown="1" or holds one that
// has. The tag ends a block, its content is read as Markdown, and a new block
// starts with the next tag.
func (r *htmlReader) markdownElement(start int) int {
	parts, cleans := len(r.parts), len(r.cleans)
	nameOf, _ := tagName(r.text[start:])
	depth := 0
	from, at := start, start
	for {
		open, end := r.nextTag(at)
		if end < 0 {
			if r.unclosed == nil {
				r.unclosed = map[int]bool{}
			}
			r.unclosed[start] = true
			r.parts, r.cleans = r.parts[:parts], r.cleans[:cleans]
			return -1
		}
		tag := r.text[open:end]
		at = end
		name, closing := tagName(tag)
		if !isInstruction(tag) && kindOf(name)&emptyTag == 0 {
			if bytes.Equal(name, nameOf) {
				if closing {
					depth--
				} else if tag[len(tag)-2] != '/' {
					depth++
				}
			}
			if r.wantsMarkdown(tag) && r.st.room(htmlNodes) {
				at = r.markdownContent(from, open, end)
				from = at
			}
		}
		if depth <= 0 {
			r.addBlock(r.raw(from, at))
			return at
		}
	}
}

// markdownContent reads the content of an element with markdown="1": from is
// where the block starts that its tag, text[open:end], ends. It returns where
// the element's end tag starts.
func (r *htmlReader) markdownContent(from, open, end int) int {
	tag := r.text[open:end]
	removed, value := markdownAttribute(tag)
	name, _ := tagName(tag)
	span := string(value) == "span" || string(value) != "block" && kindOf(name)&spanTag != 0
	indent := lastIndent(r.text[from:open])
	block := &htmlBlock{}
	for _, attribute := range removed {
		r.addRaw(block, from, open+attribute[0])
		from = open + attribute[1]
	}
	r.addRaw(block, from, end)
	r.addBlock(block)

	content := len(r.parts)
	r.level++
	stop := r.markdown(end, indent, name, span)
	r.level--
	for i := content; i < len(r.parts); i++ {
		r.parts[i].outdent += indent
	}
	if span {
		r.makeSpans(content)
	}
	return stop
}

// lastIndent is how many spaces the last line starts with; a line end at the
// very end counts for nothing.
func lastIndent(s []byte) int {
	s = bytes.TrimSuffix(s, []byte("\n"))
	s = s[bytes.LastIndexByte(s, '\n')+1:]
	return len(s) - len(bytes.TrimLeft(s, " "))
}

// makeSpans makes of the parts from content on, which are the content of an
// element in which nothing but spans count, a text without <p> and, behind a
// block, paragraphs.
func (r *htmlReader) makeSpans(content int) {
	for i := content; i < len(r.parts); i++ {
		p := &r.parts[i]
		if p.block != nil || p.sign {
			continue
		}
		var leaf ast.Node = ast.NewParagraph()
		if i == content {
			leaf = ast.NewTextBlock()
		}
		for _, l := range r.appendText(nil, *p) {
			leaf.Lines().Append(l.segment())
		}
		if leaf.Lines().Len() > 0 {
			p.block = leaf
		}
	}
}

// wantsMarkdown reports whether a tag has markdown="1".
func (r *htmlReader) wantsMarkdown(tag []byte) bool {
	if tag[1] == '/' || !bytes.Contains(tag, []byte("markdown")) {
		return false
	}
	if wordLength(tag[1:]) == 0 {
		return false
	}
	removed, value := markdownAttribute(tag)
	return len(removed) > 0 && (bytes.HasPrefix(value, []byte("1")) || bytes.Contains(value, []byte("block")) ||
		bytes.HasSuffix(bytes.TrimSuffix(value, []byte("\n")), []byte("span")))
}

// markdownAttribute finds the attributes that are or end in "markdown", with
// the white space before them, and the value of the first.
func markdownAttribute(tag []byte) (found [][2]int, value []byte) {
	const name = "markdown"
	skip := func(i int) int {
		for i < len(tag) && isSpace(tag[i]) {
			i++
		}
		return i
	}
	for at := 0; ; {
		next := bytes.Index(tag[at:], []byte(name))
		if next < 0 {
			return found, value
		}
		start := at + next
		from := skip(start + len(name))
		if from == len(tag) || tag[from] != '=' {
			at = start + len(name)
			continue
		}
		from = skip(from + 1)
		to, end := from, from
		if quoted := from < len(tag) && (tag[from] == '"' || tag[from] == '\''); quoted && bytes.IndexByte(tag[from+1:], tag[from]) >= 0 {
			from++
			to = from + bytes.IndexByte(tag[from:], tag[from-1])
			end = to + 1
		} else {
			for end < len(tag) && !isSpace(tag[end]) && tag[end] != '>' {
				end++
			}
			to = end
		}
		for start > at && isSpace(tag[start-1]) {
			start--
		}
		if found == nil {
			value = tag[from:to]
		}
		found = append(found, [2]int{start, end})
		at = end
	}
}
