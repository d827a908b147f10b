package readme

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// rewriter copies HTML token by token, keeping the elements that WordPress's
// popup shows, replacing others by such as it shows, and closing what was left
// open. It takes constant time a token: the stack is bounded by MaxNesting.
type rewriter struct {
	out     bytes.Buffer
	options Options
	links   *base
	images  *base
	stack   []element
	cells   int  // cells so far in the present table row
	between bool // between the cells of a table, where white space is none
}

// element is an open one, as read and as written.
type element struct {
	read  string
	write []string // outermost first; none if only the content is kept
}

// written says what an element becomes; ok is false for one whose tags are
// left out and whose content stays.
func written(name string) (as []string, ok bool) {
	switch name {
	case "a", "abbr", "acronym", "code", "pre", "em", "strong", "div", "span", "p", "ul", "ol", "li",
		"h1", "h2", "h3", "h4", "h5", "h6", "blockquote":
		return []string{name}, true
	case "b":
		return []string{"strong"}, true
	case "i":
		return []string{"em"}, true
	case "kbd", "samp", "tt", "var":
		return []string{"code"}, true
	case "dt", "summary", "caption", "figcaption":
		return []string{"p", "strong"}, true
	case "th":
		return []string{"strong"}, true
	case "dd", "tr", "details", "figure", "section", "article", "header", "footer", "main", "aside", "nav",
		"center", "address":
		return []string{"div"}, true
	}
	return nil, false
}

// isBlock reports whether an element starts and ends a line of text.
func isBlock(name string) bool {
	switch name {
	case "p", "div", "ul", "ol", "li", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr",
		"dl", "dt", "dd", "table", "tr", "td", "th", "caption", "details", "summary", "figure", "figcaption",
		"section", "article", "header", "footer", "main", "aside", "nav", "center", "address", "form", "fieldset":
		return true
	}
	return false
}

// isTablePart reports whether an element is part of a table.
func isTablePart(name string) bool {
	switch name {
	case "table", "thead", "tbody", "tfoot", "tr", "td", "th":
		return true
	}
	return false
}

// isDropped reports whether an element goes with all that it holds.
func isDropped(name string) bool {
	switch name {
	case "script", "style", "iframe", "object", "svg", "math", "select", "textarea", "title", "template",
		"noembed", "noframes", "noscript", "xmp", "plaintext", "audio", "video", "canvas":
		return true
	}
	return false
}

func (w *rewriter) rewrite(src []byte) {
	z := html.NewTokenizer(bytes.NewReader(src))
	for {
		switch z.Next() {
		case html.ErrorToken:
			w.closeTo(0)
			return
		case html.TextToken:
			w.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if isDropped(token.Data) {
				if token.Type == html.StartTagToken {
					skipElement(z, token.Data)
				}
				continue
			}
			w.start(token)
			w.between = isTablePart(token.Data) && token.Data != "td" && token.Data != "th"
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(string(name))
			w.between = isTablePart(string(name)) && string(name) != "tr" && string(name) != "table"
		}
	}
}

// text writes text, without the control characters that HTML forbids.
func (w *rewriter) text(s string) {
	if w.between && strings.TrimSpace(s) == "" {
		return
	}
	w.out.WriteString(html.EscapeString(strings.Map(printable, s)))
}

func printable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || 0x7F <= r && r < 0xA0 {
		return -1
	}
	return r
}

func (w *rewriter) start(token html.Token) {
	name := token.Data
	switch name {
	case "br":
		w.out.WriteString("<br />")
		return
	case "img":
		w.image(token.Attr)
		return
	case "input":
		w.checkBox(token.Attr)
		return
	case "del", "s", "strike":
		w.out.WriteString("~~")
	}
	w.closeImplied(name)
	switch name {
	case "tr":
		w.cells = 0
	case "td", "th":
		if w.cells > 0 {
			w.out.WriteString(" | ")
		}
		w.cells++
	}
	as, ok := written(name)
	if !ok || token.Type == html.SelfClosingTagToken || len(w.stack) >= MaxNesting {
		return
	}
	attributes, ok := w.attributes(name, token.Attr)
	if !ok {
		return
	}
	w.stack = append(w.stack, element{name, as})
	for i, tag := range as {
		w.out.WriteString("<" + tag)
		if i == 0 {
			w.out.WriteString(attributes)
		}
		w.out.WriteByte('>')
	}
}

// closeImplied closes the elements that HTML closes before this one starts.
func (w *rewriter) closeImplied(name string) {
	switch name {
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
	if isBlock(name) && name != "td" && name != "th" {
		for i, e := range w.stack {
			if e.write[0] == "p" || len(e.write[0]) == 2 && e.write[0][0] == 'h' && len(name) == 2 && name[0] == 'h' {
				w.closeTo(i)
				return
			}
		}
	}
}

// closeInside closes the innermost element of that name unless one of the
// others stands around it.
func (w *rewriter) closeInside(name string, limits ...string) {
	for i := len(w.stack) - 1; i >= 0; i-- {
		if w.stack[i].read == name {
			w.closeTo(i)
			return
		}
		if slices.Contains(limits, w.stack[i].read) {
			return
		}
	}
}

// end closes an element. A phrase does not close the block that it stands in.
func (w *rewriter) end(name string) {
	switch name {
	case "del", "s", "strike":
		w.out.WriteString("~~")
		return
	case "br":
		return
	}
	phrase := !isBlock(name)
	for i := len(w.stack) - 1; i >= 0; i-- {
		if w.stack[i].read == name {
			w.closeTo(i)
			return
		}
		if phrase && isBlock(w.stack[i].read) {
			return
		}
	}
}

// closeTo closes the elements from the innermost down to the one at depth n.
func (w *rewriter) closeTo(n int) {
	for len(w.stack) > n {
		top := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		for _, tag := range slices.Backward(top.write) {
			w.out.WriteString("</" + tag + ">")
		}
	}
}
