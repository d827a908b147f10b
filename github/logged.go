package github

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// logged writes one debug line for each request that is sent, and tells the
// observer. It shows no header and no query: the addresses that GitHub redirects
// to are signed, and whoever has one may download. Of those hosts the observer
// is not told the path either, which is theirs to choose.
type logged struct {
	base    *url.URL // of the API
	log     *slog.Logger
	observe registry.Observer
	now     func() time.Time
	next    http.RoundTripper
}

func (t *logged) RoundTrip(req *http.Request) (*http.Response, error) {
	start := t.now()
	ctx, end := t.begin(req)
	if ctx != req.Context() {
		req = req.WithContext(ctx)
	}
	resp, err := t.next.RoundTrip(req)
	attrs := []slog.Attr{
		slog.String("method", req.Method),
		slog.String("host", req.URL.Host),
		slog.String("path", req.URL.Path),
		slog.Duration("elapsed", t.now().Sub(start)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("err", scrub(req, err.Error())))
		end(err)
	} else {
		resp.Body = &measured{ReadCloser: resp.Body, end: func(err error, bytes int64) {
			end(err, slog.Int("status", resp.StatusCode), slog.Int64("bytes", bytes))
		}}
		attrs = append(attrs, slog.Int("status", resp.StatusCode))
		if remaining := resp.Header.Get("X-RateLimit-Remaining"); remaining != "" {
			attrs = append(attrs, slog.String("remaining", remaining))
		}
	}
	t.log.LogAttrs(req.Context(), slog.LevelDebug, "github request", attrs...)
	return resp, err
}

func (t *logged) begin(req *http.Request) (context.Context, func(error, ...slog.Attr)) {
	path := ""
	if sameOrigin(req.URL, t.base) {
		path = req.URL.Path
	}
	return t.observe.Begin(req.Context(), registry.WorkForge,
		slog.String("method", req.Method), slog.String("host", req.URL.Host), slog.String("path", path))
}

// measured is an answer's body that says, once it was read to its end or
// closed, how much of it there was, and what kept it from being more.
type measured struct {
	io.ReadCloser
	bytes int64
	once  sync.Once
	end   func(err error, bytes int64)
}

func (b *measured) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.bytes += int64(n)
	switch {
	case err == io.EOF:
		b.once.Do(func() { b.end(nil, b.bytes) })
	case err != nil:
		b.once.Do(func() { b.end(err, b.bytes) })
	}
	return n, err
}

func (b *measured) Close() error {
	b.once.Do(func() { b.end(nil, b.bytes) })
	return b.ReadCloser.Close()
}
