package main

import (
	"bytes"
	"cmp"
	"html"
	"html/template"
	"net/url"
	"path"
	"strings"

	"github.com/pluginyard/pluginyard/readme"
	"github.com/pluginyard/pluginyard/templates"
)

// popupPage is the readme as WordPress's details popup shows it, a page of its
// own. With images the browser may fetch those of the readme; without, each is
// a link, so that looking at a readme tells nobody.
func popupPage(images bool) func(*readme.Readme, readme.Options) ([]byte, error) {
	return func(r *readme.Readme, o readme.Options) ([]byte, error) {
		pages, err := templates.Parse()
		if err != nil {
			return nil, err
		}
		d := r.Document(o)
		page := templates.Popup{
			Name:        cmp.Or(html.UnescapeString(d.Name), "Plugin without a name"),
			Description: html.UnescapeString(d.ShortDescription),
			Facts:       popupFacts(r, d),
			Tags:        d.Tags,
			Donate:      d.DonateLink,
			Images:      images,
		}
		for _, s := range popupSections(r, d) {
			if !images {
				s.HTML = template.HTML(linkImages(string(s.HTML)))
			}
			page.Sections = append(page.Sections, s)
		}
		for _, name := range d.Contributors {
			page.Contributors = append(page.Contributors, templates.Fact{Text: name, URL: "https://profiles.wordpress.org/" + url.PathEscape(name) + "/"})
		}
		var out bytes.Buffer
		if err := pages.Popup(&out, page); err != nil {
			return nil, err
		}
		return out.Bytes(), nil
	}
}

// popupTabs are the sections that have a tab, in their order; WordPress has a
// title for each but the last. Other sections follow the description.
var popupTabs = []struct{ key, title string }{
	{"description", "Description"},
	{"installation", "Installation"},
	{"faq", "FAQ"},
	{"screenshots", "Screenshots"},
	{"changelog", "Changelog"},
	{"other_notes", "Other Notes"},
	{"upgrade_notice", "Upgrade Notice"},
}

func popupSections(r *readme.Readme, d *readme.Document) []templates.Section {
	text := map[string]string{}
	var others strings.Builder
	for _, s := range d.Sections {
		text[s.Key] = s.HTML
	}
	for _, s := range d.Sections {
		if section := r.Section(s.Key); s.HTML != "" && section != nil && !hasTab(s.Key) {
			others.WriteString("\n<h3>" + html.EscapeString(section.Title) + "</h3>\n" + s.HTML)
		}
	}
	text["description"] += others.String()
	if len(d.Screenshots) > 0 {
		text["screenshots"] = "<ol>\n<li>" + strings.Join(d.Screenshots, "</li>\n<li>") + "</li>\n</ol>"
	}
	var notices strings.Builder
	for _, e := range d.UpgradeNotice {
		if e.Heading != "" {
			notices.WriteString("<h4>" + html.EscapeString(e.Heading) + "</h4>\n")
		}
		notices.WriteString(e.HTML + "\n")
	}
	text["upgrade_notice"] = notices.String()
	var list []templates.Section
	for _, tab := range popupTabs {
		if s := strings.TrimSpace(text[tab.key]); s != "" {
			list = append(list, templates.Section{Key: tab.key, Title: tab.title, HTML: template.HTML(s)})
		}
	}
	return list
}

func hasTab(key string) bool {
	for _, tab := range popupTabs {
		if tab.key == key {
			return true
		}
	}
	return false
}

// popupFacts are what WordPress shows beside the sections, as far as a readme
// tells it: the version is the stable tag, unless that is "trunk".
func popupFacts(r *readme.Readme, d *readme.Document) []templates.Fact {
	var facts []templates.Fact
	add := func(label, text, more string) {
		if text != "" {
			facts = append(facts, templates.Fact{Label: label, Text: text + more})
		}
	}
	version := r.Headers.Extra["version"]
	if version == "" && strings.Trim(d.StableTag, "0123456789.") != d.StableTag {
		version = d.StableTag
	}
	add("Version", version, "")
	if d.StableTag != version {
		add("Stable tag", d.StableTag, "")
	}
	add("Author", readme.Text(r.Headers.Extra["author"]), "")
	add("Requires WordPress Version", d.Requires, " or higher")
	add("Compatible up to", d.Tested, "")
	add("Requires PHP Version", d.RequiresPHP, " or higher")
	if d.License != "" || d.LicenseURI != "" {
		facts = append(facts, templates.Fact{Label: "License", Text: d.License, URL: d.LicenseURI})
	}
	return facts
}

// linkImages makes a link of each image, with its alternative text. It reads
// HTML as package readme writes it: attributes in double quotes, every ">"
// that ends no tag escaped.
func linkImages(s string) string {
	var out strings.Builder
	linked := false
	for {
		before, rest, ok := strings.Cut(s, "<")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		tag, after, _ := strings.Cut(rest, ">")
		s = after
		src, isImage := strings.CutPrefix(tag, `img src="`)
		switch {
		case strings.HasPrefix(tag, "a "):
			linked = true
		case tag == "/a":
			linked = false
		}
		if !isImage {
			out.WriteString("<" + tag + ">")
			continue
		}
		src, attributes, _ := strings.Cut(src, `"`)
		_, alt, _ := strings.Cut(attributes, ` alt="`)
		alt, _, _ = strings.Cut(alt, `"`)
		if strings.TrimSpace(alt) == "" {
			alt, _, _ = strings.Cut(path.Base(src), "?")
		}
		if !linked {
			alt = `<a class="image" href="` + src + `">` + alt + "</a>"
		}
		out.WriteString(alt)
	}
}
