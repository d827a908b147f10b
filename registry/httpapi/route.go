package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
)

// MaxQueryValue bounds the value of each of a query's names but slugs=, in
// bytes: Git refuses longer names of branches and tags on the usual file systems.
const MaxQueryValue = 255

// The names of the documents of all plugins and of all themes. No plugin or
// theme may be called so.
const (
	pluginCollection = "plugin_info"
	themeCollection  = "theme_info"
)

// upgrademe is the ending of a plugin's document for the client of that name.
const upgrademe = "upgrademe"

// format is what the end of a document's name asks for.
type format int

const (
	formatNone format = iota // no known ending: a page
	formatJSON
	formatZip
	formatProxy
	formatSig // the signatures of the zip
	formatUpgrademe
)

// splitName takes a name such as "hello-yard.json" apart. The separator is the
// dot, hyphen or plus before the ending, 0 if there is none.
func splitName(name string) (slug string, f format, separator byte) {
	switch {
	case strings.HasSuffix(name, "json"):
		f, slug = formatJSON, name[:len(name)-len("json")]
	case strings.HasSuffix(name, "zip"+sigSuffix):
		f, slug = formatSig, name[:len(name)-len("zip"+sigSuffix)]
	case strings.HasSuffix(name, "zip"):
		f, slug = formatZip, name[:len(name)-len("zip")]
	case strings.HasSuffix(name, "proxy"):
		f, slug = formatProxy, name[:len(name)-len("proxy")]
	case strings.HasSuffix(name, upgrademe):
		f, slug = formatUpgrademe, name[:len(name)-len(upgrademe)]
	default:
		return name, formatNone, 0
	}
	if len(slug) < 2 {
		return name, formatNone, 0
	}
	separator = slug[len(slug)-1]
	if separator != '.' && separator != '-' && separator != '+' {
		return name, formatNone, 0
	}
	return slug[:len(slug)-1], f, separator
}

// named answers for /{slug}.json and its like, of any channel or of one.
func (s *server) named(kind registry.Kind) echo.HandlerFunc {
	return func(c echo.Context) error {
		name := param(c, "name")
		slug, f, separator := splitName(name)
		if kind == "" && (separator == 0 || separator == '-') {
			// "hello-json" is the JSON of hello, unless a plugin is called so.
			if done, err := s.redirectPlugin(c, name); done {
				return err
			}
		}
		if f == formatNone || f == formatProxy && kind == "" {
			return errNoRoute
		}
		noteSlug(c, slug)
		q, more, err := s.query(c.Request(), kind)
		if err != nil {
			return err
		}
		noteSource(c, q.Kind)
		if f == formatJSON && (slug == pluginCollection || slug == themeCollection) {
			return s.collection(c, slug, q, more)
		}
		personal := s.registry.PerSite(slug)
		if personal {
			q.Site = s.siteOf(c.Request(), more.cohort)
		}
		switch f {
		case formatJSON:
			return s.document(c, slug, q, personal)
		case formatUpgrademe:
			return s.upgrademe(c, slug, q, personal)
		case formatZip:
			return s.redirectPackage(c, slug, q, personal)
		case formatSig:
			return s.channelSignatures(c, slug, q, personal)
		default:
			return s.proxy(c, slug, q, personal)
		}
	}
}

// document answers with the information of a plugin; a personal one is for
// this site alone.
func (s *server) document(c echo.Context, slug string, q registry.Query, personal bool) error {
	doc, err := ready(s, c, slug, q, s.registry.Information)
	if err != nil {
		return err
	}
	s.writeDocument(c, slug, doc, personal)
	return nil
}

// writeDocument answers with a plugin's document; a personal one is for this
// site alone.
func (s *server) writeDocument(c echo.Context, slug string, doc *registry.Document, personal bool) {
	p := s.prepare(doc)
	p.cache = s.cacheOf(c.Response().Header(), slug, personal)
	s.writePrepared(c, p)
}

// collection answers with the updates of all plugins, of all themes, or of
// those of either that slugs= names.
func (s *server) collection(c echo.Context, name string, q registry.Query, more asked) error {
	selection := registry.Selection{Type: registry.TypePlugin}
	if name == themeCollection {
		selection.Type = registry.TypeTheme
	}
	personal := false
	if more.slugsGiven {
		slugs, err := registry.ParseSlugs(more.slugs)
		if err != nil {
			return s.badRequest(err)
		}
		selection = registry.Selection{Slugs: slugs}
		for _, slug := range slugs {
			personal = personal || s.registry.PerSite(string(slug))
		}
	} else {
		personal = s.registry.PerSite("")
	}
	if personal {
		q.Site = s.siteOf(c.Request(), more.cohort)
	}
	doc, err := s.registry.Collection(c.Request().Context(), selection, q)
	if err != nil {
		return err
	}
	var p prepared
	if more.slugsGiven {
		p = prepare(doc, fresh, nil) // there are as many as requests like
	} else {
		p = s.prepare(doc)
	}
	if personal {
		p.cache = perSite
	}
	if stale, is := s.registry.StaleAmong(selection); is {
		p.cache = s.markStale(c.Response().Header(), stale, personal)
	}
	s.writePrepared(c, p)
	return nil
}

// upgrademe answers with the four members that upgrademe reads.
func (s *server) upgrademe(c echo.Context, slug string, q registry.Query, personal bool) error {
	doc, err := ready(s, c, slug, q, s.registry.Upgrademe)
	if err != nil {
		return err
	}
	s.writeDocument(c, slug, doc, personal)
	return nil
}

// redirectPackage sends the client to where the current package lies for ever.
func (s *server) redirectPackage(c echo.Context, slug string, q registry.Query, personal bool) error {
	p, err := ready(s, c, slug, q, s.registry.Package)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h["Cache-Control"] = s.cacheOf(h, slug, personal)
	h["Access-Control-Allow-Origin"] = anyOrigin
	return c.Redirect(http.StatusFound, s.registry.PackageURL(p))
}

// cacheControl is that of an answer which is the newest for now.
func cacheControl(personal bool) []string {
	if personal {
		return perSite
	}
	return fresh
}

// redirectPlugin sends a browser that forgot the slash to the plugin's page.
// It reports whether it answered, or the request failed.
func (s *server) redirectPlugin(c echo.Context, name string) (bool, error) {
	switch _, err := s.registry.Entry(s.mayWait(c), name); {
	case err == nil:
		noteSlug(c, name)
		return true, c.Redirect(http.StatusMovedPermanently, s.prefix+"/"+url.PathEscape(name)+"/")
	case errors.Is(err, registry.ErrNotFound):
		return false, nil
	default:
		return true, err
	}
}

func (s *server) redirectRoot(c echo.Context) error {
	return c.Redirect(http.StatusMovedPermanently, s.prefix+"/")
}

// param is a path parameter, unescaped: Echo hands over the escaped path where
// the client escaped more than it had to.
func param(c echo.Context, name string) string {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" || strings.IndexByte(value, '%') < 0 {
		return value
	}
	plain, err := url.PathUnescape(value)
	if err != nil {
		return value
	}
	return plain
}

// query reads a request's query, and refuses a channel or a cohort that is none:
// whoever misspells one would believe to be in it.
func (s *server) query(r *http.Request, kind registry.Kind) (registry.Query, asked, error) {
	q, more, err := parseQuery(r.URL.RawQuery, kind)
	if err == nil && q.Channel != "" && q.Channel != registry.ChannelStable && q.Channel != registry.ChannelBeta {
		err = s.badRequest(&registry.Error{Kind: registry.ErrInvalid, Message: "channel must be stable or beta, or left out"})
	}
	if _, ok := parseCohort(more.cohort); err == nil && more.cohort != "" && !ok {
		err = s.badRequest(&registry.Error{Kind: registry.ErrInvalid, Message: "cohort must be a whole number from 0 to 999, or left out"})
	}
	return q, more, err
}

// asked is what the query of a request says beside what the registry is asked.
type asked struct {
	cohort     string
	slugs      string
	slugsGiven bool // slugs= stands there, even if empty
}

// parseQuery reads environment=, update_id=, update_source=, channel=, cohort=
// and slugs=; of one given twice the first counts, and everything else is
// passed over. It allocates nothing unless a value is escaped, unlike
// [url.ParseQuery].
func parseQuery(raw string, kind registry.Kind) (registry.Query, asked, error) {
	q := registry.Query{Kind: kind}
	var more asked
	var source string
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		key, value, _ := strings.Cut(pair, "=")
		var field *string
		limit := MaxQueryValue
		switch key {
		case "environment":
			field = &q.Environment
		case "update_id":
			field = &q.UpdateID
		case "update_source":
			field = &source
		case "channel":
			field = &q.Channel
		case "cohort":
			field = &more.cohort
		case "slugs":
			field, limit, more.slugsGiven = &more.slugs, maxSlugsValue, true
		}
		if field == nil || *field != "" {
			continue
		}
		plain, err := url.QueryUnescape(value)
		if err != nil {
			return q, more, &registry.Error{Kind: registry.ErrInvalid, Message: "the value of " + key + " is not escaped as an address wants it", Err: err}
		}
		if len(plain) > limit {
			return q, more, &registry.Error{Kind: registry.ErrInvalid, Message: "the value of " + key + " is too long"}
		}
		*field = plain
	}
	named, ok := sourceKind(source)
	if !ok {
		return q, more, &registry.Error{Kind: registry.ErrInvalid, Message: "update_source must be release, branch or either"}
	}
	if q.Kind == "" {
		q.Kind = named
	}
	return q, more, nil
}

// maxSlugsValue bounds slugs=, in bytes: as many as may be named, each as long
// as a slug may be, with their commas.
const maxSlugsValue = registry.MaxSlugs * 201

// sourceKind reads update_source=, by which the reference registry's client in
// the field says what others say by the path.
func sourceKind(source string) (registry.Kind, bool) {
	switch source {
	case "", "either":
		return "", true
	case "release", "latest_release":
		return registry.KindRelease, true
	case "branch", "default_branch":
		return registry.KindBranch, true
	}
	return "", false
}
