package github

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

const releaseJSON = `{
	"id": 11, "tag_name": "v1.2.0", "name": "1.2.0", "body": "Notes.", "draft": false, "prerelease": false,
	"created_at": "2026-01-01T00:00:00Z", "published_at": "2026-01-02T00:00:00Z", "html_url": "https://example.com/r/11",
	"author": {"login": "acme"},
	"assets": [
		{"id": 21, "name": "hello-yard.zip", "content_type": "application/zip", "state": "uploaded", "size": 5, "digest": "sha256:aa", "updated_at": "2026-01-03T00:00:00Z"},
		{"id": 22, "name": "old.zip", "content_type": "application/zip", "state": "uploaded", "size": 6, "digest": null, "updated_at": "2026-01-03T00:00:00Z"},
		{"id": 23, "name": "half.zip", "content_type": "application/zip", "state": "open", "size": 0}
	]}`

var release = registry.Release{
	ID: 11, Tag: "v1.2.0", Name: "1.2.0", Notes: "Notes.", URL: "https://example.com/r/11",
	Created:   time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	Published: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
	Files: []registry.ReleaseFile{
		{ID: 21, Name: "hello-yard.zip", Type: "application/zip", Size: 5, Digest: "sha256:aa", Updated: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)},
		{ID: 22, Name: "old.zip", Type: "application/zip", Size: 6, Updated: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)},
	},
}

func TestRelease(t *testing.T) {
	draft := strings.Replace(releaseJSON, `"draft": false`, `"draft": true`, 1)
	prerelease := strings.Replace(releaseJSON, `"prerelease": false`, `"prerelease": true`, 1)
	const latest = "/repos/acme/hello-yard/releases/latest"
	tests := []struct {
		name    string
		ask     string // an id or tag; "" is the latest
		answers map[string]string
		err     error
		asked   []string
	}{
		{"the latest", "", map[string]string{latest: releaseJSON}, nil, []string{"GET " + latest}},
		{"no latest", "", nil, registry.ErrNotFound, []string{"GET " + latest}},
		{"a draft is not the latest", "", map[string]string{latest: draft}, registry.ErrNotFound, nil},
		{"a prerelease is not the latest", "", map[string]string{latest: prerelease}, registry.ErrNotFound, nil},
		{"something else than a release", "", map[string]string{latest: `{}`}, registry.ErrUnavailable, nil},
		{"a tag", "v1.2.0", map[string]string{"/repos/acme/hello-yard/releases/tags/v1.2.0": releaseJSON}, nil,
			[]string{"GET /repos/acme/hello-yard/releases/tags/v1.2.0"}},
		{"a tag with a slash and a hash", "hello/1#2", map[string]string{"/repos/acme/hello-yard/releases/tags/hello/1%232": releaseJSON}, nil,
			[]string{"GET /repos/acme/hello-yard/releases/tags/hello/1%232"}},
		{"a draft by its tag", "v1.2.0", map[string]string{"/repos/acme/hello-yard/releases/tags/v1.2.0": draft}, registry.ErrNotFound, nil},
		{"an id", "11", map[string]string{"/repos/acme/hello-yard/releases/11": releaseJSON}, nil,
			[]string{"GET /repos/acme/hello-yard/releases/11"}},
		{"a draft by its id", "11", map[string]string{"/repos/acme/hello-yard/releases/11": draft}, registry.ErrNotFound, nil},
		{"a tag of digits", "2026", map[string]string{"/repos/acme/hello-yard/releases/tags/2026": releaseJSON}, nil,
			[]string{"GET /repos/acme/hello-yard/releases/2026", "GET /repos/acme/hello-yard/releases/tags/2026"}},
		{"digits too many for an id", "99999999999999999999", nil, registry.ErrNotFound,
			[]string{"GET /repos/acme/hello-yard/releases/tags/99999999999999999999"}},
		{"a tag that leads elsewhere is not asked for", "../latest", nil, registry.ErrNotFound, []string{}},
		{"nor one with a line feed", "a\nb", nil, registry.ErrNotFound, []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			f.handle("/", func(w http.ResponseWriter, r *http.Request) {
				body, ok := test.answers[r.URL.EscapedPath()]
				if !ok {
					http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
					return
				}
				w.Write([]byte(body))
			})
			c := newClient(t, Config{APIURL: f.URL})
			var got *registry.Release
			var err error
			if test.ask == "" {
				got, err = c.LatestRelease(t.Context(), yard)
			} else {
				got, err = c.Release(t.Context(), yard, test.ask)
			}
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			if err == nil {
				if diff := cmp.Diff(&release, got); diff != "" {
					t.Errorf("release (-want +got):\n%s", diff)
				}
			} else if got != nil {
				t.Errorf("a release beside the error %v", err)
			}
			asked := append([]string{}, f.asked()...)
			if test.asked != nil && !cmp.Equal(test.asked, asked) {
				t.Errorf("asked %q, want %q", asked, test.asked)
			}
		})
	}
}

// pagesOf serves n releases in pages; every third one is a draft.
func pagesOf(f *fake, n int) {
	f.handle("GET /repos/acme/hello-yard/releases", func(w http.ResponseWriter, r *http.Request) {
		var page, size int
		fmt.Sscan(r.FormValue("page"), &page)
		fmt.Sscan(r.FormValue("per_page"), &size)
		first, last := (page-1)*size, min(page*size, n)
		if last < n {
			w.Header().Set("Link", fmt.Sprintf(`<%s%s?per_page=%d&page=%d>; rel="next", <x?page=99>; rel="last"`, f.URL, r.URL.Path, size, page+1))
		}
		var items []string
		for i := first; i < last; i++ {
			published := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(-i) * time.Hour).Format(time.RFC3339)
			items = append(items, fmt.Sprintf(`{"id":%d,"tag_name":"v%d","draft":%v,"published_at":%q}`, i+1, i+1, i%3 == 2, published))
		}
		w.Header().Set("ETag", fmt.Sprintf(`W/"%d"`, page))
		if r.Header.Get("If-None-Match") == w.Header().Get("ETag") {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprintf(w, "[%s]", strings.Join(items, ","))
	})
}

func TestReleases(t *testing.T) {
	for _, test := range []struct{ n, want, requests int }{
		{0, 0, 1}, {1, 1, 1}, {3, 2, 1}, {100, 67, 1}, {101, 68, 2}, {250, 167, 3}, {5000, 667, 10},
	} {
		t.Run(fmt.Sprintf("%d releases", test.n), func(t *testing.T) {
			f := newFake(t)
			pagesOf(f, test.n)
			c := newClient(t, Config{APIURL: f.URL})
			for range 2 { // the second time from the cache, further pages included
				got, err := c.Releases(t.Context(), yard)
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != test.want {
					t.Errorf("%d releases, want %d", len(got), test.want)
				}
				for i := 1; i < len(got); i++ {
					if got[i].Published.After(got[i-1].Published) {
						t.Errorf("release %s is newer than the one before it", got[i].Tag)
					}
				}
				if n := len(f.asked()); n != test.requests {
					t.Errorf("%d requests, want %d", n, test.requests)
				}
			}
		})
	}
}

func TestReleasesAreSortedByPublication(t *testing.T) {
	f := newFake(t)
	f.json("/", `[{"id":1,"tag_name":"old","published_at":"2025-01-01T00:00:00Z"},{"id":2,"tag_name":"new","published_at":"2026-01-01T00:00:00Z"}]`)
	got, err := newClient(t, Config{APIURL: f.URL}).Releases(t.Context(), yard)
	if err != nil || len(got) != 2 || got[0].Tag != "new" {
		t.Errorf("%v, error %v", got, err)
	}
}

func TestReleasePageThatLeadsBackEnds(t *testing.T) {
	f := newFake(t)
	f.handle("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `<`+f.URL+`/x?page=1>; rel="next"`)
		w.Write([]byte(`[` + releaseJSON + `]`))
	})
	got, err := newClient(t, Config{APIURL: f.URL}).Releases(t.Context(), yard)
	if err != nil || len(got) != 1 || len(f.asked()) != 1 {
		t.Errorf("%d releases, error %v", len(got), err)
	}
}
