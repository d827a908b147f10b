package wporg

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// checked is what an update check found, in the order of the site's list.
type checked struct {
	updates, current []*registry.Listing
}

// updateCheck answers plugins/update-check and themes/update-check. What is not
// understood is refused: WordPress passes over any answer but 200, and breaks
// on a 200 that lacks one of the three keys.
func (a *API) updateCheck(ctx context.Context, r *Request, plugins bool, v version) *Answer {
	out := output{format: formatJSON}
	member, read := "themes", readJSON
	if plugins {
		member = "plugins"
	}
	if v == v10 {
		out.format, read = formatPHP, readPHP
	}
	form, err := formValue(r.Form, member, "all")
	if err != nil {
		return out.answer(reply{status: http.StatusBadRequest, value: failure("The request is not understood.")})
	}
	list, err := read(form[member], member)
	if err != nil {
		return out.answer(reply{status: http.StatusBadRequest, value: failure("The request lacks the list of " + member + ", or it is not well formed.")})
	}
	found := a.check(ctx, r, list, plugins)
	if v == v10 {
		return out.answer(reply{value: found.serialised(plugins, a.base)})
	}
	// Themes that are current are always told, plugins if they are asked for.
	all := !plugins || strings.TrimSpace(form["all"]) == "true" || form["all"] == "1"
	return &Answer{Status: http.StatusOK, Type: "application/json; charset=utf-8", Body: found.json(member, a.base, all)}
}

// check looks for what a site has among what is built.
func (a *API) check(ctx context.Context, r *Request, list []installed, plugins bool) *checked {
	found := &checked{}
	misreads := registry.CompareVersions(wordPressOf(r.UserAgent), heedsSwitch) < 0
	for _, one := range list {
		slug, kind := one.file, registry.TypeTheme
		if plugins {
			slug, _, _ = strings.Cut(one.file, "/")
			kind = registry.TypePlugin
		}
		l, err := a.catalogue.Built(ctx, slug, r.Asked)
		if err != nil || l.Type != kind || l.File != one.file || !a.mayUpdate(one.updateURI, slug, plugins) {
			continue
		}
		r.holds(l)
		if misreads {
			l = withoutSwitch(l)
		}
		if registry.CompareVersions(l.Version, one.version) > 0 {
			found.updates = append(found.updates, l)
		} else {
			found.current = append(found.current, l)
		}
	}
	return found
}

// heedsSwitch is the first WordPress that leaves an update to people if it says
// disable_autoupdate. The ones before take that for the opposite, and update in
// the background whoever never asked for it
// (https://core.trac.wordpress.org/ticket/52796).
const heedsSwitch = "6.6"

// withoutSwitch is a listing whose update does not say disable_autoupdate.
func withoutSwitch(l *registry.Listing) *registry.Listing {
	// Within a text the quotes would be escaped.
	update := bytes.Replace(l.Update, []byte(`,"disable_autoupdate":true`), nil, 1)
	if len(update) == len(l.Update) {
		return l
	}
	other := *l
	other.Update = update
	return &other
}

// ofWordPress are Update URIs that mean WordPress.org, in whose place we
// answer.
var ofWordPress = regexp.MustCompile(`^(?:https?://)?(?:wordpress\.org|w\.org)/(plugin|theme)s?/([^/]+)/?$`)

// mayUpdate reports whether an Update URI lets us answer: there is none, it is
// WordPress.org's for this very plugin, or it names our host.
func (a *API) mayUpdate(uri, slug string, plugins bool) bool {
	if uri == "" {
		return true
	}
	if m := ofWordPress.FindStringSubmatch(uri); m != nil {
		return m[2] == slug && (m[1] == "plugin") == plugins
	}
	if !strings.Contains(uri, "://") {
		uri = "https://" + uri // as WordPress completes it
	}
	u, err := url.Parse(uri)
	return err == nil && strings.EqualFold(u.Hostname(), a.host)
}

// json writes the answer of 1.1. All three keys are there whatever was found,
// and maps are objects even when they are empty.
func (c *checked) json(member, base string, all bool) []byte {
	var b bytes.Buffer
	b.WriteString(`{"` + member + `":`)
	writeListings(&b, c.updates, base)
	b.WriteString(`,"no_update":`)
	if !all {
		c.current = nil
	}
	writeListings(&b, c.current, base)
	b.WriteString(`,"translations":[]}`)
	return b.Bytes()
}

func writeListings(b *bytes.Buffer, list []*registry.Listing, base string) {
	b.WriteByte('{')
	for i, l := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(appendText(nil, l.File))
		b.WriteByte(':')
		b.Write(withID(l, base))
	}
	b.WriteByte('}')
}

// withID is the update object, with an id if it is a plugin's and has none:
// WordPress reads it unguarded.
func withID(l *registry.Listing, base string) json.RawMessage {
	if l.Type != registry.TypePlugin || bytes.HasPrefix(l.Update, []byte(`{"id":`)) {
		return l.Update
	}
	_, id, _ := strings.Cut(base+"/"+string(l.Slug), "://")
	return append(append(appendText([]byte(`{"id":`), id), ','), l.Update[1:]...)
}

// serialised is the answer of 1.0: the updates alone, of plugins as objects and
// of themes as arrays.
func (c *checked) serialised(plugins bool, base string) object {
	updates := make(object, 0, len(c.updates))
	for _, l := range c.updates {
		update, err := decodeJSON(withID(l, base))
		members, ok := update.(object)
		if err != nil || !ok {
			continue // it is our own, and always an object
		}
		if plugins {
			updates = append(updates, member{l.File, class(members)})
		} else {
			updates = append(updates, member{l.File, members})
		}
	}
	return updates
}
