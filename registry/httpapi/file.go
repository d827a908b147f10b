package httpapi

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
)

const (
	zipType = "application/zip"
	svgType = "image/svg+xml"
	// svgPolicy lets an SVG that is opened as a page do nothing but show
	// itself: no script, no other host, no plugin.
	svgPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
)

// installer answers with a package by its digest, for ever the same, or with
// its signatures.
func (s *server) installer(c echo.Context) error {
	if name, ok := strings.CutSuffix(param(c, "name"), sigSuffix); ok {
		return s.packageSignatures(c, name)
	}
	return s.immutableFile(c, func(f *registry.File) bool { return f.Type == zipType })
}

// image answers with an image by its digest, for ever the same.
func (s *server) image(c echo.Context) error {
	return s.immutableFile(c, func(f *registry.File) bool { return strings.HasPrefix(f.Type, "image/") })
}

// immutableFile answers with a file named by digest and name. The name has to
// be the file's own, or caches could be filled with addresses that anyone
// invented.
func (s *server) immutableFile(c echo.Context, belongs func(*registry.File) bool) error {
	slug, digest := param(c, "slug"), registry.Digest(param(c, "digest"))
	noteSlug(c, slug)
	if !digest.Valid() {
		return errNoFile
	}
	f, err := s.registry.OpenFile(c.Request().Context(), slug, digest)
	if err != nil {
		return err
	}
	defer f.Close()
	if f.Name != param(c, "name") || !belongs(f) {
		return errNoFile
	}
	s.writeFile(c, f, lasting(f))
	return nil
}

// version answers with the installer of one version, SLUG.VERSION.zip, or of
// the development version, SLUG.zip: wp-cli takes what stands before the slug in
// a download_link, puts these names behind it, and follows no redirect. Behind
// them lie their signatures.
func (s *server) version(c echo.Context) error {
	name, signatures := strings.CutSuffix(param(c, "name"), sigSuffix)
	name, ok := strings.CutSuffix(name, ".zip")
	if !ok {
		return errNoRoute
	}
	slug, version, released := strings.Cut(name, ".")
	noteSlug(c, slug)
	q := registry.Query{Kind: registry.KindBranch}
	if released {
		q = registry.Query{Kind: registry.KindRelease, UpdateID: version}
	}
	if signatures {
		return s.channelSignatures(c, slug, q, false)
	}
	return s.proxy(c, slug, q, false)
}

// lasting is how long a file with an address of its own may be cached: for
// ever, unless there are headers of it that may change.
func lasting(f *registry.File) []string {
	if f.Signatures != nil {
		return signable
	}
	return immutable
}

// proxy answers with the bytes of the installer that a channel serves now.
func (s *server) proxy(c echo.Context, slug string, q registry.Query, personal bool) error {
	ctx := c.Request().Context()
	p, err := ready(s, c, slug, q, s.registry.Package)
	if err != nil {
		return err
	}
	f, err := s.registry.OpenFile(ctx, slug, p.Installer.Digest)
	if err != nil {
		return err
	}
	defer f.Close()
	s.writeFile(c, f, s.cacheOf(c.Response().Header(), slug, personal))
	return nil
}

// writeFile answers with a file, a part of it, or 304.
func (s *server) writeFile(c echo.Context, f *registry.File, cacheControl []string) {
	w := direct(c)
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Etag", `"`+string(f.Digest)+`"`)
	h["Cache-Control"] = cacheControl
	h["Access-Control-Allow-Origin"] = anyOrigin
	s.pace(w, c.Request(), f.Size)
	switch f.Type {
	case zipType:
		// WordPress's download_url wants exactly this start, and takes quotes
		// for a part of the name.
		h.Set("Content-Disposition", "attachment; filename="+tokenOf(f.Name))
		h.Set("Content-Description", "File Transfer")
	case svgType:
		h.Set("Content-Security-Policy", svgPolicy)
	}
	if len(f.Signatures) > 0 {
		h[signatureHeader] = f.Signatures
	}
	if f.MD5 != "" {
		h.Set("Content-Md5", f.MD5)
	}
	if s.writeHeld(w, c.Request(), f) {
		return
	}
	// The reader itself, not the File around it: the kernel can copy from an
	// *os.File only when it sees one.
	s.serveContent(w, c.Request(), f.Modified, f.BlobReader)
}

// writeHeld answers a plain GET of a file that is in memory, with one write. It
// reports whether it did; conditions, ranges and HEAD are left to others.
func (s *server) writeHeld(w http.ResponseWriter, r *http.Request, f *registry.File) bool {
	held, ok := f.BlobReader.(interface{ Bytes() []byte })
	if !ok || r.Method != http.MethodGet || r.Header["Range"] != nil || conditional(r.Header) {
		return false
	}
	body := held.Bytes()
	h := w.Header()
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if !f.Modified.IsZero() {
		h.Set("Last-Modified", f.Modified.UTC().Format(http.TimeFormat))
	}
	w.Write(body) // an error means that the client went away
	return true
}

// serveContent is [http.ServeContent], mended where it differs from what we
// promise: ranges are for GET, in bytes and one at a time, a range that cannot
// be satisfied is told in the shape of our errors, and Content-MD5 is sent
// only with whole answers, since WordPress compares it with what it got.
func (s *server) serveContent(w http.ResponseWriter, r *http.Request, modified time.Time, content io.ReadSeeker) {
	if ranges := r.Header["Range"]; ranges != nil && !oneRange(r.Method, ranges) {
		r = r.Clone(r.Context())
		r.Header.Del("Range")
	}
	http.ServeContent(&contentWriter{ResponseWriter: w, server: s, method: r.Method}, r, "", modified, content)
}

// oneRange reports whether a Range header is to be heeded. Several ranges make
// a multipart answer, which nobody who asks us can read and which costs more
// than the whole; RFC 9110 section 14.2 allows to pass over any of them, and
// demands it for other methods and units.
func oneRange(method string, lines []string) bool {
	return method == http.MethodGet && len(lines) == 1 &&
		strings.HasPrefix(lines[0], "bytes=") && !strings.Contains(lines[0], ",")
}

// contentWriter stands between [http.ServeContent] and the server's writer.
type contentWriter struct {
	http.ResponseWriter
	server  *server
	method  string
	refused bool // the body is already ours
}

func (w *contentWriter) WriteHeader(status int) {
	h := w.Header()
	if status != http.StatusOK {
		h.Del("Content-Md5")
	}
	var refusal *kind
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		refusal = w.server.errors.rangeRefused
	case http.StatusPreconditionFailed:
		refusal = w.server.errors.conditionFailed
	default:
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.refused = true
	for _, name := range []string{
		"Accept-Ranges", "Content-Description", "Content-Disposition", "Content-Encoding",
		"Etag", "Last-Modified", signatureHeader,
	} {
		h.Del(name)
	}
	h["Content-Security-Policy"] = inertPolicy
	refusal.write(w.ResponseWriter, w.method, refusal.message, 0)
}

func (w *contentWriter) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom leads to the server's own, which knows sendfile.
func (w *contentWriter) ReadFrom(src io.Reader) (int64, error) {
	return io.Copy(w.ResponseWriter, src)
}

func (w *contentWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// tokenOf makes a file name into a token of RFC 9110 section 5.6.2, which
// needs no quotes.
func tokenOf(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && isToken(byte(r)) {
			return r
		}
		return '-'
	}, name)
}

// isToken reports whether a byte may stand in a token, of those that are of use
// in a file name.
func isToken(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("-._~+!", c) >= 0
}
