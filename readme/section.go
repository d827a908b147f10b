package readme

import "strings"

// The words of a section that WordPress.org shows; more only warn here.
const (
	MaxSectionWords     = 2500
	MaxLongSectionWords = 5000 // of the changelog and the FAQ
)

// MaxSections bounds the sections told apart; text of further ones goes to the
// last of them. Real readmes have a dozen.
const MaxSections = 256

// sectionAlias maps the other titles that WordPress.org knows.
func sectionAlias(key string) string {
	switch key {
	case "frequently_asked_questions":
		return "faq"
	case "change_log":
		return "changelog"
	case "screenshot":
		return "screenshots"
	}
	return key
}

// isStandard reports whether WordPress.org has a place of its own for a
// section.
func isStandard(key string) bool {
	switch key {
	case "description", "installation", "faq", "screenshots", "changelog", "upgrade_notice", "other_notes":
		return true
	}
	return false
}

// isSectionHeading reports whether a trimmed line starts a section:
// "== Title ==" with any number of signs, or "## Title" with exactly two. The
// "=====" that underlines a Markdown heading is one as well, without a title.
func isSectionHeading(line string) bool {
	return strings.HasPrefix(line, "==") || len(line) > 2 && strings.HasPrefix(line, "##") && line[2] != '#'
}

// parseSections reads everything after the short description.
func (p *walker) parseSections() {
	index := map[string]int{}
	texts := map[int][]string{} // of each section, in order
	var title string
	var text strings.Builder
	line := 0
	flush := func() {
		body := text.String()
		text.Reset()
		if !isEmpty(trim(body)) {
			p.addSection(index, texts, title, body, line)
		}
	}
	fence := ""
	for ; p.next < len(p.lines); p.next++ {
		raw := p.lines[p.next]
		trimmed := trim(raw)
		switch {
		case fence != "":
			if isFenceEnd(trimmed, fence) {
				fence = ""
			}
		case isSectionHeading(trimmed):
			flush()
			title, line = strings.Trim(trimmed, nameTrim), p.next+1
			continue
		default:
			fence = p.fenceAt(trimmed)
		}
		if !isEmpty(trimmed) {
			text.WriteString(raw)
		}
		text.WriteByte('\n')
	}
	flush()
	for i := range p.readme.Sections {
		p.readme.Sections[i].Markdown = strings.Join(texts[i], "\n\n")
	}
}

// addSection appends text to the section of that title, new or not.
func (p *walker) addSection(index map[string]int, texts map[int][]string, title, body string, line int) {
	title = plainText(title)
	key := sectionKey(title)
	if isStandard(key) {
		body = trim(body)
	} else {
		// Others keep the indent of their first line, which may be code's.
		body = strings.TrimRight(strings.TrimLeft(body, "\n"), space)
	}
	sections := p.readme.Sections
	at, ok := index[key]
	if !ok && len(sections) == MaxSections {
		at, ok = len(sections)-1, true
	}
	if !ok {
		at = len(sections)
		index[key] = at
		p.readme.Sections = append(sections, Section{Key: key, Title: title, Line: line})
	}
	texts[at] = append(texts[at], body)
}

// sectionKey is what a title is filed under. WordPress prints the keys it does
// not know as they are, so nothing that HTML reads is left in.
func sectionKey(title string) string {
	key := strings.Map(func(r rune) rune {
		switch r {
		case ' ':
			return '_'
		case '<', '>', '&', '"', '\'':
			return -1
		}
		return r
	}, lower(title))
	return sectionAlias(key)
}

// settle derives the fields that need the whole file.
func (p *walker) settle() {
	r := p.readme
	if r.Section("description") == nil && p.short != "" {
		r.Sections = append(r.Sections, Section{Key: "description", Title: "Description", Markdown: p.short})
	}
	p.settleShortDescription()
	p.warnLongSections()
	if s := r.Section("upgrade_notice"); s != nil {
		r.UpgradeNotice = parseEntries(s.Markdown)
	}
	if s := r.Section("faq"); s != nil {
		r.FAQ = parseEntries(s.Markdown)
	}
	if s := r.Section("screenshots"); s != nil {
		r.Screenshots = captions(s.Markdown)
	}
}

// warnLongSections counts words as WordPress.org does: sections that it does
// not know are part of the description there.
func (p *walker) warnLongSections() {
	words := map[string]int{}
	lines := map[string]int{}
	for _, s := range p.readme.Sections {
		key := s.Key
		n := len(strings.Fields(s.Markdown))
		switch key {
		case "description", "installation", "faq", "screenshots", "changelog":
			lines[key] = s.Line
		case "upgrade_notice":
			continue
		default:
			key = "description"
			n += len(strings.Fields(s.Title))
		}
		words[key] += n
	}
	for _, key := range []string{"description", "installation", "faq", "screenshots", "changelog"} {
		limit := MaxSectionWords
		if key == "changelog" || key == "faq" {
			limit = MaxLongSectionWords
		}
		if words[key] > limit {
			p.warn("trimmed_section_"+key, lines[key])
		}
	}
}
