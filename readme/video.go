package readme

import (
	"bytes"
	"html"
	"strings"
	"unicode"
)

// Videos become links. WordPress.org embeds players for shortcodes such as
// "[youtube ID]" and for addresses of sites it knows that stand alone on their
// line; the details popup would show both as they were typed. So the serve
// profile writes a link with a text to read, never inside code or a link.

// linkVideos rewrites the text since the last tag; block is whether the tag
// that follows starts or ends a line. It waits for that tag because text goes
// on across tags that are left out.
func (w *rewriter) linkVideos(block bool) {
	run := w.out[w.run:]
	if bytes.IndexByte(run, '[') < 0 && !bytes.Contains(run, []byte("://")) || !w.mayLink() {
		return
	}
	text := string(run)
	w.out = w.out[:w.run]
	lineStart := w.blockStart
	for text != "" {
		if lineStart {
			n, address, label := addressLine(text, block)
			w.link(address, label)
			text = text[n:]
		}
		n := strings.IndexAny(text, "[\n")
		if n < 0 {
			w.out = append(w.out, text...)
			return
		}
		lineStart = text[n] == '\n'
		if !lineStart && text[n:] != "[" && text[n+1] == '[' {
			n++ // "[[name]]" is how WordPress shows a shortcode
		} else if !lineStart {
			if size, address, label := shortcode(text[n:], w.images); size > 0 {
				w.out = append(w.out, text[:n]...)
				w.link(address, label)
				text = text[n+size:]
				continue
			}
		}
		w.out = append(w.out, text[:n+1]...)
		text = text[n+1:]
	}
}

// mayLink reports whether a link may be written here.
func (w *rewriter) mayLink() bool {
	if !w.videos || w.depth == MaxNesting {
		return false
	}
	for i := range w.stack {
		switch w.stack[i].as {
		case "a", "code", "pre":
			return false
		}
	}
	return true
}

// link writes a link; none without an address.
func (w *rewriter) link(address, label string) {
	if address == "" {
		return
	}
	w.out = append(w.out, "<a"+assign("href", address)+">"...)
	w.out = appendText(w.out, strings.ReplaceAll(oneLine(label), "&", "&amp;"))
	w.out = append(w.out, "</a>"...)
}

// addressLine returns the address of a video that is the whole first line of
// text, and how many bytes of it those are; end is whether the text's end is
// one of a line.
func addressLine(text string, end bool) (n int, address, label string) {
	line, _, more := strings.Cut(text, "\n")
	line = strings.TrimRightFunc(line, unicode.IsSpace)
	written := strings.TrimLeftFunc(line, unicode.IsSpace)
	if !strings.HasPrefix(written, "http") || !more && !end {
		return 0, "", ""
	}
	address, label = video(html.UnescapeString(written))
	if address == "" {
		return 0, "", ""
	}
	return len(line), address, label
}

// drop passes over an element and what it holds; a player leaves a link.
func (w *rewriter) drop() {
	name, src, content := w.name, w.attribute("src"), ""
	if !w.empty {
		content = w.skip(name)
	}
	address, label := "", ""
	switch name {
	case "iframe":
		address, label = video(src)
	case "video":
		if src == "" {
			src = firstSource(content)
		}
		address, label = w.images.resolve(src, false), fileLabel("Video", src)
	}
	if address != "" && w.mayLink() {
		w.endRun(false)
		w.link(address, label)
		w.startRun(false)
	}
}

// firstSource is the address of the first file that a player's content names.
func firstSource(content string) string {
	t := newTokens(content)
	for {
		switch t.read() {
		case endOfText:
			return ""
		case startTag:
			if src := t.attribute("src"); t.name == "source" && src != "" {
				return src
			}
		}
	}
}
