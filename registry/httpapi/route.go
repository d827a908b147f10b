package httpapi

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
)

// MaxQueryValue bounds environment= and update_id=, in bytes: Git refuses
// longer names of branches and tags on the usual file systems.
const MaxQueryValue = 255

// collection is the name of the document of all plugins. No plugin may be
// called so.
const collection = "plugin_info"

// format is what the end of a document's name asks for.
type format int

const (
	formatNone format = iota // no known ending: a page
	formatJSON
	formatZip
	formatProxy
)

// splitName takes a name such as "hello-yard.json" apart. The separator is the
// dot, hyphen or plus before the ending, 0 if there is none.
func splitName(name string) (slug string, f format, separator byte) {
	switch {
	case strings.HasSuffix(name, "json"):
		f, slug = formatJSON, name[:len(name)-len("json")]
	case strings.HasSuffix(name, "zip"):
		f, slug = formatZip, name[:len(name)-len("zip")]
	case strings.HasSuffix(name, "proxy"):
		f, slug = formatProxy, name[:len(name)-len("proxy")]
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
		q, err := parseQuery(c.Request().URL.RawQuery, kind)
		if err != nil {
			return err
		}
		switch f {
		case formatJSON:
			return s.document(c, slug, q)
		case formatZip:
			return s.redirectPackage(c, slug, q)
		default:
			return s.proxy(c, slug, q)
		}
	}
}

// document answers with the information of a plugin, or the collection.
func (s *server) document(c echo.Context, slug string, q registry.Query) error {
	ctx := c.Request().Context()
	var (
		doc *registry.Document
		err error
	)
	if slug == collection {
		doc, err = s.registry.Collection(ctx, q)
	} else {
		doc, err = s.registry.Information(ctx, slug, q)
	}
	if err != nil {
		return err
	}
	s.writePrepared(c, s.prepare(doc))
	return nil
}

// redirectPackage sends the client to where the current package lies for ever.
func (s *server) redirectPackage(c echo.Context, slug string, q registry.Query) error {
	p, err := s.registry.Package(c.Request().Context(), slug, q)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h["Cache-Control"] = fresh
	h["Access-Control-Allow-Origin"] = anyOrigin
	return c.Redirect(http.StatusFound, s.registry.PackageURL(p))
}

// redirectPlugin sends a browser that forgot the slash to the plugin's page.
// It reports whether it answered, or the request failed.
func (s *server) redirectPlugin(c echo.Context, name string) (bool, error) {
	switch _, err := s.registry.Entry(c.Request().Context(), name); {
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

// parseQuery reads environment=, update_id= and update_source=; of one given
// twice the first counts, and everything else is passed over. It allocates
// nothing unless a value is escaped, unlike [url.ParseQuery].
func parseQuery(raw string, kind registry.Kind) (registry.Query, error) {
	q := registry.Query{Kind: kind}
	var source string
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		key, value, _ := strings.Cut(pair, "=")
		var field *string
		switch key {
		case "environment":
			field = &q.Environment
		case "update_id":
			field = &q.UpdateID
		case "update_source":
			field = &source
		}
		if field == nil || *field != "" {
			continue
		}
		plain, err := url.QueryUnescape(value)
		if err != nil {
			return q, &registry.Error{Kind: registry.ErrInvalid, Message: "the value of " + key + " is not escaped as an address wants it", Err: err}
		}
		if len(plain) > MaxQueryValue {
			return q, &registry.Error{Kind: registry.ErrInvalid, Message: "the value of " + key + " is too long"}
		}
		*field = plain
	}
	named, ok := sourceKind(source)
	if !ok {
		return q, &registry.Error{Kind: registry.ErrInvalid, Message: "update_source must be release, branch or either"}
	}
	if q.Kind == "" {
		q.Kind = named
	}
	return q, nil
}

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
