package registry

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pluginyard/pluginyard/readme"
)

// facts are the sources that a package's details are gathered from.
type facts struct {
	plugin     *Plugin
	header     Header
	readme     *readme.Readme // never nil; empty where there is none
	repository *Repository
	revision   *Revision
	version    string
	links      readme.Options // what relative links in texts are resolved against
}

// gather gives every field its value: from the plugin's or theme's header, then the readme,
// then the repository's wp-* custom property, then what the forge knows.
func (f *facts) gather() Details {
	v := f.values()
	h := &f.readme.Headers
	requires, tested, requiresPHP, license := f.claims(v)
	d := Details{
		Name:            cmp.Or(f.header["Plugin Name"], f.header["Theme Name"], plainText(f.readme.Name), f.plugin.Repo.Name),
		Description:     f.shortDescription(v),
		Author:          cmp.Or(v.first("author"), f.repository.Repo.Owner),
		AuthorURI:       webAddress(cmp.Or(v.first("author uri"), f.repository.OwnerURL)),
		AuthorProfile:   webAddress(cmp.Or(v.first("author profile"), v.first("author uri"), f.repository.OwnerURL)),
		Homepage:        webAddress(cmp.Or(v.first("plugin uri", "theme uri", "homepage"), f.repository.Homepage, f.repository.publicURL())),
		Requires:        requires,
		Tested:          tested,
		RequiresPHP:     requiresPHP,
		RequiresPlugins: slugList(v.first("requires plugins")),
		Template:        f.template(),
		TextDomain:      f.header["Text Domain"],
		UpdateURI:       f.header["Update URI"],
		License:         license,
		LicenseURI:      webAddress(cmp.Or(f.header["License URI"], h.LicenseURI, v.property("license uri"))),
		DonateLink:      webAddress(cmp.Or(h.DonateLink, v.first("donate link"))),
		SupportURL:      webAddress(v.first("support url")),
		Added:           v.first("added"),
		Tags:            f.tags(v),
		Contributors:    f.contributors(v),
		Sections:        f.sections(v),
		UpgradeNotice:   f.upgradeNotice(),
		Ratings:         ratings(v),

		Downloaded:       v.count("downloaded"),
		ActiveInstalls:   v.count("active installs"),
		SupportThreads:   v.count("support threads"),
		SupportThreadsOK: v.count("support threads resolved"),
	}
	d.Screenshots = append(d.Screenshots, f.readme.Screenshots...)
	if d.Added == "" && !f.repository.Created.IsZero() {
		d.Added = f.repository.Created.UTC().Format("2006-01-02")
	}
	return d
}

// claims are what the sources say of the versions that the plugin needs, and of
// its licence; "" is what none says.
func (f *facts) claims(v *values) (requires, tested, requiresPHP, license string) {
	h := &f.readme.Headers
	requires = wordPressVersion(cmp.Or(f.header["Requires at least"], h.Requires, v.property("requires at least", "requires")))
	tested = wordPressVersion(cmp.Or(f.header["Tested up to"], h.Tested, v.property("tested up to", "tested")))
	requiresPHP = wordPressVersion(cmp.Or(f.header["Requires PHP"], h.RequiresPHP, v.property("requires php")))
	license = cmp.Or(f.header["License"], plainText(h.License), v.property("license"), plainText(f.repository.License))
	return requires, tested, requiresPHP, license
}

// shortDescription is the readme's. Where that is longer than WordPress.org
// shows, as in a README.md that opens with badges and paragraphs, the header's
// one line says it better.
func (f *facts) shortDescription(v *values) string {
	short, header := plainText(f.readme.ShortDescription), f.header["Description"]
	if header != "" && f.header["Theme Name"] != "" {
		return header // as WordPress and WordPress.org do with themes
	}
	if header != "" && utf8.RuneCountInString(short) > readme.MaxShortDescription {
		return header
	}
	return cmp.Or(short, header, v.property("description"), plainText(f.repository.Description))
}

// template is the directory of a child theme's parent.
func (f *facts) template() string {
	if template := f.header["Template"]; templatePattern.MatchString(template) {
		return template
	}
	return ""
}

// publicURL is the repository's page, or "" when visitors could not see it.
func (r *Repository) publicURL() string {
	if r.Private {
		return ""
	}
	return r.URL
}

// values are the named values of one plugin's sources, by folded name.
type values struct {
	header, readme, properties map[string]string
}

// fold makes the spellings of one name equal: "requires_php", "Requires PHP"
// and "requires-php".
func fold(name string) string {
	return strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(strings.TrimSpace(name)))
}

func (f *facts) values() *values {
	v := &values{header: map[string]string{}, readme: map[string]string{}, properties: map[string]string{}}
	for name, value := range f.header {
		v.header[fold(name)] = value
	}
	for name, value := range f.readme.Headers.Extra {
		v.readme[fold(name)] = plainText(value)
	}
	for name, list := range f.repository.Properties {
		if name, ok := strings.CutPrefix(strings.ToLower(name), "wp-"); ok {
			v.properties[fold(name)] = plainText(strings.Join(list, ", "))
		}
	}
	return v
}

// first is the first value that any source has under one of the names.
func (v *values) first(names ...string) string {
	for _, source := range []map[string]string{v.header, v.readme, v.properties} {
		for _, name := range names {
			if value := source[name]; value != "" {
				return value
			}
		}
	}
	return ""
}

func (v *values) property(names ...string) string {
	for _, name := range names {
		if value := v.properties[name]; value != "" {
			return value
		}
	}
	return ""
}

func (v *values) count(name string) int64 {
	n, err := strconv.ParseInt(strings.NewReplacer(",", "", "+", "", " ", "").Replace(v.first(name)), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// ratings are given only when the readme or a property says so: "rating" from
// 0 to 100, "num_ratings", and "ratings" as the counts of five stars to one.
func ratings(v *values) *Ratings {
	rating, err := strconv.ParseFloat(v.first("rating"), 64)
	if err != nil || !(rating >= 0 && rating <= 100) { // NaN is neither
		return nil
	}
	r := &Ratings{Rating: rating, Count: v.count("num ratings")}
	stars := strings.FieldsFunc(v.first("ratings"), func(c rune) bool { return !('0' <= c && c <= '9') })
	if len(stars) == 5 {
		r.Stars = map[string]int{}
		for i, count := range stars {
			n, _ := strconv.Atoi(count)
			r.Stars[strconv.Itoa(5-i)] = n
		}
	}
	return r
}

var wordPressVersionPattern = regexp.MustCompile(`\d+(?:\.\d+){0,3}`)

// wordPressVersion is the number in a version as authors write it:
// "WordPress 6.8", "8.1+", ">=7.4". WordPress compares it bare.
func wordPressVersion(s string) string {
	version := wordPressVersionPattern.FindString(s)
	if len(version) > MaxVersion {
		return ""
	}
	return version
}

// webAddress is s if it is an absolute http or https address, else "".
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || rest == "" || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return ""
	}
	if strings.ContainsAny(s, " \t\r\n\"'<>\\`") {
		return ""
	}
	return s
}

var pluginSlugPattern = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)

// MaxRequiredPlugins bounds the plugins that one plugin requires: WordPress
// asks for the details of each, one after the other, while somebody waits for
// the list of plugins.
const MaxRequiredPlugins = 30

// slugList reads "Requires Plugins": slugs of WordPress.org, comma separated
// (WP_Plugin_Dependencies::sanitize_dependency_slugs).
func slugList(s string) []string {
	var slugs []string
	for slug := range strings.SplitSeq(s, ",") {
		slug = strings.TrimSpace(slug)
		if len(slugs) == MaxRequiredPlugins {
			break
		}
		if pluginSlugPattern.MatchString(slug) && !slices.Contains(slugs, slug) {
			slugs = append(slugs, slug)
		}
	}
	slices.Sort(slugs)
	return slugs
}

// MaxTags bounds the tags of one plugin.
const MaxTags = 50

func (f *facts) tags(v *values) []Tag {
	names := f.readme.Headers.Tags
	if len(names) == 0 || v.header["tags"] != "" {
		names = strings.Split(v.first("tags"), ",")
	}
	if len(names) == 1 && strings.TrimSpace(names[0]) == "" {
		names = f.repository.Topics
	}
	var tags []Tag
	for _, name := range names {
		name = plainText(name)
		slug := titleSlug(name)
		if slug == "" || len(tags) == MaxTags || slices.ContainsFunc(tags, func(t Tag) bool { return t.Slug == slug }) {
			continue
		}
		tags = append(tags, Tag{Slug: slug, Name: name})
	}
	return tags
}

// titleSlug makes a slug of a title as WordPress's sanitize_title_with_dashes
// does with letters that need no transliteration.
func titleSlug(title string) string {
	slug := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '_' || r == '-':
			return r
		case unicode.IsSpace(r) || r == '.' || r == '/':
			return ' '
		}
		return -1
	}, strings.ToLower(title))
	return strings.Join(strings.FieldsFunc(slug, func(r rune) bool { return r == ' ' || r == '-' }), "-")
}

// placeholderAvatar is Gravatar's picture of nobody.
const placeholderAvatar = "https://secure.gravatar.com/avatar/?s=96&d=mp&r=g"

var contributorPattern = regexp.MustCompile(`^[A-Za-z0-9 _.@-]{1,60}$`)

// contributors are the readme's, who are users of WordPress.org, or else the
// repository's owner.
func (f *facts) contributors(v *values) []Contributor {
	names := f.readme.Headers.Contributors
	if len(names) == 0 {
		names = strings.Split(v.property("contributors"), ",")
	}
	owner := f.repository.Repo.Owner
	var list []Contributor
	for _, name := range names {
		name = strings.TrimLeft(strings.TrimSpace(name), "@")
		if !contributorPattern.MatchString(name) || slices.ContainsFunc(list, func(c Contributor) bool { return c.Slug == name }) {
			continue
		}
		// Someone of the owner's name on the forge may be somebody else.
		list = append(list, Contributor{Slug: name, Name: name, Profile: "https://profiles.wordpress.org/" + strings.ReplaceAll(name, " ", "-") + "/", Avatar: placeholderAvatar})
	}
	if len(list) == 0 {
		list = append(list, Contributor{Slug: owner, Name: owner, Profile: webAddress(f.repository.OwnerURL), Avatar: cmp.Or(webAddress(f.repository.OwnerAvatar), placeholderAvatar)})
	}
	return list
}
