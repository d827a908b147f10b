package githubtest

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"
)

// FuzzServe asks for arbitrary things: an answer has a status of the API's,
// JSON where it says so, and nothing of the private repository.
func FuzzServe(f *testing.F) {
	g := New()
	g.RequireToken("token")
	for _, name := range []string{"yard", "secret"} {
		r := g.AddRepo(Repo{Owner: "acme", Name: name, Private: name == "secret", Description: "about " + name})
		sha := r.Commit("main", "about "+name, fstest.MapFS{"a/b.txt": {Data: []byte("about " + name)}}, time.Unix(1e9, 0))
		r.Tag("v1/x", sha)
		r.Release(Release{Tag: "v1/x", Body: "about " + name, Assets: []Asset{{Name: "about " + name}}})
	}
	g.Limit(1<<40, time.Now().Add(time.Hour))
	for _, path := range []string{
		"/repos/acme/yard", "/repos/acme/secret/releases", "/repos/acme/yard/contents/a/b.txt?ref=v1%2Fx", "/api/v3/repositories/1000001",
		"/repos/acme/yard/git/trees/main?recursive=1", "/codeload/acme/secret/legacy.zip/main?token=1.x", "/objects/1000004/1000006?token=9999999999.0",
		"/raw/acme/secret/main/a/b.txt", "/repos/acme/yard/commits?page=9&per_page=-1", "/avatars/u/1", "/acme/yard/releases/download/v1/x/about%20yard",
		"/app/installations/1/access_tokens", "/orgs/acme/repos?page=99999999999999999999", "//", "/repos/acme/yard/zipball/../..",
	} {
		for _, auth := range []string{"", "Bearer a.b.c", "Basic Og=="} {
			f.Add(path, auth, "application/vnd.github.raw", "W/\"x\"", true)
		}
	}
	f.Fuzz(func(t *testing.T, path, auth, accept, etag string, post bool) {
		address, err := url.ParseRequestURI("http://localhost/" + strings.TrimPrefix(path, "/"))
		if err != nil || strings.Contains(auth, "token") {
			return
		}
		r := &http.Request{Method: http.MethodGet, URL: address, Host: "localhost", Body: http.NoBody, Header: http.Header{
			"Authorization": {auth}, "Accept": {accept}, "If-None-Match": {etag},
		}}
		if post {
			r.Method = http.MethodPost
		}
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		g.ResetRequests()
		switch w.Code {
		case 200, 206, 301, 302, 304, 400, 401, 403, 404, 409, 422:
		default:
			t.Errorf("status %d", w.Code)
		}
		kind, _, _ := mime.ParseMediaType(w.Header().Get("Content-Type"))
		if kind == "application/json" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("not JSON: %q", w.Body)
		}
		if strings.Contains(w.Body.String(), "about secret") {
			t.Errorf("tells of the private repository: %q", w.Body)
		}
	})
}

// FuzzSetReadme checks that publishing adds to a readme and loses nothing, and
// that the second publication is as good as the first.
func FuzzSetReadme(f *testing.F) {
	for _, seed := range []string{
		"Stable tag: 1.0\n\n== Changelog ==\n= 1.0 =\n", "Stable tag: trunk", "**Stable tag:** 1\r\n## Changelog\r\n", "== changelog==\n", "Stable tag:",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		const entry = "\n* Notes of 7.8.9."
		once := setReadme(text, "7.8.9", "Notes of 7.8.9.")
		added := strings.Contains(strings.ReplaceAll(once, "\r", ""), entry)
		if added != changelog.MatchString(text) {
			t.Errorf("changelog entry added: %v\n%q\n%q", added, text, once)
		}
		if len(once) > len(text)+200 {
			t.Errorf("%d bytes became %d", len(text), len(once))
		}
		twice := setReadme(once, "7.8.10", "Again.")
		if m := stableKey.FindString(text); m != "" && !strings.HasSuffix(strings.ToLower(strings.TrimSpace(m)), "trunk") {
			if got := stableKey.FindString(twice); !strings.Contains(got, "7.8.10") || strings.Contains(got, "7.8.9") {
				t.Errorf("stable tag %q after %q", got, m)
			}
		}
	})
}
