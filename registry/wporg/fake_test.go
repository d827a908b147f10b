package wporg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

var update = flag.Bool("update", false, "write the golden files anew")

const testBase = "https://updates.example.com/yard"

// testTime is when everything in the fake catalogue was changed.
var testTime = time.Date(2026, 11, 20, 8, 5, 0, 0, time.UTC)

// fake is a catalogue in memory. A slug in errs is answered with that error, and
// one in unbuilt is not built yet.
type fake struct {
	mu      sync.Mutex // guards what is written while it answers
	list    []*registry.Listing
	errs    map[string]error
	unbuilt map[string]bool
	queries []registry.Query
}

func (f *fake) Listing(_ context.Context, slug string, q registry.Query) (*registry.Listing, error) {
	f.mu.Lock()
	f.queries = append(f.queries, q)
	f.mu.Unlock()
	if err := f.errs[slug]; err != nil {
		return nil, err
	}
	for _, l := range f.list {
		if string(l.Slug) == slug {
			return l, nil
		}
	}
	return nil, registry.ErrNotFound
}

func (f *fake) Built(ctx context.Context, slug string, q registry.Query) (*registry.Listing, error) {
	if f.unbuilt[slug] {
		return nil, registry.ErrUnavailable
	}
	for _, l := range f.list {
		if string(l.Slug) == slug && f.errs[slug] == nil {
			return l, nil
		}
	}
	if f.errs[slug] != nil {
		return nil, f.errs[slug]
	}
	return nil, registry.ErrNotFound
}

func (f *fake) Listings(context.Context, registry.Query) ([]*registry.Listing, error) {
	return f.list, f.errs["*"]
}

func (f *fake) Checksums(_ context.Context, slug, version string) (*registry.Checksums, error) {
	if slug != "hello-yard" || version != "1.2.0" && version != "1.3.0-dev" {
		return nil, registry.ErrNotFound
	}
	return &registry.Checksums{Plugin: slug, Version: version, Branch: version == "1.3.0-dev", Source: "https://github.com/acme/hello-yard", Zip: testBase + "/x.zip", Files: map[string]registry.FileChecksums{
		"readme.txt": {MD5: "aa", SHA256: "bb"}, "hello-yard.php": {MD5: "cc", SHA256: "dd"},
	}}, nil
}

// newFake has two plugins, one of which has hardly a word in its document, and
// a theme.
func newFake() *fake {
	return &fake{
		errs: map[string]error{}, unbuilt: map[string]bool{},
		list: []*registry.Listing{
			{
				Type: registry.TypePlugin, Slug: "hello-yard", File: "hello-yard/hello-yard.php", Version: "1.2.0",
				Update:      json.RawMessage(`{"id":"https://updates.example.com/hello-yard","slug":"hello-yard","plugin":"hello-yard/hello-yard.php","version":"1.2.0","new_version":"1.2.0","url":"https://acme.example.com/","package":"https://updates.example.com/yard/packages/hello-yard/ab/hello-yard.1.2.0.zip","requires":"6.2","tested":"6.8","requires_php":"7.4","requires_plugins":[],"upgrade_notice":"<p>Please update.</p>","icons":{"svg":"https://updates.example.com/icon.svg","default":"https://updates.example.com/icon.svg"},"banners":{},"banners_rtl":{},"digests":{"sha256":"ab","sha384":"cd"}}`),
				Information: documentOf(`{"name":"Hello Yard","slug":"hello-yard","plugin":"hello-yard/hello-yard.php","version":"1.2.0","author":"<a href=\"https://acme.example.com\">Acme</a>","author_profile":"https://github.com/acme","contributors":{"acme":{"profile":"https://github.com/acme","avatar":"https://avatars.example.com/acme","display_name":"Acme"}},"requires":"6.2","tested":"6.8","requires_php":"7.4","requires_plugins":[],"last_updated":"2026-11-20 8:05am GMT","added":"2024-01-02","homepage":"https://acme.example.com/","description":"Greets the yard.","short_description":"Greets the yard.","sections":{"description":"<p>It <em>greets</em>.</p>","changelog":"<ul><li>News &amp; more</li></ul>"},"download_link":"https://updates.example.com/yard/packages/hello-yard/ab/hello-yard.1.2.0.zip","download_url":"https://updates.example.com/yard/packages/hello-yard/ab/hello-yard.1.2.0.zip","upgrade_notice":"<p>Please update.</p>","screenshots":{"1":{"src":"https://updates.example.com/1.png","caption":"The greeting"}},"tags":{"greeting":"greeting","yard":"Yard"},"versions":{"1.1.0":"https://updates.example.com/yard/release/hello-yard.zip?update_id=v1.1.0","1.2.0":"https://updates.example.com/yard/packages/hello-yard/ab/hello-yard.1.2.0.zip"},"license":"GPL-2.0-or-later","banners":{"low":"https://updates.example.com/low.png"},"icons":{"svg":"https://updates.example.com/icon.svg","default":"https://updates.example.com/icon.svg"},"external":true,"digests":{"sha256":"ab","sha384":"cd"},"provenance":{"source":"release/1"},"hello-yard":{"version":"1.2.0"}}`),
				Modified:    testTime, Added: "2024-01-02", Name: "Hello Yard", Description: "Greets the yard.", Author: "Acme",
				Tags: []registry.Tag{{Slug: "greeting", Name: "greeting"}, {Slug: "yard", Name: "Yard"}}, Contributors: []string{"acme"}, Popularity: 10,
			},
			{
				Type: registry.TypePlugin, Slug: "bare", File: "bare/main.php", Version: "0.1",
				Update:      json.RawMessage(`{"slug":"bare","plugin":"bare/main.php","version":"0.1","new_version":"0.1","url":"https://updates.example.com/yard/bare/","package":"https://updates.example.com/bare.zip","requires_plugins":[],"icons":{},"banners":{},"banners_rtl":{}}`),
				Information: documentOf(`{"name":"Bare","slug":"bare","version":"0.1","author":"","sections":{},"download_link":"https://updates.example.com/bare.zip","external":true}`),
				Modified:    testTime.AddDate(0, 0, -1), Name: "Bare", Tags: []registry.Tag{{Slug: "yard", Name: "Yard"}},
			},
			{
				Type: registry.TypeTheme, Slug: "garden-path", File: "garden-path", Version: "2.0",
				Update:      json.RawMessage(`{"theme":"garden-path","slug":"garden-path","version":"2.0","new_version":"2.0","url":"https://updates.example.com/yard/garden-path/","package":"https://updates.example.com/garden-path.zip","requires":"6.0","requires_php":"7.4"}`),
				Information: documentOf(`{"name":"Garden Path","slug":"garden-path","version":"2.0","preview_url":"https://updates.example.com/yard/garden-path/","author":"<a href=\"https://acme.example.com\">Acme &amp; Co</a>","extended_author":{"user_nicename":"acme","profile":"https://acme.example.com","avatar":"https://avatars.example.com/acme","display_name":"Acme &amp; Co","author":"Acme &amp; Co","author_url":"https://acme.example.com"},"screenshot_url":"https://updates.example.com/screenshot.png","rating":0,"num_ratings":0,"last_updated":"2026-11-20","last_updated_time":"2026-11-20 08:05:00","creation_time":"2025-03-04 00:00:00","homepage":"https://updates.example.com/yard/garden-path/","description":"A path through the garden.","sections":{"description":"<p>A path.</p>"},"download_link":"https://updates.example.com/garden-path.zip","tags":{"blog":"Blog","custom-colors":"Custom Colors"},"versions":{"2.0":"https://updates.example.com/garden-path.zip"},"requires":"6.0","requires_php":"7.4","license":"GPL-2.0-or-later","details_url":"https://updates.example.com/yard/garden-path/","digests":{"sha256":"ab","sha384":"cd"}}`),
				Modified:    testTime, Added: "2025-03-04", Name: "Garden Path", Description: "A path through the garden.", Author: "Acme & Co",
				Tags: []registry.Tag{{Slug: "blog", Name: "Blog"}, {Slug: "custom-colors", Name: "Custom Colors"}}, Contributors: []string{"acme"},
			},
		},
	}
}

func documentOf(body string) *registry.Document {
	sum := sha256.Sum256([]byte(body))
	return &registry.Document{Identity: []byte(body), ETag: `"` + hex.EncodeToString(sum[:8]) + `"`}
}

func newAPI(t testing.TB, f *fake) *API {
	t.Helper()
	base, err := url.Parse(testBase)
	if err != nil {
		t.Fatal(err)
	}
	return New(f, base)
}

// get asks with an address, "/plugins/info/1.2/?action=…".
func (a *API) get(t testing.TB, address string) *Answer {
	t.Helper()
	path, query, _ := strings.Cut(address, "?")
	return a.Answer(t.Context(), &Request{Method: "GET", Path: path, Query: query})
}

// post asks with a form, given as names and values in turn.
func (a *API) post(t testing.TB, path string, form ...string) *Answer {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return a.Answer(t.Context(), &Request{Method: "POST", Path: path, Form: values.Encode()})
}

// same compares with a golden file, or writes it.
func same(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// pretty shows an answer for a golden file: status, type, and the body with
// JSON indented and PHP broken after each value.
func pretty(t *testing.T, a *Answer) []byte {
	t.Helper()
	b := fmt.Appendf(nil, "%d %s, max-age=%d\n", a.Status, a.Type, a.MaxAge)
	switch {
	case strings.HasPrefix(a.Type, "application/json"):
		value, err := decodeJSON(a.Body)
		if err != nil {
			t.Fatalf("%v in %s", err, a.Body)
		}
		return append(indent(b, value, "\n"), '\n')
	case strings.HasPrefix(a.Type, "text/plain"):
		return append(b, strings.NewReplacer(`";`, "\";\n", `{`, "{\n", `}`, "}\n").Replace(string(a.Body))...)
	}
	return append(append(b, a.Body...), '\n')
}

// indent keeps the order of members, unlike [json.Indent] of a map.
func indent(b []byte, value any, newline string) []byte {
	switch v := value.(type) {
	case object:
		b = append(b, '{')
		for i, m := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(append(b, newline+"  "...), m.key), ": "...)
			b = indent(b, m.value, newline+"  ")
		}
		if len(v) > 0 {
			b = append(b, newline...)
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, element := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = indent(b, element, newline+"  ")
		}
		return append(b, ']')
	}
	text, err := encodeJSON(value)
	if err != nil {
		panic(err)
	}
	return append(b, text...)
}
