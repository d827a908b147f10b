package registry

import (
	"cmp"
	"html"
	"strconv"
	"strings"
	"time"
)

// themeUpdate is the update_themes object: the answer of WordPress's filter
// update_themes_{hostname}, one entry of themes/update-check, and an entry of
// the collection. WordPress reads theme, new_version, url and package unguarded.
type themeUpdate struct {
	ID          string `json:"id,omitempty"`
	Theme       string `json:"theme"` // its directory
	Slug        Slug   `json:"slug"`  // the same, for clients that do not tell themes from plugins
	Version     string `json:"version"`
	NewVersion  string `json:"new_version"`
	URL         string `json:"url"` // wp-admin opens it in a frame
	Package     string `json:"package"`
	Requires    string `json:"requires,omitempty"`
	Tested      string `json:"tested,omitempty"`
	RequiresPHP string `json:"requires_php,omitempty"`
	// DisableAutoupdate has WordPress leave the update to people.
	DisableAutoupdate bool    `json:"disable_autoupdate,omitempty"`
	Digests           digests `json:"digests"`
}

// themeInformation is the themes_api document. Fields are in the order of
// WordPress.org's answer. What WordPress reads unguarded is always there:
// preview_url, rating, num_ratings, description, requires and requires_php.
type themeInformation struct {
	Name       string `json:"name"`
	Slug       Slug   `json:"slug"`
	Version    string `json:"version"`
	PreviewURL string `json:"preview_url"`
	// Author is HTML, since the screen of one theme prints it. Lists read
	// author["display_name"], which is in ExtendedAuthor.
	Author          string  `json:"author"`
	ExtendedAuthor  object  `json:"extended_author"`
	ScreenshotURL   string  `json:"screenshot_url,omitempty"`
	Ratings         object  `json:"ratings,omitempty"`
	Rating          float64 `json:"rating"`
	NumRatings      int64   `json:"num_ratings"`
	Downloaded      int64   `json:"downloaded,omitempty"`
	ActiveInstalls  int64   `json:"active_installs,omitempty"`
	LastUpdated     string  `json:"last_updated"`      // "2026-11-03"
	LastUpdatedTime string  `json:"last_updated_time"` // "2026-11-03 00:00:00"
	CreationTime    string  `json:"creation_time,omitempty"`
	Homepage        string  `json:"homepage"`
	Description     string  `json:"description"`
	Sections        object  `json:"sections"`
	DownloadLink    string  `json:"download_link"`
	Tags            object  `json:"tags"`
	Template        string  `json:"template,omitempty"` // of a child theme
	Parent          object  `json:"parent,omitempty"`
	Versions        object  `json:"versions"`
	Requires        string  `json:"requires"`
	Tested          string  `json:"tested,omitempty"`
	RequiresPHP     string  `json:"requires_php"`
	UpgradeNotice   string  `json:"upgrade_notice,omitempty"`
	SupportURL      string  `json:"support_url,omitempty"`
	License         string  `json:"license,omitempty"`
	LicenseURI      string  `json:"license_uri,omitempty"`
	DownloadURL     string  `json:"download_url"` // this and the next as plugin-update-checker wants them
	DetailsURL      string  `json:"details_url"`
	Digests         digests `json:"digests"`
}

// themeInformationKeys are the document's own keys that a slug could be.
var themeInformationKeys = map[string]bool{
	"name": true, "slug": true, "version": true, "preview_url": true, "author": true, "extended_author": true,
	"screenshot_url": true, "ratings": true, "rating": true, "num_ratings": true, "downloaded": true, "active_installs": true,
	"last_updated": true, "last_updated_time": true, "creation_time": true, "homepage": true, "description": true,
	"sections": true, "download_link": true, "tags": true, "template": true, "parent": true, "versions": true,
	"requires": true, "tested": true, "requires_php": true, "upgrade_notice": true, "support_url": true,
	"license": true, "license_uri": true, "download_url": true, "details_url": true, "digests": true, "provenance": true,
}

// themeDocuments makes the update object and the information document of a
// theme.
func (p *Package) themeDocuments(l listed) (updateJSON, informationJSON []byte, err error) {
	u := p.themeUpdateObject()
	if updateJSON, err = encodeJSON(u); err != nil {
		return nil, nil, err
	}
	body, err := encodeJSON(p.themeInformationDocument(u, l))
	if err != nil {
		return nil, nil, err
	}
	more := object{{"provenance", p.provenance()}}
	if !themeInformationKeys[string(p.Slug)] && !clientKeys[string(p.Slug)] {
		more = append(more, member{string(p.Slug), u})
	}
	rest, err := encodeJSON(more)
	if err != nil {
		return nil, nil, err
	}
	return updateJSON, append(append(body[:len(body)-1], ','), rest[1:]...), nil
}

func (p *Package) themeUpdateObject() *themeUpdate {
	d := &p.Details
	return &themeUpdate{
		ID: d.UpdateURI, Theme: p.File, Slug: p.Slug, Version: p.Version, NewVersion: p.Version,
		URL:      p.themePage(),
		Package:  p.Links.file("packages", p.Slug, p.Installer.Digest, p.Installer.Name),
		Requires: d.Requires, Tested: d.Tested, RequiresPHP: d.RequiresPHP,
		DisableAutoupdate: p.DisableAutoupdate, Digests: p.digests(),
	}
}

// themePage is what wp-admin shows in a frame. A homepage elsewhere may forbid
// that; a static host has none of our pages.
func (p *Package) themePage() string {
	if p.Links.Static {
		return cmp.Or(p.Details.Homepage, p.imageURL("screenshot"), p.Links.page(p.Slug))
	}
	return p.Links.page(p.Slug)
}

func (p *Package) themeInformationDocument(u *themeUpdate, l listed) *themeInformation {
	d := &p.Details
	modified := p.Revision.Modified.UTC()
	info := &themeInformation{
		Name: d.Name, Slug: p.Slug, Version: p.Version, PreviewURL: u.URL,
		Author: authorLink(d.Author, d.AuthorURI), ExtendedAuthor: p.extendedAuthor(),
		ScreenshotURL: p.imageURL("screenshot"),
		Downloaded:    d.Downloaded, ActiveInstalls: d.ActiveInstalls,
		LastUpdated: modified.Format(time.DateOnly), LastUpdatedTime: modified.Format(time.DateTime),
		Homepage: cmp.Or(d.Homepage, u.URL), Description: html.EscapeString(html.UnescapeString(d.Description)),
		Sections: p.sectionsObject(), DownloadLink: u.Package, Tags: object{},
		Template: d.Template, Versions: p.versionsObject(l),
		Requires: d.Requires, Tested: d.Tested, RequiresPHP: d.RequiresPHP,
		UpgradeNotice: d.UpgradeNotice, SupportURL: d.SupportURL, License: d.License, LicenseURI: d.LicenseURI,
		DownloadURL: u.Package, DetailsURL: u.URL, Digests: u.Digests,
	}
	if !p.Repository.Created.IsZero() {
		info.CreationTime = p.Repository.Created.UTC().Format(time.DateTime)
	}
	if d.Template != "" {
		// Only its directory is known, and not whose theme it is.
		info.Parent = object{{"slug", strings.ToLower(d.Template)}, {"name", d.Template}, {"homepage", ""}}
	}
	for _, tag := range d.Tags {
		info.Tags = append(info.Tags, member{tag.Slug, tag.Name})
	}
	if d.Ratings != nil {
		info.Rating, info.NumRatings = d.Ratings.Rating, d.Ratings.Count
		for stars := 5; stars > 0 && d.Ratings.Stars != nil; stars-- {
			key := strconv.Itoa(stars)
			info.Ratings = append(info.Ratings, member{key, d.Ratings.Stars[key]})
		}
	}
	return info
}

// extendedAuthor is the author as themes/info/1.2 gives it.
func (p *Package) extendedAuthor() object {
	d := &p.Details
	nicename, avatar := titleSlug(d.Author), placeholderAvatar
	if len(d.Contributors) > 0 {
		nicename, avatar = d.Contributors[0].Slug, d.Contributors[0].Avatar
	}
	return object{
		{"user_nicename", nicename}, {"profile", d.AuthorProfile}, {"avatar", avatar},
		{"display_name", d.Author}, {"author", d.Author}, {"author_url", d.AuthorURI},
	}
}
