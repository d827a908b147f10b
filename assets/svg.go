package assets

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Limits of an SVG.
const (
	// MaxSVGBytes bounds an SVG file. Drawings above it should be PNG.
	MaxSVGBytes = 2 << 20
	// MaxSVGDepth bounds how deeply elements nest. Drawing programs stay
	// below 30.
	MaxSVGDepth = 64
	// MaxSVGElements bounds the elements, those left out included.
	MaxSVGElements = 20_000
	// MaxSVGAttributes bounds the attributes of one element.
	MaxSVGAttributes = 128
	// MaxSVGDrawn bounds the elements once every reference to another part of
	// the drawing counts as a copy of it. A few nested references could
	// otherwise keep every visitor's browser busy for hours.
	MaxSVGDrawn = 200_000
)

const (
	svgSpace   = "http://www.w3.org/2000/svg"
	xlinkSpace = "http://www.w3.org/1999/xlink"
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
)

// loadSVG makes an SVG file an image. One without a place of its own among the
// sizes of an icon is the icon without a size.
func loadSVG(cand candidate, data []byte) (Image, []Problem, error) {
	drawing, removed, err := sanitizeSVG(data)
	if err != nil {
		return Image{}, nil, fmt.Errorf("sanitise SVG: %w", err)
	}
	var notes []Problem
	if cand.ext != "svg" {
		notes = append(notes, notef(ProblemType, "it is named .%s but holds SVG; name it .svg", cand.ext))
	}
	if len(removed) > 0 {
		notes = append(notes, notef(ProblemCleaned, "not safe or not supported, and removed: %s", strings.Join(removed, ", ")))
	}
	stem := cand.stem
	if strings.HasPrefix(stem, "icon") {
		stem = "icon"
	}
	width, height := drawing.size()
	return Image{Name: stem + ".svg", Type: "image/svg+xml", Width: width, Height: height, Data: drawing.bytes()}, notes, nil
}

// svgNode is an element, or text if its name is "".
type svgNode struct {
	name     string
	attrs    []svgAttr
	text     string
	children []*svgNode
}

type svgAttr struct{ name, value string }

func (n *svgNode) attr(name string) string {
	for _, a := range n.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// sanitizeSVG reads an SVG (https://www.w3.org/TR/SVG2/) and keeps what can
// neither run script nor load anything: the elements, attributes and functions
// of the allow-lists, and references to parts of the same drawing. Links and
// switches become groups. Entities, encodings other than UTF-8 and
// what is not well-formed are refused.
//
// removed names, for people, what was left out, except for editors' own data.
func sanitizeSVG(data []byte) (root *svgNode, removed []string, err error) {
	if len(data) > MaxSVGBytes {
		return nil, nil, fmt.Errorf("it has %d bytes, more than the %d MB that an SVG may have; save it as PNG", len(data), MaxSVGBytes>>20)
	}
	decoder := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	decoder.CharsetReader = func(charset string, r io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "us-ascii") || strings.EqualFold(charset, "utf8") {
			return r, nil
		}
		return nil, fmt.Errorf("its encoding is %q; save it as UTF-8", charset)
	}
	p := svgParser{decoder: decoder, removed: map[string]bool{}}
	if root, err = p.parse(); err != nil {
		return nil, nil, err
	}
	if !draws(root) {
		return nil, nil, errors.New("nothing is left to draw; it may consist of embedded bitmaps: save it as PNG")
	}
	if err := checkDrawn(root); err != nil {
		return nil, nil, err
	}
	return root, p.report(), nil
}

// svgParser builds the tree of what is kept.
type svgParser struct {
	decoder  *xml.Decoder
	open     []*svgNode // from the root down
	root     *svgNode
	elements int
	skipped  int // depth within an element left out; 0 outside
	removed  map[string]bool
}

func (p *svgParser) parse() (*svgNode, error) {
	for {
		token, err := p.decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := p.start(t); err != nil {
				return nil, err
			}
		case xml.EndElement:
			p.end()
		case xml.CharData:
			p.chars(string(t))
		case xml.Directive:
			// A plain document type is common and says nothing; an internal
			// subset is there to declare entities.
			if bytes.IndexByte(t, '[') >= 0 {
				return nil, errors.New("it declares entities; save it as plain SVG")
			}
		}
	}
	if p.root == nil {
		return nil, errors.New("it has no svg element")
	}
	return p.root, nil
}

func (p *svgParser) start(t xml.StartElement) error {
	if p.elements++; p.elements > MaxSVGElements {
		return fmt.Errorf("it has more than %d elements; simplify it, or save it as PNG", MaxSVGElements)
	}
	if len(p.open)+p.skipped >= MaxSVGDepth {
		return fmt.Errorf("its elements are nested more than %d deep", MaxSVGDepth)
	}
	if len(t.Attr) > MaxSVGAttributes {
		return fmt.Errorf("an element has more than %d attributes", MaxSVGAttributes)
	}
	if p.skipped > 0 {
		p.skipped++
		return nil
	}
	ours := t.Name.Space == svgSpace || t.Name.Space == ""
	if len(p.open) == 0 {
		if p.root != nil || !ours || t.Name.Local != "svg" {
			return errors.New("its root is not one svg element")
		}
		p.root = &svgNode{name: "svg", attrs: append([]svgAttr{{"xmlns", svgSpace}}, p.attrs(t)...)}
		p.open = append(p.open, p.root)
		return nil
	}
	parent := p.open[len(p.open)-1]
	name, attrs := t.Name.Local, t.Attr
	if svgGroups[name] {
		if name = "g"; svgTextual[parent.name] {
			name = "tspan"
		}
		t.Attr = slices.DeleteFunc(attrs, func(a xml.Attr) bool { return a.Name.Local == "href" })
	}
	if ours && svgElements[name] && parent.name != "style" {
		n := &svgNode{name: name, attrs: p.attrs(t)}
		parent.children = append(parent.children, n)
		p.open = append(p.open, n)
		return nil
	}
	p.skipped++
	// Editors' data is no loss, nor is what only they would show.
	forEditor := slices.ContainsFunc(attrs, func(a xml.Attr) bool { return a.Name.Local == "requiredExtensions" })
	if ours && name != "metadata" && !forEditor {
		p.remove("<" + name + ">")
	}
	return nil
}

// end closes an element. A style sheet is complete only now.
func (p *svgParser) end() {
	if p.skipped > 0 {
		p.skipped--
		return
	}
	n := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	if n.name != "style" {
		return
	}
	var css strings.Builder
	for _, child := range n.children {
		css.WriteString(child.text)
	}
	rules, whole := parseStyle(css.String())
	if !whole {
		p.remove("rules of <style>")
	}
	n.children = []*svgNode{{text: formatStyle(rules)}}
}

// chars keeps text where it is shown or styles; elsewhere it is white space.
func (p *svgParser) chars(text string) {
	if p.skipped > 0 || len(p.open) == 0 {
		return
	}
	parent := p.open[len(p.open)-1]
	if !svgTextual[parent.name] {
		return
	}
	// Text around a comment or a section arrives in pieces.
	if n := len(parent.children); n > 0 && parent.children[n-1].name == "" {
		parent.children[n-1].text += text
		return
	}
	parent.children = append(parent.children, &svgNode{text: text})
}

// attrs keeps the safe attributes of an element, the first of each name.
func (p *svgParser) attrs(t xml.StartElement) []svgAttr {
	var kept []svgAttr
	for _, a := range t.Attr {
		name, ok := svgAttrName(a.Name)
		if !ok {
			if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") {
				p.remove(a.Name.Local)
			}
			continue
		}
		if slices.ContainsFunc(kept, func(k svgAttr) bool { return k.name == name }) {
			continue
		}
		value := a.Value
		switch name {
		case "style":
			value, ok = safeDeclarations(value)
		case "href":
			value, ok = strings.TrimSpace(value), isFragment(strings.TrimSpace(value))
		case "id":
			if !isID(value) {
				continue // editors' titles, which nothing can refer to
			}
		case "class", "d", "xml:space":
			ok = true // names and numbers, escaped when written
		default:
			ok = isSafeValue(value)
		}
		if !ok {
			p.remove(name + " of <" + t.Name.Local + ">")
		}
		// Of a style, what is safe remains.
		if name == "style" {
			ok = value != ""
		}
		if ok {
			kept = append(kept, svgAttr{name, value})
		}
	}
	return kept
}

// svgAttrName is the name under which an attribute is written, if it is.
func svgAttrName(n xml.Name) (string, bool) {
	switch n.Space {
	case "":
		return n.Local, svgAttrs[n.Local]
	case xlinkSpace, "xlink":
		return "href", n.Local == "href"
	case xmlSpace, "xml":
		return "xml:space", n.Local == "space"
	default:
		return "", false
	}
}

// maxRemoved bounds what is named of the things left out, and their length.
const (
	maxRemoved     = 8
	maxRemovedName = 60
)

func (p *svgParser) remove(what string) {
	if len(what) > maxRemovedName {
		what = strings.ToValidUTF8(what[:maxRemovedName], "") + "…"
	}
	if len(p.removed) <= maxRemoved {
		p.removed[what] = true
	}
}

func (p *svgParser) report() []string {
	names := slices.Sorted(maps.Keys(p.removed))
	if len(names) > maxRemoved {
		names = append(names[:maxRemoved], "and more")
	}
	return names
}

// draws reports whether anything in a drawing is visible by itself.
func draws(n *svgNode) bool {
	return svgDrawing[n.name] || slices.ContainsFunc(n.children, draws)
}
