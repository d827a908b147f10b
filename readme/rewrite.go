package readme

import (
	"bytes"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// rewriter copies HTML token by token, keeping the elements that WordPress's
// popup shows, replacing others by such as it shows, and closing what was left
// open. All that it writes is its own: tags from the table in element.go,
// attributes from attribute.go, escaped text. It takes constant time a token:
// the stack is bounded by MaxNesting.
type rewriter struct {
	tokens
	out     []byte
	links   *base
	images  *base
	videos  bool
	stack   []element
	depth   int  // tags that are open in out
	cells   int  // cells so far in the present table row
	between bool // between the cells of a table, where white space is none

	run        int  // where the text since the last tag begins in out
	blockStart bool // whether that tag starts or ends a line of text
}

// element is an open one.
type element struct {
	name string // as read
	rule
	ended bool // it was closed inside a block that it holds
	start int  // where in out its tag begins
	body  int  // where its content does
}

// rewrite returns src rewritten, without white space around it.
func (w *rewriter) rewrite(src string) string {
	if !utf8.ValidString(src) {
		src = strings.ToValidUTF8(src, "\uFFFD")
	}
	w.tokens = newTokens(src)
	w.out = make([]byte, 0, len(src)+len(src)/8)
	w.blockStart = true
	for {
		switch w.read() {
		case endOfText:
			w.closeTo(0)
			w.endRun(true)
			return strings.TrimSpace(string(w.out))
		case textToken:
			w.write(w.text)
		case startTag:
			r := ruleOf(w.name)
			w.start(r)
			w.between = r.table && !r.cell
		case endTag:
			r := ruleOf(w.name)
			w.end(r)
			w.between = r.table && w.name != "tr" && w.name != "table"
		}
	}
}

// write writes text, unless it is white space between the cells of a table.
func (w *rewriter) write(text string) {
	if w.between && strings.TrimSpace(text) == "" {
		return
	}
	w.out = appendText(w.out, text)
}

// appendText appends text that may hold entities: those are decoded, what
// HTML reads as markup is escaped, and control characters go. So is a quote
// behind "=": WordPress looks for src="x" and href="x" in the whole section to
// put its own address before x, also where that is code to read.
func appendText(out []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if '?' <= c && c < 0x7F || c == ' ' {
			i++
			continue
		}
		n, replacement := 1, ""
		switch {
		case c == '&':
			n = entityLength(s[i:])
			replacement = entityText(s[i:i+n], last(out, s[start:i]))
		case c == '"' || c == '\'':
			replacement = quoteText(c, last(out, s[start:i]))
		case c == '<':
			replacement = "&lt;"
		case c == '>':
			replacement = "&gt;"
		case c == '\r':
			if i+1 == len(s) || s[i+1] != '\n' {
				replacement = "\n"
			}
		case c == 0xC2 && s[i+1] < 0xA0: // U+0080 to U+009F
			n = 2
		case c >= ' ' && c != 0x7F, c == '\n', c == '\t':
			i++
			continue
		}
		out = append(append(out, s[start:i]...), replacement...)
		i += n
		start = i
	}
	return append(out, s[start:]...)
}

// last is the last byte of a and b together; 0 if there is none.
func last(a []byte, b string) byte {
	switch {
	case b != "":
		return b[len(b)-1]
	case len(a) > 0:
		return a[len(a)-1]
	}
	return 0
}

// entityText is the escaped text of what may be an entity, behind a byte.
func entityText(entity string, before byte) string {
	switch entity {
	case "&amp;", "&lt;", "&gt;":
		return entity
	case "&":
		return "&amp;"
	}
	decoded := html.UnescapeString(entity)
	if decoded[0] == '"' || decoded[0] == '\'' { // letters may follow: "&#39A"
		return quoteText(decoded[0], before) + escape(decoded[1:])
	}
	return escape(strings.Map(printable, decoded))
}

// quoteText is a quote behind a byte.
func quoteText(quote, before byte) string {
	switch {
	case before != '=':
		return string(quote)
	case quote == '"':
		return "&#34;"
	}
	return "&#39;"
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// escape escapes text for an attribute in double quotes, or between tags.
func escape(s string) string { return escaper.Replace(s) }

func printable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || 0x7F <= r && r < 0xA0 {
		return -1
	}
	return r
}

// openTag writes a start tag, whose attributes have been escaped.
func (w *rewriter) openTag(name, attributes string, block bool) {
	w.endRun(block)
	w.out = append(append(append(append(w.out, '<'), name...), attributes...), '>')
	w.startRun(block)
}

func (w *rewriter) closeTag(name string, block bool) {
	w.endRun(block)
	w.out = append(append(append(w.out, "</"...), name...), '>')
	w.startRun(block)
}

// startRun begins a run of text; block is whether the tag before it starts or
// ends a line.
func (w *rewriter) startRun(block bool) { w.run, w.blockStart = len(w.out), block }

// endRun looks at the text since the last tag as a whole.
func (w *rewriter) endRun(block bool) {
	w.linkVideos(block)
	w.run = len(w.out)
}

func (w *rewriter) start(r rule) {
	if r.dropped {
		w.drop()
		return
	}
	switch w.name {
	case "br":
		w.openTag("br", "/", true)
		return
	case "img":
		w.image()
		return
	case "input":
		w.checkBox()
		return
	case "del", "s", "strike":
		w.out = append(w.out, "~~"...)
	}
	w.closeImplied(r)
	switch {
	case w.name == "tr":
		w.cells = 0
	case r.cell:
		if w.cells > 0 {
			w.out = append(w.out, " | "...)
		}
		w.cells++
	}
	if r.as == "" || w.empty || w.depth+r.tags() > MaxNesting {
		return
	}
	attributes, ok := w.kept()
	if !ok {
		return
	}
	w.endRun(r.block)
	start := len(w.out)
	w.openTag(r.as, attributes, r.block)
	if r.inner != "" {
		w.openTag(r.inner, "", r.block)
	}
	w.stack = append(w.stack, element{name: w.name, rule: r, start: start, body: len(w.out)})
	w.depth += r.tags()
}

// closeImplied closes the elements that HTML closes before this one starts.
func (w *rewriter) closeImplied(r rule) {
	switch w.name {
	case "li":
		w.closeInside("li", "ul", "ol")
	case "dt", "dd":
		w.closeInside("dt", "dl")
		w.closeInside("dd", "dl")
	case "tr":
		w.closeInside("tr", "table")
	case "th", "td":
		w.closeInside("th", "tr")
	case "a":
		w.closeInside("a")
	}
	if !r.block || r.cell {
		return
	}
	for i := range w.stack {
		if open := &w.stack[i]; open.as == "p" || open.heading && r.heading {
			w.closeTo(i)
			return
		}
	}
}

// closeInside closes the innermost element of that name unless one of the
// others stands around it.
func (w *rewriter) closeInside(name string, limits ...string) {
	for i := len(w.stack) - 1; i >= 0; i-- {
		if w.stack[i].name == name {
			w.closeTo(i)
			return
		}
		if slices.Contains(limits, w.stack[i].name) {
			return
		}
	}
}

// end closes an element. A phrase does not close the block that it stands in:
// it ends with it.
func (w *rewriter) end(r rule) {
	switch w.name {
	case "del", "s", "strike":
		w.out = append(w.out, "~~"...)
		return
	}
	inBlock := false
	for i := len(w.stack) - 1; i >= 0; i-- {
		open := &w.stack[i]
		if open.name != w.name || open.ended {
			inBlock = inBlock || open.block
			continue
		}
		if inBlock && !r.block {
			open.ended = true
			return
		}
		w.closeTo(i)
		return
	}
}

// closeTo closes the elements from the innermost down to the one at depth n,
// and those around them that have ended.
func (w *rewriter) closeTo(n int) {
	for len(w.stack) > 0 {
		top := w.stack[len(w.stack)-1]
		if len(w.stack) <= n && !top.ended {
			return
		}
		w.endRun(top.block) // while the element is open
		w.stack = w.stack[:len(w.stack)-1]
		w.depth -= top.tags()
		if top.as == "p" && len(bytes.TrimSpace(w.out[top.body:])) == 0 {
			// What stood in it is no part of the popup.
			w.out = w.out[:top.start]
			w.startRun(true)
			continue
		}
		if top.inner != "" {
			w.closeTag(top.inner, top.block)
		}
		w.closeTag(top.as, top.block)
	}
}
