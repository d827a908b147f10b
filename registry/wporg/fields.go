package wporg

import (
	"slices"
	"strings"
)

// fields says which members of an answer are wanted. One that is not named is
// always given.
type fields map[string]bool

func (f fields) with(on bool, names ...string) fields {
	for _, name := range names {
		f[name] = on
	}
	return f
}

// wants reports whether a member is given.
func (f fields) wants(name string) bool {
	on, named := f[name]
	return on || !named
}

// selectable are the fields of plugins that a request may name.
var selectable = []string{
	"active_installs", "added", "banners", "compatibility", "contributors", "description", "donate_link", "downloaded",
	"download_link", "homepage", "icons", "last_updated", "rating", "ratings", "reviews", "requires", "requires_php",
	"sections", "short_description", "tags", "tested", "stable_tag", "blocks", "block_assets", "author_block_count",
	"author_block_rating", "language_packs", "versions", "screenshots", "blueprints", "preview_link", "upgrade_notice",
	"business_model", "repository_url", "support_url", "commercial_support_url",
}

// pluginFields are the fields of an answer about plugins: what each version of
// each action gives by default, and what the request says.
func pluginFields(query bool, v version, args object) fields {
	f := fields{}.with(false, selectable...).with(true,
		"added", "compatibility", "downloaded", "download_link", "donate_link", "homepage", "last_updated", "rating",
		"ratings", "requires", "requires_php", "sections", "tags", "tested", "versions", "screenshots")
	switch {
	case query && v < v12:
		f.with(true, "description", "short_description")
	case query:
		f.with(true, "description", "short_description", "icons", "active_installs")
		f.with(false, "compatibility", "sections", "contributors", "versions", "screenshots")
	case v < v12:
		f.with(true, "bare_contributors")
	default:
		f.with(false, "downloaded", "compatibility", "description")
		f.with(true, "banners", "reviews", "active_installs", "contributors", "preview_link", "upgrade_notice",
			"business_model", "repository_url", "support_url", "commercial_support_url")
	}
	asked := askedFields(args.get("fields"))
	if asked["icons"] {
		f.with(false, "compatibility", "description")
	}
	if truthy(args.get("block")) {
		f.with(true, "blocks", "block_assets", "author_block_count", "author_block_rating")
	}
	for name, on := range asked {
		f[name] = on
	}
	return f
}

// linkedFields go with another field unless they are asked for themselves.
var linkedFields = map[string][]string{
	"sections":       {"reviews"},
	"business_model": {"repository_url", "commercial_support_url"},
}

// maxFields bounds the names in a text of fields, of which there are some thirty.
const maxFields = 200

// askedFields reads "a,-b", a list of such, or a map of booleans.
func askedFields(value any) fields {
	var list object
	switch v := value.(type) {
	case string:
		for name := range strings.SplitSeq(v, ",") {
			if list = append(list, member{"0", name}); len(list) == maxFields {
				break
			}
		}
	case object:
		list = v
	}
	asked := fields{}
	for _, m := range list {
		name, on := m.key, truthy(m.value)
		if numbered(name) {
			name, on = strings.CutPrefix(textOf(m.value), "-")
			on = !on
		}
		if name == "downloadlink" {
			name = "download_link" // as plugins_api() documents it
		}
		for _, linked := range linkedFields[name] {
			if !on && list.get(linked) == nil {
				asked[linked] = false
			}
		}
		if slices.Contains(selectable, name) {
			asked[name] = on
		}
	}
	return asked
}

// themeSelectable are the fields of themes, and those that are on for both
// actions at once.
var themeSelectable = []string{
	"description", "downloaded", "downloadlink", "last_updated", "creation_time", "parent", "rating", "ratings",
	"reviews_url", "screenshot_count", "screenshots", "sections", "tags", "template", "versions", "theme_url",
	"homepage", "extended_author", "photon_screenshots", "active_installs", "requires", "requires_php", "trac_tickets",
	"is_commercial", "is_community", "external_repository_url", "external_support_url", "upload_date",
}

// themeFields are the fields of an answer about themes.
func themeFields(query bool, v version, args object) fields {
	f := fields{}.with(false, themeSelectable...).with(true, "screenshot_url", "rating", "homepage", "template")
	if query {
		f.with(true, "description")
	} else {
		f.with(true, "sections", "downloaded", "downloadlink", "last_updated", "tags")
	}
	if v >= v12 {
		f.with(true, "parent", "requires", "requires_php",
			"is_commercial", "is_community", "external_repository_url", "external_support_url")
	}
	// WordPress.org gives the author as an object for both actions. Core reads
	// it as one where it lists themes: author["display_name"], in wp-admin's
	// search and in the customizer. The details it only prints, in
	// theme-install.php?tab=theme-information, with a description that it takes
	// to be there; 6.1 and 7.1 die of an object. Nothing else in core or WP-CLI
	// reads the details' author, so that is the name as before 1.2, unless the
	// request names extended_author.
	switch {
	case v >= v12 && query:
		f.with(true, "extended_author")
	case v >= v12:
		f.with(true, "description", "reviews_url", "creation_time")
	}
	switch v := args.get("fields").(type) {
	case string:
		for name := range strings.SplitSeq(v, ",") {
			if f[strings.TrimSpace(name)] = true; len(f) >= maxFields {
				break
			}
		}
	case object:
		list := !slices.ContainsFunc(v, func(m member) bool { return !numbered(m.key) })
		for _, m := range v {
			if list {
				f[textOf(m.value)] = true
			} else {
				// wp_validate_boolean: the word counts too.
				f[m.key] = truthy(m.value) && !strings.EqualFold(textOf(m.value), "false")
			}
		}
	}
	return f
}
