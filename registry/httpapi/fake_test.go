package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

var _ Registry = (*registry.Service)(nil)

const testBase = "https://updates.example.com/updates"

// testTime is when everything in the fake registry was changed.
var testTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fake is a registry of two plugins, hello-yard and hello-json, one that is
// withheld, one that was never built, and one per kind of error, called
// "fails-" and the kind's text. It remembers the last query and what was
// refreshed.
type fake struct {
	base       string
	entries    []registry.Entry
	documents  map[string]*registry.Document
	upgrademes map[string]*registry.Document
	failures   map[string]error
	files      map[registry.Digest]*fakeFile
	open       func(*fakeFile) registry.BlobReader

	mu        sync.Mutex
	query     registry.Query
	selection registry.Selection
	rolling   string // the plugin that is being rolled out
	stale     map[string]registry.Stale
	refreshed []string // the repositories of told
	told      []registry.News
}

type fakeFile struct {
	slug, name, contentType, md5 string
	body                         []byte
	signatures                   []string
}

type blob struct{ *bytes.Reader }

func (blob) Close() error { return nil }

func newFake() *fake {
	f := &fake{
		base:       testBase,
		documents:  make(map[string]*registry.Document),
		upgrademes: make(map[string]*registry.Document),
		failures:   make(map[string]error),
		files:      make(map[registry.Digest]*fakeFile),
		open:       func(file *fakeFile) registry.BlobReader { return blob{bytes.NewReader(file.body)} },
	}
	for _, slug := range []string{"hello-yard", "hello-json", "hello"} {
		p := f.pack(slug)
		switch file := f.files[p.Installer.Digest]; slug {
		case "hello-json":
			file.signatures = []string{"bmV3", "b2xk"} // by two keys
		case "hello":
			file.signatures = []string{} // nobody has signed yet
		}
		f.documents[slug] = fakeDocument(`{"slug":"` + slug + `","version":"1.2.0"}`)
		f.upgrademes[slug] = fakeDocument(`{"new_version":"1.2.0","url":"https://example.com/` + slug + `","package":"` + f.PackageURL(p) + `","info":{}}`)
		f.entries = append(f.entries, registry.Entry{
			Plugin: registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: slug}, Slug: p.Slug}, Package: p,
			Downloads: []registry.Download{
				{Version: "1.2.0", URL: f.PackageURL(p), Release: &registry.Release{Tag: "v1.2.0", Published: testTime, URL: "https://github.com/acme/" + slug + "/releases/tag/v1.2.0"}},
				{Version: "1.2.0-beta+1", URL: f.base + "/release/" + slug + ".zip?update_id=1.2.0-beta%2B1", Release: &registry.Release{Tag: "1.2.0-beta+1", Published: testTime.Add(-24 * time.Hour), Prerelease: true}},
				{Version: "trunk", URL: f.base + "/branch/" + slug + ".zip"},
			},
			Checked: testTime,
		})
	}
	theme := f.pack("garden-path")
	theme.Type, theme.Details.Name, theme.Details.Template = registry.TypeTheme, "Theme garden-path", "twentytwentyfive"
	theme.Images = []registry.Image{{Name: "screenshot.png", Type: "image/png", Width: 1200, Height: 900}}
	theme.Images[0].Blob = f.put(&fakeFile{slug: "garden-path", name: "screenshot.png", contentType: "image/png", body: []byte("the garden")})
	f.documents["garden-path"] = fakeDocument(`{"slug":"garden-path","version":"1.2.0"}`)
	f.documents[themeCollection] = fakeDocument(`{"garden-path":{"theme":"garden-path"}}`)
	f.entries = append(f.entries, registry.Entry{
		Plugin: registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: "garden-path"}, Slug: theme.Slug}, Package: theme, Checked: testTime,
	})
	f.documents[pluginCollection] = fakeDocument(`{"hello-yard":{"version":"1.2.0"}}`)
	f.entries = append(f.entries,
		registry.Entry{
			Plugin: registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: "secret-garden"}, Slug: "secret-garden"}, Withheld: true,
			Package: f.pack("secret-garden"),
		},
		registry.Entry{Plugin: registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: "unbuilt"}, Slug: "unbuilt"},
			Err: &registry.Error{Kind: registry.ErrInvalid, Message: "no plugin header in acme/unbuilt"}},
	)
	f.failures["secret-garden"] = &registry.Error{Kind: registry.ErrForbidden, Message: "the repository is private"}
	f.failures["unbuilt"] = &registry.Error{Kind: registry.ErrInvalid, Message: "no plugin header in acme/unbuilt"}
	for _, kind := range registry.Kinds() {
		f.failures["fails-"+strings.ReplaceAll(kind.Error(), " ", "-")] = fmt.Errorf("fetch acme/token-abc123: %w", kind)
	}
	f.failures["fails-internal"] = fmt.Errorf("token-abc123 is nothing to show")
	f.failures["fails-later"] = &registry.Error{
		Kind: registry.ErrLimited, Message: "GitHub's limit is used up until 12:30", RetryAfter: 90*time.Second + time.Millisecond,
		Err: fmt.Errorf("token-abc123"),
	}
	return f
}

func fakeDocument(body string) *registry.Document {
	sum := sha256.Sum256([]byte(body))
	return &registry.Document{
		Type:     "application/json; charset=utf-8",
		Identity: []byte(body),
		Gzip:     []byte("gzip of " + body),
		Brotli:   []byte("brotli of " + body),
		ETag:     `"` + hex.EncodeToString(sum[:8]) + `"`,
		Modified: testTime,
	}
}

// pack makes a package with its installer and images.
func (f *fake) pack(slug string) *registry.Package {
	p := &registry.Package{
		Slug:       registry.Slug(slug),
		Version:    "1.2.0",
		Revision:   registry.Revision{Ref: "v1.2.0", Commit: strings.Repeat("0123456789", 4), Modified: testTime},
		Repository: registry.Repository{Repo: registry.Repo{Owner: "acme", Name: slug}, URL: "https://github.com/acme/" + slug, License: "GPL-2.0"},
		Details: registry.Details{
			Name: "Plugin " + slug, Description: "Says hello & goodbye.", Author: "Acme", AuthorURI: "https://example.com/",
			Requires: "6.1", Tested: "7.1", RequiresPHP: "7.4", Tags: []registry.Tag{{Slug: "hello", Name: "hello"}},
			Sections:    []registry.Section{{Key: "description", Title: "Description", HTML: "<p>It <strong>greets</strong>.</p>"}},
			Screenshots: []string{"The greeting"},
		},
		Findings: []registry.Finding{{Severity: "warning", Code: "update_uri_missing", Place: "hello-yard.php", Message: "there is no Update URI"}},
	}
	zip := &fakeFile{slug: slug, name: slug + ".1.2.0.zip", contentType: zipType, body: []byte("PK\x03\x04 the installer of " + slug)}
	sum := md5.Sum(zip.body)
	zip.md5 = base64.StdEncoding.EncodeToString(sum[:])
	p.Installer = registry.Installer{Blob: f.put(zip), Name: zip.name, MD5: zip.md5, Files: 3}
	for _, image := range []registry.Image{
		{Name: "icon.svg", Type: svgType},
		{Name: "banner-772x250.png", Type: "image/png", Width: 772, Height: 250},
		{Name: "screenshot-1.png", Type: "image/png", Width: 800, Height: 600},
	} {
		image.Blob = f.put(&fakeFile{slug: slug, name: image.Name, contentType: image.Type, body: []byte("an image of " + slug + ": " + image.Name)})
		p.Images = append(p.Images, image)
	}
	return p
}

func (f *fake) put(file *fakeFile) registry.Blob {
	sum := sha256.Sum256(file.body)
	digest := registry.Digest(hex.EncodeToString(sum[:]))
	f.files[digest] = file
	return registry.Blob{Digest: digest, Size: int64(len(file.body))}
}

func (f *fake) PackageOf(ctx context.Context, slug, version string) (*registry.Package, error) {
	p, err := f.Package(ctx, slug, registry.Query{})
	if err == nil && p.Version != version {
		return nil, &registry.Error{Kind: registry.ErrNotFound, Message: "no such version"}
	}
	return p, err
}

// ask remembers a query and gives the error that the plugin is there for.
func (f *fake) ask(slug string, q registry.Query) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.query = q
	return f.failures[slug]
}

func (f *fake) Information(_ context.Context, slug string, q registry.Query) (*registry.Document, error) {
	if err := f.ask(slug, q); err != nil {
		return nil, err
	}
	if slug == "panics" {
		panic("token-abc123")
	}
	if doc := f.documents[slug]; doc != nil && slug != pluginCollection && slug != themeCollection {
		return doc, nil
	}
	return nil, fmt.Errorf("plugin %q: %w", slug, registry.ErrNotFound)
}

func (f *fake) PerSite(slug string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rolling != "" && (slug == "" || slug == f.rolling)
}

func (f *fake) Upgrademe(_ context.Context, slug string, q registry.Query) (*registry.Document, error) {
	if err := f.ask(slug, q); err != nil {
		return nil, err
	}
	if doc := f.upgrademes[slug]; doc != nil {
		return doc, nil
	}
	return nil, fmt.Errorf("plugin %q: %w", slug, registry.ErrNotFound)
}

func (f *fake) Collection(_ context.Context, selection registry.Selection, q registry.Query) (*registry.Document, error) {
	f.mu.Lock()
	f.selection = selection
	f.mu.Unlock()
	name := pluginCollection
	if selection.Type == registry.TypeTheme {
		name = themeCollection
	}
	return f.documents[name], f.ask(name, q)
}

func (f *fake) Package(ctx context.Context, slug string, q registry.Query) (*registry.Package, error) {
	if err := f.ask(slug, q); err != nil {
		return nil, err
	}
	e, err := f.Entry(ctx, slug)
	if err != nil {
		return nil, err
	}
	return e.Package, nil
}

func (f *fake) TypeOf(ctx context.Context, slug string) (registry.Type, error) {
	p, err := f.Package(ctx, slug, registry.Query{})
	if err != nil {
		return "", err
	}
	return cmp.Or(p.Type, registry.TypePlugin), nil
}

func (f *fake) PackageURL(p *registry.Package) string {
	return f.base + "/packages/" + string(p.Slug) + "/" + string(p.Installer.Digest) + "/" + p.Installer.Name
}

func (f *fake) ImageURL(slug registry.Slug, image registry.Image) string {
	return f.base + "/assets/" + string(slug) + "/" + string(image.Digest) + "/" + image.Name
}

func (f *fake) OpenFile(_ context.Context, slug string, digest registry.Digest) (*registry.File, error) {
	file := f.files[digest]
	if file == nil || file.slug != slug {
		return nil, &registry.Error{Kind: registry.ErrNotFound, Message: "the plugin has no such file"}
	}
	return &registry.File{
		BlobReader: f.open(file), Blob: registry.Blob{Digest: digest, Size: int64(len(file.body))},
		Name: file.name, Type: file.contentType, MD5: file.md5, Signatures: file.signatures, Modified: testTime,
	}, nil
}

func (f *fake) Looking() bool               { return false }
func (f *fake) Ready(context.Context) error { return f.failures["ready"] }

func (f *fake) Entries(context.Context) ([]registry.Entry, error) {
	return f.entries, f.failures["entries"]
}

func (f *fake) Entry(_ context.Context, slug string) (*registry.Entry, error) {
	for i := range f.entries {
		if string(f.entries[i].Plugin.Slug) == slug {
			return &f.entries[i], nil
		}
	}
	return nil, fmt.Errorf("plugin %q: %w", slug, registry.ErrNotFound)
}

func (f *fake) Tell(news registry.News) registry.Heard {
	f.mu.Lock()
	defer f.mu.Unlock()
	if news.Delivery != "" && slices.ContainsFunc(f.told, func(before registry.News) bool { return before.Delivery == news.Delivery }) {
		return registry.Heard{Duplicate: true}
	}
	f.told = append(f.told, news)
	heard := registry.Heard{Owners: len(news.Owners)}
	for _, repo := range []registry.Repo{news.Repo, news.Before} {
		if repo.Owner != "" {
			f.refreshed = append(f.refreshed, repo.String())
		}
		if repo.Owner == "acme" {
			heard.Plugins++
		}
	}
	return heard
}

// newTestHandler makes a handler over the fake; change may alter the
// configuration first.
func newTestHandler(t testing.TB, f *fake, change func(*Config)) http.Handler {
	t.Helper()
	base, err := url.Parse(testBase)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Registry: f, Catalogue: catalogue{f}, Base: base, WebhookSecret: "It's a Secret to Everybody", Version: "1.0.0",
		Now: func() time.Time { return testTime },
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if change != nil {
		change(&cfg)
	}
	h, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (f *fake) Stale(slug string) (registry.Stale, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	stale, is := f.stale[slug]
	return stale, is
}

func (f *fake) StaleAmong(selection registry.Selection) (registry.Stale, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for slug, stale := range f.stale {
		if selection.Slugs == nil || slices.Contains(selection.Slugs, registry.Slug(slug)) {
			return stale, true
		}
	}
	return registry.Stale{}, false
}
