package httpapi

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// benchDocument is as large as a real one, 17.7 kB with its gzip form.
func benchDocument(f *fake) {
	doc := fakeDocument(`{"slug":"hello-yard","sections":"` + strings.Repeat("0123456789abcdef", 17700/16) + `"}`)
	doc.Gzip = doc.Identity[:5000]
	doc.Brotli = doc.Identity[:4200]
	f.documents["hello-yard"] = doc
}

func benchHandler(b *testing.B) http.Handler { return observedHandler(b, LogNone, nil) }

// observedHandler has its requests logged and observed.
func observedHandler(b *testing.B, requests Requests, observe func(*Exchange)) http.Handler {
	f := newFake()
	benchDocument(f)
	return newTestHandler(b, f, func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
		c.Now, c.Requests, c.Observe = time.Now, requests, observe
	})
}

// bareHandler writes the same bytes with the same headers and does nothing
// else: what we are measured beside.
func bareHandler() http.Handler {
	f := newFake()
	benchDocument(f)
	doc := f.documents["hello-yard"]
	length := fmt.Sprint(len(doc.Identity))
	modified := doc.Modified.Format(http.TimeFormat)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", doc.Type)
		h.Set("Vary", "Accept-Encoding")
		h.Set("Cache-Control", fresh[0])
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Last-Modified", modified)
		h.Set("Etag", doc.ETag)
		h.Set("Content-Length", length)
		secure(h, r)
		w.Write(doc.Identity)
	})
}

// nothing is a ResponseWriter that costs nothing and can be used again.
type nothing struct{ h http.Header }

func (w *nothing) Header() http.Header         { return w.h }
func (w *nothing) Write(p []byte) (int, error) { return len(p), nil }
func (w *nothing) WriteHeader(int)             {}

func benchInProcess(b *testing.B, h http.Handler, acceptEncoding string) {
	r := httptest.NewRequest("GET", "/updates/hello-yard.json", nil)
	if acceptEncoding != "" {
		r.Header.Set("Accept-Encoding", acceptEncoding)
	}
	w := &nothing{make(http.Header)}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		h.ServeHTTP(w, r)
	}
}

func BenchmarkDocument(b *testing.B) {
	b.Run("identity", func(b *testing.B) { benchInProcess(b, benchHandler(b), "") })
	b.Run("gzip", func(b *testing.B) { benchInProcess(b, benchHandler(b), "deflate, gzip, br, zstd") })
	b.Run("observed", func(b *testing.B) {
		benchInProcess(b, observedHandler(b, LogErrors, func(*Exchange) {}), "")
	})
	b.Run("logged", func(b *testing.B) { benchInProcess(b, observedHandler(b, LogAll, nil), "") })
}

func BenchmarkBareHandler(b *testing.B) { benchInProcess(b, bareHandler(), "") }

// BenchmarkPrepare is what the cache of headers saves per request.
func BenchmarkPrepare(b *testing.B) {
	f := newFake()
	benchDocument(f)
	b.ReportAllocs()
	for b.Loop() {
		prepare(f.documents["hello-yard"], fresh, nil)
	}
}

func benchLoopback(b *testing.B, h http.Handler) {
	server := httptest.NewServer(h)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8}}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			res, err := client.Get(server.URL + "/updates/hello-yard.json")
			if err != nil {
				b.Error(err)
				return
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
}

func BenchmarkDocumentLoopback(b *testing.B)    { benchLoopback(b, benchHandler(b)) }
func BenchmarkBareHandlerLoopback(b *testing.B) { benchLoopback(b, bareHandler()) }
