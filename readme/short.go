package readme

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pluginyard/pluginyard/readme/kses"
)

// MaxShortDescription is how many characters of the short description
// WordPress.org shows.
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
		if isEmpty(line) {
			p.shortLines = append(p.shortLines, "")
			continue
		}
		p.shortLines = append(p.shortLines, p.lines[p.next])
		if p.readme.places.short == 0 {
			p.readme.places.short = p.next + 1
		}
		short.WriteString(p.lines[p.next])
		short.WriteByte(' ')
	}
	p.short = trim(short.String())
}

// settleShortDescription makes text of the short description; without one it
// is the first line of the description.
func (p *walker) settleShortDescription() {
	if p.has(PlainText) {
		p.settlePlainShort()
		return
	}
	short, missing := p.short, false
	if isEmpty(short) {
		short = ""
		if description := p.readme.describe(); !isEmpty(description) {
			missing = true
			if short, _, _ = strings.Cut(description, "\n"); isEmpty(short) {
				short = ""
			}
			p.warn("no_short_description_present", 0)
		}
	}
	rendered := p.readme.html(sanitizeText(short))
	if strings.HasPrefix(rendered, "<h4>") {
		// "= This = at the start" is a heading and a paragraph, and the blank
		// line that WordPress.org writes between them stays in the text.
		rendered = strings.Replace(rendered, "</h4>\n", "</h4>\n\n", 1)
	}
	short = kses.StripAllTags(rendered)
	cut := cutShort(short)
	if cut != short && !missing {
		p.warn("trimmed_short_description", p.readme.places.short)
	}
	if p.has(WholeText) {
		cut = short
	}
	p.readme.ShortDescription = cut
}

// describe renders the description without filtering it.
func (r *Readme) describe() string {
	if s := r.Section("description"); s != nil {
		return r.html(s.Markdown)
	}
	return ""
}

// settlePlainShort is settleShortDescription with the rule PlainText.
func (p *walker) settlePlainShort() {
	if p.short == "" {
		if description := p.descriptive(); description != nil {
			p.readme.ShortDescription = firstLine(description.Markdown)
			p.warn("no_short_description_present", 0)
		}
		return
	}
	p.readme.ShortDescription = Text(stripTags(p.short))
	if utf8.RuneCountInString(p.readme.ShortDescription) > MaxShortDescription {
		p.warn("trimmed_short_description", p.readme.places.short)
		if !p.has(WholeText) {
			p.readme.ShortDescription = plainText(cutShort(kses.EscapeHTML(p.readme.ShortDescription)))
		}
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

// maxFirstLines is how many lines are tried for one with visible text; each is
// a text of its own to render.
const maxFirstLines = 100

// firstLine is the visible text of the first line of Markdown that has any.
func firstLine(markdown string) string {
	tried := 0
	for line := range strings.Lines(markdown) {
		if tried++; tried > maxFirstLines {
			break
		}
		if text := Text(stripTags(strings.Trim(line, nameTrim+"\n"))); text != "" {
			return text
		}
	}
	return ""
}

// cutShort cuts HTML as WordPress.org does. Entities count as the characters
// they are for the limit, but the cut counts those they are written with. It is
// made behind the last full stop, if there is one in the last fifth.
func cutShort(short string) string {
	if decodedLen(short) <= MaxShortDescription {
		return trim(short)
	}
	end, stop, count := len(short), -1, 0
	for i, r := range short {
		if count == MaxShortDescription {
			end = i
			break
		}
		if r == '.' && count > MaxShortDescription*8/10 {
			stop = i
		}
		count++
	}
	switch {
	case strings.HasSuffix(short[:end], "."):
		return trim(short[:end])
	case stop >= 0:
		return trim(short[:stop+1])
	}
	return trim(short[:end] + " &hellip;")
}

// maxEntity is the length in bytes of the longest entity looked at, "&#x0010FFFF;"
// and a little more; those with a name are shorter.
const maxEntity = 16

// decodedLen counts the characters of HTML with its entities decoded.
func decodedLen(s string) int {
	n := utf8.RuneCountInString(s)
	for {
		at := strings.IndexByte(s, '&')
		if at < 0 {
			return n
		}
		s = s[at:]
		end := strings.IndexByte(s[:min(len(s), maxEntity)], ';')
		if end < 0 {
			s = s[1:]
			continue
		}
		if decodes(s[:end+1]) {
			n -= end
			s = s[end:]
		}
		s = s[1:]
	}
}

// decodes reports whether PHP's html_entity_decode makes one character of an
// entity: those of HTML 4 without "&apos;" and control characters.
func decodes(name string) bool {
	text := html.UnescapeString(name)
	if text == name || name == "&apos;" || utf8.RuneCountInString(text) != 1 {
		return false
	}
	number, ok := strings.CutPrefix(name, "&#")
	if !ok {
		return true
	}
	base := 10
	if number[0] == 'x' || number[0] == 'X' {
		number, base = number[1:], 16
	}
	r, err := strconv.ParseUint(strings.TrimSuffix(number, ";"), base, 32)
	return err == nil && (r >= ' ' && r < 0x7F || r > 0x9F || r == '\t' || r == '\n' || r == '\r')
}
