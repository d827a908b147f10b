package httpapi

import (
	"bufio"
	"bytes"
	gz "compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/pluginyard/pluginyard/registry"
)

// catalogue gives the packages of a fake registry as WordPress.org's API wants
// them. It has many more plugins than the registry, called "many-" and a number.
type catalogue struct{ *fake }

func (c catalogue) Listing(ctx context.Context, slug string, q registry.Query) (*registry.Listing, error) {
	l, err := c.Built(ctx, slug, q)
	if err != nil {
		return nil, err
	}
	l.Information = c.documents[slug]
	return l, nil
}

func (c catalogue) Built(ctx context.Context, slug string, q registry.Query) (*registry.Listing, error) {
	if strings.HasPrefix(slug, "many-") {
		return &registry.Listing{Type: registry.TypePlugin, Slug: registry.Slug(slug), File: slug + "/" + slug + ".php", Version: "1.2.0", Update: updateOf(slug)}, nil
	}
	p, err := c.Package(ctx, slug, q)
	if err != nil {
		return nil, err
	}
	return &registry.Listing{
		Type: registry.TypePlugin, Slug: p.Slug, File: slug + "/" + slug + ".php", Version: p.Version, Name: p.Details.Name,
		Tags: p.Details.Tags, Description: p.Details.Description, Modified: p.Revision.Modified, Update: updateOf(slug),
	}, nil
}

// updateOf is as large as a real update object.
func updateOf(slug string) json.RawMessage {
	digest := func(of string) string { return fmt.Sprintf("%x", sha512.Sum512([]byte(slug+of))) } // which do not compress
	file := func(name string) string {
		return testBase + "/assets/" + slug + "/" + digest(name)[:64] + "/" + name
	}
	return fmt.Appendf(nil, `{"slug":%q,"plugin":%q,"version":"1.2.0","new_version":"1.2.0","url":"https://example.com/","package":%q,"requires":"6.1","tested":"7.1","requires_php":"7.4","requires_plugins":[],"upgrade_notice":"<p>Please update.</p>","icons":{"1x":%q,"2x":%q,"svg":%q,"default":%q},"banners":{"1x":%q,"2x":%q},"banners_rtl":{},"digests":{"sha256":%q,"sha384":%q}}`,
		slug, slug+"/"+slug+".php", strings.Replace(file(slug+".1.2.0.zip"), "assets", "packages", 1), file("icon-128x128.png"), file("icon-256x256.png"), file("icon.svg"), file("icon.svg"),
		file("banner-772x250.png"), file("banner-1544x500.png"), digest("256")[:64], digest("384")[:96])
}

func (c catalogue) Listings(ctx context.Context, q registry.Query) ([]*registry.Listing, error) {
	var list []*registry.Listing
	for _, slug := range []string{"hello-yard", "hello-json"} {
		l, err := c.Built(ctx, slug, q)
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

func (c catalogue) Checksums(ctx context.Context, slug, version string) (*registry.Checksums, error) {
	if _, err := c.PackageOf(ctx, slug, version); err != nil {
		return nil, err
	}
	return &registry.Checksums{Plugin: slug, Version: version, Files: map[string]registry.FileChecksums{"a.php": {MD5: "aa", SHA256: "bb"}}}, nil
}

// siteForm is the body of an update check of so many plugins, of which some of
// each few are ours.
func siteForm(plugins, ours, of int) string {
	var b strings.Builder
	b.WriteString(`{"plugins":{`)
	for i := range plugins {
		slug := fmt.Sprintf("other-%d", i)
		if i%of < ours {
			slug = fmt.Sprintf("many-%d", i)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%s\/%s.php":{"Name":"Plugin %d","PluginURI":"https:\/\/example.com\/%s\/","Version":"1.%d.0","Description":"%s","Author":"Acme","AuthorURI":"https:\/\/example.com\/","TextDomain":"%s","DomainPath":"\/languages","Network":false,"RequiresWP":"6.1","RequiresPHP":"7.4","UpdateURI":"","RequiresPlugins":"","Title":"Plugin %d","AuthorName":"Acme"}`,
			slug, slug, i, slug, 1+i%2, strings.Repeat("It greets everyone in the yard. ", 4), slug, i)
	}
	b.WriteString(`},"active":[]}`)
	return url.Values{"plugins": {b.String()}, "all": {"true"}, "translations": {"[]"}, "locale": {`["de_DE"]`}}.Encode()
}

// check posts an update check.
func check(t testing.TB, h http.Handler, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", "/updates/plugins/update-check/1.1/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", "WordPress/7.1.1; https://alice.example.com/")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestASiteOfTwoThousandPluginsIsAnswered(t *testing.T) {
	h := newTestHandler(t, newFake(), nil)
	body := siteForm(2000, 1, 2)
	w := check(t, h, body)
	var answer struct {
		Plugins      map[string]any `json:"plugins"`
		NoUpdate     map[string]any `json:"no_update"`
		Translations []any          `json:"translations"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 200 || len(answer.Plugins)+len(answer.NoUpdate) != 1000 || answer.Translations == nil {
		t.Fatalf("%d bytes: got %d, %d updates and %d without, %v", len(body), w.Code, len(answer.Plugins), len(answer.NoUpdate), err)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	f := newFake()
	var log bytes.Buffer
	cfg := func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	h := newTestHandler(t, f, cfg)
	s := h.(*server)
	good := siteForm(3, 1, 2)
	var zipped bytes.Buffer
	z := gz.NewWriter(&zipped)
	io.WriteString(z, good)
	z.Close()
	for _, test := range []struct {
		name   string
		body   string
		header []string
		status int
	}{
		{"a form", good, nil, 200},
		{"a form with a character set", good, []string{"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"}, 200},
		{"nothing", "", nil, 400},
		{"no type", good, []string{"Content-Type", ""}, 415},
		{"JSON", `{"plugins":{}}`, []string{"Content-Type", "application/json"}, 415},
		{"multipart", good, []string{"Content-Type", "multipart/form-data; boundary=x"}, 415},
		{"compressed", zipped.String(), []string{"Content-Encoding", "gzip"}, 415},
		{"said to be compressed by nothing", good, []string{"Content-Encoding", "identity"}, 415},
		{"as large as is read", "a=" + strings.Repeat("a", MaxCheckBody-2), nil, 400},
		{"one byte more", "a=" + strings.Repeat("a", MaxCheckBody-1), nil, 413},
		{"ten megabytes", good + "&a=" + strings.Repeat("a", 10<<20), nil, 413},
	} {
		for _, length := range []string{"said", "not said"} {
			r := httptest.NewRequest("POST", "/updates/plugins/update-check/1.1/", strings.NewReader(test.body))
			if length == "not said" {
				r.ContentLength = -1
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for i := 0; i < len(test.header); i += 2 {
				r.Header.Set(test.header[i], test.header[i+1])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != test.status {
				t.Errorf("%s, its length %s: got %d %s, want %d", test.name, length, w.Code, w.Body, test.status)
			}
			if got := w.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("%s: got Cache-Control %q", test.name, got)
			}
			if held := s.bodies.Load(); held != 0 {
				t.Fatalf("%s: %d bytes are still held", test.name, held)
			}
		}
	}
	s.bodies.Add(MaxBodies)
	if w := check(t, h, good); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("with all memory in use: got %d", w.Code)
	}
	s.bodies.Add(-MaxBodies)
	s.answers.Add(MaxAnswers)
	if w := check(t, h, good); w.Code != 503 || w.Header().Get("Retry-After") == "" || s.answers.Load() != MaxAnswers {
		t.Errorf("with as many answers as may be written: got %d", w.Code)
	}
	s.answers.Add(-MaxAnswers)
	if strings.Contains(log.String(), "other-1") || strings.Contains(log.String(), "alice") {
		t.Errorf("the log tells what a site has: %s", log.String())
	}
}

func TestWhatIsSentSlowlyHoldsLittle(t *testing.T) {
	h := newTestHandler(t, newFake(), nil)
	s := h.(*server)
	server := httptest.NewServer(h)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /updates/plugins/update-check/1.1/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", MaxCheckBody)
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("got %q, %v", line, err)
	}
	if held := s.bodies.Load(); held == 0 || held > 64<<10 {
		t.Errorf("%d bytes are held for a body of which nothing has come", held)
	}
	conn.Close()
}

func TestAnswersAreCompressedForWhoeverTakesIt(t *testing.T) {
	h := newTestHandler(t, newFake(), nil)
	body := siteForm(50, 2, 5)
	plain := check(t, h, body)
	zipped := check(t, h, body, "Accept-Encoding", "deflate, gzip, br, zstd")
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() > plain.Body.Len()/3 {
		t.Fatalf("got %d bytes of %d, %v", zipped.Body.Len(), plain.Body.Len(), zipped.Header())
	}
	r, err := gz.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain.Body.Bytes()) {
		t.Errorf("what was compressed is something else: %v", err)
	}
	if small := check(t, h, siteForm(1, 1, 1), "Accept-Encoding", "gzip;q=0, br"); small.Header().Get("Content-Encoding") != "" {
		t.Error("gzip was sent to somebody who refused it")
	}
}

func TestSitesAreToldApartDuringARollout(t *testing.T) {
	f := newFake()
	h := newTestHandler(t, f, nil)
	ask := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/updates/plugins/info/1.2/?action=plugin_information&slug=hello-yard&environment=staging&update_id=v1.1.0", nil)
		r.Header.Set("User-Agent", "WordPress/7.1.1; https://alice.example.com/")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	w := ask()
	if q := f.query; q.Site != "" || q.Environment != "staging" || q.UpdateID != "" || w.Header().Get("Cache-Control") != "public, max-age=300" {
		t.Errorf("without a rollout: got %+v, %v", q, w.Header())
	}
	f.rolling = "hello-yard"
	w = ask()
	if q := f.query; q.Site == "" || w.Header().Get("Cache-Control") != perSite[0] {
		t.Errorf("during a rollout: got %+v, %v", q, w.Header())
	}
}

// BenchmarkUpdateCheck is the check of a site with 50 plugins, 20 of which are
// ours, from the bytes of its request to those of the answer.
func BenchmarkUpdateCheck(b *testing.B) {
	body := siteForm(50, 2, 5)
	h := newTestHandler(b, newFake(), func(c *Config) { c.Log = slog.New(slog.DiscardHandler) })
	for _, encoding := range []string{"identity", "gzip"} {
		b.Run(encoding, func(b *testing.B) {
			w := check(b, h, body, "Accept-Encoding", encoding)
			if got := strings.Count(check(b, h, body).Body.String(), `"new_version"`); got != 20 {
				b.Fatalf("%d of 20 were found", got)
			}
			b.ReportMetric(float64(w.Body.Len()), "answer-bytes")
			b.ReportMetric(float64(len(body)), "request-bytes")
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					check(b, h, body, "Accept-Encoding", encoding)
				}
			})
		})
	}
}
