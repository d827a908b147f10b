package registry

import (
	"net/url"
)

// page is a plugin's page.
func (l Links) page(slug Slug) string { return l.Base + "/" + string(slug) + "/" }

// file is the lasting address of stored bytes: /packages/ or /assets/, the
// slug, the digest, and a name for people.
func (l Links) file(room string, slug Slug, digest Digest, name string) string {
	base := l.Base
	if l.CDN != "" {
		base = l.CDN
	}
	return base + "/" + room + "/" + string(slug) + "/" + string(digest) + "/" + url.PathEscape(name)
}

// release is where the package of one release is found, built or not.
func (l Links) release(slug Slug, tag string) string {
	return l.Base + "/release/" + string(slug) + ".zip?update_id=" + url.QueryEscape(tag)
}

// branch is where the current package of a branch is found.
func (l Links) branch(slug Slug, name string) string {
	address := l.Base + "/branch/" + string(slug) + ".zip"
	if name == "" {
		return address
	}
	return address + "?update_id=" + url.QueryEscape(name)
}

// hostOf is the host of an Update URI without its port, as WordPress takes it
// to name its filter (wp_parse_url); "" if it has none.
func hostOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
