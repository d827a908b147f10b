package markdown

import "bytes"

// markdown takes the HTML out of text from pos on and adds what there is to
// r.parts. Lines indented by four spaces more than indent may be code. If
// element is a name, the text ends before the element's end tag. In spans,
// there are no blocks of code. It returns where the text ends.
func (r *htmlReader) markdown(pos, indent int, element []byte, spans bool) int {
	done := pos // what stands in r.parts
	for depth := 0; ; {
		start, end := r.nextMarkdownTag(pos, indent, element, spans)
		if end < 0 {
			r.addText(done, len(r.text))
			return len(r.text)
		}
		pos = end
		tag := r.text[start:end]
		name, closing := tagName(tag)
		kind := kindOf(name)
		switch {
		case !closing && (kind&blockTag != 0 || kind&contextTag != 0 && r.endsLine(end)):
			if !r.st.room(htmlNodes) {
				r.addText(done, len(r.text))
				return len(r.text)
			}
			r.addText(done, start)
			if stop := r.element(start, true); stop >= 0 {
				pos = stop
			} else {
				pos = r.openElement(start, end, name)
			}
			done = pos
		case !closing && kind&cleanTag != 0 || isInstruction(tag):
			stop := end
			if !isInstruction(tag) {
				stop = r.element(start, false)
			}
			if stop < 0 {
				pos = start + 1
				break
			}
			if !r.st.room(1) {
				r.addText(done, len(r.text))
				return len(r.text)
			}
			r.cleans = append(r.cleans, [2]int{start, stop})
			pos = stop
		case len(element) > 0 && bytes.Equal(name, element):
			if closing {
				depth--
			} else if tag[len(tag)-2] != '/' {
				depth++
			}
			if depth < 0 {
				r.addText(done, start)
				return start
			}
		}
	}
}

// htmlNodes is what an element costs of the room for blocks: itself, the text
// behind it, and the blank lines between the two.
const htmlNodes = 3

// openElement adds the start of an element without an end, whose tag is
// text[start:end], and returns where the text goes on.
func (r *htmlReader) openElement(start, end int, name []byte) int {
	if r.st.rules&CloseHTML == 0 {
		r.parts = append(r.parts, part{from: start, to: start + 1, sign: true})
		return start + 1
	}
	switch string(name) {
	case "p":
		r.addBlock(&htmlBlock{}) // the next paragraph has its own
	case "pre":
		end = len(r.text)
		fallthrough
	default:
		r.addBlock(r.raw(start, end))
	}
	return end
}

// endsLine reports whether nothing follows in the line but a comment.
func (r *htmlReader) endsLine(i int) bool {
	i = r.skipSpaces(i)
	if bytes.HasPrefix(r.text[i:], []byte("<!--")) {
		if i = r.instructionEnd(i); i < 0 {
			return false
		}
		i = r.skipSpaces(i)
	}
	return i < len(r.text) && r.text[i] == '\n'
}

func (r *htmlReader) skipSpaces(i int) int {
	for i < len(r.text) && r.text[i] == ' ' {
		i++
	}
	return i
}

// nextMarkdownTag finds the next tag from pos on that is not in code; end is
// -1 if there is none. A line starts at pos, too, wherever that is.
func (r *htmlReader) nextMarkdownTag(pos, indent int, element []byte, spans bool) (start, end int) {
	for first := true; ; {
		open := r.nextOpen(pos)
		if open < 0 {
			return 0, -1
		}
		tick := bytes.IndexByte(r.text[pos:open], '`')
		stop := open
		if tick >= 0 {
			stop = pos + tick
		}
		if !spans {
			if end := r.codes.blockEnd(r.text, pos, stop, indent, first); end >= 0 {
				pos, first = end, true
				continue
			}
		}
		if tick >= 0 {
			pos, first = r.codes.spanEnd(r.text, stop), true
			continue
		}
		if end := r.markdownTag(open, element); end >= 0 {
			return open, end
		}
		pos, first = open+1, false
	}
}

// nextOpen is the offset of the next "<" from i on, -1 if there is none.
func (r *htmlReader) nextOpen(i int) int {
	if i < r.opensFrom || i > r.opens {
		next := bytes.IndexByte(r.text[i:], '<')
		if next < 0 {
			next = len(r.text) - i
		}
		r.opensFrom, r.opens = i, i+next
	}
	if r.opens == len(r.text) {
		return -1
	}
	return r.opens
}
