package githubtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

const token = "secret-token"

var (
	day1 = time.Date(2025, time.March, 1, 12, 0, 0, 0, time.UTC)
	day2 = day1.AddDate(0, 0, 1)
	day3 = day1.AddDate(0, 0, 2)
)

// files is a small plugin of the version.
func files(version string) fstest.MapFS {
	return fstest.MapFS{
		"hello-yard.php": {Data: []byte("<?php\n/**\n * Plugin Name: Hello Yard\n * Version: " + version + "\n */\n")},
		"readme.txt": {Data: []byte("=== Hello Yard ===\nStable tag: " + version + "\n\nA yard.\n\n" +
			"== Changelog ==\n\n= " + version + " =\n* First.\n")},
		"includes/class.php":        {Data: []byte("<?php\n")},
		".gitattributes":            {Data: []byte("/tests export-ignore\n.wordpress-org export-ignore\n.gitattributes export-ignore\n")},
		".wordpress-org/icon.svg":   {Data: []byte("<svg xmlns='http://www.w3.org/2000/svg'/>\n")},
		"tests/test.php":            {Data: []byte("<?php\n")},
		"bin/build.sh":              {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"languages/hello-yard-ø.po": {Data: []byte("msgid \"\"\n")},
	}
}

// world has one of everything.
type world struct {
	*githubtest.GitHub
	*httptest.Server
	yard, secret *githubtest.Repository
	v1, v2       string // commits
	dev          string
	latest       int64 // releases
	draft        int64
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{GitHub: githubtest.New()}
	w.RequireToken(token)
	w.yard = w.AddRepo(githubtest.Repo{
		Owner: "Acme", Name: "hello-yard", Description: "Says hello", Homepage: "https://example.com/hello",
		License: "GPL-2.0", Topics: []string{"wordpress-plugin"}, Created: day1,
		Properties: map[string]any{"wp-requires": "6.2", "wp-tags": []string{"a", "b"}, "wp-tested": nil},
	})
	w.v1 = w.yard.Commit("main", "One", files("1.0.0"), day1)
	w.yard.Tag("v1.0.0", w.v1)
	w.yard.Tag("hello-yard/v1.0.0", w.v1)
	w.v2 = w.yard.Commit("main", "Two", files("1.1.0"), day2)
	w.yard.Tag("v1.1.0", w.v2)
	w.dev = w.yard.Commit("feature/x", "Three", files("1.2.0-dev"), day3)
	w.yard.Tag("v1.2.0-beta", w.dev)
	w.yard.Release(githubtest.Release{Tag: "v1.0.0", Name: "One", Body: "- First", Published: day1})
	w.latest = w.yard.Release(githubtest.Release{Tag: "v1.1.0", Body: "- Second", Published: day2, Assets: []githubtest.Asset{
		{Name: "hello-yard.zip", Data: []byte("PK zip")},
		{Name: "old.zip", Data: []byte("PK old"), NoDigest: true},
		{Name: "lie.txt", Type: "text/plain", Data: []byte("lie"), Digest: "sha256:00"},
	}})
	w.yard.Release(githubtest.Release{Tag: "v1.2.0-beta", Prerelease: true, Published: day3})
	w.draft = w.yard.Release(githubtest.Release{Tag: "v2.0.0", Draft: true, Published: day3})
	w.secret = w.AddRepo(githubtest.Repo{Owner: "acme", Name: "secret", Private: true})
	sha := w.secret.Commit("main", "One", files("3.0.0"), day1)
	w.secret.Tag("v3.0.0", sha)
	w.secret.Release(githubtest.Release{Tag: "v3.0.0", Assets: []githubtest.Asset{{Name: "secret.zip", Data: []byte("PK")}}})
	w.Server = serve(tb, w.GitHub).Server
	return w
}

// serve starts a server for g, which the end of the test stops.
func serve(tb testing.TB, g *githubtest.GitHub) *world {
	w := &world{GitHub: g, Server: httptest.NewServer(g)}
	tb.Cleanup(w.Close)
	return w
}

// client follows no redirect.
var client = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// response is an answer with its body read.
type response struct {
	*http.Response
	body string
}

// get asks for a path or a whole address, with "Name: value" headers.
func (w *world) get(tb testing.TB, path string, headers ...string) response {
	tb.Helper()
	return w.do(tb, http.MethodGet, path, "", headers...)
}

func (w *world) do(tb testing.TB, method, path, body string, headers ...string) response {
	tb.Helper()
	if strings.HasPrefix(path, "/") {
		path = w.URL + path
	}
	req, err := http.NewRequestWithContext(tb.Context(), method, path, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatalf("read %s: %v", path, err)
	}
	return response{res, string(data)}
}

// decode reads a JSON answer.
func decode[T any](tb testing.TB, res response) T {
	tb.Helper()
	var v T
	if err := json.Unmarshal([]byte(res.body), &v); err != nil {
		tb.Fatalf("decode %s: %v\n%s", res.Request.URL, err, res.body)
	}
	return v
}

const auth = "Authorization: Bearer " + token

func TestStatusesOfRoutes(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		name    string
		path    string
		headers []string
		want    int
	}{
		{"a repository", "/repos/acme/hello-yard", nil, 200},
		{"names in any case", "/repos/ACME/Hello-Yard", nil, 200},
		{"the form of an Enterprise server", "/api/v3/repos/acme/hello-yard", nil, 200},
		{"a repository that is not there", "/repos/acme/nothing", nil, 404},
		{"a private one unseen", "/repos/acme/secret", nil, 404},
		{"a private one seen", "/repos/acme/secret", []string{auth}, 200},
		{"the older word for a token", "/repos/acme/secret", []string{"Authorization: token " + token}, 200},
		{"a wrong token", "/repos/acme/hello-yard", []string{"Authorization: Bearer wrong"}, 401},
		{"a strange scheme", "/repos/acme/hello-yard", []string{"Authorization: Digest x"}, 401},
		{"releases", "/repos/acme/hello-yard/releases", nil, 200},
		{"the latest release", "/repos/acme/hello-yard/releases/latest", nil, 200},
		{"no latest release", "/repos/acme/hello-yard/releases/99", nil, 404},
		{"a release by tag", "/repos/acme/hello-yard/releases/tags/v1.0.0", nil, 200},
		{"a tag without a release", "/repos/acme/hello-yard/releases/tags/hello-yard/v1.0.0", nil, 404},
		{"a draft has no tag", "/repos/acme/hello-yard/releases/tags/v2.0.0", []string{auth}, 404},
		{"branches", "/repos/acme/hello-yard/branches", nil, 200},
		{"a branch", "/repos/acme/hello-yard/branches/main", nil, 200},
		{"a branch with a slash", "/repos/acme/hello-yard/branches/feature/x", nil, 200},
		{"a branch with a coded slash", "/repos/acme/hello-yard/branches/feature%2Fx", nil, 200},
		{"a branch that is not there", "/repos/acme/hello-yard/branches/nope", nil, 404},
		{"a commit by branch", "/repos/acme/hello-yard/commits/feature%2Fx", nil, 200},
		{"a commit by tag", "/repos/acme/hello-yard/commits/hello-yard/v1.0.0", nil, 200},
		{"a commit by HEAD", "/repos/acme/hello-yard/commits/HEAD", nil, 200},
		{"a commit by whole ref", "/repos/acme/hello-yard/commits/refs/heads/main", nil, 200},
		{"a commit by name", "/repos/acme/hello-yard/commits/" + w.v1, nil, 200},
		{"a commit by the start of its name", "/repos/acme/hello-yard/commits/" + w.v1[:8], nil, 200},
		{"a commit that is not there", "/repos/acme/hello-yard/commits/nope", nil, 422},
		{"a tag's ref", "/repos/acme/hello-yard/git/ref/tags/hello-yard/v1.0.0", nil, 200},
		{"a ref that is not there", "/repos/acme/hello-yard/git/ref/tags/nope", nil, 404},
		{"a tree by commit", "/repos/acme/hello-yard/git/trees/" + w.v1, nil, 200},
		{"a tree by branch with a slash", "/repos/acme/hello-yard/git/trees/feature/x?recursive=1", nil, 200},
		{"contents of the root", "/repos/acme/hello-yard/contents", nil, 200},
		{"contents of the root with a slash", "/repos/acme/hello-yard/contents/", nil, 200},
		{"contents of a file", "/repos/acme/hello-yard/contents/includes/class.php?ref=v1.0.0", nil, 200},
		{"contents that are not there", "/repos/acme/hello-yard/contents/nope", nil, 404},
		{"contents of a ref that is not there", "/repos/acme/hello-yard/contents/readme.txt?ref=nope", nil, 404},
		{"an archive", "/repos/acme/hello-yard/zipball/v1.0.0", nil, 302},
		{"an archive of the default branch", "/repos/acme/hello-yard/zipball", nil, 302},
		{"properties", "/repos/acme/hello-yard/properties/values", nil, 200},
		{"rate limit", "/rate_limit", nil, 200},
		{"an owner's repositories", "/orgs/acme/repos", nil, 200},
		{"no such owner", "/orgs/nobody/repos", nil, 404},
		{"nothing of ours", "/emojis", nil, 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := w.get(t, test.path, test.headers...); got.StatusCode != test.want {
				t.Errorf("GET %s: %d, want %d\n%s", test.path, got.StatusCode, test.want, got.body)
			}
		})
	}
}
