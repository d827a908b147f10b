package github

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// planted must never show outside a request's Authorization.
const planted = "ghp_plantedTokenThatMustNotShow0123456789"

var yard = registry.Repo{Owner: "acme", Name: "hello-yard"}

// fake answers by path and keeps the requests it got, as "GET /path?query".
type fake struct {
	*httptest.Server
	mux *http.ServeMux

	mu       sync.Mutex
	requests []string
}

func newFake(t testing.TB) *fake {
	f := &fake{mux: http.NewServeMux()}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests = append(f.requests, r.Method+" "+r.URL.RequestURI())
		f.mu.Unlock()
		f.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) handle(pattern string, h http.HandlerFunc) { f.mux.HandleFunc(pattern, h) }

// json answers a path with a body.
func (f *fake) json(pattern, body string) {
	f.handle(pattern, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, body)
	})
}

func (f *fake) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.requests
	f.requests = nil
	return asked
}

// newClient makes a client of the fake's that waits for nothing.
func newClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	if cfg.Sleep == nil {
		cfg.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}
	if cfg.Random == nil {
		cfg.Random = func() float64 { return 0 }
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// trips is a function as a round tripper.
type trips func(*http.Request) (*http.Response, error)

func (f trips) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// reply makes a response; headers are name, value, name, value.
func reply(req *http.Request, status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Request: req,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// records is a Cache in memory.
type records struct {
	mu sync.Mutex
	m  map[string][]byte
}

func newRecords() *records { return &records{m: make(map[string][]byte)} }

func (r *records) Load(_ context.Context, name string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	data, ok := r.m[name]
	if !ok {
		return nil, fmt.Errorf("record %s: %w", name, registry.ErrNotFound)
	}
	return bytes.Clone(data), nil
}

func (r *records) Save(_ context.Context, name string, data []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.m[name] = bytes.Clone(data)
	return nil
}

// change edits every record.
func (r *records) change(f func([]byte) []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, data := range r.m {
		r.m[name] = f(data)
	}
}

// logBuffer takes a logger's lines, all levels.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// store is used to check that a registry's store is a cache.
var _ Cache = registry.Store(nil)
