package httpapi

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// everything is a request to every route, and to none.
func everything(f *fake) []string {
	paths := []string{"/nope", "/updates", "/updates//", "/" + strings.Repeat("a", MaxPath+1)}
	for digest, file := range f.files {
		kind := "assets"
		if file.contentType == zipType {
			kind = "packages"
		}
		path := "/" + kind + "/" + file.slug + "/" + string(digest) + "/" + file.name
		paths = append(paths, "/updates"+path, "/updates"+path+".sig", "/updates"+path+"x")
	}
	for _, path := range []string{
		"/", "/healthz", "/readyz", stylePath(), "/hello-yard", "/hello-yard/", "/nope/", "/hello-yard.json", "/hello-yard.zip", "/hello-yard.zip.sig",
		"/hello-yard.upgrademe", "/plugin_info.json", "/theme_info.json", "/plugin_info.json?slugs=a,b", "/plugin_info.json?slugs=%zz",
		"/hello-yard/updater.php", "/release/hello-yard.json", "/release/hello-yard.proxy", "/branch/hello-yard.zip", "/branch/nope",
		"/packages/hello-yard.1.2.0.zip", "/packages/hello-yard.zip", "/panics.json", "/fails-internal.json", "/fails-forbidden.json",
		"/webhooks/github", "/plugins/info/1.2/", "/plugins/info/1.0/hello-yard.json", "/plugins/update-check/1.1/", "/themes/info/1.1/",
		"/plugin-checksums/hello-yard/1.2.0.json", "/plugin/hello-yard.zip", "/theme/hello-yard.zip", "/hello-yard.json?channel=odd",
	} {
		paths = append(paths, "/updates"+path)
	}
	return paths
}

func TestEveryAnswerIsSecured(t *testing.T) {
	f := newFake()
	h := newTestHandler(t, f, nil)
	answered := 0
	for _, path := range everything(f) {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "BREW"} {
			for _, more := range []http.Header{nil, {"Range": {"bytes=999999-"}, "Accept": {"text/html"}}, {"If-Match": {`"other"`}}, {"If-None-Match": {"*"}}} {
				r := httptest.NewRequest(method, path, nil)
				for name, value := range more {
					r.Header[name] = value
				}
				r.TLS = &tls.ConnectionState{}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				answered++
				got := w.Header()
				for name, want := range map[string]string{
					"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "cross-origin", "Strict-Transport-Security": "max-age=31536000",
				} {
					if got.Get(name) != want {
						t.Errorf("%s %.60s %v: %s is %q", method, path, more, name, got.Get(name))
					}
				}
				policy := got.Get("Content-Security-Policy")
				isPage := strings.HasPrefix(got.Get("Content-Type"), "text/html")
				switch {
				case !strings.HasPrefix(policy, "default-src 'none'; "), strings.Contains(policy, "script-src"), got.Get("Referrer-Policy") == "":
					t.Errorf("%s %.60s: policy %q, referrer %q", method, path, policy, got.Get("Referrer-Policy"))
				case isPage && (strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors") || got.Get("Permissions-Policy") == ""):
					t.Errorf("%s %.60s: a page under %q", method, path, policy)
				case w.Code != http.StatusNotModified && !isPage && !strings.Contains(policy, "sandbox"):
					t.Errorf("%s %.60s: %s under %q", method, path, got.Get("Content-Type"), policy)
				}
			}
		}
	}
	t.Logf("%d answers", answered)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/updates/", nil))
	if w.Header().Get("Strict-Transport-Security") != "" {
		t.Error("without TLS of our own, encryption is demanded all the same")
	}
}

// Whatever is asked, with whatever host: a redirect leads to the registry, or to
// a page beneath its prefix.
func TestNoRedirectLeadsAway(t *testing.T) {
	f := newFake()
	for _, base := range []string{testBase, "https://updates.example.com"} {
		h := newTestHandler(t, f, func(c *Config) {
			c.Base, _ = url.Parse(base)
		})
		redirects := 0
		prefix := strings.TrimPrefix(strings.TrimPrefix(base, "https://updates.example.com"), "http://updates.example.com")
		var paths []string
		for _, path := range everything(f) {
			paths = append(paths, strings.TrimPrefix(path, "/updates"), path)
		}
		for _, nasty := range []string{
			"//evil.example", "/\\evil.example", "/%5cevil.example", "/%2f%2fevil.example", "/%2fevil.example/", "//evil.example/hello-yard.zip", "/hello-yard%2f..%2f%2fevil.example",
			"/https:%2f%2fevil.example", "/hello-yard.zip?url=//evil.example", "/hello-yard;@evil.example", "/hello-yard%0d%0aLocation:%20//evil.example", "/.//evil.example/..", "/@evil.example/",
			"/plugin/..%2f..%2fevil.zip", "/plugin/hello-yard.%2f%2fevil.example.zip", "/release//evil.example.zip", Legacy, Legacy + "//evil.example",
		} {
			paths = append(paths, nasty, prefix+nasty)
		}
		for _, path := range paths {
			for _, host := range []string{"updates.example.com", "evil.example", "evil.example:80@updates.example.com", "\"><script>", ""} {
				r := &http.Request{Method: "GET", Host: host, Header: http.Header{"X-Forwarded-Host": {"evil.example"}, "X-Original-Url": {"//evil.example"}, "Forwarded": {"host=evil.example"}}, ProtoMajor: 1, ProtoMinor: 1, RemoteAddr: "192.0.2.1:1", RequestURI: path}
				var err error
				if r.URL, err = url.ParseRequestURI(path); err != nil {
					continue
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				location := w.Header().Get("Location")
				if location == "" {
					continue
				}
				redirects++
				to, err := url.Parse(location)
				own := err == nil && (strings.HasPrefix(location, f.base+"/") || strings.HasPrefix(location, base+"/") ||
					to.Scheme == "" && to.Host == "" && strings.HasPrefix(location, "/") && !strings.HasPrefix(location, "//") && !strings.HasPrefix(location, "/\\"))
				if !own || strings.Contains(location, "evil") {
					t.Errorf("%s with host %q leads to %q", path, host, location)
				}
			}
		}
		if redirects == 0 {
			t.Error("nothing was a redirect")
		}
	}
}

// Bodies that nobody asked for are neither read to their end nor waited for.
func TestBodiesThatNobodyReadsAreBounded(t *testing.T) {
	server := httptest.NewServer(newTestHandler(t, newFake(), nil))
	defer server.Close()
	for _, line := range []string{
		"GET /updates/hello-yard.json", "POST /updates/hello-yard.json", "POST /nope", "PUT /updates/", "POST /updates/hello-yard.upgrademe", "POST /updates/webhooks/github", "DELETE /updates/plugins/update-check/1.1/",
	} {
		for _, how := range []string{"Content-Length: 1000000000000", "Transfer-Encoding: chunked"} {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n", line, how)
			chunk := bytes.Repeat([]byte("a"), 64<<10)
			if strings.HasPrefix(how, "T") {
				chunk = append(append([]byte("10000\r\n"), chunk...), "\r\n"...)
			}
			sent, failed := 0, error(nil)
			for sent < 64<<20 && failed == nil {
				var n int
				n, failed = conn.Write(chunk)
				sent += n
			}
			if failed == nil {
				t.Errorf("%s, %s: %d bytes were taken", line, how, sent)
			}
			io.Copy(io.Discard, conn)
			conn.Close()
		}
	}
}
