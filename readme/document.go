package readme

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/pluginyard/pluginyard/readme/kses"
	"github.com/pluginyard/pluginyard/readme/markdown"
)

// Document is a readme rendered: what WordPress.org's parser hands to its
// pages, and with the profile Serve what a registry would. All strings are
// UTF-8.
type Document struct {
	Name             string
	Tags             []string
	Requires         string
	Tested           string
	RequiresPHP      string
	Contributors     []string
	StableTag        string
	DonateLink       string
	License          string
	LicenseURI       string
	ShortDescription string
	Sections         []RenderedSection // without screenshots and upgrade notices
	UpgradeNotice    []RenderedEntry
	Screenshots      []string // captions as HTML, by position
	FAQ              []RenderedEntry
	Warnings         []Warning
	Problems         []Problem
}

// RenderedSection is a section as HTML, which may be "".
type RenderedSection struct{ Key, HTML string }

// RenderedEntry is a question or a version with its text as HTML. In
// WordPress.org's profile that is as its Markdown gives it, unfiltered.
type RenderedEntry struct {
	Heading string `json:"heading"`
	HTML    string `json:"html"`
}

// Document renders the readme in the profile that it was parsed with. Of o
// only the bases of links count.
func (r *Readme) Document(o Options) *Document {
	o.Profile, o.Stable = r.profile, r.stable
	h := &r.Headers
	d := &Document{
		Name: utf8Text(r.Name), Tags: utf8Texts(h.Tags), Contributors: utf8Texts(h.Contributors),
		Requires: h.Requires, Tested: h.Tested, RequiresPHP: h.RequiresPHP, StableTag: h.StableTag,
		DonateLink: utf8Text(h.DonateLink), License: utf8Text(h.License), LicenseURI: utf8Text(h.LicenseURI),
		ShortDescription: utf8Text(r.ShortDescription), Screenshots: []string{}, FAQ: []RenderedEntry{},
	}
	for i := range r.Sections {
		switch s := &r.Sections[i]; s.Key {
		case "upgrade_notice":
		case "screenshots":
			d.Screenshots = r.screenshotsHTML(s, o)
		case "faq":
			questions, list := r.faqHTML(o)
			d.FAQ = questions
			d.Sections = append(d.Sections, RenderedSection{s.Key, list})
		default:
			d.Sections = append(d.Sections, RenderedSection{utf8Text(s.Key), HTML(s.Markdown, o)})
		}
	}
	d.UpgradeNotice = r.noticesHTML(o)
	for _, w := range r.Warnings {
		d.Warnings = append(d.Warnings, Warning{Key: w.Key, Values: utf8Texts(w.Values), Line: w.Line})
	}
	d.Problems = r.problems(d.isEmpty)
	return d
}

// isEmpty reports whether nothing of a section is left when it is rendered.
func (d *Document) isEmpty(key string) bool {
	if key == "screenshots" {
		return len(d.Screenshots) == 0
	}
	for _, s := range d.Sections {
		if s.Key == key {
			return isEmpty(s.HTML)
		}
	}
	return true
}

// html renders Markdown as the profile does, without filtering it.
func (r *Readme) html(text string) string {
	return string(markdown.WordPress(text, r.profile.markdownRules()))
}

// screenshotsHTML are the captions. WordPress.org takes every list item for
// one, up to the first end of an item, so that a nested list cuts its parent's.
func (r *Readme) screenshotsHTML(s *Section, o Options) []string {
	list := []string{}
	if r.profile.has(PopupHTML) {
		for _, caption := range captions(s.Markdown) {
			list = append(list, sanitize(caption, o))
		}
		return list
	}
	const start, end = "<li>", "</li>"
	text := r.html(s.Markdown)
	folded := lower(text)
	for {
		from := strings.Index(folded, start)
		if from < 0 {
			return list
		}
		from += len(start)
		to := strings.Index(folded[from:], end)
		if to < 0 {
			return list
		}
		list = append(list, utf8Text(kses.Filter(text[from:from+to])))
		text, folded = text[from+to+len(end):], folded[from+to+len(end):]
	}
}

// entryHTML renders an answer, or what stands before the first question.
func (r *Readme) entryHTML(e Entry, o Options) string {
	if r.profile.has(PopupHTML) {
		return HTML(e.Markdown, o)
	}
	return r.html(e.Markdown)
}

// faqHTML are the questions and answers, and the section made of them: what
// stands before the first question, then a list of definitions.
func (r *Readme) faqHTML(o Options) (questions []RenderedEntry, section string) {
	var intro, list strings.Builder
	questions = []RenderedEntry{}
	for _, e := range r.FAQ {
		text := r.entryHTML(e, o)
		if e.Heading == "" {
			intro.WriteString(text)
			continue
		}
		questions = append(questions, RenderedEntry{utf8Text(e.Heading), utf8Text(text)})
		list.WriteString("<dt id='" + questionID(e.Heading) + "'><h3>" + e.Heading + "</h3></dt>\n<dd>" + text + "</dd>\n")
	}
	if r.profile.has(PopupHTML) {
		return questions, popupFAQ(intro.String(), questions)
	}
	if len(questions) > 0 {
		intro.WriteString("\n<dl>\n" + list.String() + "\n</dl>\n")
	}
	return questions, utf8Text(kses.Filter(intro.String()))
}

// questionID is a question as part of an address: lower case, percent-encoded.
func questionID(question string) string {
	return strings.ReplaceAll(url.QueryEscape(trim(lower(question))), "+", "%20")
}

func (r *Readme) noticesHTML(o Options) []RenderedEntry {
	entries := []RenderedEntry{}
	for _, e := range r.UpgradeNotice {
		text := ""
		if r.profile.has(PopupHTML) {
			text = HTML(e.Markdown, o)
		} else {
			text = utf8Text(r.html(sanitizeText(e.Markdown)))
		}
		entries = append(entries, RenderedEntry{utf8Text(e.Heading), text})
	}
	return entries
}

func utf8Text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func utf8Texts(list []string) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, utf8Text(s))
	}
	return out
}

// MarshalJSON writes the document with the names and in the order of
// WordPress.org's parser; the name is false where there is none. "sections" and
// "warnings" are objects in the order of their lists, a warning's value is true
// or what it concerns; "validator" has the codes of the problems by severity.
func (d *Document) MarshalJSON() ([]byte, error) {
	var name any = d.Name
	if d.Name == "" {
		name = false
	}
	order, sections, warnings := []string{}, object{}, object{}
	for _, s := range d.Sections {
		order = append(order, s.Key)
		sections = append(sections, member{s.Key, s.HTML})
	}
	for _, w := range d.Warnings {
		warnings = append(warnings, member{w.Key, w.json()})
	}
	return marshal(object{
		{"name", name},
		{"tags", d.Tags},
		{"requires", d.Requires},
		{"tested", d.Tested},
		{"requires_php", d.RequiresPHP},
		{"contributors", d.Contributors},
		{"stable_tag", d.StableTag},
		{"donate_link", d.DonateLink},
		{"license", d.License},
		{"license_uri", d.LicenseURI},
		{"short_description", d.ShortDescription},
		{"section_order", order},
		{"sections", sections},
		{"upgrade_notice", d.UpgradeNotice},
		{"screenshots", d.Screenshots},
		{"faq", d.FAQ},
		{"warnings", warnings},
		{"validator", object{
			{"errors", codes(d.Problems, SeverityError)},
			{"warnings", codes(d.Problems, SeverityWarning)},
			{"notes", codes(d.Problems, SeverityNote)},
		}},
	})
}

// json is the warning's value as WordPress.org gives it.
func (w Warning) json() any {
	switch {
	case len(w.Values) == 0:
		return true
	case w.Key == "invalid_license" || w.Key == "unknown_license":
		return w.Values[0]
	}
	return w.Values
}

func codes(problems []Problem, s Severity) []string {
	list := []string{}
	for _, p := range problems {
		if p.Severity == s {
			list = append(list, p.Code)
		}
	}
	return list
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := marshal(m.value)
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// marshal leaves it to the outermost encoder to escape HTML.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
