package readme

import (
	"html"
	"strings"
)

// sanitize makes HTML safe for WordPress's details popup: it balances it and
// turns what the popup would drop into what it keeps.
func sanitize(src []byte, o Options) string {
	w := rewriter{videos: o.Profile.has(Videos)}
	if o.Profile.has(Links) {
		w.links, w.images = newBase(o.LinkBase), newBase(o.ImageBase)
	}
	return w.rewrite(string(src))
}

// visibleText is the text of HTML on one line, without that of scripts.
func visibleText(src []byte) string {
	var out strings.Builder
	t := newTokens(string(src))
	for {
		switch t.read() {
		case endOfText:
			return strings.TrimSpace(stripTags(oneLine(html.UnescapeString(out.String()))))
		case textToken:
			out.WriteString(t.text)
		case startTag:
			if r := ruleOf(t.name); r.dropped {
				t.skip(t.name)
			} else if r.block {
				out.WriteByte(' ')
			}
		case endTag:
			if ruleOf(t.name).block {
				out.WriteByte(' ')
			}
		}
	}
}
