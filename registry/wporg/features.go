package wporg

import (
	"slices"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// wordPressOf is the version in WordPress's User-Agent; "" if it is another's,
// or no version.
func wordPressOf(userAgent string) string {
	_, rest, ok := strings.Cut(userAgent, "WordPress/")
	if !ok {
		return ""
	}
	version, _, _ := strings.Cut(rest, ";")
	if len(version) > registry.MaxVersion {
		return ""
	}
	return version
}

// featureList is the tags that themes may have, in groups: which, depends on
// the WordPress that asks. "" is the newest.
func featureList(wp string) object {
	if len(wp) > registry.MaxVersion {
		wp = "" // it would be compared with each tag's
	}
	since := func(version string) bool { return wp == "" || registry.CompareVersions(wp, version) >= 0 }
	list := object{}
	for _, group := range features {
		var slugs []any
		for _, tag := range group.tags {
			if (tag.from == "" || since(tag.from)) && (tag.to == "" || !since(tag.to)) && !slices.Contains(slugs, any(tag.slug)) {
				slugs = append(slugs, tag.slug)
			}
		}
		if len(slugs) > 0 {
			list = append(list, member{group.name, slugs})
		}
	}
	return list
}

type featureGroup struct {
	name string
	tags []feature
}

// feature is a tag that is listed from one version of WordPress on, until
// another; "" is always.
type feature struct{ slug, from, to string }

// features are the groups in the order of each version.
var features = []featureGroup{
	{"Colors", until("4.6", "black", "blue", "brown", "gray", "green", "orange", "pink", "purple", "red", "silver", "tan", "white", "yellow", "dark", "light")},
	{"Columns", until("3.9", "one-column", "two-columns", "three-columns", "four-columns", "left-sidebar", "right-sidebar")},
	{"Layout", []feature{
		{"fixed-layout", "3.8", "4.6"}, {"fluid-layout", "3.8", "4.6"}, {"responsive-layout", "3.8", "4.6"}, {"grid-layout", "4.6", ""},
		{"one-column", "3.9", ""}, {"two-columns", "3.9", ""}, {"three-columns", "3.9", ""}, {"four-columns", "3.9", ""},
		{"left-sidebar", "3.9", ""}, {"right-sidebar", "3.9", ""}, {"wide-blocks", "5.2", ""},
	}},
	{"Features", []feature{
		{"accessibility-ready", "3.8", ""}, {"blavatar", "", "4.6"}, {"block-patterns", "5.5", ""}, {"block-styles", "5.2", ""},
		{"buddypress", "", ""}, {"custom-background", "", ""}, {"custom-colors", "", ""}, {"custom-header", "", ""},
		{"custom-logo", "4.6", ""}, {"custom-menu", "", ""}, {"editor-style", "", ""}, {"featured-image-header", "", ""},
		{"featured-images", "", ""}, {"flexible-header", "", ""}, {"footer-widgets", "4.6", ""}, {"front-page-post-form", "", ""},
		{"full-site-editing", "5.5", ""}, {"full-width-template", "", ""}, {"microformats", "", ""}, {"post-formats", "", ""},
		{"rtl-language-support", "", ""}, {"sticky-post", "", ""}, {"style-variations", "6.0", ""}, {"template-editing", "5.8.1", ""},
		{"theme-options", "", ""}, {"threaded-comments", "", ""}, {"translation-ready", "", ""},
	}},
	{"Subject", append(until("4.6", "holiday", "photoblogging", "seasonal"),
		from("4.6", "blog", "e-commerce", "education", "entertainment", "food-and-drink", "holiday", "news", "photography", "portfolio")...)},
	{"Width", until("3.8", "fixed-width", "flexible-width")},
}

func until(version string, slugs ...string) []feature {
	list := make([]feature, len(slugs))
	for i, slug := range slugs {
		list[i] = feature{slug: slug, to: version}
	}
	return list
}

func from(version string, slugs ...string) []feature {
	list := make([]feature, len(slugs))
	for i, slug := range slugs {
		list[i] = feature{slug: slug, from: version}
	}
	return list
}
