package httpapi

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"
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

// serveLogged serves a request and tells of it. The query stays out of the
// log: keys of customers may stand there.
func (s *server) serveLogged(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w}
	start := s.now()
	s.route(rec, r)
	s.log.LogAttrs(r.Context(), slog.LevelDebug, "request",
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.String("route", r.Pattern),
		slog.String("plugin", rec.plugin),
		slog.Int("status", rec.status),
		slog.Int64("bytes", rec.bytes),
		slog.Duration("elapsed", s.now().Sub(start)),
		slog.String("client", s.echo.IPExtractor(r)),
	)
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	plugin string
	status int
	bytes  int64 // of the body
}

// noteSlug tells the log which plugin a request is about.
func noteSlug(c echo.Context, slug string) {
	if rec, ok := c.Response().Writer.(*recorder); ok {
		rec.plugin = slug
	}
}

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 || rec.status < 200 {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(p []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	n, err := rec.ResponseWriter.Write(p)
	rec.bytes += int64(n)
	return n, err
}

// ReadFrom leads to the server's own, which knows sendfile.
func (rec *recorder) ReadFrom(src io.Reader) (int64, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	n, err := io.Copy(rec.ResponseWriter, src)
	rec.bytes += n
	return n, err
}

func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }
