package registry

import (
	"cmp"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/pluginyard/pluginyard/readme"
)

// defaultSections are what the reference registry shows unless told otherwise.
var defaultSections = []string{
	"description", "installation", "faq", "screenshots", "changelog", "reviews",
	"other_notes", "upgrade_notice", "additional_information", "copyright",
}

// themeSection is what a theme's readme has besides: whose pictures and fonts
// are in it.
const themeSection = "resources"

// defaults are the sections that have a tab unless the author chose others.
func (f *facts) defaults() []string {
	if f.header["Theme Name"] != "" {
		return append(slices.Clip(defaultSections), themeSection)
	}
	return defaultSections
}

// MaxSections bounds the tabs of one plugin.
const MaxSections = 30

// sections renders the chosen sections, in the order chosen; the default ones
// if none of those is there, since a plugin without any has an empty popup.
// Screenshots are made from the images when the documents are encoded.
func (f *facts) sections(v *values) []Section {
	if list := f.render(f.sectionKeys(v)); len(list) > 0 {
		return list
	}
	return f.render(f.defaults(), false) // what was chosen is not there
}

func (f *facts) render(keys []string, chosen bool) []Section {
	var list []Section
	for _, key := range keys {
		if slices.ContainsFunc(list, func(s Section) bool { return s.Key == key }) || len(list) == MaxSections {
			continue
		}
		if text := f.section(key, chosen); text != "" {
			list = append(list, Section{Key: key, Title: f.sectionTitle(key), HTML: text})
		}
	}
	return list
}

// sectionKeys are the configured sections, or the repository's wp-sections
// (comma, space or newline separated), or the default ones; chosen is whether
// it was the author's choice.
func (f *facts) sectionKeys(v *values) (keys []string, chosen bool) {
	names := f.plugin.Sections
	if len(names) == 0 {
		names = strings.FieldsFunc(v.first("sections"), func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	}
	if len(names) == 0 {
		return f.defaults(), false
	}
	for _, name := range names {
		keys = append(keys, sectionKey(name))
	}
	return keys, true
}

var sectionJunk = regexp.MustCompile(`[^\p{L}\p{N}_]+`)

// sectionKey makes a key that WordPress may print as it is.
func sectionKey(name string) string {
	return strings.Trim(sectionJunk.ReplaceAllString(strings.ToLower(name), "_"), "_")
}

func (f *facts) section(key string, chosen bool) string {
	switch key {
	case "description":
		return f.description(chosen)
	case "changelog":
		return f.changelog()
	case "upgrade_notice":
		return f.upgradeNotice()
	case "screenshots":
		return ""
	}
	for _, section := range f.readme.Sections {
		if section.Key == key || sectionKey(section.Title) == key {
			return f.readme.SectionHTML(section.Key, f.links)
		}
	}
	return ""
}

func (f *facts) sectionTitle(key string) string {
	for _, section := range f.readme.Sections {
		if section.Key == key || sectionKey(section.Title) == key {
			return plainText(section.Title)
		}
	}
	words := strings.Fields(strings.ReplaceAll(key, "_", " "))
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, " ")
}

// description is the readme's; its "Summary" subsection alone, if it has one.
// Sections that have no tab of their own follow it under their titles, as on
// WordPress.org, unless the author chose the sections to show. A plugin
// without a description is described by what is known of it in short.
func (f *facts) description(chosen bool) string {
	if summary := f.readme.Summary(); summary != "" {
		return readme.HTML(summary, f.links)
	}
	text := f.readme.SectionHTML("description", f.links)
	if text == "" {
		short := cmp.Or(f.readme.ShortDescription, f.header["Description"], plainText(f.repository.Description), cmp.Or(f.header["Plugin Name"], f.header["Theme Name"]))
		text = "<p>" + html.EscapeString(html.UnescapeString(short)) + "</p>"
	}
	if chosen {
		return text
	}
	var b strings.Builder
	b.WriteString(text)
	for _, section := range f.readme.Sections {
		if slices.Contains(f.defaults(), section.Key) {
			continue
		}
		if more := f.readme.SectionHTML(section.Key, f.links); more != "" {
			b.WriteString("\n<h3>" + html.EscapeString(plainText(section.Title)) + "</h3>\n" + more)
		}
	}
	return b.String()
}

// changelog is the readme's, else the release's notes under their version.
func (f *facts) changelog() string {
	if text := f.readme.SectionHTML("changelog", f.links); text != "" {
		return text
	}
	if f.revision.Release == nil || strings.TrimSpace(f.revision.Release.Notes) == "" {
		return ""
	}
	notes := readme.GitHubHTML(f.revision.Release.Notes, f.links)
	if strings.HasPrefix(notes, "<h") {
		return notes // they have a heading of their own
	}
	return "<h4>" + html.EscapeString(f.version) + "</h4>\n" + notes
}

// upgradeNotice is what stands before the first subsection, and the subsection
// of the current version. The reference registry looks that up as "M.m.p",
// "M.m", "M.m+", "M", "M+", each also with "Version" in front.
func (f *facts) upgradeNotice() string {
	var parts []string
	var versions = map[string]string{}
	for _, entry := range f.readme.UpgradeNotice {
		heading := strings.Trim(strings.ToLower(entry.Heading), " \t=#*")
		if heading == "" {
			parts = append(parts, readme.HTML(entry.Markdown, f.links))
			continue
		}
		heading = strings.TrimSpace(strings.TrimPrefix(heading, "version"))
		if _, ok := versions[heading]; !ok {
			versions[heading] = entry.Markdown
		}
	}
	for _, name := range noticeNames(f.version) {
		if text, ok := versions[name]; ok {
			parts = append(parts, readme.HTML(text, f.links))
			break
		}
	}
	return strings.TrimSpace(strings.Join(parts, "\n"))
}

// noticeNames are the headings that may stand for a version, nearest first.
func noticeNames(version string) []string {
	version = strings.ToLower(version)
	names := []string{version, "v" + version}
	numbers := strings.Split(wordPressVersion(version), ".")
	for n := min(len(numbers), 3); n > 0; n-- {
		name := strings.Join(numbers[:n], ".")
		names = append(names, name, "v"+name)
		if n < 3 {
			names = append(names, name+"+")
		}
	}
	return names
}
