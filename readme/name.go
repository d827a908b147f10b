package readme

import (
	"strings"

	"github.com/pluginyard/pluginyard/readme/kses"
)

// nameTrim is what surrounds a name: "=== Name ===", "# Name".
const nameTrim = "#= \t\x00\x0b"

// maxLateName is the length in bytes from which the line after a literal
// "=== Plugin Name ===" is taken for prose rather than the real name.
const maxLateName = 50

// parseName reads the name: the first line with anything in it, unless that
// is a header, in which case the readme has no name.
func (p *walker) parseName() {
	if p.has(Preamble) {
		p.skipPreamble()
	}
	if !p.skipBlank() {
		return
	}
	line, number := p.lines[p.next], p.next+1
	p.readme.places.name = number
	if isKnownHeader(line) {
		p.warn("invalid_plugin_name_header", number)
	} else {
		p.readme.Name = p.name(line)
		p.next++
	}
	// The underline of Markdown's other heading style.
	if p.next < len(p.lines) && strings.Trim(p.lines[p.next], "=-") == "" {
		p.next++
	}
	if lower(p.readme.Name) != "plugin name" {
		return
	}

	// "=== Plugin Name ===" left over from the template, the name below it.
	p.warn("invalid_plugin_name_header", number)
	p.readme.Name = ""
	if !p.skipBlank() {
		return
	}
	if line := p.lines[p.next]; len(line) < maxLateName && !isKnownHeader(line) {
		p.readme.Name = p.name(line)
		p.next++
	}
}

// name is a line without what makes it a heading.
func (p *walker) name(line string) string {
	name := strings.Trim(line, nameTrim)
	if p.has(PlainText) {
		return plainText(name)
	}
	return sanitizeText(name)
}

// sanitizeText is how WordPress.org makes HTML of what should be text: without
// tags, escaped. Nothing is left of text that is not UTF-8.
func sanitizeText(s string) string {
	return trim(kses.EscapeHTML(kses.StripTags(s)))
}

// skipPreamble moves past what many a README.md has above its heading: HTML
// comments, images, badges, tags without text. It moves only if a "# heading"
// does follow, so that a readme.txt is read as WordPress.org reads it.
func (p *walker) skipPreamble() {
	inComment := false
	for i := p.next; i < len(p.lines); i++ {
		line := trim(p.lines[i])
		switch {
		case inComment:
			inComment = !strings.Contains(line, "-->")
		case line == "":
		case strings.HasPrefix(line, "<!--"):
			inComment = !strings.Contains(line, "-->")
		case strings.HasPrefix(line, "# "), strings.HasPrefix(line, "==="):
			p.next = i
			return
		case strings.HasPrefix(line, "<") && plainText(line) == "":
		case strings.HasPrefix(line, "!["), strings.HasPrefix(line, "[!["):
		default:
			return
		}
	}
}
