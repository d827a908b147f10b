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

// setPageHeaders sets what every page carries.
func setPageHeaders(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
}

func (s *server) styleSheet(c echo.Context) error {
	s.writePrepared(c, s.style)
	return nil
}

// catalogue answers with the list of all plugins and themes.
func (s *server) catalogue(c echo.Context) error {
	return s.page(c, "/", func(w *bytes.Buffer) (string, error) {
		entries, err := s.registry.Entries(c.Request().Context())
		if err != nil {
			return "", err
		}
		return templates.Policy, s.views.Catalogue(w, s.catalogueView(entries))
	})
}

// plugin answers with the page of one plugin or theme. What a private repository holds
// is told to nobody unless its configuration says so.
func (s *server) plugin(c echo.Context) error {
	slug := param(c, "slug")
	noteSlug(c, slug)
	return s.page(c, slug, func(w *bytes.Buffer) (string, error) {
		entry, err := s.registry.Entry(c.Request().Context(), slug)
		if err != nil {
			return "", err
		}
		if entry.Withheld {
			return "", &registry.Error{
				Kind: registry.ErrForbidden,
				Message: "this is withheld, because its repository is private; " +
					"if everyone may have it, say access: public for it in the registry's configuration",
			}
		}
		view, policy := s.pluginView(entry), templates.Policy
		if view.Theme {
			policy = templates.FramedPolicy
		}
		return policy, s.views.Plugin(w, view)
	})
}

// page answers with a page that render writes, or wrote a moment ago, under the
// policy that render gives.
func (s *server) page(c echo.Context, key string, render func(*bytes.Buffer) (policy string, err error)) error {
	if v, ok := s.pages.Get(key); ok {
		s.writePrepared(c, v.(prepared))
		return nil
	}
	var body bytes.Buffer
	policy, err := render(&body)
	if err != nil {
		return fmt.Errorf("render page %s: %w", key, err)
	}
	more := make(http.Header)
	setPageHeaders(more, policy)
	p := prepare(newDocument("text/html; charset=utf-8", body.Bytes()), revalidated, more)
	s.pages.SetDefault(key, p)
	s.writePrepared(c, p)
	return nil
}

// healthy says that the process answers.
func (s *server) healthy(c echo.Context) error { return plainOK(c) }

// ready says that the registry answers too, which it does once it can read its
// store.
func (s *server) ready(c echo.Context) error {
	if _, err := s.registry.Entries(c.Request().Context()); err != nil {
		return &registry.Error{Kind: registry.ErrUnavailable, Message: "the registry is not ready", Err: err}
	}
	return plainOK(c)
}

func plainOK(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.String(http.StatusOK, "ok\n")
}
