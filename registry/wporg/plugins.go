package wporg

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// pluginRows are the members of a plugin, in WordPress.org's order, and behind
// them our own: external hides the popup's link to WordPress.org.
var pluginRows = []row{
	{"name", `""`}, {"slug", `""`}, {"version", `"0.0"`}, {"author", `""`}, {"author_profile", `""`}, {"contributors", `{}`},
	{"requires", `false`}, {"tested", `false`}, {"requires_php", `false`}, {"requires_plugins", `[]`}, {"compatibility", `[]`},
	{"rating", `0`}, {"ratings", `{"5":0,"4":0,"3":0,"2":0,"1":0}`}, {"num_ratings", `0`}, {"support_url", `""`}, {"support_threads", `0`},
	{"support_threads_resolved", `0`}, {"active_installs", `0`}, {"downloaded", `0`}, {"last_updated", `""`}, {"added", `""`},
	{"homepage", `""`}, {"sections", `{}`}, {"short_description", `""`}, {"description", `""`}, {"download_link", `""`},
	{"upgrade_notice", `{}`}, {"screenshots", `{}`}, {"tags", `{}`}, {"stable_tag", `"trunk"`}, {"versions", `{}`},
	{"business_model", `false`}, {"repository_url", `""`}, {"commercial_support_url", `""`}, {"donate_link", `""`},
	{"banners", `{}`}, {"icons", `{}`}, {"blocks", `[]`}, {"block_assets", `[]`}, {"author_block_count", `0`},
	{"author_block_rating", `0`}, {"blueprints", `[]`}, {"preview_link", `""`}, {"language_packs", `[]`},
	{"external", `true`}, {"digests", ""},
}

// MaxSlugs is how many plugins, or themes, may be asked for at once.
const MaxSlugs = 100

// pluginInfo answers plugins/info. The name is that of 1.0's
// plugins/info/1.0/NAME.
func (a *API) pluginInfo(ctx context.Context, r *Request, v version, name string) *Answer {
	out := output{format: formatJSON}
	if v == v10 {
		out.format = formatPHP
	}
	c, err := parseCall(r)
	if err != nil {
		return out.answer(reply{status: http.StatusBadRequest, value: failure("Invalid Input")})
	}
	if name != "" {
		slug, format := splitName(name)
		out.format = format
		c.action, c.args = "plugin_information", append(object{{"slug", slug}}, c.args...)
	}
	if r.Method != http.MethodPost {
		out.maxAge = infoAge
	}
	return out.answer(a.pluginAction(ctx, r, v, c))
}

// splitName takes "hello-yard.json" apart; ".php", or no suffix, is PHP's format.
// WordPress.org's .xml and .jsonp are not served: nobody reads them.
func splitName(name string) (string, format) {
	if slug, ok := strings.CutSuffix(name, ".json"); ok {
		return slug, formatJSON
	}
	return strings.TrimSuffix(name, ".php"), formatPHP
}

func (a *API) pluginAction(ctx context.Context, r *Request, v version, c *call) reply {
	switch c.action {
	case "plugin_information":
		return a.pluginInformation(ctx, r, v, c.args)
	case "query_plugins":
		return a.queryPlugins(ctx, r, v, c.args)
	case "hot_tags", "popular_tags":
		return a.hotTags(ctx, r, registry.TypePlugin, c.args, 100)
	}
	return reply{status: http.StatusBadRequest, value: failure("Action not implemented")}
}

var wpSlug = regexp.MustCompile(`^[a-z0-9_-]{1,200}$`)

// pluginInformation answers with one plugin, or several.
func (a *API) pluginInformation(ctx context.Context, r *Request, v version, args object) reply {
	slug, _ := args.get("slug").(string)
	_, simple := args.get("locale").(string)
	several := args.get("slugs")
	if !truthy(several) && slug == "" || truthy(args.get("slug")) && slug == "" || args.get("locale") != nil && !simple {
		return reply{status: http.StatusBadRequest, value: failure("Invalid Input")}
	}
	f := pluginFields(false, v, args)
	if truthy(several) {
		return a.pluginsBySlug(ctx, r, several, f)
	}
	plugin, rep := a.plugin(ctx, r, slug, f)
	if rep.status == http.StatusNotFound && v < v12 {
		rep.value = nil
	}
	if rep.status == 0 {
		rep.value = class(plugin)
	}
	return rep
}

// plugin is one plugin, or the reply that there is none: built first, if it has
// never been.
func (a *API) plugin(ctx context.Context, r *Request, slug string, f fields) (object, reply) {
	if !wpSlug.MatchString(slug) {
		return nil, reply{status: http.StatusNotFound, value: failure("Invalid plugin slug.")}
	}
	l, err := without(ctx, r.turn, func() (*registry.Listing, error) { return a.catalogue.Listing(ctx, slug, r.Asked) })
	switch {
	case withheld(err):
		return nil, reply{status: http.StatusNotFound, value: closed(slug)}
	case absent(err) || err == nil && l.Type != registry.TypePlugin:
		return nil, reply{status: http.StatusNotFound, value: failure("Plugin not found.")}
	case err != nil:
		return nil, unavailable(err)
	}
	r.holds(l)
	plugin, err := a.pluginObject(l, f)
	if err != nil {
		return nil, unavailable(err)
	}
	return plugin, reply{}
}

// closed is how WordPress.org shows a plugin that it doesn't give out any more.
func closed(slug string) class {
	return class{
		{"error", "closed"}, {"name", slug}, {"slug", slug}, {"description", "This plugin is not available."},
		{"closed", true}, {"closed_date", false}, {"reason", false}, {"reason_text", false},
	}
}

// pluginsBySlug answers with several plugins by slug. Those that would have to
// be built first are not waited for.
func (a *API) pluginsBySlug(ctx context.Context, r *Request, value any, f fields) reply {
	slugs := slugList(value)
	if len(slugs) > MaxSlugs {
		return reply{status: http.StatusUnprocessableEntity, value: failure("A maximum of 100 plugins can be queried at once.")}
	}
	plugins := make(class, 0, len(slugs))
	var taken room
	for _, slug := range slugs {
		if !wpSlug.MatchString(slug) {
			plugins = append(plugins, member{slug, failure("Invalid plugin slug.")})
			continue
		}
		l, err := a.whole(ctx, r, registry.Slug(slug))
		switch {
		case withheld(err):
			plugins = append(plugins, member{slug, closed(slug)})
			continue
		case err != nil || l.Type != registry.TypePlugin:
			plugins = append(plugins, member{slug, failure("Plugin not found.")})
			continue
		}
		plugin, err := taken.add(l, f, a.pluginObject)
		switch {
		case err != nil:
			return unavailable(err)
		case plugin == nil:
			return reply{value: plugins}
		}
		plugins = append(plugins, member{slug, plugin})
	}
	return reply{value: plugins}
}

// slugList reads "a,b" or a list, each once. What begins with NUL is left out:
// PHP has no property of such a name, and would read nothing of the answer.
func slugList(value any) []string {
	var slugs []string
	add := func(slug string) {
		if slug = strings.TrimSpace(slug); !slices.Contains(slugs, slug) && !strings.HasPrefix(slug, "\x00") {
			slugs = append(slugs, slug)
		}
	}
	switch v := value.(type) {
	case string:
		for slug := range strings.SplitSeq(v, ",") {
			if add(slug); len(slugs) > MaxSlugs {
				break
			}
		}
	case object:
		for _, m := range v {
			if add(textOf(m.value)); len(slugs) > MaxSlugs {
				break
			}
		}
	}
	return slugs
}

// pluginObject makes a plugin's answer of its document.
func (a *API) pluginObject(l *registry.Listing, f fields) (object, error) {
	doc, err := a.documents.of(l)
	if err != nil {
		return nil, err
	}
	plugin := make(object, 0, len(pluginRows))
	for _, row := range pluginRows {
		if !f.wants(row.key) && (row.key != "contributors" || !f["bare_contributors"]) && (row.key != "sections" || !f["reviews"]) {
			continue
		}
		var value any = doc.or(row.key, row.fallback)
		switch row.key {
		case "contributors":
			if f["bare_contributors"] {
				value = bareContributors(doc)
			}
		case "sections":
			if !f.wants("sections") {
				value = object{{"reviews", ""}} // we have none
			}
		case "description":
			value = doc.text("short_description")
			if !f[brief] {
				value = cmp.Or(textOf(doc.object("sections").get("description")), doc.text("short_description"))
			}
		case "upgrade_notice":
			// Ours is of this version alone, as core shows it of an update.
			if notice := doc.text("upgrade_notice"); notice != "" {
				value = object{{l.Version, notice}}
			}
		case "stable_tag":
			value = l.Version
		}
		if raw, ok := value.(json.RawMessage); ok && len(raw) == 0 {
			continue
		}
		plugin = append(plugin, member{row.key, value})
	}
	return plugin, nil
}

// bareContributors are user → profile, as WordPress up to 4.9 wants them.
func bareContributors(doc document) object {
	bare := object{}
	for _, m := range doc.object("contributors") {
		contributor, _ := m.value.(object)
		bare = append(bare, member{m.key, textOf(contributor.get("profile"))})
	}
	return bare
}
