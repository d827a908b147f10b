package httpapi

import (
	"bytes"
	stdgzip "compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/templates"
)

// pageFor is how long a rendered page is kept: long enough that a crowd costs
// one rendering, short enough that an author who reloads sees the new release.
const pageFor = time.Second

// revalidated lets browsers keep a page but ask each time, which costs a 304.
var revalidated = []string{"no-cache"}

// stylePath is where the style sheet lies: its name changes with its content,
// so that it may be kept for ever.
func stylePath() string {
	sum := sha256.Sum256(templates.Style())
	return "/assets/style-" + hex.EncodeToString(sum[:8]) + ".css"
}

func styleDocument() *registry.Document {
	return newDocument("text/css; charset=utf-8", templates.Style())
}

// newDocument makes a document of bytes that were not built by the registry.
func newDocument(contentType string, body []byte) *registry.Document {
	sum := sha256.Sum256(body)
	doc := &registry.Document{Type: contentType, Identity: body, ETag: `"` + hex.EncodeToString(sum[:]) + `"`}
	var packed bytes.Buffer
	w := stdgzip.NewWriter(&packed)
	w.Write(body) // a bytes.Buffer takes everything
	if w.Close() == nil && packed.Len() < len(body) {
		doc.Gzip = packed.Bytes()
	}
	return doc
}

func (s *server) styleSheet(c echo.Context) error {
	s.writePrepared(c, s.style)
	return nil
}

// catalogue answers with the list of all plugins and themes.
func (s *server) catalogue(c echo.Context) error {
	return s.page(c, "/", func() (rendering, error) {
		entries, err := s.registry.Entries(c.Request().Context())
		if err != nil {
			return nil, err
		}
		return func(w *bytes.Buffer) (string, error) {
			return templates.Policy, s.views.Catalogue(w, s.catalogueView(entries))
		}, nil
	})
}

// plugin answers with the page of one plugin or theme. What a private repository holds
// is told to nobody unless its configuration says so.
func (s *server) plugin(c echo.Context) error {
	slug := param(c, "slug")
	noteSlug(c, slug)
	return s.page(c, slug, func() (rendering, error) {
		entry, err := s.registry.Entry(s.mayWait(c), slug)
		if err != nil {
			return nil, err
		}
		if entry.Withheld {
			return nil, &registry.Error{
				Kind: registry.ErrForbidden,
				Message: "this is withheld, because its repository is private; " +
					"if everyone may have it, say access: public for it in the registry's configuration",
			}
		}
		return func(w *bytes.Buffer) (string, error) {
			view, policy := s.pluginView(entry), templates.Policy
			if view.Theme {
				policy = templates.FramedPolicy
			}
			return policy, s.views.Plugin(w, view)
		}, nil
	})
}

// rendering writes a page, and says under which policy it is shown.
type rendering func(*bytes.Buffer) (policy string, err error)

// page answers with a page that was rendered a moment ago, or is from what
// gather finds: one page at a time, and once for all who ask for it.
func (s *server) page(c echo.Context, key string, gather func() (rendering, error)) error {
	if v, ok := s.pages.Get(key); ok {
		s.writePrepared(c, v.(prepared))
		return nil
	}
	render, err := gather()
	if err != nil {
		return fmt.Errorf("render page %s: %w", key, err)
	}
	p, err := s.rendered(c, key, render)
	if err != nil {
		return fmt.Errorf("render page %s: %w", key, err)
	}
	s.writePrepared(c, p)
	return nil
}

func (s *server) rendered(c echo.Context, key string, render rendering) (prepared, error) {
	s.drawing.Lock()
	defer s.drawing.Unlock()
	if v, ok := s.pages.Get(key); ok {
		return v.(prepared), nil
	}
	if err := s.limit(s.work, c); err != nil {
		return prepared{}, err
	}
	var body bytes.Buffer
	policy, err := render(&body)
	if err != nil {
		return prepared{}, err
	}
	more := make(http.Header)
	setPageHeaders(more, policy)
	p := prepare(newDocument("text/html; charset=utf-8", body.Bytes()), revalidated, more)
	s.pages.SetDefault(key, p)
	return p, nil
}

// healthy says that the process answers.
func (s *server) healthy(c echo.Context) error { return plainOK(c) }

// ready says that the registry answers too, or what keeps it from doing so.
func (s *server) ready(c echo.Context) error {
	if err := s.registry.Ready(c.Request().Context()); err != nil {
		return err
	}
	return plainOK(c)
}

func plainOK(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.String(http.StatusOK, "ok\n")
}
