package readme

import (
	"html"
	"strings"
	"unicode/utf8"

	"github.com/pluginyard/pluginyard/readme/kses"
	"github.com/pluginyard/pluginyard/readme/markdown"
)

// MaxNesting is how deep elements may stand in each other.
const MaxNesting = markdown.MaxNesting

// MaxGrowth bounds the HTML made of some Markdown: that many bytes for each of
// input, and MaxGrowthFloor. Two bytes can open and close a list with an item;
// the bases of Options, taken to be of 64 bytes, come with each link.
const (
	MaxGrowth      = 64
	MaxGrowthFloor = 1 << 17
)

// HTML renders Markdown as WordPress.org understands it into HTML that holds
// only elements, attributes and schemes that are safe in wp-admin: those of
// WordPress's popup, or without the rule PopupHTML those of WordPress.org.
func HTML(source string, o Options) string {
	if o.Profile.has(PopupHTML) {
		return sanitize(markdown.WordPress(bound(source), o.Profile.markdownRules()), o)
	}
	return utf8Text(kses.Filter(string(markdown.WordPress(source, o.Profile.markdownRules()))))
}

// GitHubHTML renders GitHub's Markdown (release notes) into the HTML of
// WordPress's popup.
func GitHubHTML(source string, o Options) string {
	return sanitize(markdown.GitHub(bound(source)), o)
}

// Text is the visible text of some Markdown, on one line.
func Text(source string) string {
	return visibleText(markdown.WordPress(bound(source), markdown.Better))
}

// SectionHTML renders one section in the profile that the readme was parsed
// with; the FAQ as WordPress's popup shows it, a heading and its answer each.
// It is "" if there is no such section. Of o only the bases of links count.
func (r *Readme) SectionHTML(key string, o Options) string {
	section := r.Section(key)
	if section == nil {
		return ""
	}
	o.Profile = r.profile
	if key == "faq" {
		_, text := r.faqHTML(o)
		return text
	}
	return HTML(section.Markdown, o)
}

// popupFAQ is the FAQ as WordPress's popup shows it.
func popupFAQ(intro string, questions []RenderedEntry) string {
	var out strings.Builder
	out.WriteString(intro + "\n")
	for _, q := range questions {
		out.WriteString("<h4>" + html.EscapeString(q.Heading) + "</h4>\n" + q.HTML + "\n")
	}
	return strings.TrimSpace(out.String())
}

// bound cuts text at MaxSize, makes its line ends "\n" and its bytes UTF-8.
func bound(source string) string {
	if len(source) > MaxSize {
		source = source[:MaxSize]
	}
	if strings.Contains(source, "\r") {
		source = strings.ReplaceAll(source, "\r\n", "\n")
		source = strings.ReplaceAll(source, "\r", "\n")
	}
	if !utf8.ValidString(source) {
		source = strings.ToValidUTF8(source, "\uFFFD")
	}
	return strings.Map(printable, source)
}
