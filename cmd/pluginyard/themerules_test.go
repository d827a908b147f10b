package main

import (
	"regexp"
	"time"
)

// anyNumber is aNumber, or "" where WordPress reads what nobody said.
func anyNumber(r *rule, path string, value any) {
	if value != "" {
		aNumber(r, path, value)
	}
}

// timeOf is a time in one of WordPress.org's forms for themes.
func timeOf(layout string) shape {
	return func(r *rule, path string, value any) {
		s, _ := value.(string)
		if _, err := time.Parse(layout, s); err != nil {
			r.fault(path, "is %#v: %v", value, err)
		}
	}
}

// directory is a theme's, as it may stand in a path.
func directory(r *rule, path string, value any) {
	if s, ok := value.(string); !ok || !regexp.MustCompile(`^[A-Za-z0-9 ._-]+$`).MatchString(s) || s == ".." {
		r.fault(path, "is %#v, want a directory", value)
	}
}

func (r *rule) themeUpdate(path, slug string, value any) {
	o := r.members(path, value, "theme version new_version url package", map[string]shape{
		"id": bare, "theme": bare, "slug": bare, "version": aVersion, "new_version": aVersion, "url": link, "package": link,
		"requires": aNumber, "tested": aNumber, "requires_php": aNumber, "digests": hexes, "disable_autoupdate": isTrue,
	})
	if o != nil && (o["theme"] != slug || o["version"] != o["new_version"]) {
		r.fault(path, "is %v of %v, new_version %v", o["version"], o["theme"], o["new_version"])
	}
}

// themeShapes are the members of a theme's information document.
func themeShapes() map[string]shape {
	return map[string]shape{
		"name": bare, "slug": bare, "version": aVersion, "preview_url": link, "author": safeHTML,
		"extended_author": func(r *rule, path string, value any) {
			r.members(path, value, "user_nicename profile avatar display_name author author_url", map[string]shape{
				"user_nicename": plain, "profile": linkOrEmpty, "avatar": link, "display_name": bare, "author": bare, "author_url": linkOrEmpty,
			})
		},
		"screenshot_url": link, "rating": rating, "num_ratings": count, "ratings": each(names("1 2 3 4 5"), count),
		"downloaded": count, "active_installs": count, "last_updated": timeOf(time.DateOnly), "last_updated_time": timeOf(time.DateTime),
		"creation_time": timeOf(time.DateTime), "homepage": link, "description": safeHTML, "sections": sections, "download_link": link,
		"tags": each(someText, bare), "template": directory,
		"parent": func(r *rule, path string, value any) {
			r.members(path, value, "slug name homepage", map[string]shape{"slug": directory, "name": directory, "homepage": linkOrEmpty})
		},
		"versions": each(someText, link), "requires": anyNumber, "tested": aNumber, "requires_php": anyNumber, "upgrade_notice": notice,
		"support_url": link, "license": bare, "license_uri": link, "download_url": link, "details_url": link, "digests": hexes, "provenance": anyShape,
	}
}

func (r *rule) themeInformation(path, slug string, value any) {
	known := themeShapes()
	if known[slug] == nil && !readByClients[slug] {
		known[slug] = func(r *rule, path string, value any) { r.themeUpdate(path, slug, value) }
	}
	// What wp-admin reads unguarded, and what plugin-update-checker wants.
	o := r.members(path, value, "name slug version author preview_url rating num_ratings description sections requires requires_php download_link download_url details_url", known)
	if o != nil && o["slug"] != slug {
		r.fault(path+"/slug", "is %v", o["slug"])
	}
}
