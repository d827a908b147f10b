package assets

import (
	"bytes"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
)

// bytes writes a drawing. Reading it again gives the same tree, and writing
// that the same bytes.
func (n *svgNode) bytes() []byte {
	var buf bytes.Buffer
	n.write(&buf)
	return buf.Bytes()
}

func (n *svgNode) write(buf *bytes.Buffer) {
	if n.name == "" {
		escape(buf, n.text)
		return
	}
	buf.WriteString("<" + n.name)
	for _, a := range n.attrs {
		buf.WriteString(" " + a.name + `="`)
		escape(buf, a.value)
		buf.WriteString(`"`)
	}
	if len(n.children) == 0 {
		buf.WriteString("/>")
		return
	}
	buf.WriteString(">")
	for _, child := range n.children {
		child.write(buf)
	}
	buf.WriteString("</" + n.name + ">")
}

func escape(buf *bytes.Buffer, text string) {
	// A bytes.Buffer takes everything.
	_ = xml.EscapeText(buf, []byte(text))
}

// size is a drawing's size in pixels: its width and height if both are
// absolute, else its view box; 0×0 if neither is there.
func (n *svgNode) size() (width, height int) {
	width, height = pixels(n.attr("width")), pixels(n.attr("height"))
	if width > 0 && height > 0 {
		return width, height
	}
	box := strings.FieldsFunc(n.attr("viewBox"), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
	if len(box) != 4 {
		return 0, 0
	}
	width, height = pixels(box[2]), pixels(box[3])
	if width == 0 || height == 0 {
		return 0, 0
	}
	return width, height
}

// pixels reads an absolute CSS length; 0 if it is relative, senseless or beyond
// MaxWidth.
func pixels(length string) int {
	length = strings.ToLower(strings.TrimSpace(length))
	perUnit := 1.0
	for _, u := range []struct {
		name   string
		pixels float64
	}{{"px", 1}, {"pt", 96.0 / 72}, {"pc", 16}, {"mm", 96 / 25.4}, {"cm", 960 / 25.4}, {"in", 96}} {
		if number, ok := strings.CutSuffix(length, u.name); ok {
			length, perUnit = strings.TrimSpace(number), u.pixels
			break
		}
	}
	v, err := strconv.ParseFloat(length, 64)
	v = math.Round(v * perUnit)
	if err != nil || !(v >= 1 && v <= MaxWidth) {
		return 0
	}
	return int(v)
}
