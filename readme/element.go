package readme

// rule is what becomes of an element in WordPress's popup.
type rule struct {
	as      string // the element it is written as; "" leaves the content alone
	inner   string // the element within that, if any
	block   bool   // it starts and ends a line of text
	heading bool
	table   bool // it is part of a table
	cell    bool // it is a table's cell
	dropped bool // it goes with all that it holds
}

// tags is how many elements are written for it.
func (r rule) tags() int {
	if r.inner != "" {
		return 2
	}
	return 1
}

// ruleOf is the table of elements. What the popup does not show is written as
// what comes nearest: a row of a table as a line, a term as a bold paragraph.
func ruleOf(name string) rule {
	switch name {
	case "a", "abbr", "acronym", "code", "em", "strong", "span":
		return rule{as: name}
	case "p", "div", "ul", "ol", "li", "pre", "blockquote":
		return rule{as: name, block: true}
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return rule{as: name, block: true, heading: true}
	case "b":
		return rule{as: "strong"}
	case "i":
		return rule{as: "em"}
	case "kbd", "samp", "tt", "var":
		return rule{as: "code"}
	case "dt", "summary", "caption", "figcaption":
		return rule{as: "p", inner: "strong", block: true}
	case "dd", "details", "figure", "section", "article", "header", "footer", "main", "aside", "nav",
		"center", "address":
		return rule{as: "div", block: true}
	case "table", "thead", "tbody", "tfoot":
		return rule{block: name == "table", table: true}
	case "tr":
		return rule{as: "div", block: true, table: true}
	case "th":
		return rule{as: "strong", block: true, table: true, cell: true}
	case "td":
		return rule{block: true, table: true, cell: true}
	case "br", "hr", "dl", "form", "fieldset":
		return rule{block: true}
	case "script", "style", "iframe", "object", "svg", "math", "select", "textarea", "title", "template",
		"noembed", "noframes", "noscript", "xmp", "plaintext", "audio", "video", "canvas":
		return rule{dropped: true}
	}
	return rule{}
}
