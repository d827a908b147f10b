package github

import (
	"log/slog"
	"net/http"
	"time"
)

// logged writes one debug line for each request that is sent. It shows no
// header and no query: the addresses that GitHub redirects to are signed, and
// whoever has one may download.
type logged struct {
	log  *slog.Logger
	now  func() time.Time
	next http.RoundTripper
}

func (t *logged) RoundTrip(req *http.Request) (*http.Response, error) {
	start := t.now()
	resp, err := t.next.RoundTrip(req)
	attrs := []slog.Attr{
		slog.String("method", req.Method),
		slog.String("host", req.URL.Host),
		slog.String("path", req.URL.Path),
		slog.Duration("elapsed", t.now().Sub(start)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("err", scrub(req, err.Error())))
	} else {
		attrs = append(attrs, slog.Int("status", resp.StatusCode))
		if remaining := resp.Header.Get("X-RateLimit-Remaining"); remaining != "" {
			attrs = append(attrs, slog.String("remaining", remaining))
		}
	}
	t.log.LogAttrs(req.Context(), slog.LevelDebug, "github request", attrs...)
	return resp, err
}
