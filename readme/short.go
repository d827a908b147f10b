package readme

import (
	"strings"
	"unicode/utf8"
)

// MaxShortDescription is how many characters of the short description
// WordPress.org shows; more only warn here.
const MaxShortDescription = 150

// parseShortDescription gathers the lines between the headers and the first
// section.
func (p *walker) parseShortDescription() {
	var short strings.Builder
	for ; p.next < len(p.lines); p.next++ {
		line := trim(p.lines[p.next])
		if strings.HasPrefix(line, "==") || strings.HasPrefix(line, "##") {
			break
		}
		if !isEmpty(line) {
			short.WriteString(p.lines[p.next] + " ")
		}
	}
	p.short = trim(short.String())
}

// settleShortDescription makes the short description plain; without one it is
// the first line of the description.
func (p *walker) settleShortDescription() {
	if p.short == "" {
		if description := p.descriptive(); description != nil {
			p.readme.ShortDescription = firstLine(description.Markdown)
			p.warn("no_short_description_present", 0)
		}
		return
	}
	p.readme.ShortDescription = Text(stripTags(p.short))
	if utf8.RuneCountInString(p.readme.ShortDescription) > MaxShortDescription {
		p.warn("trimmed_short_description", 0)
	}
}

// descriptive is the description, or the first of the sections of other titles
// that WordPress.org would make it of.
func (p *walker) descriptive() *Section {
	if s := p.readme.Section("description"); s != nil {
		return s
	}
	for i := range p.readme.Sections {
		switch s := &p.readme.Sections[i]; s.Key {
		case "installation", "faq", "screenshots", "changelog", "upgrade_notice":
		default:
			return s
		}
	}
	return nil
}

// firstLine is the visible text of the first line of Markdown that has any.
func firstLine(markdown string) string {
	for line := range strings.Lines(markdown) {
		if text := Text(stripTags(strings.Trim(line, nameTrim+"\n"))); text != "" {
			return text
		}
	}
	return ""
}
