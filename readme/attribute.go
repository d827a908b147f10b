package readme

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// base resolves relative addresses.
type base struct{ url *url.URL }

// newBase returns nil, which resolves nothing, for a base that is not an
// absolute web address.
func newBase(s string) *base {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || !isWeb(u) {
		return nil
	}
	return &base{u}
}

func isWeb(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// resolve makes an address absolute; it is "" if it may not be shown. A path
// from the root is one from the base: so GitHub reads it in a repository.
func (b *base) resolve(address string, mail bool) string {
	address = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return -1
		}
		return r
	}, strings.TrimSpace(address))
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return ""
	case isWeb(u):
		return u.String()
	case u.Scheme == "mailto":
		if !mail {
			return ""
		}
		return u.String()
	case u.Scheme != "":
		return ""
	case u.Host != "":
		u.Scheme = "https"
		return u.String()
	case b == nil, u.Path == "":
		return "" // a bare fragment leads nowhere: ids do not survive
	}
	u.Path = strings.TrimLeft(u.Path, "/")
	u.RawPath = strings.TrimLeft(u.RawPath, "/")
	return b.url.ResolveReference(u).String()
}

func attribute(attributes []html.Attribute, key string) string {
	for _, a := range attributes {
		if a.Namespace == "" && a.Key == key {
			return a.Val
		}
	}
	return ""
}

// attributes writes the attributes that an element keeps; ok is false if it is
// nothing without one that was not allowed.
func (w *rewriter) attributes(name string, all []html.Attribute) (s string, ok bool) {
	var out strings.Builder
	put := func(key, value string) {
		if value != "" {
			out.WriteString(" " + key + `="` + html.EscapeString(strings.Map(printable, value)) + `"`)
		}
	}
	switch name {
	case "a":
		href := w.links.resolve(attribute(all, "href"), true)
		if href == "" {
			return "", false
		}
		put("href", href)
		put("title", attribute(all, "title"))
		if attribute(all, "target") == "_blank" {
			put("target", "_blank")
		}
		put("rel", relations(attribute(all, "rel")))
	case "abbr", "acronym":
		put("title", attribute(all, "title"))
	case "div", "span":
		put("class", classes(attribute(all, "class")))
	case "blockquote":
		put("cite", w.links.resolve(attribute(all, "cite"), false))
	}
	return out.String(), true
}

// image writes an image, or nothing if its address may not be shown.
func (w *rewriter) image(all []html.Attribute) {
	src := w.images.resolve(attribute(all, "src"), false)
	if src == "" {
		return
	}
	w.out.WriteString(`<img src="` + html.EscapeString(src) + `" alt="` +
		html.EscapeString(strings.Map(printable, attribute(all, "alt"))) + `"`)
	if class := classes(attribute(all, "class")); class != "" {
		w.out.WriteString(` class="` + html.EscapeString(class) + `"`)
	}
	w.out.WriteString(" />")
}

// checkBox writes the box of a task list as a character.
func (w *rewriter) checkBox(all []html.Attribute) {
	if attribute(all, "type") != "checkbox" {
		return
	}
	for _, a := range all {
		if a.Key == "checked" {
			w.out.WriteString("☑")
			return
		}
	}
	w.out.WriteString("☐")
}

// relations keeps the link relations that only take rights away.
func relations(rel string) string {
	var keep []string
	for _, word := range strings.Fields(lower(rel)) {
		switch word {
		case "nofollow", "noopener", "noreferrer", "ugc", "sponsored", "external":
			keep = append(keep, word)
		}
	}
	return strings.Join(keep, " ")
}

// classes keeps the class names that are plain words.
func classes(class string) string {
	var keep []string
	for _, word := range strings.Fields(class) {
		if strings.Trim(lower(word), "abcdefghijklmnopqrstuvwxyz0123456789-_") == "" {
			keep = append(keep, word)
		}
	}
	return strings.Join(keep, " ")
}
