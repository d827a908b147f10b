package main

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/pluginyard/pluginyard/registry"
)

// rule gathers what is wrong with one answer.
type rule struct{ faults []string }

func (r *rule) fault(path, format string, args ...any) {
	r.faults = append(r.faults, path+" "+fmt.Sprintf(format, args...))
}

// rulesOf says what is looked at in each kind of answer.
var rulesOf = map[string]func(r *rule, path, slug string, value any){
	"information": (*rule).information,
	"update":      (*rule).update,
	"collection":  (*rule).collection,
	"upgrademe":   (*rule).upgrademe,

	"theme information": (*rule).themeInformation,
	"theme collection":  (*rule).collection,
	"both":              (*rule).collection,

	"plugins/info":         (*rule).apiPlugin,
	"plugins/info old":     (*rule).oldAPIPlugin,
	"query_plugins":        (*rule).apiQuery,
	"hot_tags":             (*rule).apiTags,
	"plugins/update-check": (*rule).apiUpdates,
	"themes/info":          (*rule).apiTheme,
	"query_themes":         (*rule).apiQuery,
	"themes/update-check":  (*rule).apiUpdates,
	"checksums":            (*rule).apiChecksums,
}

// anything is what holds of every value. WordPress tests most members with
// isset, for which null is absent; a type that it expects may not be null.
func (r *rule) anything(path string, value any) {
	switch value := value.(type) {
	case nil:
		r.fault(path, "is null")
	case map[string]any:
		for key, v := range value {
			if key == "" || strings.ContainsAny(key, "\x00\r\n<>\"") {
				r.fault(path, "has a member called %q", key)
			}
			r.anything(path+"/"+key, v)
		}
	case []any:
		for i, v := range value {
			r.anything(fmt.Sprint(path, "/", i), v)
		}
	}
}

// shape checks the value of one member.
type shape func(r *rule, path string, value any)

// members checks an object whose every member is known: whoever adds one says
// what it is, and so thinks of what WordPress makes of it.
func (r *rule) members(path string, value any, required string, known map[string]shape) map[string]any {
	object, ok := value.(map[string]any)
	if !ok {
		r.fault(path, "is %T, want an object", value)
		return nil
	}
	for _, key := range strings.Fields(required) {
		if _, ok := object[key]; !ok {
			r.fault(path+"/"+key, "is not there, and is read unguarded")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if check := known[key]; check != nil {
			check(r, path+"/"+key, object[key])
		} else {
			r.fault(path+"/"+key, "has no rule; say in rules_test.go what its shape is")
		}
	}
	return object
}

// plain is a string. Where WordPress prints it, it escapes it.
func plain(r *rule, path string, value any) {
	if _, ok := value.(string); !ok {
		r.fault(path, "is %T, want text", value)
	}
}

// bare is text that WordPress prints as it is, so that markup in it is run in
// wp-admin: name, requires_php.
func bare(r *rule, path string, value any) {
	s, ok := value.(string)
	if !ok || s == "" || strings.ContainsAny(s, "<>") || strings.IndexFunc(s, isControl) >= 0 {
		r.fault(path, "is %#v, want text that may be printed as it is", value)
	}
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// aVersion is whatever the plugin's header says, since that is what a site
// compares it with after the update: another one would be offered for ever.
// "" and "0" are empty to PHP.
func aVersion(r *rule, path string, value any) {
	if bare(r, path, value); value == "0" || len(fmt.Sprint(value)) > 100 {
		r.fault(path, "is %#v, want a version", value)
	}
}

var numberPattern = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*$`)

// aNumber is a version of WordPress or PHP that is compared with a running one.
func aNumber(r *rule, path string, value any) {
	if s, ok := value.(string); !ok || !numberPattern.MatchString(s) {
		r.fault(path, "is %#v, want numbers and dots", value)
	}
}

// link is an absolute address: WordPress opens it, or resolves it against
// wordpress.org.
func link(r *rule, path string, value any) {
	s, ok := value.(string)
	u, err := url.Parse(s)
	if !ok || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.ContainsAny(s, " \"'<>\\") {
		r.fault(path, "is %#v, want an absolute address", value)
	}
}

// linkOrEmpty is what is read even where there is none.
func linkOrEmpty(r *rule, path string, value any) {
	if value != "" {
		link(r, path, value)
	}
}

func count(r *rule, path string, value any) {
	n, ok := value.(float64)
	if !ok || n < 0 || n != float64(int64(n)) {
		r.fault(path, "is %#v, want a number", value)
	}
}

// isTrue is a switch that is only there when it is on.
func isTrue(r *rule, path string, value any) {
	if value != true {
		r.fault(path, "is %#v, want true", value)
	}
}

// each checks every member of an object, and every key.
func each(key *regexp.Regexp, check shape) shape {
	return func(r *rule, path string, value any) {
		object, ok := value.(map[string]any)
		if !ok {
			r.fault(path, "is %T, want an object: PHP would read it as a list, or not at all", value)
			return
		}
		for name, v := range object {
			if !key.MatchString(name) {
				r.fault(path, "has a member called %q", name)
			}
			check(r, path+"/"+name, v)
		}
	}
}

func names(list string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:` + strings.ReplaceAll(list, " ", "|") + `)$`)
}

var (
	icons        = each(names("1x 2x svg default"), link)
	anyIcons     = each(names("1x 2x svg default low high"), link) // of the information document
	updateBanner = each(names("1x 2x"), link)
	infoBanner   = each(names("low high"), link)
	// WordPress prints a section's key in attributes and, made readable, as
	// the tab's title.
	sections = each(regexp.MustCompile(`^[\p{L}\p{N}_]+$`), safeHTML)
	hexes    = each(names("sha256 sha384"), hexText)
	someText = regexp.MustCompile(`^[^<>"]+$`)
)

func hexText(r *rule, path string, value any) {
	if s, ok := value.(string); !ok || !regexp.MustCompile(`^(?:[0-9a-f]{64}|[0-9a-f]{96})$`).MatchString(s) {
		r.fault(path, "is %#v, want a digest", value)
	}
}

// slugs is a list of slugs, even if it is empty: WordPress 6.5 and later die of
// a string.
func slugs(r *rule, path string, value any) {
	list, ok := value.([]any)
	if !ok || len(list) > registry.MaxRequiredPlugins {
		r.fault(path, "is %T, want a short list", value)
	}
	for _, v := range list {
		if s, ok := v.(string); !ok || !regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`).MatchString(s) {
			r.fault(path, "holds %#v, want slugs", v)
		}
	}
}

// contributors are objects by name: WordPress dies of names or addresses.
func contributors(r *rule, path string, value any) {
	each(regexp.MustCompile(`^[A-Za-z0-9 _.@-]{1,60}$`), func(r *rule, path string, value any) {
		r.members(path, value, "display_name profile avatar", map[string]shape{"display_name": bare, "profile": linkOrEmpty, "avatar": link})
	})(r, path, value)
}

// allowed are the elements that WordPress's popup leaves in a section, and
// their attributes.
var allowed = map[string]string{
	"a": "href title target rel", "abbr": "title", "acronym": "title", "code": "", "pre": "", "em": "", "strong": "", "div": "class", "span": "class",
	"p": "", "br": "", "ul": "", "ol": "", "li": "", "h1": "", "h2": "", "h3": "", "h4": "", "h5": "", "h6": "", "img": "src class alt", "blockquote": "cite",
}

// safeHTML is HTML that no filter has to make safe, with absolute links.
func safeHTML(r *rule, path string, value any) {
	s, ok := value.(string)
	if !ok {
		r.fault(path, "is %T, want HTML", value)
		return
	}
	tokens := html.NewTokenizer(strings.NewReader(s))
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		switch token.Type {
		case html.TextToken, html.EndTagToken:
			continue
		case html.CommentToken, html.DoctypeToken:
			r.fault(path, "holds %.80q", token.String())
			continue
		}
		attributes, known := allowed[token.Data]
		if !known {
			r.fault(path, "holds %.80q, which WordPress takes away", token.String())
		}
		for _, a := range token.Attr {
			if !slices.Contains(strings.Fields(attributes), a.Key) {
				r.fault(path, "holds %.80q with %s", token.String(), a.Key)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "cite") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "mailto:") {
				link(r, path+" "+token.Data, a.Val)
			}
		}
	}
}

// notice is printed on the Updates screen without its tags.
func notice(r *rule, path string, value any) { safeHTML(r, path, value) }

// date is PHP's "Y-m-d g:ia \G\M\T": what strtotime cannot read is "57 years
// ago".
func date(r *rule, path string, value any) {
	s, _ := value.(string)
	if _, err := time.Parse("2006-01-02 3:04pm GMT", s); err != nil {
		r.fault(path, "is %#v: %v", value, err)
	}
}

// aDay is of the same kind, or as the author wrote it.
func aDay(r *rule, path string, value any) { bare(r, path, value) }

func rating(r *rule, path string, value any) {
	if n, ok := value.(float64); !ok || n < 0 || n > 100 {
		r.fault(path, "is %#v, want 0 to 100", value)
	}
}

func (r *rule) update(path, slug string, value any) {
	o := r.members(path, value, "slug plugin version new_version url package icons banners banners_rtl requires_plugins", map[string]shape{
		"id": bare, "slug": bare, "plugin": bare, "version": aVersion, "new_version": aVersion, "url": link, "package": link,
		"requires": aNumber, "tested": aNumber, "requires_php": aNumber, "requires_plugins": slugs, "upgrade_notice": notice,
		"icons": icons, "banners": updateBanner, "banners_rtl": updateBanner, "digests": hexes, "disable_autoupdate": isTrue,
	})
	if o == nil {
		return
	}
	if o["slug"] != slug || o["plugin"] == nil || !strings.HasPrefix(fmt.Sprint(o["plugin"]), slug+"/") {
		r.fault(path, "is %v of %v: the slug is what details are asked by, and the folder's name", o["slug"], o["plugin"])
	}
	if o["version"] != o["new_version"] {
		r.fault(path, "has the version %v and the new_version %v", o["version"], o["new_version"])
	}
}

// informationShapes are the members of the information document.
func informationShapes() map[string]shape {
	return map[string]shape{
		"name": bare, "slug": bare, "plugin": bare, "version": aVersion, "author": safeHTML, "author_profile": link, "contributors": contributors,
		"requires": aNumber, "tested": aNumber, "requires_php": aNumber, "requires_plugins": slugs,
		"rating": rating, "num_ratings": count, "ratings": each(names("1 2 3 4 5"), count),
		"support_url": link, "support_threads": count, "support_threads_resolved": count, "active_installs": count, "downloaded": count,
		"last_updated": date, "added": aDay, "homepage": link, "description": plain, "short_description": plain, "sections": sections,
		"download_link": link, "download_url": link, "upgrade_notice": notice,
		"screenshots": each(regexp.MustCompile(`^[1-9][0-9]*$`), func(r *rule, path string, value any) {
			r.members(path, value, "src caption", map[string]shape{"src": link, "caption": plain})
		}),
		"tags": each(someText, bare), "versions": each(someText, link), "license": bare, "license_uri": link, "donate_link": link,
		"banners": infoBanner, "banners_rtl": infoBanner, "icons": anyIcons, "external": isTrue, "digests": hexes, "details_url": link,
		"provenance": anyShape, "eac_github_hosting": anyShape,
	}
}

func (r *rule) information(path, slug string, value any) {
	known := informationShapes()
	if known[slug] == nil && !readByClients[slug] {
		// The update object, as in the reference registry.
		known[slug] = func(r *rule, path string, value any) { r.update(path, slug, value) }
	}
	o := r.members(path, value, "name slug version author contributors sections requires_plugins last_updated short_description icons download_link", known)
	if o == nil {
		return
	}
	if o["slug"] != slug {
		r.fault(path+"/slug", "is %v", o["slug"])
	}
	// WordPress reads num_ratings where there is a rating.
	if (o["rating"] == nil) != (o["num_ratings"] == nil) {
		r.fault(path, "has a rating without num_ratings, or the reverse")
	}
	if list, _ := o["contributors"].(map[string]any); len(list) == 0 {
		r.fault(path+"/contributors", "is empty, and so a list to PHP")
	}
	if tabs, _ := o["sections"].(map[string]any); len(tabs) == 0 {
		r.fault(path+"/sections", "is empty, and the popup too")
	}
}

// readByClients are members that are not ours, but that clients read of the
// document: a plugin that is called so must not be taken for one.
var readByClients = map[string]bool{
	// WordPress takes an answer with "error" for a failure, "closed" for a
	// reason; "id", "new_version", "package" and "url" are an update's.
	"error": true, "closed": true, "id": true, "new_version": true, "package": true, "url": true, "compatibility": true,
	// plugin-update-checker installs in the background where autoupdate is true.
	"autoupdate": true, "filename": true, "author_homepage": true, "details_url": true,
	"disable_autoupdate": true, "preview_url": true, "screenshot_url": true, "digests": true,
}

func anyShape(*rule, string, any) {}

func (r *rule) collection(path, _ string, value any) {
	o, ok := value.(map[string]any)
	if !ok {
		r.fault(path, "is %T, want an object", value)
	}
	for slug, update := range o {
		if members, _ := update.(map[string]any); members["theme"] != nil {
			r.themeUpdate(path+"/"+slug, slug, update)
		} else {
			r.update(path+"/"+slug, slug, update)
		}
	}
}

// upgrademe refuses an answer with a fifth member, and one that lacks any of
// the four.
func (r *rule) upgrademe(path, slug string, value any) {
	r.members(path, value, "new_version url package info", map[string]shape{
		"new_version": aVersion, "url": link, "package": link,
		"info": func(r *rule, path string, value any) {
			r.members(path, value, "name slug version sections", map[string]shape{
				"name": bare, "slug": bare, "version": aVersion, "author": safeHTML, "author_profile": link, "contributors": contributors,
				"requires": aNumber, "tested": aNumber, "rating": rating, "num_ratings": count, "downloaded": count, "last_updated": date,
				"added": aDay, "homepage": link, "sections": sections, "download_link": link, "tags": each(someText, bare),
			})
		},
	})
}
