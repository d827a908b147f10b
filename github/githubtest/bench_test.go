package githubtest_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

func BenchmarkAnswers(b *testing.B) {
	w := newWorld(b)
	w.Limit(1<<40, time.Now().Add(time.Hour))
	etag := w.get(b, "/repos/acme/hello-yard").Header.Get("ETag")
	for _, test := range []struct{ name, path, etag string }{
		{"repository", "/repos/acme/hello-yard", ""},
		{"repository unchanged", "/repos/acme/hello-yard", etag},
		{"latest release", "/repos/acme/hello-yard/releases/latest", ""},
		{"commit", "/repos/acme/hello-yard/commits/main", ""},
		{"small archive", "/codeload/acme/hello-yard/legacy.zip/main", ""},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			req := httptest.NewRequest("GET", test.path, nil)
			req.Host = w.URL[len("http://"):]
			req.Header.Set("If-None-Match", test.etag)
			for b.Loop() {
				w.ResetRequests()
				w.GitHub.ServeHTTP(discard{http.Header{}}, req)
			}
		})
	}
}

// discard is a response writer that keeps nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkLargeArchive is a warm archive of 60 MB in 5,000 files over loopback.
func BenchmarkLargeArchive(b *testing.B) {
	g := githubtest.New()
	r := g.AddRepo(githubtest.Repo{Owner: "acme", Name: "large"})
	content := fstest.MapFS{}
	random := rand.NewChaCha8([32]byte{1})
	for i := range 5000 {
		data := make([]byte, 12_000)
		random.Read(data)
		content[fmt.Sprintf("d%d/f%d.bin", i%50, i)] = &fstest.MapFile{Data: data}
	}
	r.Commit("main", "", content, day1)
	w := serve(b, g)
	size := len(w.get(b, "/codeload/acme/large/legacy.zip/main").body)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		res, err := http.Get(w.URL + "/codeload/acme/large/legacy.zip/main")
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, res.Body); err != nil || n != int64(size) {
			b.Fatal(n, err)
		}
		res.Body.Close()
	}
}
