package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// emitAPI asks for all of it in WordPress.org's ways.
func (w *world) emitAPI() []emitted {
	w.Helper()
	var all []emitted
	keep := func(kind, slug, path string, answer *page) {
		if answer.status != http.StatusOK {
			w.Errorf("%s: status %d: %.200s", path, answer.status, answer.body)
			return
		}
		all = append(all, emitted{kind, slug, path, answer.body})
	}
	ask := func(kind, slug, path string) { keep(kind, slug, path, w.must(path)) }
	const information, query = "?action=plugin_information&request[slug]=", "?action=query_plugins&request[per_page]=100"
	for i := range nastyOnes {
		slug := nastyOnes[i].slug
		ask("plugins/info", slug, "/plugins/info/1.2/"+information+slug)
		ask("plugins/info old", slug, "/plugins/info/1.1/"+information+slug)
		ask("plugins/info old", slug, "/plugins/info/1.0/"+slug+".json")
		ask("plugins/info serialised", slug, "/plugins/info/1.0/"+slug)
		ask("checksums", slug, "/plugin-checksums/"+slug+"/"+url.PathEscape(w.versionOf(slug))+".json")
	}
	for i := range nastyThemes {
		slug := nastyThemes[i].slug
		ask("themes/info", slug, "/themes/info/1.2/?action=theme_information&request[slug]="+slug+"&request[fields][versions]=1&request[fields][parent]=1")
		ask("themes/info", slug, "/themes/info/1.1/?action=theme_information&request[slug]="+slug)
		ask("themes/info serialised", slug, "/themes/info/1.0/?action=theme_information&request[slug]="+slug)
	}
	ask("query_plugins", "", "/plugins/info/1.2/"+query)
	ask("query_plugins serialised", "", "/plugins/info/1.0/"+query)
	ask("hot_tags", "", "/plugins/info/1.2/?action=hot_tags&request[number]=1000")
	ask("query_themes", "", "/themes/info/1.2/?action=query_themes&request[per_page]=100")
	for _, version := range []string{"0.1", "99999"} {
		plugins, themes := inventory(version)
		for path, form := range map[string]url.Values{
			"plugins/update-check/1.1/": {"plugins": {asJSON(plugins)}, "translations": {"[]"}, "locale": {`["en_US"]`}, "all": {"true"}},
			"themes/update-check/1.1/":  {"themes": {asJSON(themes)}, "translations": {"[]"}, "locale": {`["en_US"]`}},
			"plugins/update-check/1.0/": {"plugins": {`O:8:"stdClass":2:{` + strings.TrimPrefix(asPHP(plugins), "a:2:{")}},
			"themes/update-check/1.0/":  {"themes": {asPHP(themes["themes"])}},
		} {
			kind := strings.Join(strings.Split(path, "/")[:2], "/")
			if strings.Contains(path, "1.0") {
				kind += " serialised"
			}
			keep(kind, "", "/"+path+"?installed="+version, w.post("/"+path, form))
		}
	}
	return all
}

func (w *world) versionOf(slug string) string {
	w.Helper()
	doc, err := w.document(w.Context(), slug)
	if err != nil {
		w.Fatal(err)
	}
	return doc.Version
}

// post sends a form.
func (w *world) post(path string, form url.Values) *page {
	w.Helper()
	answer, err := w.client.PostForm(siteURL+path, form)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return &page{answer.StatusCode, answer.Header, body}
}

// inventory is what a site with all nasty ones installed sends.
func inventory(version string) (plugins, themes map[string]any) {
	files, styles := map[string]any{}, map[string]any{}
	for i := range nastyOnes {
		slug := nastyOnes[i].slug
		files[slug+"/"+slug+".php"] = map[string]any{"Name": slug, "Version": version, "UpdateURI": ""}
	}
	for i := range nastyThemes {
		slug := nastyThemes[i].slug
		styles[slug] = map[string]any{"Name": slug, "Version": version, "Template": slug, "Stylesheet": slug}
	}
	return map[string]any{"plugins": files, "active": map[string]any{}}, map[string]any{"themes": styles, "active": ""}
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // maps and strings can always be encoded
	}
	return string(text)
}

// asPHP is PHP's serialize.
func asPHP(value any) string {
	switch value := value.(type) {
	case map[string]any:
		var b strings.Builder
		fmt.Fprintf(&b, "a:%d:{", len(value))
		for key, member := range value {
			b.WriteString(asPHP(key) + asPHP(member))
		}
		return b.String() + "}"
	default:
		return fmt.Sprintf("s:%d:%q;", len(value.(string)), value)
	}
}

// orFalse is PHP's word for what is not known.
func orFalse(check shape) shape {
	return func(r *rule, path string, value any) {
		if value != false {
			check(r, path, value)
		}
	}
}

// nothing is an empty value of whatever type, or a link.
func nothing(r *rule, path string, value any) {
	if value != "" && value != false {
		link(r, path, value)
	}
}

func isEmptyList(r *rule, path string, value any) {
	if list, ok := value.([]any); !ok || len(list) > 0 {
		r.fault(path, "is %#v, want an empty list", value)
	}
}

// apiShapes are the members of the API's plugins: the information document's,
// and those that WordPress.org has besides.
func apiShapes() map[string]shape {
	shapes := informationShapes()
	for _, key := range []string{"requires", "tested", "requires_php"} {
		shapes[key] = orFalse(aNumber)
	}
	for _, key := range []string{"homepage", "author_profile", "donate_link", "support_url", "repository_url", "commercial_support_url", "preview_link", "business_model"} {
		shapes[key] = nothing
	}
	shapes["compatibility"] = isEmptyList
	shapes["description"] = safeHTML
	shapes["upgrade_notice"] = each(someText, notice)
	// Neither clients' names nor the repository: a site takes the answers for
	// WordPress.org's.
	for _, key := range []string{"plugin", "download_url", "details_url", "provenance", "eac_github_hosting"} {
		delete(shapes, key)
	}
	return shapes
}

const popupReads = "name slug version author sections requires tested rating num_ratings last_updated download_link external"

func (r *rule) apiPlugin(path, slug string, value any) {
	if o := r.members(path, value, popupReads+" contributors banners", apiShapes()); o != nil && o["slug"] != slug {
		r.fault(path+"/slug", "is %v", o["slug"])
	}
}

// oldAPIPlugin has contributors in the form of before 1.2, whom no WordPress
// since 4.9 asks for.
func (r *rule) oldAPIPlugin(path, slug string, value any) {
	shapes := apiShapes()
	shapes["contributors"] = each(regexp.MustCompile(`^[A-Za-z0-9 _.@-]{1,60}$`), linkOrEmpty)
	r.members(path, value, popupReads+" contributors", shapes)
}

// cardReads are what the list of Add Plugins reads unguarded.
const cardReads = "name slug version author short_description icons rating num_ratings active_installs last_updated"

func (r *rule) apiQuery(path, _ string, value any) {
	o, ok := value.(map[string]any)
	if !ok {
		r.fault(path, "is %T", value)
		return
	}
	r.members(path+"/info", o["info"], "page pages results", map[string]shape{"page": count, "pages": count, "results": count})
	for _, what := range []struct {
		key  string
		many int
		read func(path string, value any)
	}{
		{"plugins", len(nastyOnes), func(path string, value any) { r.members(path, value, cardReads, apiShapes()) }},
		{"themes", len(nastyThemes), func(path string, value any) {
			slug := ""
			if o, ok := value.(map[string]any); ok {
				slug = fmt.Sprint(o["slug"])
			}
			r.listedTheme(path, slug, value)
		}},
	} {
		list, ok := o[what.key].([]any)
		if !ok {
			continue
		}
		if len(list) != what.many {
			r.fault(path+"/"+what.key, "has %d, want %d", len(list), what.many)
		}
		for i, one := range list {
			what.read(fmt.Sprint(path, "/", what.key, "/", i), one)
		}
	}
}

func (r *rule) apiTags(path, _ string, value any) {
	each(someText, func(r *rule, path string, value any) {
		r.members(path, value, "name slug count", map[string]shape{"name": bare, "slug": bare, "count": count})
	})(r, path, value)
}

// apiUpdates has all three members, or WordPress dies of it.
func (r *rule) apiUpdates(path, _ string, value any) {
	updates := func(r *rule, path string, value any) { r.collection(path, "", bySlug(value)) }
	known := map[string]shape{"no_update": updates, "translations": isEmptyList, "plugins": updates, "themes": updates}
	o := r.members(path, value, "no_update translations", known)
	if o != nil && o["plugins"] == nil && o["themes"] == nil {
		r.fault(path, "has neither plugins nor themes")
	}
}

// bySlug has updates by plugin file under the slug, as the collection has.
func bySlug(value any) any {
	o, ok := value.(map[string]any)
	if !ok {
		return value
	}
	renamed := map[string]any{}
	for file, update := range o {
		slug, _, _ := strings.Cut(file, "/")
		renamed[slug] = update
	}
	return renamed
}

// apiTheme is a theme's details. theme-install.php?tab=theme-information dies of
// an author that is no string, as WordPress.org's is in 1.2, and prints the
// description unguarded.
func (r *rule) apiTheme(path, slug string, value any) {
	r.themeObject(path, slug, value, bare)
}

// listedTheme is a theme of query_themes: core prints author["display_name"].
func (r *rule) listedTheme(path, slug string, value any) {
	r.themeObject(path, slug, value, func(r *rule, path string, value any) {
		r.members(path, value, "user_nicename profile avatar display_name author author_url", map[string]shape{
			"user_nicename": plain, "profile": linkOrEmpty, "avatar": linkOrEmpty, "display_name": bare, "author": bare, "author_url": linkOrEmpty,
		})
	})
}

func (r *rule) themeObject(path, slug string, value any, author shape) {
	shapes := themeShapes()
	shapes["author"], shapes["screenshot_url"] = author, linkOrEmpty
	for _, key := range []string{"requires", "tested", "requires_php"} {
		shapes[key] = orFalse(anyNumber)
	}
	for _, key := range []string{"reviews_url", "homepage", "is_commercial", "external_support_url", "is_community", "external_repository_url"} {
		shapes[key] = nothing
	}
	shapes["external"] = isTrue
	o := r.members(path, value, "name slug version author preview_url rating num_ratings", shapes)
	if o != nil && o["slug"] != slug {
		r.fault(path+"/slug", "is %v", o["slug"])
	}
}

func (r *rule) apiChecksums(path, slug string, value any) {
	r.members(path, value, "plugin version source zip files", map[string]shape{
		"plugin": bare, "version": aVersion, "source": link, "zip": link,
		"files": func(r *rule, path string, value any) {
			o, ok := value.(map[string]any)
			if !ok || len(o) == 0 {
				r.fault(path, "is %#v, want files", value)
			}
			for name, sums := range o {
				r.members(path+"/"+name, sums, "md5 sha256", map[string]shape{"md5": plain, "sha256": hexText})
			}
		},
	})
}
