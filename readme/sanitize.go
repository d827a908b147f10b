package readme

import (
	"bytes"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// policy is the allow-list of WordPress's details popup, plus rel: whatever
// rewrite lets through by mistake stops here.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("abbr", "acronym", "code", "pre", "em", "strong", "div", "span", "p", "br", "ul", "ol", "li",
		"h1", "h2", "h3", "h4", "h5", "h6", "blockquote")
	p.AllowNoAttrs().OnElements("div", "span")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowAttrs("href", "title", "target", "rel").OnElements("a")
	p.AllowAttrs("title").OnElements("abbr", "acronym")
	p.AllowAttrs("class").OnElements("div", "span", "img")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowAttrs("cite").OnElements("blockquote")
	return p
})

// sanitize makes HTML safe: rewrite balances it and turns what the popup would
// drop into what it keeps, then the policy has the last word.
func sanitize(src []byte, o Options) string {
	w := rewriter{options: o, links: newBase(o.LinkBase), images: newBase(o.ImageBase)}
	w.rewrite(src)
	return strings.TrimSpace(string(policy().SanitizeBytes(w.out.Bytes())))
}

// visibleText is the text of HTML on one line, without that of scripts.
func visibleText(src []byte) string {
	var out strings.Builder
	z := html.NewTokenizer(bytes.NewReader(src))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(stripTags(oneLine(out.String())))
		case html.TextToken:
			out.Write(z.Text())
		case html.StartTagToken:
			name, _ := z.TagName()
			if isDropped(string(name)) {
				skipElement(z, string(name))
			} else if isBlock(string(name)) {
				out.WriteByte(' ')
			}
		case html.EndTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); isBlock(string(name)) {
				out.WriteByte(' ')
			}
		}
	}
}

// skipElement moves past an element that is dropped with what it holds.
func skipElement(z *html.Tokenizer, name string) {
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.EndTagToken:
			if end, _ := z.TagName(); string(end) == name {
				return
			}
		}
	}
}
