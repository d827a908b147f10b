package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
)

// attributesLength is the length of the attributes "{#id .class key=value}"
// at the start of b; 0 if there are none.
func attributesLength(b []byte) int {
	if len(b) == 0 || b[0] != '{' {
		return 0
	}
	i, count := 1, 0
	for {
		i += spaces(b[i:])
		if i == len(b) {
			return 0
		}
		if b[i] == '}' && count > 0 {
			return i + 1
		}
		n := attributeLength(b[i:])
		if n == 0 {
			return 0
		}
		i += n
		count++
	}
}

// attributeLength is the length of one of them: "#id", ".class", "key=value".
func attributeLength(b []byte) int {
	if len(b) == 0 || b[0] != '#' && b[0] != '.' && (b[0] < 'a' || 'z' < b[0]) {
		return 0
	}
	n := 1
	for n < len(b) && (isNameByte(b[n]) || b[n] == '=') {
		n++
	}
	if n == 1 {
		return 0
	}
	return n
}

func isNameByte(c byte) bool {
	return c == '-' || c == '_' || c == ':' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// cutAttributes parts b from the attributes at its end and the spaces before
// them. There must be such a space, and text before it.
func cutAttributes(b []byte) (rest, attributes []byte) {
	if len(b) == 0 || b[len(b)-1] != '}' {
		return b, nil
	}
	start := bytes.LastIndexByte(b, '{')
	if start < 2 || b[start-1] != ' ' || attributesLength(b[start:]) != len(b)-start {
		return b, nil
	}
	rest = trimSpaces(b[:start])
	if len(rest) == 0 {
		rest = b[:1]
	}
	return rest, b[start:]
}

// setAttributes gives a node the first id, the classes behind those it has
// already, and the other attributes.
func setAttributes(node ast.Node, attributes []byte, classes ...[]byte) {
	var id []byte
	var others [][]byte
	for i := 0; i < len(attributes); {
		n := attributeLength(attributes[i:])
		if n == 0 {
			i++
			continue
		}
		a := attributes[i : i+n]
		i += n
		switch a[0] {
		case '.':
			classes = append(classes, a[1:])
		case '#':
			if id == nil {
				id = a[1:]
			}
		default:
			if bytes.IndexByte(a, '=') > 0 {
				others = append(others, a)
			}
		}
	}
	if len(id) > 0 && string(id) != "0" {
		node.SetAttributeString("id", id)
	}
	if class := bytes.TrimSpace(bytes.Join(classes, []byte(" "))); len(class) > 0 {
		node.SetAttributeString("class", class)
	}
	for _, a := range others {
		name, value, _ := bytes.Cut(a, []byte("="))
		node.SetAttribute(name, value)
	}
}
