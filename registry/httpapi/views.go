package httpapi

import (
	"cmp"
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/templates"
)

// MaxVersionsShown bounds the list of versions on a plugin's page; the
// document names them all.
const MaxVersionsShown = 50

// catalogueView lists the entries that may be shown.
func (s *server) catalogueView(entries []registry.Entry) templates.Catalogue {
	v := templates.Catalogue{Site: s.site, Collection: s.prefix + "/" + pluginCollection + ".json", Looking: s.registry.Looking()}
	for i := range entries {
		if entries[i].Withheld {
			v.Withheld++
			continue
		}
		card := s.card(&entries[i])
		if card.Theme {
			v.Themes = s.prefix + "/" + themeCollection + ".json"
		}
		v.Cards = append(v.Cards, card)
	}
	return v
}

func (s *server) card(e *registry.Entry) templates.Card {
	slug := string(e.Plugin.Slug)
	card := templates.Card{Name: slug, URL: s.pagePath(slug)}
	if e.Err != nil {
		card.Note = s.errors.message(e.Err)
	}
	if p := e.Package; p != nil {
		card.Name = cmp.Or(p.Details.Name, slug)
		card.Description = p.Details.Description
		card.Author = p.Details.Author
		card.Version = p.Version
		card.Updated = p.Revision.Modified
		card.Tested = p.Details.Tested
		card.Icon = s.imageOf(p, "icon.", "icon-256x256.", "icon-128x128.")
		card.Theme = p.Type == registry.TypeTheme
		card.Screenshot = s.imageOf(p, "screenshot.")
	}
	return card
}

// pluginView is everything about one plugin. Without a package that is little
// more than why there is none.
func (s *server) pluginView(e *registry.Entry) templates.PluginPage {
	slug := string(e.Plugin.Slug)
	v := templates.PluginPage{
		Site:      s.site,
		Name:      slug,
		Slug:      slug,
		UpdateURI: s.base + "/" + slug + ".json",
		Document:  s.prefix + "/" + slug + ".json",
		Versions:  s.versions(e),
		Notices:   e.Notices,
		Checked:   e.Checked,
	}
	if e.Err != nil {
		v.Note = s.errors.message(e.Err)
	}
	var refused *registry.Refusal
	if errors.As(e.Err, &refused) {
		v.Findings = findings(refused.Findings) // of what should be served by now
	}
	v.Findings = append(findings(e.Remarks), v.Findings...)
	p := e.Package
	if p == nil {
		return v
	}
	d := &p.Details
	v.Name = cmp.Or(d.Name, slug)
	v.Theme = p.Type == registry.TypeTheme
	v.Parent = d.Template
	v.Picture = s.picture(p)
	v.Version = p.Version
	v.Description = d.Description
	v.Author = d.Author
	v.AuthorURL = cmp.Or(d.AuthorURI, d.AuthorProfile)
	v.Icon = s.imageOf(p, "icon.", "icon-256x256.", "icon-128x128.")
	v.Banner = s.imageOf(p, "banner-772x250.", "banner.")
	v.Banner2x = s.imageOf(p, "banner-1544x500.")
	if v.Banner == "" {
		v.Banner, v.Banner2x = v.Banner2x, ""
	}
	v.Download = s.local(s.registry.PackageURL(p))
	v.DownloadSize = p.Installer.Size
	v.Checksum = string(p.Installer.Digest)
	for _, d := range e.Downloads {
		if d.Version == "trunk" {
			v.Branch = s.local(d.URL)
		}
	}
	v.UpgradeNotice = template.HTML(d.UpgradeNotice) // safe by Details' contract
	v.Screenshots = s.screenshots(p)
	for _, section := range d.Sections {
		if section.Key == "screenshots" && len(v.Screenshots) > 0 {
			continue // the images themselves are shown
		}
		v.Sections = append(v.Sections, templates.Section{
			Key: section.Key, Title: cmp.Or(section.Title, section.Key), HTML: template.HTML(section.HTML),
		})
	}
	for _, tag := range d.Tags {
		v.Tags = append(v.Tags, cmp.Or(tag.Name, tag.Slug))
	}
	if refused == nil {
		v.Findings = append(v.Findings, findings(p.Findings)...)
	}
	v.Facts = facts(p)
	return v
}

func findings(list []registry.Finding) []templates.Finding {
	var shown []templates.Finding
	for _, f := range list {
		place := f.Place
		if place != "" && f.Line > 0 {
			place += ":" + strconv.Itoa(f.Line)
		}
		shown = append(shown, templates.Finding{Severity: f.Severity, Place: place, Message: f.Message, Remedy: f.Remedy})
	}
	return shown
}

// facts are the lines beside the readme; what is not known has none.
func facts(p *registry.Package) []templates.Fact {
	d := &p.Details
	repo, repoURL := p.Repository.Repo.String(), p.Repository.URL
	if p.Repository.Private {
		repo, repoURL = "", ""
	}
	all := []templates.Fact{
		{Label: "Version", Text: p.Version},
		{Label: "Last updated", Time: p.Revision.Modified},
		{Label: "WordPress version", Text: orHigher(d.Requires)},
		{Label: "Tested up to", Text: d.Tested},
		{Label: "PHP version", Text: orHigher(d.RequiresPHP)},
		{Label: "Parent theme", Text: d.Template},
		{Label: "Needs", Text: strings.Join(d.RequiresPlugins, ", ")},
		{Label: "Licence", Text: cmp.Or(d.License, p.Repository.License), URL: d.LicenseURI},
		{Label: "Source", Text: repo, URL: repoURL},
		{Label: "Revision", Text: revisionName(p.Revision)},
		{Label: "Homepage", Text: hostOf(d.Homepage), URL: d.Homepage},
		{Label: "Support", Text: hostOf(d.SupportURL), URL: d.SupportURL},
		{Label: "Donate", Text: hostOf(d.DonateLink), URL: d.DonateLink},
		{Label: "Files", Text: countOf(p.Installer.Files)},
	}
	return slices.DeleteFunc(all, func(f templates.Fact) bool { return f.Text == "" && f.Time.IsZero() })
}

func orHigher(version string) string {
	if version == "" {
		return ""
	}
	return version + " or higher"
}

// revisionName is the tag or branch with the commit that it stood for.
func revisionName(r registry.Revision) string {
	commit := r.Commit[:min(7, len(r.Commit))]
	if r.Ref == "" || r.Ref == r.Commit {
		return commit
	}
	if commit == "" {
		return r.Ref
	}
	return r.Ref + " (" + commit + ")"
}

// hostOf is the host of an address that can be linked to, else "".
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.Host
}

func countOf(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// versions are the releases that can be downloaded, newest first.
func (s *server) versions(e *registry.Entry) []templates.Version {
	var list []templates.Version
	for _, d := range e.Downloads[:min(len(e.Downloads), MaxVersionsShown)] {
		if d.Release == nil {
			continue
		}
		v := templates.Version{
			Name: d.Version, URL: s.local(d.URL), Published: d.Release.Published, Prerelease: d.Release.Prerelease,
			Standing: d.Standing.String(),
		}
		if !e.Package.Repository.Private {
			v.Notes = d.Release.URL
		}
		list = append(list, v)
	}
	return list
}

// screenshots are the images named screenshot-1, screenshot-2 … with the
// caption of the same number.
func (s *server) screenshots(p *registry.Package) []templates.Screenshot {
	type numbered struct {
		n int
		templates.Screenshot
	}
	var list []numbered
	for _, image := range p.Images {
		rest, ok := strings.CutPrefix(image.Name, "screenshot-")
		if !ok {
			continue
		}
		digits, _, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 {
			continue
		}
		shot := numbered{n, templates.Screenshot{
			URL: s.local(s.registry.ImageURL(p.Slug, image)), Width: image.Width, Height: image.Height,
		}}
		if n <= len(p.Details.Screenshots) {
			shot.Caption = p.Details.Screenshots[n-1]
		}
		list = append(list, shot)
	}
	slices.SortFunc(list, func(a, b numbered) int { return cmp.Compare(a.n, b.n) })
	shots := make([]templates.Screenshot, len(list))
	for i, shot := range list {
		shots[i] = shot.Screenshot
	}
	return shots
}

// picture is a theme's screenshot, nil if it has none.
func (s *server) picture(p *registry.Package) *templates.Screenshot {
	for _, image := range p.Images {
		if strings.HasPrefix(image.Name, "screenshot.") {
			return &templates.Screenshot{URL: s.local(s.registry.ImageURL(p.Slug, image)), Width: image.Width, Height: image.Height}
		}
	}
	return nil
}

// imageOf is the address of the first image whose name has one of the starts,
// in their order; "" if there is none.
func (s *server) imageOf(p *registry.Package, starts ...string) string {
	for _, start := range starts {
		for _, image := range p.Images {
			if strings.HasPrefix(image.Name, start) {
				return s.local(s.registry.ImageURL(p.Slug, image))
			}
		}
	}
	return ""
}

// local shortens an address of our own to its path, so that a page works, and
// its policy holds, whatever name of this host the browser used.
func (s *server) local(address string) string {
	if rest, ok := strings.CutPrefix(address, s.origin); ok && strings.HasPrefix(rest, "/") {
		return rest
	}
	return address
}

func (s *server) pagePath(slug string) string { return s.prefix + "/" + slug + "/" }
