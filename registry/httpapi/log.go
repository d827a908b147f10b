package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
)

// Requests says which requests are logged.
type Requests int

// What can be logged. The zero value is usual: what failed and somebody may
// have to look at. Faults of our own are told even where nothing else is.
const (
	LogErrors Requests = iota
	LogNone
	LogAll
)

// guard wraps a handler when it is registered: it tells the request its route,
// and turns a panic into an error, or into a broken connection where half an
// answer is out already.
func (s *server) guard(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		c.Request().Pattern = c.Path()
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if cause, ok := v.(error); ok && errors.Is(cause, http.ErrAbortHandler) {
				panic(v)
			}
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			if c.Response().Committed {
				s.answerError(err, c)
				panic(http.ErrAbortHandler)
			}
		}()
		return h(c)
	}
}

// MaxAgent bounds the User-Agent that is logged, MaxLoggedPath the path, in
// bytes.
const (
	MaxAgent      = 256
	MaxLoggedPath = 512
)

// MaxFailureLines is how many failed requests of one client are logged in a
// minute, unless all requests are, or it is a fault of ours; of those that were
// refused since it asks too often, one.
const MaxFailureLines = 10

var recorders = sync.Pool{New: func() any { return new(recorder) }}

// serveRecorded serves a request and tells of it, also where its handler
// panics.
func (s *server) serveRecorded(w http.ResponseWriter, r *http.Request) {
	rec := recorders.Get().(*recorder)
	*rec = recorder{ResponseWriter: w, now: s.now, exchange: Exchange{
		Method: r.Method, Client: s.proxies.clientText(r), Agent: cut(r.UserAgent(), MaxAgent), Began: s.now(),
	}}
	defer func() {
		rec.exchange.Route = r.Pattern
		rec.exchange.Elapsed = s.now().Sub(rec.exchange.Began)
		if !rec.headed {
			rec.exchange.Waited = rec.exchange.Elapsed
		}
		s.logRequest(r, rec)
		if s.observe != nil {
			s.observe(&rec.exchange)
		}
		*rec = recorder{}
		recorders.Put(rec)
	}()
	s.route(rec, r)
}

// logRequest logs a request, if its like is. The query stays out: keys of
// customers may stand there.
func (s *server) logRequest(r *http.Request, rec *recorder) {
	x := &rec.exchange
	level := rec.level
	switch {
	case s.requests == LogAll:
		level = max(level, slog.LevelInfo)
	case x.Err == nil, s.requests == LogNone && level < slog.LevelError:
		return
	}
	ctx := context.WithoutCancel(r.Context())
	if !s.log.Enabled(ctx, level) {
		return
	}
	var unlogged int64
	if s.requests != LogAll && slog.LevelInfo <= level && level < slog.LevelError {
		lines := s.lines
		if errors.Is(x.Err, registry.ErrTooOften) {
			lines = s.refused
		}
		if lines.take(s.proxies.client(r), s.now()) > 0 {
			s.unlogged.Add(1)
			return
		}
		unlogged = s.unlogged.Swap(0)
	}
	client, agent := x.Client, x.Agent
	if s.salt != nil {
		agent = withoutSite(agent)
	}
	if s.salt != nil && client != "" {
		mac := hmac.New(sha256.New, s.salt)
		mac.Write([]byte(client))
		client = hex.EncodeToString(mac.Sum(nil)[:8])
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("method", printable(cut(x.Method, 16))),
		slog.String("route", x.Route),
		slog.String("path", printable(cut(r.URL.Path, MaxLoggedPath))),
		slog.String("plugin", printable(x.Slug)),
		slog.String("source", x.Source),
		slog.Int("status", x.Status),
		slog.Int64("bytes", x.Bytes),
		slog.Duration("elapsed", x.Elapsed),
		slog.String("client", client),
		slog.String("agent", printable(agent)),
	)
	if x.Err != nil {
		attrs = append(attrs, slog.Any("err", x.Err))
	}
	if unlogged > 0 {
		attrs = append(attrs, slog.Int64("unlogged", unlogged)) // before this one, of anybody
	}
	s.log.LogAttrs(ctx, level, "request", attrs...)
}

// withoutSite is a User-Agent without the address that stands in it: WordPress
// says there which site it is.
func withoutSite(agent string) string {
	if i := strings.Index(agent, "http"); i >= 0 && strings.Contains(agent[i:], "://") {
		return strings.TrimRight(agent[:i], "; +(")
	}
	return agent
}

// cut is the beginning of a text, of at most so many bytes.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// printable is a text without anything that a terminal, or whoever reads a log
// by lines, takes for more than a character.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, text)
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	exchange Exchange
	now      func() time.Time
	headed   bool       // the answer's head was there
	level    slog.Level // of the failure, if it is one
}

// noteSlug tells whoever follows the request which plugin it is about.
func noteSlug(c echo.Context, slug string) {
	if rec, ok := c.Response().Writer.(*recorder); ok {
		rec.exchange.Slug = cut(slug, 200)
	}
}

// noteSource tells whether a release or a branch was asked for.
func noteSource(c echo.Context, kind registry.Kind) {
	if rec, ok := c.Response().Writer.(*recorder); ok {
		rec.exchange.Source = string(kind)
	}
}

// noteFailure tells why a request failed. What is our own fault is logged even
// if nobody follows.
func (s *server) noteFailure(w http.ResponseWriter, r *http.Request, err error, k *kind) {
	level := k.level
	if r.Context().Err() != nil {
		level = slog.LevelDebug // the client went away; nobody has to act
	}
	if rec, ok := w.(*recorder); ok {
		rec.exchange.Err, rec.exchange.Code, rec.level = err, k.code, level
		if rec.exchange.Status == 0 {
			rec.exchange.Status = k.status // nothing may be written of it any more
		}
		return
	}
	if level >= slog.LevelError {
		s.log.LogAttrs(r.Context(), level, "request",
			slog.String("method", r.Method), slog.String("path", printable(cut(r.URL.Path, MaxLoggedPath))), slog.Int("status", k.status), slog.Any("err", err))
	}
}

// head notes that the answer begins.
func (rec *recorder) head(status int) {
	if rec.exchange.Status < 200 {
		rec.exchange.Status = status
	}
	if !rec.headed && rec.exchange.Status >= 200 {
		rec.headed, rec.exchange.Waited = true, rec.now().Sub(rec.exchange.Began)
	}
}

func (rec *recorder) WriteHeader(status int) {
	rec.head(status)
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(p []byte) (int, error) {
	if !rec.headed {
		rec.head(http.StatusOK)
	}
	n, err := rec.ResponseWriter.Write(p)
	rec.exchange.Bytes += int64(n)
	return n, err
}

// ReadFrom leads to the server's own, which knows sendfile.
func (rec *recorder) ReadFrom(src io.Reader) (int64, error) {
	if !rec.headed {
		rec.head(http.StatusOK)
	}
	n, err := io.Copy(rec.ResponseWriter, src)
	rec.exchange.Bytes += n
	return n, err
}

func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }
