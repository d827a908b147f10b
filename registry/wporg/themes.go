package wporg

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// themeRows are the members of a theme, in WordPress.org's order, and behind
// them our own.
var themeRows = []row{
	{"name", `""`}, {"slug", `""`}, {"version", `""`}, {"preview_url", `""`}, {"author", `""`}, {"screenshot_url", `""`},
	{"screenshot_count", `1`}, {"screenshots", `[]`}, {"theme_url", `""`}, {"ratings", `{"5":0,"4":0,"3":0,"2":0,"1":0}`},
	{"rating", `0`}, {"num_ratings", `0`}, {"reviews_url", `""`}, {"downloaded", `0`}, {"active_installs", `0`},
	{"last_updated", `""`}, {"last_updated_time", `""`}, {"creation_time", `""`}, {"upload_date", `""`}, {"homepage", `""`},
	{"sections", `{}`}, {"description", `""`}, {"download_link", `""`}, {"tags", `{}`}, {"template", ""}, {"parent", ""},
	{"versions", `{}`}, {"requires", `false`}, {"requires_php", `false`}, {"is_commercial", `false`},
	{"external_support_url", `false`}, {"is_community", `false`}, {"external_repository_url", `""`},
	{"external", `true`}, {"digests", ""},
}

// themeField is the field that a member of a theme goes with.
var themeField = map[string]string{
	"num_ratings": "rating", "last_updated_time": "last_updated", "download_link": "downloadlink",
}

// themeInfo answers themes/info.
func (a *API) themeInfo(ctx context.Context, r *Request, v version) *Answer {
	out := output{format: formatJSON}
	if v == v10 {
		out.format = formatPHP
	}
	c, err := parseCall(r)
	if err != nil {
		return out.answer(reply{status: http.StatusBadRequest, value: failure("Invalid Input")})
	}
	// Which features there are, old WordPress asks by its User-Agent.
	if r.Method != http.MethodPost && (v >= v12 || c.action != "feature_list") {
		out.maxAge = infoAge
	}
	return out.answer(a.themeAction(ctx, r, v, c))
}

func (a *API) themeAction(ctx context.Context, r *Request, v version, c *call) reply {
	args, clean := themeArguments(c.args)
	var rep reply
	switch c.action {
	case "theme_information":
		rep = a.themeInformation(ctx, r, v, args)
	case "query_themes":
		rep = a.queryThemes(ctx, r, v, args)
	case "hot_tags":
		rep = a.hotTags(ctx, r, registry.TypeTheme, args, 0)
	case "feature_list":
		wp := textOf(args.get("wp_version"))
		if v < v12 {
			wp = wordPressOf(r.UserAgent)
		}
		rep = reply{value: featureList(wp)}
	case "get_commercial_shops":
		rep = reply{value: class{{"shops", []any{}}}}
	default:
		return reply{status: http.StatusNotFound, value: failure(`Action not implemented. <a href="https://codex.wordpress.org/WordPress.org_API">API Docs</a>`)}
	}
	if !clean && rep.status == 0 {
		rep.status = http.StatusBadRequest // WordPress.org answers all the same
	}
	return rep
}

// themeArguments leaves out what is not of the type that it has to be, and
// reports whether all was.
func themeArguments(args object) (object, bool) {
	clean, kept := true, object{}
	for _, m := range args {
		_, scalar := text(m.value)
		list, array := m.value.(object)
		switch m.key {
		case "author", "browse", "user", "locale", "per_page", "slug", "search", "theme", "wp_version":
			array = false
		case "fields", "slugs", "tag":
			scalar, array = truthy(m.value), len(list) > 0
			_, plain := m.value.(string)
			scalar = scalar && plain
		}
		if !scalar && !array {
			clean = false
			continue
		}
		kept = append(kept, m)
	}
	if textOf(kept.get("browse")) == "favorites" && kept.get("user") == nil {
		clean = false
	}
	return kept, clean
}

// themeInformation answers with one theme, or several.
func (a *API) themeInformation(ctx context.Context, r *Request, v version, args object) reply {
	f := themeFields(false, v, args)
	if several := args.get("slugs"); several != nil {
		return a.themesBySlug(ctx, r, v, several, f)
	}
	slug := textOf(args.get("slug"))
	switch {
	case slug == "":
		return reply{status: http.StatusNotFound, value: failure("Slug not provided")}
	case !wpSlug.MatchString(slug):
		return reply{status: http.StatusNotFound, value: failure("Invalid slug provided")}
	}
	l, err := without(ctx, r.turn, func() (*registry.Listing, error) { return a.catalogue.Listing(ctx, slug, r.Asked) })
	switch {
	case withheld(err) || absent(err) || err == nil && l.Type != registry.TypeTheme:
		if v < v12 {
			return reply{status: http.StatusNotFound, value: false}
		}
		return reply{status: http.StatusNotFound, value: failure("Theme not found")}
	case err != nil:
		return unavailable(err)
	}
	r.holds(l)
	theme, err := a.themeObject(l, f)
	if err != nil {
		return unavailable(err)
	}
	return reply{value: class(theme)}
}

// themesBySlug answers with several themes by slug. Those that would have to be
// built first are not waited for.
func (a *API) themesBySlug(ctx context.Context, r *Request, v version, value any, f fields) reply {
	slugs := slugList(value)
	if len(slugs) > MaxSlugs {
		return reply{status: http.StatusUnprocessableEntity, value: failure("A maximum of 100 themes can be queried at once.")}
	}
	themes := object{}
	var taken room
	for _, slug := range slugs {
		if !wpSlug.MatchString(slug) {
			return reply{status: http.StatusNotFound, value: failure("Invalid slugs provided")}
		}
		l, err := a.whole(ctx, r, registry.Slug(slug))
		if err != nil || l.Type != registry.TypeTheme {
			themes = append(themes, member{slug, failure("Theme not found")})
			continue
		}
		theme, err := taken.add(l, f, a.themeObject)
		switch {
		case err != nil:
			return unavailable(err)
		case theme == nil:
			return reply{value: themes}
		}
		themes = append(themes, member{slug, class(theme)})
	}
	return reply{value: themes}
}

// queryThemes answers with a page of themes.
func (a *API) queryThemes(ctx context.Context, r *Request, v version, args object) reply {
	list, err := a.list(ctx, r, registry.TypeTheme)
	if err != nil {
		return unavailable(err)
	}
	list = choose(list, &query{
		browse: textOf(args.get("browse")), search: textOf(args.get("search")), tags: themeTags(args.get("tag")),
		author: textOf(args.get("author")), theme: textOf(args.get("theme")), both: true,
	})
	p := pageOf(args, len(list), MaxThemesAPage)
	f := themeFields(true, v, args)
	themes, err := a.fill(ctx, r, list[p.first:p.end], f, a.themeObject)
	if err != nil {
		return unavailable(err)
	}
	info := object{{"page", p.number}, {"pages", max(1, p.pages())}, {"results", p.results}}
	return reply{value: class{{"info", info}, {"themes", themes}}}
}

// themeTags reads "a,b" or a list, the first [MaxTags] each once.
func themeTags(value any) []string {
	var tags []string
	add := func(tag string) bool {
		tag = strings.TrimSpace(tag)
		if tag = cmp.Or(renamedTags[tag], tag); !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
		return len(tags) < MaxTags
	}
	switch v := value.(type) {
	case string:
		for tag := range strings.SplitSeq(v, ",") {
			if !add(tag) {
				break
			}
		}
	case object:
		for _, m := range v {
			if !add(textOf(m.value)) {
				break
			}
		}
	}
	return tags
}

// renamedTags are tags of themes that have another name since WordPress 3.8.
var renamedTags = map[string]string{"fixed-width": "fixed-layout", "flexible-width": "fluid-layout"}

// themeObject makes a theme's answer of its document.
func (a *API) themeObject(l *registry.Listing, f fields) (object, error) {
	doc, err := a.documents.of(l)
	if err != nil {
		return nil, err
	}
	theme := make(object, 0, len(themeRows))
	for _, row := range themeRows {
		if !f.wants(cmp.Or(themeField[row.key], row.key)) {
			continue
		}
		var value any = doc.or(row.key, row.fallback)
		switch row.key {
		case "author":
			// Otherwise a name in the form of an address.
			if value = doc.or("extended_author", "{}"); !f["extended_author"] {
				value = textOf(doc.object("extended_author").get("user_nicename"))
			}
		case "screenshots":
			if shot := doc.text("screenshot_url"); shot != "" {
				value = []any{shot}
			}
		}
		if raw, ok := value.(json.RawMessage); ok && len(raw) == 0 {
			continue
		}
		theme = append(theme, member{row.key, value})
	}
	return theme, nil
}
