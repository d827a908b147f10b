package githubtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

func TestConditionalRequests(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{
		"/repos/acme/hello-yard", "/repos/acme/hello-yard/releases", "/repos/acme/hello-yard/releases/latest",
		"/repos/acme/hello-yard/commits/main", "/repos/acme/hello-yard/contents", "/repos/acme/hello-yard/properties/values",
		"/repos/acme/hello-yard/git/trees/main?recursive=1", "/repos/acme/hello-yard/branches/main",
	} {
		first := w.get(t, path)
		etag := first.Header.Get("ETag")
		if !strings.HasPrefix(etag, `W/"`) {
			t.Errorf("GET %s: ETag %q is not weak", path, etag)
		}
		before := w.remaining(t)
		second := w.get(t, path, "If-None-Match: "+etag)
		if second.StatusCode != 304 || second.body != "" || second.Header.Get("ETag") != etag {
			t.Errorf("GET %s again: %d %q, ETag %q", path, second.StatusCode, second.body, second.Header.Get("ETag"))
		}
		if after := w.remaining(t); after != before {
			t.Errorf("GET %s again: 304 cost %s to %s", path, before, after)
		}
		for _, tag := range []string{strings.TrimPrefix(etag, "W/"), `"other", ` + etag, "*"} {
			if got := w.get(t, path, "If-None-Match: "+tag).StatusCode; got != 304 {
				t.Errorf("GET %s with If-None-Match %s: %d", path, tag, got)
			}
		}
		if got := w.get(t, path, `If-None-Match: W/"other"`).StatusCode; got != 200 {
			t.Errorf("GET %s with another's tag: %d", path, got)
		}
	}
}

// remaining is the allowance as /rate_limit tells it, at no cost.
func (w *world) remaining(t *testing.T) string {
	t.Helper()
	return w.get(t, "/rate_limit").Header.Get("X-RateLimit-Remaining")
}

func TestLastModified(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		path  string
		since time.Time
		want  int
	}{
		{"/repos/acme/hello-yard", day3, 304},
		{"/repos/acme/hello-yard", day2, 200},
		{"/repos/acme/hello-yard/releases/latest", day2, 304},
		{"/repos/acme/hello-yard/releases/latest", day2.Add(-time.Second), 200},
		{"/repos/acme/hello-yard/commits/main", day2, 304},
		{"/repos/acme/hello-yard/contents/readme.txt?ref=v1.0.0", day1, 304},
		{"/repos/acme/hello-yard/releases", day3, 200}, // lists have no Last-Modified
	}
	for _, test := range tests {
		since := "If-Modified-Since: " + test.since.Format(http.TimeFormat)
		if got := w.get(t, test.path, since); got.StatusCode != test.want {
			t.Errorf("GET %s since %v: %d, want %d", test.path, test.since, got.StatusCode, test.want)
		}
		// RFC 9110: the tag counts, not the date.
		if got := w.get(t, test.path, since, `If-None-Match: "x"`); got.StatusCode != 200 {
			t.Errorf("GET %s since %v with a wrong tag: %d, want 200", test.path, test.since, got.StatusCode)
		}
	}
}

func TestChangesAreSeen(t *testing.T) {
	w := newWorld(t)
	etag := "If-None-Match: " + w.get(t, "/repos/acme/hello-yard").Header.Get("ETag")
	w.yard.Set(func(r *githubtest.Repo) { r.Properties["wp-requires"] = "6.5" })
	got := w.get(t, "/repos/acme/hello-yard", etag)
	if got.StatusCode != 200 || !strings.Contains(got.body, `"wp-requires":"6.5"`) {
		t.Errorf("after a property's change: %d", got.StatusCode)
	}
	releases := w.get(t, "/repos/acme/hello-yard/releases/latest")
	w.yard.DeleteRelease(w.latest)
	got = w.get(t, "/repos/acme/hello-yard/releases/latest", "If-None-Match: "+releases.Header.Get("ETag"))
	if tag := decode[release](t, got).Tag; tag != "v1.0.0" {
		t.Errorf("latest after the last one is gone: %q", tag)
	}
	w.yard.Tag("v1.0.0", w.v2)
	if got := w.get(t, "/repos/acme/hello-yard/commits/v1.0.0", "Accept: application/vnd.github.sha").body; got != w.v2 {
		t.Errorf("a moved tag is at %s, want %s", got, w.v2)
	}
	w.yard.DeleteTag("v1.0.0")
	if got := w.get(t, "/repos/acme/hello-yard/releases/tags/v1.0.0").StatusCode; got != 404 {
		t.Errorf("the release of a deleted tag: %d, want 404", got)
	}
	w.yard.Delete()
	if got := w.get(t, "/repos/acme/hello-yard", auth).StatusCode; got != 404 {
		t.Errorf("a deleted repository: %d, want 404", got)
	}
}

// release is what the tests read of a release.
type release struct {
	ID      int64   `json:"id"`
	Tag     string  `json:"tag_name"`
	Name    *string `json:"name"`
	Body    *string `json:"body"`
	Draft   bool    `json:"draft"`
	Created string  `json:"created_at"`
	Zipball string  `json:"zipball_url"`
	Page    string  `json:"html_url"`
	Assets  []struct {
		URL      string  `json:"url"`
		Name     string  `json:"name"`
		Type     string  `json:"content_type"`
		Size     int     `json:"size"`
		Digest   *string `json:"digest"`
		Download string  `json:"browser_download_url"`
	} `json:"assets"`
}

func tags(list []release) []string {
	var tags []string
	for _, r := range list {
		tags = append(tags, r.Tag)
	}
	return tags
}

func TestReleasesAreListedByTheirCommit(t *testing.T) {
	w := newWorld(t)
	// Published last, of the oldest commit: neither first nor latest.
	w.yard.Tag("v0.9.0", w.v1)
	w.yard.Release(githubtest.Release{Tag: "v0.9.0", Published: day3.AddDate(0, 0, 1)})
	got := tags(decode[[]release](t, w.get(t, "/repos/acme/hello-yard/releases")))
	if diff := cmp.Diff([]string{"v1.2.0-beta", "v1.1.0", "v0.9.0", "v1.0.0"}, got); diff != "" {
		t.Errorf("releases (-want +got):\n%s", diff)
	}
	latest := decode[release](t, w.get(t, "/repos/acme/hello-yard/releases/latest"))
	if latest.Tag != "v1.1.0" || latest.Name != nil || *latest.Body != "- Second" || latest.Created != "2025-03-02T12:00:00Z" {
		t.Errorf("latest is %+v", latest)
	}
	withDrafts := tags(decode[[]release](t, w.get(t, "/repos/acme/hello-yard/releases", auth)))
	if diff := cmp.Diff([]string{"v2.0.0", "v1.2.0-beta", "v1.1.0", "v0.9.0", "v1.0.0"}, withDrafts); diff != "" {
		t.Errorf("releases for their owner (-want +got):\n%s", diff)
	}
}

func TestPages(t *testing.T) {
	g := githubtest.New()
	r := g.AddRepo(githubtest.Repo{Owner: "acme", Name: "many"})
	for i := range 65 {
		sha := r.Commit("main", "", fstest.MapFS{"a": {Data: []byte(fmt.Sprint(i))}}, day1.Add(time.Duration(i)*time.Hour))
		tag := fmt.Sprintf("v%d", i)
		r.Tag(tag, sha)
		r.Release(githubtest.Release{Tag: tag})
	}
	w := serve(t, g)
	tests := []struct {
		query string
		count int
		first string
		links string // of rel and page
	}{
		{"", 30, "v64", "next=2 last=3"},
		{"?page=2", 30, "v34", "prev=1 next=3 last=3 first=1"},
		{"?page=3", 5, "v4", "prev=2 first=1"},
		{"?page=4", 0, "", "prev=3 first=1"},
		{"?page=99", 0, "", "prev=3 first=1"},
		{"?per_page=100", 65, "v64", ""},
		{"?per_page=1000", 65, "v64", ""},
		{"?per_page=64&page=2", 1, "v0", "prev=1 first=1"},
		{"?per_page=x&page=-1", 30, "v64", "next=2 last=3"},
	}
	for _, test := range tests {
		res := w.get(t, "/repos/acme/many/releases"+test.query)
		list := decode[[]release](t, res)
		first := ""
		if len(list) > 0 {
			first = list[0].Tag
		}
		if len(list) != test.count || first != test.first {
			t.Errorf("releases%s: %d from %q, want %d from %q", test.query, len(list), first, test.count, test.first)
		}
		if got := w.links(t, res); got != test.links {
			t.Errorf("releases%s: links %q, want %q", test.query, got, test.links)
		}
	}
}

// links reads a Link header as "next=2 last=3", following each to see that it
// is one of ours.
func (w *world) links(t *testing.T, res response) string {
	t.Helper()
	header := res.Header.Get("Link")
	if header == "" {
		return ""
	}
	var links []string
	for part := range strings.SplitSeq(header, ", ") {
		address, rel, _ := strings.Cut(part, "; ")
		got := w.get(t, strings.Trim(address, "<>"))
		if got.StatusCode != 200 || !strings.Contains(address, "/repositories/") {
			t.Errorf("link %s: %d", part, got.StatusCode)
		}
		page := got.Request.URL.Query().Get("page")
		links = append(links, strings.TrimSuffix(strings.TrimPrefix(rel, `rel="`), `"`)+"="+page)
	}
	return strings.Join(links, " ")
}

func TestRenamedRepository(t *testing.T) {
	w := newWorld(t)
	w.yard.Set(func(r *githubtest.Repo) { r.Name = "renamed" })
	res := w.get(t, "/repos/ACME/hello-yard/releases/tags/v1.0.0?x=1")
	want := fmt.Sprintf("%s/repositories/%d/releases/tags/v1.0.0?x=1", w.URL, w.yard.ID())
	if res.StatusCode != 301 || res.Header.Get("Location") != want || !strings.Contains(res.body, `"message":"Moved Permanently"`) {
		t.Fatalf("the old name: %d to %q\n%s", res.StatusCode, res.Header.Get("Location"), res.body)
	}
	if got := decode[release](t, w.get(t, want)).Tag; got != "v1.0.0" {
		t.Errorf("behind the redirect is %q", got)
	}
	if got := w.get(t, "/api/v3/repos/acme/hello-yard").Header.Get("Location"); !strings.Contains(got, "/api/v3/repositories/") {
		t.Errorf("an Enterprise server redirects to %q", got)
	}
	// Whoever takes the old name gets it.
	w.AddRepo(githubtest.Repo{Owner: "acme", Name: "hello-yard"})
	if got := w.get(t, "/repos/acme/hello-yard").StatusCode; got != 200 {
		t.Errorf("the old name taken again: %d", got)
	}
	w.secret.Set(func(r *githubtest.Repo) { r.Name = "other-secret" })
	if got := w.get(t, "/repos/acme/secret").StatusCode; got != 404 {
		t.Errorf("a private repository's old name tells itself by %d", got)
	}
	if got := w.get(t, "/repos/acme/secret", auth).StatusCode; got != 301 {
		t.Errorf("a private repository's old name for its owner: %d", got)
	}
}

func TestCommitForms(t *testing.T) {
	w := newWorld(t)
	res := w.get(t, "/repos/acme/hello-yard/commits/main")
	got := decode[struct {
		SHA    string
		Commit struct {
			Message   string
			Committer struct{ Date string }
			Tree      struct{ SHA string }
		}
		Parents []struct{ SHA string }
	}](t, res)
	if got.SHA != w.v2 || got.Commit.Message != "Two" || got.Commit.Committer.Date != "2025-03-02T12:00:00Z" || got.Parents[0].SHA != w.v1 {
		t.Errorf("main is %+v", got)
	}
	for _, accept := range []string{"application/vnd.github.sha", "application/vnd.github.v3.sha", "text/html, application/vnd.github.sha; q=1"} {
		res := w.get(t, "/repos/acme/hello-yard/commits/main", "Accept: "+accept)
		if res.body != w.v2 || res.Header.Get("ETag") != `"`+w.v2+`"` {
			t.Errorf("as %s: %q, ETag %s", accept, res.body, res.Header.Get("ETag"))
		}
		again := w.get(t, "/repos/acme/hello-yard/commits/main", "Accept: "+accept, `If-None-Match: "`+w.v2+`"`)
		if again.StatusCode != 304 {
			t.Errorf("as %s again: %d", accept, again.StatusCode)
		}
	}
}

func TestProperties(t *testing.T) {
	w := newWorld(t)
	got := w.get(t, "/repos/acme/hello-yard/properties/values").body
	want := `[{"property_name":"wp-requires","value":"6.2"},{"property_name":"wp-tags","value":["a","b"]},{"property_name":"wp-tested","value":null}]`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	repo := decode[struct {
		Properties map[string]any `json:"custom_properties"`
	}](t, w.get(t, "/repos/acme/hello-yard"))
	all := map[string]any{"wp-requires": "6.2", "wp-tags": []any{"a", "b"}, "wp-tested": nil}
	if diff := cmp.Diff(all, repo.Properties); diff != "" {
		t.Errorf("custom_properties (-want +got):\n%s", diff)
	}
}

func TestOwnersRepositories(t *testing.T) {
	w := newWorld(t)
	names := func(res response) string {
		var names []string
		for _, r := range decode[[]struct{ Name string }](t, res) {
			names = append(names, r.Name)
		}
		return strings.Join(names, " ")
	}
	tests := []struct {
		path    string
		headers []string
		want    string
	}{
		{"/orgs/acme/repos", nil, "hello-yard"},
		{"/orgs/acme/repos", []string{auth}, "hello-yard secret"},
		{"/users/acme/repos", []string{auth}, "hello-yard"},
		{"/orgs/acme/repos?per_page=1&page=2", []string{auth}, "secret"},
	}
	for _, test := range tests {
		if got := names(w.get(t, test.path, test.headers...)); got != test.want {
			t.Errorf("GET %s: %s, want %s", test.path, got, test.want)
		}
	}
}

func TestLimit(t *testing.T) {
	w := newWorld(t)
	now := time.Now().Truncate(time.Second)
	w.Clock(func() time.Time { return now })
	w.Limit(2, now.Add(time.Minute))
	first := w.get(t, "/repos/acme/hello-yard")
	if got := first.Header; got.Get("X-RateLimit-Remaining") != "1" || got.Get("X-RateLimit-Limit") != "5000" ||
		got.Get("X-RateLimit-Used") != "4999" || got.Get("X-RateLimit-Reset") != fmt.Sprint(now.Add(time.Minute).Unix()) {
		t.Errorf("headers: %v", got)
	}
	w.get(t, "/repos/acme/hello-yard", "If-None-Match: "+first.Header.Get("ETag"))
	if got := w.get(t, "/repos/acme/hello-yard"); got.StatusCode != 200 || got.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("the last one allowed: %d, %v", got.StatusCode, got.Header)
	}
	refused := w.get(t, "/repos/acme/hello-yard")
	if refused.StatusCode != 403 || refused.Header.Get("X-RateLimit-Remaining") != "0" || !strings.Contains(refused.body, "API rate limit exceeded") {
		t.Errorf("beyond the limit: %d %v\n%s", refused.StatusCode, refused.Header, refused.body)
	}
	w.LimitStatus(429)
	if got := w.get(t, "/repos/acme/hello-yard", auth); got.StatusCode != 429 || !strings.Contains(got.body, "for user ID 1") {
		t.Errorf("beyond the limit: %d\n%s", got.StatusCode, got.body)
	}
	for _, free := range []string{"/rate_limit", "/codeload/acme/hello-yard/legacy.zip/main"} {
		if got := w.get(t, free).StatusCode; got != 200 {
			t.Errorf("GET %s beyond the limit: %d", free, got)
		}
	}
	now = now.Add(time.Minute)
	if got := w.get(t, "/repos/acme/hello-yard"); got.StatusCode != 200 || got.Header.Get("X-RateLimit-Remaining") != "4999" {
		t.Errorf("after the reset: %d, %v", got.StatusCode, got.Header)
	}
}

func TestRequestsAreListed(t *testing.T) {
	w := newWorld(t)
	w.get(t, "/repos/acme/hello-yard?x=1", auth)
	w.get(t, "/repos/acme/nothing")
	host := strings.TrimPrefix(w.URL, "http://")
	want := []githubtest.Request{
		{Method: "GET", Path: "/repos/acme/hello-yard?x=1", Host: host, Status: 200, Authorization: true, Counted: true},
		{Method: "GET", Path: "/repos/acme/nothing", Host: host, Status: 404, Counted: true},
	}
	if diff := cmp.Diff(want, w.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	w.ResetRequests()
	if got := w.Requests(); len(got) != 0 {
		t.Errorf("after the reset: %v", got)
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/repos/acme/hello-yard", "/codeload/acme/hello-yard/legacy.zip/main"} {
		get, head := w.get(t, path), w.do(t, http.MethodHead, path, "")
		if head.StatusCode != 200 || head.body != "" || head.Header.Get("ETag") != get.Header.Get("ETag") {
			t.Errorf("HEAD %s: %d %q", path, head.StatusCode, head.body)
		}
	}
}

func TestEnterpriseLinksStayOnTheHost(t *testing.T) {
	w := newWorld(t)
	body := w.get(t, "/api/v3/repos/acme/hello-yard/releases").body
	if strings.Contains(body, "github.com") || !strings.Contains(body, w.URL+"/api/v3/repos/Acme/hello-yard/zipball/v1.1.0") {
		t.Errorf("links leave the host:\n%s", body)
	}
}
