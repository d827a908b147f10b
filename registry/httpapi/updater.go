package httpapi

import (
	"bytes"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/templates"
)

// updater answers with the class that a plugin or theme carries to be updated
// from here, also while the first package waits for its signature: that has the
// class in it. It is text, so that no server takes it for its own to run.
func (s *server) updater(c echo.Context) error {
	slug := param(c, "slug")
	noteSlug(c, slug)
	kind, err := s.registry.TypeOf(s.mayWait(c), slug)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	err = templates.Updater(&body, templates.UpdaterData{
		Registry: s.base, Slug: slug, Type: string(kind), Keys: s.keys,
	})
	if err != nil {
		return err
	}
	doc := newDocument("text/plain; charset=utf-8", body.Bytes())
	s.writePrepared(c, prepare(doc, fresh, http.Header{
		"Content-Disposition": {"attachment; filename=" + slug + "-updater.php"},
	}))
	return nil
}
