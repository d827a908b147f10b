package httpapi

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

// heldReader is a file in memory, as the registry gives small ones.
type heldReader struct {
	*bytes.Reader
	body []byte
}

func (h heldReader) Bytes() []byte { return h.body }
func (h heldReader) Close() error  { return nil }

func TestAFileInMemoryIsAnsweredLikeAnyOther(t *testing.T) {
	for _, test := range []struct {
		name   string
		method string
		header http.Header
	}{
		{"a plain request", "GET", nil},
		{"HEAD", "HEAD", nil},
		{"a range", "GET", http.Header{"Range": {"bytes=2-5"}}},
		{"a range beyond the end", "GET", http.Header{"Range": {"bytes=99999999-"}}},
		{"a condition that fails", "GET", http.Header{"If-None-Match": {"*"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var answers []*http.Response
			var bodies []string
			for _, held := range []bool{false, true} {
				f := newFake()
				if held {
					f.open = func(file *fakeFile) registry.BlobReader {
						return heldReader{bytes.NewReader(file.body), file.body}
					}
				}
				r := httptest.NewRequest(test.method, "/updates/release/hello-yard.proxy", nil)
				for name, value := range test.header {
					r.Header[name] = value
				}
				w := httptest.NewRecorder()
				newTestHandler(t, f, nil).ServeHTTP(w, r)
				answers, bodies = append(answers, w.Result()), append(bodies, w.Body.String())
			}
			if got, want := answers[1].StatusCode, answers[0].StatusCode; got != want {
				t.Errorf("got status %d, want %d", got, want)
			}
			if diff := cmp.Diff(answers[1].Header, answers[0].Header); diff != "" {
				t.Errorf("headers differ (-memory +file):\n%s", diff)
			}
			if bodies[1] != bodies[0] {
				t.Errorf("got body %q, want %q", bodies[1], bodies[0])
			}
		})
	}
}
