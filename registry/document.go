package registry

import (
	"cmp"
	"html"
	"slices"
	"strconv"
	"strings"
	"time"
)

// update is the update_plugins object: the answer of WordPress's filter
// update_plugins_{hostname}, one entry of plugins/update-check, and an entry
// of the collection.
type update struct {
	ID              string   `json:"id,omitempty"`
	Slug            Slug     `json:"slug"`
	Plugin          string   `json:"plugin"`
	Version         string   `json:"version"`     // the filter needs this one
	NewVersion      string   `json:"new_version"` // and update-check that one
	URL             string   `json:"url"`
	Package         string   `json:"package"`
	Digests         digests  `json:"digests"`
	Requires        string   `json:"requires,omitempty"`
	Tested          string   `json:"tested,omitempty"`
	RequiresPHP     string   `json:"requires_php,omitempty"`
	RequiresPlugins []string `json:"requires_plugins"`
	UpgradeNotice   string   `json:"upgrade_notice,omitempty"`
	// DisableAutoupdate has WordPress leave the update to people.
	DisableAutoupdate bool   `json:"disable_autoupdate,omitempty"`
	Icons             object `json:"icons"`
	Banners           object `json:"banners"`
	BannersRTL        object `json:"banners_rtl"`
}

// digests are those of the installer, as hex. Signatures are made of the
// SHA-384.
type digests struct {
	SHA256 Digest `json:"sha256"`
	SHA384 string `json:"sha384"`
}

func (p *Package) digests() digests { return digests{p.Installer.Digest, p.Installer.SHA384} }

// information is the plugins_api document. Fields are in the order of
// WordPress.org's answer; what is not known is left out, except for what
// WordPress reads unguarded.
type information struct {
	Name             string   `json:"name"`
	Slug             Slug     `json:"slug"`
	Plugin           string   `json:"plugin"`
	Version          string   `json:"version"`
	Author           string   `json:"author"` // HTML
	AuthorProfile    string   `json:"author_profile,omitempty"`
	Contributors     object   `json:"contributors"`
	Requires         string   `json:"requires,omitempty"`
	Tested           string   `json:"tested,omitempty"`
	RequiresPHP      string   `json:"requires_php,omitempty"`
	RequiresPlugins  []string `json:"requires_plugins"`
	Rating           *float64 `json:"rating,omitempty"` // with NumRatings or not at all
	Ratings          object   `json:"ratings,omitempty"`
	NumRatings       *int64   `json:"num_ratings,omitempty"`
	SupportURL       string   `json:"support_url,omitempty"`
	SupportThreads   int64    `json:"support_threads,omitempty"`
	SupportThreadsOK int64    `json:"support_threads_resolved,omitempty"`
	ActiveInstalls   int64    `json:"active_installs,omitempty"`
	Downloaded       int64    `json:"downloaded,omitempty"`
	LastUpdated      string   `json:"last_updated"`
	Added            string   `json:"added,omitempty"`
	Homepage         string   `json:"homepage,omitempty"`
	Description      string   `json:"description,omitempty"` // the reference's name for ShortDescription
	ShortDescription string   `json:"short_description,omitempty"`
	Sections         object   `json:"sections"`
	DownloadLink     string   `json:"download_link"`
	DownloadURL      string   `json:"download_url"` // the same, as plugin-update-checker calls it
	Digests          digests  `json:"digests"`
	// UpgradeNotice is HTML, of this version. WordPress.org gives a map of all
	// versions, which clients that pass the document on as an update would
	// hand to WordPress's strip_tags.
	UpgradeNotice string `json:"upgrade_notice,omitempty"`
	Screenshots   object `json:"screenshots,omitempty"`
	Tags          object `json:"tags"`
	Versions      object `json:"versions"`
	License       string `json:"license,omitempty"`
	LicenseURI    string `json:"license_uri,omitempty"`
	DonateLink    string `json:"donate_link,omitempty"`
	Banners       object `json:"banners"`
	BannersRTL    object `json:"banners_rtl,omitempty"`
	Icons         object `json:"icons"`
	External      bool   `json:"external"` // hides the popup's link to WordPress.org
}

// provenance says where a package comes from.
type provenance struct {
	Repository string `json:"repository,omitempty"` // left out when it is private
	Source     string `json:"source"`               // "release/9000001", "branch/main"
	Ref        string `json:"ref"`
	Commit     string `json:"commit"`
	Published  string `json:"published"` // RFC 3339
	SHA256     string `json:"sha256"`    // of the installer
}

// documents makes the update object and the information document of a package.
func (p *Package) documents(l listed) (updateJSON, informationJSON []byte, err error) {
	if p.Type == TypeTheme {
		return p.themeDocuments(l)
	}
	u := p.updateObject()
	updateJSON, err = encodeJSON(u)
	if err != nil {
		return nil, nil, err
	}
	body, err := encodeJSON(p.informationDocument(u, l))
	if err != nil {
		return nil, nil, err
	}
	origin, err := encodeJSON(p.provenance())
	if err != nil {
		return nil, nil, err
	}
	// The update object stands under the slug, as in the reference registry,
	// unless that would hide a field of the document itself.
	body = body[:len(body)-1]
	legacy, err := encodeJSON(p.legacyProvenance())
	if err != nil {
		return nil, nil, err
	}
	body = append(append(body, `,"provenance":`...), origin...)
	body = append(append(body, `,"eac_github_hosting":`...), legacy...)
	if !informationKeys[string(p.Slug)] && !clientKeys[string(p.Slug)] {
		key, err := encodeJSON(p.Slug)
		if err != nil {
			return nil, nil, err
		}
		body = append(append(append(append(body, ','), key...), ':'), updateJSON...)
	}
	return updateJSON, append(body, '}'), nil
}

// informationKeys are the document's own keys that a slug could be.
var informationKeys = map[string]bool{
	"name": true, "slug": true, "plugin": true, "version": true, "author": true, "author_profile": true,
	"contributors": true, "requires": true, "tested": true, "requires_php": true, "requires_plugins": true,
	"rating": true, "ratings": true, "num_ratings": true, "support_url": true, "support_threads": true,
	"support_threads_resolved": true, "active_installs": true, "downloaded": true, "last_updated": true,
	"added": true, "homepage": true, "description": true, "short_description": true, "sections": true,
	"download_link": true, "download_url": true, "digests": true, "upgrade_notice": true, "screenshots": true, "tags": true, "versions": true,
	"license": true, "license_uri": true, "donate_link": true, "banners": true, "banners_rtl": true,
	"icons": true, "external": true, "provenance": true, "eac_github_hosting": true,
}

// clientKeys are keys that the document need not have and that clients read:
// an object there would be taken for what they look for. WordPress.org's
// answers have an "error", or say that a plugin is "closed"; of an update
// WordPress reads "new_version" and the like; plugin-update-checker has every
// key become a field, and installs in the background where "autoupdate" is
// not empty.
var clientKeys = map[string]bool{
	"error": true, "closed": true, "id": true, "new_version": true, "package": true, "url": true, "theme": true,
	"compatibility": true, "translations": true, "autoupdate": true, "disable_autoupdate": true, "digests": true,
	"filename": true, "author_homepage": true, "details_url": true, "preview_url": true, "screenshot_url": true,
	"template": true, "parent": true,
}

func (p *Package) updateObject() *update {
	d := &p.Details
	return &update{
		ID: d.UpdateURI, Slug: p.Slug, Plugin: p.File, Version: p.Version, NewVersion: p.Version,
		URL:     cmp.Or(d.Homepage, p.Links.page(p.Slug)),
		Package: p.Links.file("packages", p.Slug, p.Installer.Digest, p.Installer.Name),
		Digests: p.digests(),

		Requires: d.Requires, Tested: d.Tested, RequiresPHP: d.RequiresPHP, RequiresPlugins: orEmpty(d.RequiresPlugins),
		UpgradeNotice: d.UpgradeNotice, DisableAutoupdate: p.DisableAutoupdate,
		Icons:      p.icons(false),
		Banners:    p.banners("", "1x", "2x"),
		BannersRTL: p.banners("-rtl", "1x", "2x"),
	}
}

func (p *Package) informationDocument(u *update, l listed) *information {
	d := &p.Details
	info := &information{
		Name: d.Name, Slug: p.Slug, Plugin: p.File, Version: p.Version,
		Author: authorLink(d.Author, d.AuthorURI), AuthorProfile: d.AuthorProfile,
		Requires: d.Requires, Tested: d.Tested, RequiresPHP: d.RequiresPHP, RequiresPlugins: u.RequiresPlugins,
		SupportURL: d.SupportURL, SupportThreads: d.SupportThreads, SupportThreadsOK: d.SupportThreadsOK,
		ActiveInstalls: d.ActiveInstalls, Downloaded: d.Downloaded,
		LastUpdated: wordPressTime(p.Revision.Modified), Added: d.Added, Homepage: d.Homepage,
		Description: d.Description, ShortDescription: d.Description,
		Sections: p.sectionsObject(), DownloadLink: u.Package, DownloadURL: u.Package, Digests: u.Digests, UpgradeNotice: d.UpgradeNotice,
		Screenshots: p.screenshotsObject(), Versions: p.versionsObject(l),
		Tags:    object{},
		License: d.License, LicenseURI: d.LicenseURI, DonateLink: d.DonateLink,
		Banners: p.banners("", "low", "high"), BannersRTL: p.banners("-rtl", "low", "high"),
		Icons: p.icons(true), External: true,
	}
	for _, tag := range d.Tags {
		info.Tags = append(info.Tags, member{tag.Slug, tag.Name})
	}
	for _, c := range d.Contributors {
		info.Contributors = append(info.Contributors, member{c.Slug, object{{"profile", c.Profile}, {"avatar", c.Avatar}, {"display_name", c.Name}}})
	}
	if d.Ratings != nil {
		info.Rating, info.NumRatings = &d.Ratings.Rating, &d.Ratings.Count
		for stars := 5; stars > 0 && d.Ratings.Stars != nil; stars-- {
			key := strconv.Itoa(stars)
			info.Ratings = append(info.Ratings, member{key, d.Ratings.Stars[key]})
		}
	}
	return info
}

func (p *Package) provenance() provenance {
	origin := provenance{
		Source:    string(p.Revision.Channel.Kind) + "/" + p.Revision.Ref,
		Ref:       p.Revision.Ref,
		Commit:    p.Revision.Commit,
		Published: p.Revision.Modified.UTC().Format(time.RFC3339),
		SHA256:    string(p.Installer.Digest),
	}
	if p.Revision.Release != nil {
		origin.Source = "release/" + strconv.FormatInt(p.Revision.Release.ID, 10)
	}
	if !p.Repository.Private {
		origin.Repository = p.Repository.Repo.String()
	}
	return origin
}

// legacyProvenance has the same facts under the reference registry's names.
// Its client in the field takes a document without them for another host's,
// and then loses the icons and the upgrade notice.
func (p *Package) legacyProvenance() object {
	origin := p.provenance()
	facts := object{{"plugin", p.File}}
	if origin.Repository != "" {
		facts = append(facts, member{"repository", origin.Repository})
	}
	facts = append(facts, member{"source", origin.Source})
	if p.Revision.Release != nil {
		facts = append(facts, member{"tag_name", origin.Ref})
	}
	return object{{"host", hostOf(p.Links.Base)}, {"package", append(facts, member{"published", origin.Published})}}
}

// authorLink is the author as WordPress shows it: a link, or plain text.
func authorLink(name, address string) string {
	name = html.EscapeString(html.UnescapeString(name))
	if address == "" {
		return name
	}
	return `<a href="` + html.EscapeString(address) + `">` + name + `</a>`
}

// wordPressTime is WordPress.org's form of last_updated, PHP's "Y-m-d g:ia \G\M\T".
func wordPressTime(t time.Time) string { return t.UTC().Format("2006-01-02 3:04pm") + " GMT" }

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// icons are what there is under 1x, 2x, svg and default, in the information
// document also low and high for readers of the reference registry's.
func (p *Package) icons(reference bool) object {
	icons := object{}
	one, two, vector := p.imageURL("icon-128x128"), p.imageURL("icon-256x256"), p.imageURL("icon.svg")
	icons = icons.with("1x", one).with("2x", two).with("svg", vector)
	if reference {
		icons = icons.with("low", one).with("high", two)
	}
	return icons.with("default", cmp.Or(vector, two, one))
}

func (p *Package) banners(suffix, low, high string) object {
	return object{}.with(low, p.imageURL("banner-772x250"+suffix)).with(high, p.imageURL("banner-1544x500"+suffix))
}

// with adds a member unless its value is empty.
func (o object) with(key, value string) object {
	if value == "" {
		return o
	}
	return append(o, member{key, value})
}

// imageURL is the address of the image with that name, given with or without
// its extension, or "".
func (p *Package) imageURL(name string) string {
	for _, image := range p.Images {
		stem, _, _ := strings.Cut(image.Name, ".")
		if image.Name == name || stem == name && !strings.Contains(name, ".") && !strings.HasSuffix(image.Name, ".svg") {
			return p.Links.file("assets", p.Slug, image.Digest, image.Name)
		}
	}
	// A banner may be a vector too.
	for _, image := range p.Images {
		if strings.HasPrefix(name, "banner-") && image.Name == name+".svg" {
			return p.Links.file("assets", p.Slug, image.Digest, image.Name)
		}
	}
	return ""
}

// Screenshot is one numbered picture of a plugin.
type Screenshot struct {
	Number  int
	Image   *Image // nil if only the caption is known
	Caption string // plain text
}

// Screenshots pairs the images with the readme's captions, by number.
func (p *Package) Screenshots() []Screenshot {
	shots := map[int]*Screenshot{}
	at := func(n int) *Screenshot {
		if shots[n] == nil {
			shots[n] = &Screenshot{Number: n}
		}
		return shots[n]
	}
	for i := range p.Images {
		rest, ok := strings.CutPrefix(p.Images[i].Name, "screenshot-")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(number); err == nil && n > 0 {
			at(n).Image = &p.Images[i]
		}
	}
	for i, caption := range p.Details.Screenshots {
		at(i + 1).Caption = caption
	}
	list := make([]Screenshot, 0, len(shots))
	for _, shot := range shots {
		list = append(list, *shot)
	}
	slices.SortFunc(list, func(a, b Screenshot) int { return a.Number - b.Number })
	return list
}

func (p *Package) screenshotsObject() object {
	var shots object
	for _, shot := range p.Screenshots() {
		if shot.Image != nil {
			src := p.Links.file("assets", p.Slug, shot.Image.Digest, shot.Image.Name)
			shots = append(shots, member{strconv.Itoa(shot.Number), object{{"src", src}, {"caption", shot.Caption}}})
		}
	}
	return shots
}

// sectionsObject are the tabs; screenshots stand before the changelog, as on
// WordPress.org, if the plugin has any.
func (p *Package) sectionsObject() object {
	sections := object{}
	shots := p.screenshotsHTML()
	for _, section := range p.Details.Sections {
		if section.Key == "changelog" && shots != "" {
			sections, shots = append(sections, member{"screenshots", shots}), ""
		}
		sections = append(sections, member{section.Key, section.HTML})
	}
	return sections.with("screenshots", shots)
}

func (p *Package) screenshotsHTML() string {
	var b strings.Builder
	for _, shot := range p.Screenshots() {
		caption := html.EscapeString(html.UnescapeString(shot.Caption))
		b.WriteString("<li>")
		if shot.Image != nil {
			src := html.EscapeString(p.Links.file("assets", p.Slug, shot.Image.Digest, shot.Image.Name))
			b.WriteString(`<a href="` + src + `"><img src="` + src + `" alt="` + caption + `"></a>`)
		}
		if caption != "" {
			b.WriteString("<p>" + caption + "</p>")
		}
		b.WriteString("</li>\n")
	}
	if b.Len() == 0 {
		return ""
	}
	return "<ol>\n" + b.String() + "</ol>"
}
