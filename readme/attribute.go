package readme

import (
	"net/url"
	"strings"
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
	if isPlainWeb(address) {
		return address
	}
	return b.resolveParsed(address, mail)
}

// resolveParsed is resolve for addresses of any shape.
func (b *base) resolveParsed(address string, mail bool) string {
	u, err := url.Parse(strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || 0x7F <= r && r < 0xA0 {
			return -1
		}
		return r
	}, address)))
	switch {
	case err != nil, u.Host == "" && u.User != nil:
		return ""
	case isWeb(u), mail && u.Scheme == "mailto":
	case u.Scheme != "":
		return ""
	case u.Host != "":
		u.Scheme = "https"
	case b == nil, u.Path == "":
		return "" // a bare fragment leads nowhere: ids do not survive
	default:
		u.Path = strings.TrimLeft(u.Path, "/")
		u.RawPath = strings.TrimLeft(u.RawPath, "/")
		u = b.url.ResolveReference(u)
	}
	resolved := strings.ReplaceAll(u.String(), " ", "%20")
	if again, err := url.Parse(resolved); err != nil || again.String() != resolved {
		return "" // what another program would read in another way
	}
	return resolved
}

// isPlainWeb reports whether an address is an absolute one of the web that
// resolve would leave as it is: nearly all are, and parsing takes its time.
func isPlainWeb(address string) bool {
	rest, ok := strings.CutPrefix(address, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(address, "http://")
	}
	host := 0
	for host < len(rest) && isPlainHost(rest[host]) {
		host++
	}
	if !ok || host == 0 || host < len(rest) && rest[host] != '/' {
		return false
	}
	for i := host; i < len(rest); i++ {
		if !isPlainPath(rest[i]) {
			return false
		}
	}
	return true
}

func isPlainHost(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '-'
}

func isPlainPath(c byte) bool {
	return isPlainHost(c) || 'A' <= c && c <= 'Z' || strings.IndexByte("/_~?&=+,;:@!$", c) >= 0
}

// webAddress returns the address as it may be linked to, if it is an absolute
// one of the web; otherwise "".
func webAddress(address string) string { return (*base)(nil).resolve(address, false) }

// kept writes the attributes that the present element keeps; ok is false if it
// is nothing without one that was not allowed.
func (w *rewriter) kept() (s string, ok bool) {
	if len(w.attributes) == 0 {
		return "", w.name != "a"
	}
	switch w.name {
	case "a":
		href := w.links.resolve(w.attribute("href"), true)
		if href == "" {
			return "", false
		}
		s = assign("href", href) + assign("title", w.attribute("title"))
		if w.attribute("target") == "_blank" {
			s += ` target="_blank"`
		}
		return s + assign("rel", relations(w.attribute("rel"))), true
	case "abbr", "acronym":
		return assign("title", w.attribute("title")), true
	case "div", "span":
		return assign("class", classes(w.attribute("class"))), true
	case "blockquote":
		return assign("cite", w.links.resolve(w.attribute("cite"), false)), true
	}
	return "", true
}

// assign writes an attribute with a space before it; "" if it has no value.
func assign(key, value string) string {
	if value == "" {
		return ""
	}
	return " " + key + `="` + escape(strings.Map(printable, value)) + `"`
}

// image writes an image, or nothing if its address may not be shown.
func (w *rewriter) image() {
	src := w.images.resolve(w.attribute("src"), false)
	if src == "" {
		return
	}
	alt := assign("alt", w.attribute("alt"))
	if alt == "" {
		alt = ` alt=""`
	}
	w.openTag("img", assign("src", src)+alt+assign("class", classes(w.attribute("class")))+"/", false)
}

// checkBox writes the box of a task list as a character.
func (w *rewriter) checkBox() {
	if w.attribute("type") != "checkbox" {
		return
	}
	box := "☐"
	if _, ok := w.lookUp("checked"); ok {
		box = "☑"
	}
	w.out = append(w.out, box...)
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
