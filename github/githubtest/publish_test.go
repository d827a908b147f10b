package githubtest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

// publish posts to the control handler.
func (w *world) publish(query string) (int, string) {
	res := httptest.NewRecorder()
	w.Control().ServeHTTP(res, httptest.NewRequest(http.MethodPost, "/_publish?"+query, nil))
	return res.Code, res.Body.String()
}

func TestPublish(t *testing.T) {
	w := newWorld(t)
	status, body := w.publish("repo=acme/hello-yard&version=1.2.0&notes=" + url.QueryEscape("Greets twice.\n\nAnd more"))
	if status != 201 || !strings.Contains(body, `"tag":"v1.2.0"`) {
		t.Fatalf("publish: %d %s", status, body)
	}
	raw := func(path string) string {
		return w.get(t, "/repos/acme/hello-yard/contents/"+path+"?ref=v1.2.0", "Accept: application/vnd.github.raw").body
	}
	if diff := cmp.Diff("<?php\n/**\n * Plugin Name: Hello Yard\n * Version: 1.2.0\n */\n", raw("hello-yard.php")); diff != "" {
		t.Errorf("main file (-want +got):\n%s", diff)
	}
	readme := "=== Hello Yard ===\nStable tag: 1.2.0\n\nA yard.\n\n" +
		"== Changelog ==\n\n= 1.2.0 =\n* Greets twice. And more\n\n= 1.1.0 =\n* First.\n"
	if diff := cmp.Diff(readme, raw("readme.txt")); diff != "" {
		t.Errorf("readme (-want +got):\n%s", diff)
	}
	latest := decode[release](t, w.get(t, "/repos/acme/hello-yard/releases/latest"))
	if latest.Tag != "v1.2.0" || *latest.Body != "- Greets twice. And more" {
		t.Errorf("latest is %+v", latest)
	}
	main := w.get(t, "/repos/acme/hello-yard/commits/main", "Accept: application/vnd.github.sha").body
	if tag := w.get(t, "/repos/acme/hello-yard/commits/v1.2.0", "Accept: application/vnd.github.sha").body; tag != main {
		t.Errorf("the tag is at %s, main at %s", tag, main)
	}
	if got := w.get(t, "/repos/acme/hello-yard/contents/bin/build.sh?ref=v1.2.0").StatusCode; got != 200 {
		t.Errorf("another file of the release: %d", got)
	}
}

func TestPublishRefusals(t *testing.T) {
	w := newWorld(t)
	w.AddRepo(githubtest.Repo{Owner: "acme", Name: "empty"})
	for query, want := range map[string]string{
		"":                                         "no such repository",
		"repo=acme/nothing&version=1.0":            "no such repository",
		"repo=acme/hello-yard":                     "is no version",
		"repo=acme/hello-yard&version=1.0%0a":      "is no version",
		"repo=acme/hello-yard&version=../x":        "is no version",
		"repo=acme/hello-yard&version=1.1.0":       "tag v1.1.0 exists",
		"repo=acme/empty&version=1.0":              "no release",
		"repo=acme/hello-yard&version=3&path=none": "no PHP file",
		"repo=acme/hello-yard&version=3&notes=" + strings.Repeat("long", 2000): "longer",
	} {
		if status, body := w.publish(query); status != 422 || !strings.Contains(body, want) {
			t.Errorf("publish?%.60s: %d %s, want %q", query, status, body, want)
		}
	}
	res := httptest.NewRecorder()
	w.Control().ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/_publish?repo=acme/hello-yard&version=3", nil))
	if res.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", res.Code)
	}
}

func TestPublishKeepsHabits(t *testing.T) {
	tests := []struct {
		name, tag, want  string
		main, mainWant   string
		readme, readWant string
	}{
		{
			"a tag without v and a Markdown readme", "1.9", "2.0",
			"<?php /* Plugin Name: X */\n/* Version: 1.9 */\n", "<?php /* Plugin Name: X */\n/* Version: 2.0 */\n",
			"# X\n**Stable tag:** 1.9\n\n## Changelog\n\n### 1.9\n", "# X\n**Stable tag:** 2.0\n\n## Changelog\n\n### 2.0\n* Release 2.0.\n\n### 1.9\n",
		},
		{
			"a monorepo's tag and lines that end in CR LF", "hello/v1.9", "hello/v2.0",
			"<?php\r\n# Plugin Name: X\r\n# Version:  1.9  \r\n", "<?php\r\n# Plugin Name: X\r\n# Version:  2.0  \r\n",
			"Stable tag: 1.9\r\n== Changelog ==\r\n= 1.9 =\r\n", "Stable tag: 2.0\r\n== Changelog ==\r\n\r\n= 2.0 =\r\n* Release 2.0.\r\n= 1.9 =\r\n",
		},
		{
			"trunk, no changelog and no version", "release-1", "release-2.0",
			"<?php // Plugin Name: X\n", "<?php // Plugin Name: X\n",
			"Stable tag: trunk\n", "Stable tag: trunk\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := serve(t, githubtest.New())
			r := w.AddRepo(githubtest.Repo{Owner: "acme", Name: "x"})
			// A clock that is behind must not make an older release of it.
			w.Clock(func() time.Time { return day1 })
			sha := r.Commit("main", "", fstest.MapFS{"x.php": {Data: []byte(test.main)}, "README.md": {Data: []byte(test.readme)}}, day2)
			r.Tag(test.tag, sha)
			r.Release(githubtest.Release{Tag: test.tag})
			if status, body := w.publish("repo=Acme/X&version=2.0"); status != 201 {
				t.Fatalf("%d %s", status, body)
			}
			if got := decode[release](t, w.get(t, "/repos/acme/x/releases/latest")).Tag; got != test.want {
				t.Errorf("tag %q, want %q", got, test.want)
			}
			for path, want := range map[string]string{"x.php": test.mainWant, "README.md": test.readWant} {
				got := w.get(t, "/repos/acme/x/contents/"+path, "Accept: application/vnd.github.raw").body
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", path, diff)
				}
			}
		})
	}
}

func TestEvents(t *testing.T) {
	w := newWorld(t)
	var got []string
	seen := map[string]bool{}
	w.OnChange(func(d githubtest.Delivery) {
		if len(d.GUID) != 36 || seen[d.GUID] {
			t.Errorf("delivery %q", d.GUID)
		}
		seen[d.GUID] = true
		var p struct {
			Action, Ref, Before, After string
			Release                    struct {
				Tag string `json:"tag_name"`
			}
			Repository struct {
				FullName string `json:"full_name"`
			}
			New []struct {
				Name  string `json:"property_name"`
				Value any
			} `json:"new_property_values"`
		}
		if err := json.Unmarshal(d.Payload, &p); err != nil {
			t.Error(err)
		}
		line := strings.TrimSpace(strings.Join([]string{d.Event, p.Action, p.Ref, p.Release.Tag, p.Repository.FullName}, " "))
		if len(p.New) > 0 {
			line += " " + p.New[0].Name
		}
		got = append(got, strings.Join(strings.Fields(line), " "))
		w.Requests() // the GitHub may be used from here
		w.Repository("acme", "hello-yard")
	})
	if status, body := w.publish("repo=acme/hello-yard&version=4.0"); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	w.yard.Release(githubtest.Release{Tag: "none", Draft: true})
	w.yard.Set(func(r *githubtest.Repo) { r.Private, r.Archived = true, true })
	w.yard.Set(func(r *githubtest.Repo) { r.Name, r.Properties = "new-yard", map[string]any{"wp-slug": "x"} })
	w.yard.Set(func(r *githubtest.Repo) { r.Description, r.Private = "else", false })
	w.yard.EditRelease(w.latest, func(r *githubtest.Release) { r.Body = "Mended." })
	w.yard.EditRelease(w.latest, func(r *githubtest.Release) { r.Draft = true })
	w.yard.DeleteRelease(w.latest)
	w.yard.Commit("next", "", fstest.MapFS{"a": {}}, day1)
	w.yard.DeleteBranch("next")
	w.yard.DeleteTag("v4.0")
	w.yard.Delete()
	w.AddRepo(githubtest.Repo{Owner: "acme", Name: "gate"})
	w.Installation("created", "acme")
	w.InstallationRepositories("removed", "acme")
	w.Ping("acme", "push")
	want := []string{
		"push refs/heads/main Acme/hello-yard",
		"create v4.0 Acme/hello-yard",
		"push refs/tags/v4.0 Acme/hello-yard",
		"release created v4.0 Acme/hello-yard",
		"release published v4.0 Acme/hello-yard",
		"release released v4.0 Acme/hello-yard",
		"repository privatized Acme/hello-yard",
		"repository archived Acme/hello-yard",
		"repository renamed Acme/new-yard",
		"custom_property_values updated Acme/new-yard wp-slug",
		"repository publicized Acme/new-yard",
		"repository edited Acme/new-yard",
		"release edited v1.1.0 Acme/new-yard",
		"release unpublished v1.1.0 Acme/new-yard",
		"release deleted v1.1.0 Acme/new-yard",
		"create next Acme/new-yard",
		"push refs/heads/next Acme/new-yard",
		"delete next Acme/new-yard",
		"push refs/heads/next Acme/new-yard",
		"delete v4.0 Acme/new-yard",
		"push refs/tags/v4.0 Acme/new-yard",
		"repository deleted Acme/new-yard",
		"repository created acme/gate",
		"installation created",
		"installation_repositories removed",
		"ping",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestPublishATheme(t *testing.T) {
	w := serve(t, githubtest.New())
	r := w.AddRepo(githubtest.Repo{Owner: "acme", Name: "x"})
	sha := r.Commit("main", "", fstest.MapFS{
		"style.css":      {Data: []byte("/*\nTheme Name: X\nVersion: 1.9\n*/\n")},
		"css/style.css":  {Data: []byte("/* Version: 1.9 */\n")},
		"inc/plugin.php": {Data: []byte("<?php // Plugin Name: A part of it\n")},
	}, day1)
	r.Tag("v1.9", sha)
	r.Release(githubtest.Release{Tag: "v1.9"})
	if status, body := w.publish("repo=acme/x&version=2.0"); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	got := w.get(t, "/repos/acme/x/contents/style.css", "Accept: application/vnd.github.raw").body
	if want := "/*\nTheme Name: X\nVersion: 2.0\n*/\n"; got != want {
		t.Errorf("style.css is %q, want %q", got, want)
	}
}
