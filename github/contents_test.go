package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

const sha = "0123456789abcdef0123456789abcdef01234567"

func TestCommit(t *testing.T) {
	for ref, path := range map[string]string{
		"":            "/repos/acme/hello-yard/commits/HEAD",
		"main":        "/repos/acme/hello-yard/commits/main",
		"feature/a b": "/repos/acme/hello-yard/commits/feature/a%20b",
		sha:           "/repos/acme/hello-yard/commits/" + sha,
	} {
		f := newFake(t)
		f.json("/", `{"sha":"`+sha+`","commit":{"message":"Fix.","author":{"date":"2020-01-01T00:00:00Z"},"committer":{"date":"2026-01-02T03:04:05+02:00"}},"files":[{"patch":"x"}]}`)
		got, err := newClient(t, Config{APIURL: f.URL}).Commit(t.Context(), yard, ref)
		if err != nil {
			t.Fatal(err)
		}
		if got.SHA != sha || !got.Time.Equal(time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC)) {
			t.Errorf("commit is %+v", got)
		}
		if want := []string{"GET " + path + "?per_page=1"}; !cmp.Equal(want, f.asked()) {
			t.Errorf("%q: asked %q, want %q", ref, f.asked(), want)
		}
	}
	f := newFake(t)
	f.json("/", `{"sha":"../x"}`)
	if _, err := newClient(t, Config{APIURL: f.URL}).Commit(t.Context(), yard, "x"); !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("a SHA that is none: %v", err)
	}
}

func TestTree(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`{"type":"file","path":"x","size":1},`, MaxTreeFiles), ",")
	tests := []struct {
		name, dir, body string
		status          int
		want            []registry.TreeEntry
		err             error
		asked           string
	}{
		{"only regular files and folders are listed", ".wordpress-org", `[
			{"type":"file","path":".wordpress-org/icon.svg","size":12,"download_url":"https://example.com/?token=x"},
			{"type":"dir","path":".wordpress-org/more","size":0},{"type":"symlink","path":".wordpress-org/l","size":3},
			{"type":"submodule","path":".wordpress-org/s","size":0}]`, 200,
			[]registry.TreeEntry{{Path: ".wordpress-org/icon.svg", Size: 12}, {Path: ".wordpress-org/more", Folder: true}}, nil,
			"/repos/acme/hello-yard/contents/.wordpress-org?ref=" + sha},
		{"the root", "", `[{"type":"file","path":"a.php","size":1}]`, 200, []registry.TreeEntry{{Path: "a.php", Size: 1}}, nil,
			"/repos/acme/hello-yard/contents?ref=" + sha},
		{"an empty folder", "a/b", `[]`, 200, []registry.TreeEntry{}, nil, "/repos/acme/hello-yard/contents/a/b?ref=" + sha},
		{"a file is no folder", "a.php", `{"type":"file","path":"a.php","size":1}`, 200, nil, registry.ErrNotFound, ""},
		{"no folder", "x", `{"message":"Not Found"}`, 404, nil, registry.ErrNotFound, ""},
		{"a folder that GitHub cuts short", "x", "[" + many + "]", 200, nil, registry.ErrTooLarge, ""},
		{"an answer of another shape", "x", `["a"]`, 200, nil, registry.ErrUnavailable, ""},
		{"a folder that leads elsewhere", "../../x", ``, 0, nil, registry.ErrNotFound, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			f.handle("/", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", `"x"`)
				w.WriteHeader(test.status)
				w.Write([]byte(test.body))
			})
			cache := newRecords()
			c := newClient(t, Config{APIURL: f.URL, Cache: cache})
			got, err := c.Tree(t.Context(), yard, sha, test.dir)
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if asked := f.asked(); test.asked != "" && !cmp.Equal(asked, []string{"GET " + test.asked}) {
				t.Errorf("asked %q, want %q", asked, test.asked)
			}
			if len(cache.m) > 0 {
				t.Errorf("%d records are kept of one commit", len(cache.m))
			}
		})
	}
}

func TestFile(t *testing.T) {
	tests := []struct {
		name   string
		media  string
		body   string
		limit  int64
		err    error
		length bool
	}{
		{"a file", "application/vnd.github.raw+json; charset=utf-8", "hello", 5, nil, true},
		{"a file that is JSON", "application/vnd.github.raw+json; charset=utf-8", "[]", 5, nil, true},
		{"an empty file", "application/vnd.github.raw", "", 5, nil, true},
		{"one byte too many, declared", "application/vnd.github.raw", "hello!", 5, registry.ErrTooLarge, true},
		{"one byte too many, not declared", "application/vnd.github.raw", "hello!", 5, registry.ErrTooLarge, false},
		{"a folder is no file", "application/json; charset=utf-8", "[]", 5, registry.ErrNotFound, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			f.handle("GET /repos/acme/hello-yard/contents/inc/a file.php", func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Accept") != rawMedia || r.FormValue("ref") != sha {
					t.Errorf("asked for %s of %s", r.Header.Get("Accept"), r.FormValue("ref"))
				}
				w.Header().Set("Content-Type", test.media)
				if test.length {
					w.Header().Set("Content-Length", fmt.Sprint(len(test.body)))
				} else {
					w.(http.Flusher).Flush()
				}
				w.Write([]byte(test.body))
			})
			var b bytes.Buffer
			err := newClient(t, Config{APIURL: f.URL}).File(t.Context(), yard, sha, "inc/a file.php", test.limit, &b)
			if !errors.Is(err, test.err) {
				t.Fatalf("error is %v, want %v", err, test.err)
			}
			if err == nil && b.String() != test.body {
				t.Errorf("got %q", b.String())
			}
			if int64(b.Len()) > test.limit {
				t.Errorf("%d bytes were written, more than %d", b.Len(), test.limit)
			}
		})
	}
}

func FuzzFolder(f *testing.F) {
	for _, seed := range []string{`[]`, `{}`, `null`, `[{"type":"file","path":"a","size":1}]`, ` [null]`, `[{"size":"x"}]`, `"["`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v folder
		if json.Unmarshal(data, &v) != nil {
			return
		}
		if list := bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")); list == v.not || v.not && len(v.entries) > 0 {
			t.Errorf("%s is read as a folder: %v, with %d entries", data, !v.not, len(v.entries))
		}
	})
}
