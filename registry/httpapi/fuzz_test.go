package httpapi

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// FuzzRoute: whatever a client asks for, it is told what is wrong with it and
// never that something is wrong with us.
func FuzzRoute(f *testing.F) {
	for _, seed := range []string{
		"/updates/hello-yard.json", "/updates/hello-json-json?environment=staging", "/updates/release/hello-yard.proxy",
		"/updates/hello-yard.zip?update_id=v1.2.0", "/updates/", "/updates", "/", "", "*", "//", "/updates/../etc/passwd",
		"/updates/%2e%2e%2f.json", "/updates/packages/hello-yard/0/1", "/updates/%00.json", "/updates/hello-yard/",
		"/updates/plugin_info+json?environment=%", "/wp-json/softwareregistry/v1/swupdate/branch/hello.zip", "/updates/\xff.json",
		"/updates/plugin_info.json?slugs=hello-yard,hello&cohort=7", "/updates/theme_info.json?slugs=,", "/updates/packages/hello-yard.1.2.0.zip",
		"/updates/hello-yard.json?channel=beta&cohort=1000",
		"/updates/assets/:slug/*/name", "/updates/hello-yard%2Fjson", "/updates/-json", "/updates/release/.proxy",
	} {
		f.Add("GET", seed, "gzip;q=0.5, *", "bytes=0-1", "text/html")
	}
	f.Add("POST", "/updates/webhooks/github", "", "", "")
	f.Add("PROPFIND", "/updates/", "", "", "")
	h := newTestHandler(f, newFake(), func(c *Config) { c.Log = slog.New(slog.DiscardHandler) })
	f.Fuzz(func(t *testing.T, method, target, encoding, ranges, accept string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			u = &url.URL{Path: target}
		}
		if strings.Contains(target, "fails-") || strings.Contains(target, "panics") || strings.Contains(u.Path, "fails-") || strings.Contains(u.Path, "panics") {
			return // these are there to fail
		}
		r := (&http.Request{Method: method, URL: u, Host: "updates.example.com", Body: http.NoBody, Header: make(http.Header), RemoteAddr: "192.0.2.1:1"}).WithContext(t.Context())
		for name, value := range map[string]string{"Accept-Encoding": encoding, "Range": ranges, "Accept": accept, "If-None-Match": ranges} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%s %q: got %d: %s", method, target, w.Code, w.Body)
		}
		if length := w.Header().Get("Content-Length"); length != "" && method != http.MethodHead && w.Code != http.StatusNotModified {
			if got := strconv.Itoa(w.Body.Len()); got != length {
				t.Errorf("%s %q: a body of %s bytes was promised, %s came", method, target, length, got)
			}
		}
		for name, values := range w.Header() {
			for _, value := range values {
				if strings.ContainsAny(value, "\r\n\x00") {
					t.Errorf("%s %q: header %s holds a line break: %q", method, target, name, value)
				}
			}
		}
		if location := w.Header().Get("Location"); location != "" && !strings.HasPrefix(location, testBase+"/") && !strings.HasPrefix(location, "/updates/") {
			t.Errorf("%s %q: sent elsewhere, to %q", method, target, location)
		}
	})
}

// FuzzAcceptEncoding: the choice is the one that a plain reading of RFC 9110
// section 12.5.3 gives.
func FuzzAcceptEncoding(f *testing.F) {
	for _, seed := range []string{
		"", "gzip", "br, gzip", "gzip;q=0.5, br;q=0.4", "*;q=0", "identity;q=0", "gzip ; q=0.001,\tbr;q=1.001", "x-gzip",
		"GZIP;Q=1.000, *;q=0.1", "gzip;q=.5", ",,;q=1", "br;q=0, *", "identity, gzip;q=0.9", "gzip;q=0.1234",
	} {
		f.Add(seed, "")
	}
	f.Add("gzip;q=0.1", "br;q=0.2")
	f.Fuzz(func(t *testing.T, first, second string) {
		lines := []string{first, second}
		if got, want := negotiate(lines), negotiatePlainly(lines); got != want {
			t.Errorf("%q: got %d, want %d", lines, got, want)
		}
	})
}

// negotiatePlainly does what negotiate does, slowly and another way: by a map
// of what was named, and by floating point weights.
func negotiatePlainly(lines []string) encoding {
	named := make(map[string]float64)
	for _, member := range strings.Split(strings.Join(lines, ","), ",") {
		parts := strings.SplitN(member, ";", 2)
		coding := strings.ToLower(strings.Trim(parts[0], " \t"))
		if coding == "" {
			continue
		}
		weight := 1.0
		if len(parts) == 2 {
			q := strings.ToLower(strings.Trim(parts[1], " \t"))
			number, ok := strings.CutPrefix(q, "q=")
			if !ok || len(number) == 0 || len(number) > 5 || strings.Trim(number, "0123456789.") != "" ||
				number[0] == '.' || len(number) > 1 && number[1] != '.' {
				continue
			}
			var err error
			if weight, err = strconv.ParseFloat(number, 64); err != nil || weight > 1 {
				continue
			}
		}
		if coding == "x-gzip" {
			coding = "gzip"
		}
		named[coding] = weight
	}
	weigh := func(coding string) float64 {
		if weight, ok := named[coding]; ok {
			return weight
		}
		return named["*"]
	}
	br, gz := weigh("br"), weigh("gzip")
	plain := named["identity"]
	switch {
	case br > 0 && br >= gz && br >= plain:
		return brotli
	case gz > 0 && gz >= plain:
		return gzip
	}
	return identity
}
