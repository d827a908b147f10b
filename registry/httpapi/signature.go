package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
)

// signatureHeader is where WordPress's download_url looks for signatures of
// what it has downloaded, one a line, in canonical form. If there is none and
// the address ends in .zip, it asks for that address with sigSuffix.
const (
	signatureHeader = "X-Content-Signature"
	sigSuffix       = ".sig"
)

var errNoSignature = &registry.Error{Kind: registry.ErrNotFound, Message: "nobody has signed this package; its registry's operator can, with \"pluginyard keys\""}

// channelSignatures answers with the signatures of the installer that a channel
// serves now; personal ones are for this site alone.
func (s *server) channelSignatures(c echo.Context, slug string, q registry.Query, personal bool) error {
	p, err := ready(s, c, slug, q, s.registry.Package)
	if err != nil {
		return err
	}
	return s.writeSignatures(c, slug, p.Installer.Digest, p.Installer.Name, personal)
}

// packageSignatures answers with the signatures of a package that is named by
// its digest.
func (s *server) packageSignatures(c echo.Context, name string) error {
	slug, digest := param(c, "slug"), registry.Digest(param(c, "digest"))
	noteSlug(c, slug)
	if !digest.Valid() {
		return errNoFile
	}
	return s.writeSignatures(c, slug, digest, name, false)
}

// writeSignatures answers with the signatures of an installer, one a line. They
// may change while the installer does not.
func (s *server) writeSignatures(c echo.Context, slug string, digest registry.Digest, name string, personal bool) error {
	f, err := s.registry.OpenFile(c.Request().Context(), slug, digest)
	if err != nil {
		return err
	}
	defer f.Close()
	switch {
	case f.Name != name || f.Type != zipType:
		return errNoFile
	case len(f.Signatures) == 0:
		return errNoSignature
	}
	body := strings.Join(f.Signatures, "\n") + "\n"
	sum := sha256.Sum256([]byte(body))
	w := direct(c)
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Etag", `"`+hex.EncodeToString(sum[:16])+`"`)
	h["Cache-Control"] = cacheControl(personal)
	h["Access-Control-Allow-Origin"] = anyOrigin
	s.serveContent(w, c.Request(), time.Time{}, strings.NewReader(body))
	return nil
}
