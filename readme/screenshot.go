package readme

import "github.com/pluginyard/pluginyard/readme/markdown"

// captions are the items of the lists in a screenshots section as HTML that
// nobody has made safe yet. Their numbers do not count, only their order: "7. x"
// as the fourth item is the fourth screenshot. Lists of any kind count, nested
// ones do not.
func captions(source string) [][]byte {
	var out [][]byte
	var caption []byte
	lists, within := 0, false // in how many lists; whether a caption is read
	end := func() {
		if within {
			out = append(out, caption)
		}
		caption, within = nil, false
	}
	t := newTokens(string(markdown.WordPress(bound(source), markdown.Better)))
	for {
		start := t.next
		kind := t.read()
		tag := kind == startTag || kind == endTag
		switch {
		case kind == endOfText:
			end()
			return out
		case tag && (t.name == "ol" || t.name == "ul"):
			if kind == startTag {
				lists++
			} else {
				lists--
			}
		case tag && t.name == "li" && lists <= 1:
			end()
			within = kind == startTag
		case within && lists <= 1:
			caption = append(caption, t.src[start:t.next]...)
		}
	}
}
