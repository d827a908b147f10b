package readme

import (
	"slices"
	"strings"
)

// MaxSections bounds the sections told apart; text of further ones goes to the
// last of them. Real readmes have a dozen.
const MaxSections = 256

// standardSections are those that WordPress.org has a place for, in its order.
var standardSections = [...]string{"description", "installation", "faq", "screenshots", "changelog", "upgrade_notice", "other_notes"}

func isStandard(key string) bool { return slices.Contains(standardSections[:], key) }

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

// isSectionHeading reports whether a trimmed line starts a section:
// "== Title ==" with any number of signs, or "## Title" with exactly two. The
// "=====" that underlines a Markdown heading is one as well, without a title.
func isSectionHeading(line string) bool {
	return strings.HasPrefix(line, "==") || len(line) > 2 && strings.HasPrefix(line, "##") && line[2] != '#'
}

// sections gathers texts under their keys.
type sections struct {
	list  []Section
	texts [][]string // of each section, in order
	index map[string]int
}

// add appends text to the section of that key, new or not.
func (s *sections) add(key, title, text string, line int) {
	at, ok := s.index[key]
	if !ok && len(s.list) == MaxSections {
		at, ok = len(s.list)-1, true
	}
	if !ok {
		at = len(s.list)
		s.index[key] = at
		s.list = append(s.list, Section{Key: key, Title: title, Line: line})
		s.texts = append(s.texts, nil)
	}
	s.texts[at] = append(s.texts[at], text)
}

// parseSections reads everything after the short description.
func (p *walker) parseSections() {
	found := sections{index: map[string]int{}}
	var text strings.Builder // of all sections, one after the other
	text.Grow(p.bytesLeft())
	title, line, start := "", 0, 0
	flush := func() {
		body := text.String()[start:]
		start = text.Len()
		p.addSection(&found, title, body, line)
	}
	code := fences{lines: p.lines}
	for ; p.next < len(p.lines); p.next++ {
		raw := p.lines[p.next]
		trimmed := trim(raw)
		fenced := p.has(FencedHeadings) && code.code(p.next)
		if isSectionHeading(trimmed) && !fenced {
			flush()
			title, line = strings.Trim(raw, "#= \t"), p.next+1
			continue
		}
		if !isEmpty(trimmed) {
			text.WriteString(raw)
		}
		text.WriteByte('\n')
	}
	flush()

	between := ""
	if p.has(PartedSections) {
		between = "\n\n"
	}
	for i := range found.list {
		found.list[i].Markdown = strings.Join(found.texts[i], between)
	}
	if !p.has(OwnSections) {
		slices.SortFunc(found.list, func(a, b Section) int {
			return slices.Index(standardSections[:], a.Key) - slices.Index(standardSections[:], b.Key)
		})
	}
	p.readme.Sections = found.list
}

func (p *walker) bytesLeft() int {
	n := 0
	for _, line := range p.lines[p.next:] {
		n += len(line) + 1
	}
	return n
}

// addSection files one "== Title ==" and its text. line is 0 for what stands
// before the first.
func (p *walker) addSection(found *sections, title, body string, line int) {
	if p.has(PlainText) {
		title = plainText(title)
	}
	key := p.sectionKey(title)
	switch {
	case isStandard(key):
		body = trim(body)
	case !p.has(OwnSections):
		if line == 0 {
			return // text that no section claims
		}
		key, body = "other_notes", trim("<h3>"+title+"</h3>"+body)
	case isEmpty(trim(body)):
		return
	default:
		// These keep the indent of their first line, which may be code's.
		body = trimRight(strings.TrimLeft(body, "\n"))
	}
	if !isEmpty(body) {
		found.add(key, title, body, line)
	}
}

// sectionKey is what a title is filed under.
func (p *walker) sectionKey(title string) string {
	key := strings.ReplaceAll(lower(title), " ", "_")
	if p.has(PlainText) {
		key = strings.Map(func(r rune) rune {
			if strings.ContainsRune("<>&\"'", r) {
				return -1
			}
			return r
		}, key)
	}
	return sectionAlias(key)
}

// settle derives the fields that need the whole file.
func (p *walker) settle() {
	r := p.readme
	p.settleDescription()
	p.limitSections()
	if s := r.Section("upgrade_notice"); s != nil {
		r.UpgradeNotice = p.parseEntries(s.Markdown)
	}
	if s := r.Section("faq"); s != nil {
		r.FAQ = p.parseEntries(s.Markdown)
	}
	if s := r.Section("screenshots"); s != nil && p.has(PopupHTML) {
		for _, caption := range captions(s.Markdown) {
			r.Screenshots = append(r.Screenshots, visibleText(caption))
		}
	}
	p.settleShortDescription()
}

// settleDescription makes a description of the short one where there is none.
func (p *walker) settleDescription() {
	r := p.readme
	if r.Section("description") == nil && (p.short != "" || !p.has(OwnSections)) {
		text := p.short
		if p.has(KeepLines) {
			text = trim(strings.Join(p.shortLines, "\n"))
		}
		r.Sections = append(r.Sections, Section{Key: "description", Title: "Description", Markdown: text})
	}
	if p.has(OwnSections) {
		return
	}
	if i := slices.IndexFunc(r.Sections, func(s Section) bool { return s.Key == "other_notes" }); i >= 0 {
		r.Section("description").Markdown += "\n" + r.Sections[i].Markdown
		r.Sections = slices.Delete(r.Sections, i, i+1)
	}
}
