package httpapi

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

func TestNewRefusesWhatCannotBeServed(t *testing.T) {
	for _, test := range []struct{ name, base, want string }{
		{"a base without a scheme", "updates.example.com/updates", "want http://HOST/PATH"},
		{"a base of another scheme", "ftp://example.com", "want http://HOST/PATH"},
		{"a base with a query", "https://example.com/?x=1", "only scheme, host and path"},
		{"a base with a password", "https://me:secret@example.com/", "only scheme, host and path"},
		{"a base whose path the router would misread", "https://example.com/a:b", "the path may hold"},
		{"a base whose path has to be escaped", "https://example.com/a%20b", "the path may hold"},
		{"a base with an empty segment", "https://example.com/a//b", "empty segment"},
	} {
		t.Run(test.name, func(t *testing.T) {
			base, err := url.Parse(test.base)
			if err != nil {
				t.Fatal(err)
			}
			_, err = New(Config{Registry: newFake(), Base: base})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells a password: %v", err)
			}
		})
	}
	if _, err := New(Config{Base: &url.URL{Scheme: "https", Host: "example.com"}}); err == nil {
		t.Error("got no error without a registry")
	}
	if _, err := New(Config{Registry: newFake()}); err == nil {
		t.Error("got no error without a base")
	}
}

func TestPrefixes(t *testing.T) {
	for _, test := range []struct{ base, path string }{
		{"https://example.com", "/hello-yard.json"},
		{"https://example.com/", "/hello-yard/"},
		{"https://example.com/a/b-c.d/", "/a/b-c.d/hello-yard.json"},
		{"https://example.com" + Legacy, Legacy + "/hello-yard.json"},
		{"https://example.com" + Legacy + "/", Legacy + "/"},
	} {
		t.Run(test.base, func(t *testing.T) {
			base, err := url.Parse(test.base)
			if err != nil {
				t.Fatal(err)
			}
			h := newTestHandler(t, newFake(), func(c *Config) { c.Base = base })
			for _, path := range []string{test.path, Legacy + "/plugin_info.json"} {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
				if w.Code != http.StatusOK {
					t.Errorf("GET %s: got %d, want 200", path, w.Code)
				}
			}
		})
	}
}

func TestStyleSheetIsFoundWhereThePagesSay(t *testing.T) {
	h := newTestHandler(t, newFake(), nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/updates/", nil))
	_, rest, _ := strings.Cut(w.Body.String(), `<link rel="stylesheet" href="`)
	path, _, _ := strings.Cut(rest, `"`)
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	got := []string{w.Header().Get("Content-Type"), w.Header().Get("Cache-Control")}
	if diff := cmp.Diff([]string{"text/css; charset=utf-8", "public, max-age=31536000, immutable"}, got); diff != "" {
		t.Errorf("GET %s: %d (-want +got):\n%s", path, w.Code, diff)
	}
}

// sink is a ResponseWriter that can copy from files, as net/http's can.
type sink struct {
	*httptest.ResponseRecorder
	source io.Reader
}

func (s *sink) ReadFrom(src io.Reader) (int64, error) {
	s.source = src
	return io.Copy(s.ResponseRecorder, src)
}

// net/http copies within the kernel when it is handed an *os.File, or a
// LimitedReader of one, by its own ReadFrom.
func TestFilesReachTheKernel(t *testing.T) {
	f := newFake()
	folder := t.TempDir()
	f.open = func(file *fakeFile) registry.BlobReader {
		name := filepath.Join(folder, file.name)
		if err := os.WriteFile(name, file.body, 0o600); err != nil {
			t.Fatal(err)
		}
		opened, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		return opened
	}
	h := newTestHandler(t, f, nil)
	for _, ranged := range []bool{false, true} {
		r := httptest.NewRequest("GET", "/updates/release/hello-yard.proxy", nil)
		if ranged {
			r.Header.Set("Range", "bytes=4-9")
		}
		w := &sink{ResponseRecorder: httptest.NewRecorder()}
		h.ServeHTTP(w, r)
		limited, ok := w.source.(*io.LimitedReader)
		if !ok {
			t.Fatalf("ranged %t: the writer was handed a %T, want an *io.LimitedReader", ranged, w.source)
		}
		if _, ok := limited.R.(*os.File); !ok {
			t.Errorf("ranged %t: the writer was handed a %T, want an *os.File", ranged, limited.R)
		}
	}
}

func TestANewDocumentIsServedAtOnce(t *testing.T) {
	f := newFake()
	h := newTestHandler(t, f, nil)
	get := func() string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/updates/hello-yard.json", nil))
		return w.Body.String() + w.Header().Get("Content-Length")
	}
	get()
	old := f.documents["hello-yard"]
	f.documents["hello-yard"] = fakeDocument(`{"version":"1.3.0"}`)
	if got, want := get(), `{"version":"1.3.0"}19`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// Even one that claims the entity tag of another.
	f.documents["hello-yard"] = &registry.Document{Type: old.Type, Identity: []byte("{}"), ETag: old.ETag}
	if got, want := get(), `{}2`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMissingEncodingsAreReplaced(t *testing.T) {
	for _, test := range []struct {
		name         string
		gzip, brotli bool
		accept, want string
	}{
		{"gzip where there is no brotli", true, false, "br, gzip", "gzip"},
		{"brotli where there is no gzip", false, true, "gzip, br;q=0.1", "br"},
		{"identity where the other is refused", true, false, "br, gzip;q=0", ""},
		{"identity where the other is not named", true, false, "br", ""},
		{"identity where there is nothing else", false, false, "br, gzip", ""},
		{"identity where it is liked better than what is left", true, false, "br, identity;q=0.5, gzip;q=0.2", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake()
			doc := *f.documents["hello-yard"]
			if !test.gzip {
				doc.Gzip = nil
			}
			if !test.brotli {
				doc.Brotli = nil
			}
			f.documents["hello-yard"] = &doc
			r := httptest.NewRequest("GET", "/updates/hello-yard.json", nil)
			r.Header.Set("Accept-Encoding", test.accept)
			w := httptest.NewRecorder()
			newTestHandler(t, f, nil).ServeHTTP(w, r)
			if got := w.Header().Get("Content-Encoding"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWebhookLimits(t *testing.T) {
	post := func(h http.Handler, body io.Reader, signature string) int {
		r := httptest.NewRequest("POST", "/updates/webhooks/github", body)
		r.Header.Set("X-Hub-Signature-256", signature)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	mac := hmac.New(sha256.New, []byte("It's a Secret to Everybody"))
	mac.Write([]byte("{}"))
	signature := "sha256=" + hex.EncodeToString(mac.Sum(nil))

	t.Run("without a secret there is no webhook", func(t *testing.T) {
		h := newTestHandler(t, newFake(), func(c *Config) { c.WebhookSecret = "" })
		if got := post(h, strings.NewReader("{}"), signature); got != http.StatusNotFound {
			t.Errorf("got %d, want 404", got)
		}
	})
	t.Run("a body beyond GitHub's cap is refused", func(t *testing.T) {
		h := newTestHandler(t, newFake(), nil)
		body := bytes.NewReader(make([]byte, MaxWebhookBytes+1))
		if got := post(h, body, signature); got != http.StatusRequestEntityTooLarge {
			t.Errorf("got %d, want 413", got)
		}
	})
	t.Run("large bodies beyond the bound of all are refused and may come again", func(t *testing.T) {
		h := newTestHandler(t, newFake(), nil)
		s := h.(*server)
		codes := make(chan int)
		body, w := io.Pipe()
		go func() { codes <- post(h, body, signature) }()
		w.Write([]byte("{")) // returns once the body is being read
		if held := s.webhooks.Load(); held == 0 || held > 64<<10 {
			t.Errorf("who sends slowly holds %d bytes", held)
		}
		s.webhooks.Add(MaxWebhookBodies)
		if got := post(h, strings.NewReader("{}"), signature); got != http.StatusServiceUnavailable {
			t.Errorf("got %d, want 503", got)
		}
		s.webhooks.Add(-MaxWebhookBodies)
		w.Write([]byte("}"))
		w.Close()
		if got := <-codes; got != http.StatusAccepted {
			t.Errorf("got %d, want 202", got)
		}
		if held := s.webhooks.Load(); held != 0 {
			t.Errorf("%d bytes are held in the end", held)
		}
	})
	t.Run("a body of any length is read whole", func(t *testing.T) {
		h := newTestHandler(t, newFake(), nil)
		for _, size := range []int{16<<10 - 1, 16 << 10, 16<<10 + 1, 64 << 10, MaxWebhookBytes} {
			body := bytes.Repeat([]byte(" "), size)
			body[0], body[size-1] = '{', '}'
			mac := hmac.New(sha256.New, []byte("It's a Secret to Everybody"))
			mac.Write(body)
			signature := "sha256=" + hex.EncodeToString(mac.Sum(nil))
			for name, reader := range map[string]io.Reader{"declared": bytes.NewReader(body), "chunked": io.MultiReader(bytes.NewReader(body))} {
				if got := post(h, reader, signature); got != http.StatusAccepted {
					t.Errorf("%d bytes, %s: got %d, want 202", size, name, got)
				}
			}
		}
	})
	t.Run("a secret among the further ones will do alone", func(t *testing.T) {
		h := newTestHandler(t, newFake(), func(c *Config) { c.WebhookSecret, c.WebhookSecrets = "", []string{"It's a Secret to Everybody"} })
		if got := post(h, strings.NewReader("{}"), signature); got != http.StatusAccepted {
			t.Errorf("got %d, want 202", got)
		}
	})
	t.Run("while secrets are being changed, each will do", func(t *testing.T) {
		for secrets, want := range map[string]int{
			"It's a Secret to Everybody": http.StatusAccepted,
			"another":                    http.StatusUnauthorized,
		} {
			h := newTestHandler(t, newFake(), func(c *Config) { c.WebhookSecret, c.WebhookSecrets = "new", []string{"newer", secrets} })
			if got := post(h, strings.NewReader("{}"), signature); got != want {
				t.Errorf("with %q: got %d, want %d", secrets, got, want)
			}
		}
	})
}

func TestNotReadyWhileTheStoreCannotBeRead(t *testing.T) {
	f := newFake()
	f.failures["ready"] = &registry.Error{Kind: registry.ErrUnavailable, Message: "not ready: the store cannot be read", Err: os.ErrPermission}
	w := httptest.NewRecorder()
	newTestHandler(t, f, nil).ServeHTTP(w, httptest.NewRequest("GET", "/updates/readyz", nil))
	if body := w.Body.String(); w.Code != http.StatusServiceUnavailable || !strings.Contains(body, "the store cannot be read") || strings.Contains(body, os.ErrPermission.Error()) {
		t.Errorf("got %d, want 503 with what is wrong and not why: %s", w.Code, body)
	}
}

// deadlined is a writer over a connection that takes deadlines.
type deadlined struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (w *deadlined) SetReadDeadline(t time.Time) error {
	w.deadline = t
	return nil
}

func TestBodiesHaveADeadline(t *testing.T) {
	for body, want := range map[string]bool{"": false, "{}": true} {
		w := &deadlined{ResponseRecorder: httptest.NewRecorder()}
		newTestHandler(t, newFake(), nil).ServeHTTP(w, httptest.NewRequest("POST", "/updates/webhooks/github", strings.NewReader(body)))
		if got := !w.deadline.IsZero(); got != want {
			t.Errorf("body %q has a deadline: %v, want %v", body, got, want)
		}
	}
}
