package httpapi

import (
	"bytes"
	gz "compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/wporg"
)

// Bounds of the bodies of WordPress.org's API, in bytes. A site of 2,000
// plugins with ten languages sends some 7 MB to an update check; its request
// for information is a slug and some words.
const (
	MaxCheckBody = 8 << 20
	MaxInfoBody  = 64 << 10
	// MaxBodies bounds all that are held at once: a thousand usual sites.
	MaxBodies = 64 << 20
	// MaxAnswers bounds all answers that are being written, in bytes: clients
	// may read as slowly as they like, within MaxAnswerTime.
	MaxAnswers = 128 << 20
	// MaxAnswerTime bounds how long an answer may take to write. WordPress gives
	// up after 15 seconds at the latest.
	MaxAnswerTime = time.Minute
)

// wporgRoutes registers WordPress.org's API and its downloads, below the
// prefix. What WordPress asks for ends with a slash, what people type does not.
func (s *server) wporgRoutes(e *echo.Echo) {
	add := func(h echo.HandlerFunc, path string, methods ...string) {
		for _, method := range methods {
			e.Add(method, s.prefix+path, s.guard(h))
		}
	}
	both := func(h echo.HandlerFunc, path string, methods ...string) {
		add(h, path, methods...)
		add(h, path+"/", methods...)
	}
	check, question := s.api(MaxCheckBody), s.question(s.api(MaxInfoBody))
	for _, kind := range []string{"plugins", "themes"} {
		for _, version := range []string{"1.0", "1.1"} {
			both(check, "/"+kind+"/update-check/"+version, http.MethodPost)
		}
		for _, version := range []string{"1.0", "1.1", "1.2"} {
			both(question, "/"+kind+"/info/"+version, http.MethodGet, http.MethodHead, http.MethodPost)
		}
	}
	both(question, "/plugins/info/1.0/:name", http.MethodGet, http.MethodHead)
	add(question, "/plugin-checksums/:slug/:name", http.MethodGet, http.MethodHead)
	add(s.download(registry.TypePlugin), "/plugin/:name", http.MethodGet, http.MethodHead)
	add(s.download(registry.TypeTheme), "/theme/:name", http.MethodGet, http.MethodHead)
}

// question counts a request against its client's allowance. Update checks are
// not: whoever hosts thousands of sites sends theirs from one address.
func (s *server) question(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.limit(s.asking, c); err != nil {
			return err
		}
		return h(c)
	}
}

// api answers one request of WordPress.org's API.
func (s *server) api(limit int64) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		asked, more, err := s.query(r, "")
		if err != nil {
			return err
		}
		asked.Kind, asked.UpdateID = "", "" // the API has no such things
		personal := s.registry.PerSite("")
		if personal {
			asked.Site = s.siteOf(r, more.cohort)
		}
		request := &wporg.Request{
			Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, s.prefix), Query: r.URL.RawQuery, UserAgent: r.UserAgent(), Asked: asked,
		}
		if r.Method == http.MethodPost {
			form, release, err := s.readForm(r, limit)
			defer release()
			if err != nil {
				return err
			}
			request.Form = form
		}
		answer := s.wporg.Answer(s.mayWait(c), request)
		if errors.Is(answer.Err, registry.ErrTooOften) {
			return answer.Err
		}
		if answer.Err != nil {
			k := *s.errors.find(answer.Err)
			k.status, k.level = answer.Status, slog.LevelWarn
			s.noteFailure(c.Response().Writer, r, answer.Err, &k)
		}
		size := int64(len(answer.Body))
		defer s.answers.Add(-size)
		if s.answers.Add(size) > MaxAnswers {
			return &refusal{s.errors.crowded, nil}
		}
		s.writeAnswer(c, answer, personal)
		return nil
	}
}

// readForm reads a body within its own bound and that of all. Whoever sends
// slowly holds no more than was sent. The release has to be called when the
// form is not needed any more, also after an error.
func (s *server) readForm(r *http.Request, limit int64) (form string, release func(), err error) {
	var held int64
	release = func() { s.bodies.Add(-held) }
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || r.Header.Get("Content-Encoding") != "" {
		return "", release, &refusal{s.errors.notAForm, err}
	}
	if r.ContentLength > limit {
		return "", release, &refusal{s.errors.formTooLarge, nil}
	}
	var body []byte
	chunk := int64(16 << 10)
	if r.ContentLength > 0 {
		chunk = min(chunk, r.ContentLength)
	}
	for {
		// Twice as large each time, as far as what has come allows.
		if held += chunk; s.bodies.Add(chunk) > MaxBodies {
			return "", release, &refusal{s.errors.crowded, nil}
		}
		grown := make([]byte, len(body), held+1) // one more byte, to see the end
		copy(grown, body)
		body = grown
		n, err := io.ReadFull(r.Body, body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return "", release, &refusal{s.errors.formTooLarge, nil}
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && r.ContentLength < 0, int64(len(body)) == r.ContentLength:
			return string(body), release, nil
		case err != nil:
			return "", release, &refusal{s.errors.badRequest, err}
		}
		chunk = held
	}
}

// minCompressed is the size below which an answer is not compressed: it fits
// into one packet.
const minCompressed = 1400

// writeAnswer writes an answer of WordPress.org's API, compressed where the
// client takes gzip: update checks of many plugins are mostly the same words. A
// personal one is for this site alone.
func (s *server) writeAnswer(c echo.Context, a *wporg.Answer, personal bool) {
	r, w := c.Request(), direct(c)
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h["Access-Control-Allow-Origin"] = anyOrigin
	h.Set("Cache-Control", "no-store")
	if a.MaxAge > 0 {
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(a.MaxAge))
		if personal {
			h["Cache-Control"] = perSite
		}
	}
	if a.Stale != (registry.Stale{}) {
		if cache := s.markStale(h, a.Stale, personal); a.MaxAge > 0 {
			h["Cache-Control"] = cache
		}
	}
	h.Set("Vary", "Accept-Encoding")
	if a.Allow != "" {
		h.Set("Allow", a.Allow)
	}
	if a.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "30")
	}
	body := a.Body
	if len(body) >= minCompressed && takesGzip(r.Header["Accept-Encoding"]) {
		body = compress(body)
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	// A writer that has no deadlines, as in tests, has no slow clients.
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(MaxAnswerTime))
	defer control.SetWriteDeadline(time.Time{}) // the connection may be used again
	w.WriteHeader(a.Status)
	if r.Method != http.MethodHead {
		w.Write(body) // an error means that the client went away
	}
}

// takesGzip reports whether a client would rather have gzip than nothing.
func takesGzip(lines []string) bool {
	var without [8]string
	return negotiate(append(append(without[:0], lines...), "br;q=0")) == gzip
}

var compressors = sync.Pool{New: func() any {
	w, err := gz.NewWriterLevel(nil, gz.BestSpeed)
	if err != nil {
		panic(err) // the level is one of the package's own
	}
	return w
}}

func compress(body []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(body) / 4)
	w := compressors.Get().(*gz.Writer)
	defer compressors.Put(w)
	w.Reset(&b)
	w.Write(body) // into memory
	w.Close()
	return b.Bytes()
}

// download answers for downloads.wordpress.org: /plugin/SLUG.VERSION.zip,
// /plugin/SLUG.zip and /plugin/SLUG.latest-stable.zip lead to the package, and
// with .sig behind answer with its signatures.
func (s *server) download(kind registry.Type) echo.HandlerFunc {
	return func(c echo.Context) error {
		name, signatures := strings.CutSuffix(param(c, "name"), sigSuffix)
		name, ok := strings.CutSuffix(name, ".zip")
		slug, version, _ := strings.Cut(name, ".")
		if !ok || slug == "" {
			return errNoRoute
		}
		noteSlug(c, slug)
		q, more, err := s.query(c.Request(), "")
		if err != nil {
			return err
		}
		var p *registry.Package
		newest := version == "" || version == "latest-stable"
		personal := newest && s.registry.PerSite(slug)
		if personal {
			q.Site = s.siteOf(c.Request(), more.cohort)
		}
		if newest {
			p, err = ready(s, c, slug, q, s.registry.Package)
		} else {
			p, err = s.registry.PackageOf(s.mayWait(c), slug, version)
		}
		if err != nil {
			return err
		}
		if (p.Type == registry.TypeTheme) != (kind == registry.TypeTheme) {
			return &registry.Error{Kind: registry.ErrNotFound, Message: fmt.Sprintf("there is no %s %.80q here", kind, url.PathEscape(slug))}
		}
		if signatures {
			return s.writeSignatures(c, slug, p.Installer.Digest, p.Installer.Name, personal)
		}
		h := c.Response().Header()
		h["Cache-Control"] = s.cacheOf(h, slug, personal)
		h["Access-Control-Allow-Origin"] = anyOrigin
		return c.Redirect(http.StatusFound, s.registry.PackageURL(p))
	}
}
