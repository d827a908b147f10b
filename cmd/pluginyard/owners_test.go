package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// topical adds a repository with the topic and one release to the GitHub.
func (w *world) topical(name string, private bool) *githubtest.Repository {
	repo := w.hub.AddRepo(githubtest.Repo{
		Owner: "acme", Name: name, License: "GPL-2.0", Created: firstRelease,
		Private: private, Topics: []string{registry.DefaultTopic},
	})
	release(repo, 0, "1.0.0", sample(name, "1.0.0", 0))
	return repo
}

// runs starts the registry and its periodic work, as serve does.
func (w *world) runs() *registry.Service {
	service := w.start()
	ctx, cancel := context.WithCancel(w.Context())
	done := make(chan error, 1)
	go func() { done <- service.Run(ctx) }()
	stop := w.stop
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.Error(err)
		}
		stop()
	}
	return service
}

// answers wants an address to answer with this status and text.
func (w *world) answers(address string, status int, text string) {
	w.Helper()
	answer := w.must(address)
	if answer.status != status || !strings.Contains(string(answer.body), text) {
		w.Errorf("%s answers %d %.300s, want %d %s", address, answer.status, answer.body, status, text)
	}
}

func TestOwnersAreFollowed(t *testing.T) {
	w := newWorld(t)
	w.owners = []registry.Owner{{Name: "acme", Exclude: []string{"attic"}}}
	w.topical("hello-yard", false)
	fence := w.topical("fence-post", false)
	w.topical("attic", false)
	w.topical("gate-keeper", true)
	w.repo(registry.Repo{Owner: "acme", Name: "website"})
	document := func(slug string) string { return siteURL + "/" + slug + ".json" }
	after := func(change func(), lines ...string) {
		t.Helper()
		mark := w.log.mark()
		change()
		for _, line := range lines {
			w.log.await(t, mark, line)
			mark += strings.LastIndex(w.log.String()[mark:], "plugin was found") + 1 // its check comes after it
		}
	}
	after(func() { w.runs() }, "plugin was found.* plugin=hello-yard") // the last by name
	w.webhooks()
	w.mustWhole("hello-yard", "1.0.0")
	w.mustWhole("fence-post", "1.0.0")
	for _, slug := range []string{"attic", "gate-keeper", "website"} {
		w.answers(document(slug), 404, "no plugin or theme")
	}

	// A new one appears, without a restart.
	var garden *githubtest.Repository
	after(func() {
		garden = w.topical("garden-path", false)
		garden.Set(func(r *githubtest.Repo) { r.Description = "A path" })
	}, "plugin was found.* plugin=garden-path")
	w.mustWhole("garden-path", "1.0.0")
	w.answers(siteURL+"/plugin_info.json", 200, `"garden-path"`)

	// Made private, it is withheld; shown again, it is served again.
	after(func() { fence.Set(func(r *githubtest.Repo) { r.Private = true }) }, "plugin is withdrawn.* plugin=fence-post reason=private", "plugin checked.* plugin=fence-post")
	w.answers(document("fence-post"), 410, "its repository was made private")
	after(func() { fence.Set(func(r *githubtest.Repo) { r.Private = false }) }, "plugin was found.* plugin=fence-post", "plugin checked.* plugin=fence-post")
	w.mustWhole("fence-post", "1.0.0")

	// The topic goes; another repository is deleted.
	after(func() { fence.Set(func(r *githubtest.Repo) { r.Topics = nil }) }, "plugin is withdrawn.* plugin=fence-post reason=topic")
	w.answers(document("fence-post"), 410, "is not marked for this registry any more")
	after(garden.Delete, "plugin is withdrawn.* plugin=garden-path reason=gone")
	w.answers(document("garden-path"), 410, "was deleted or made private")
	w.answers(siteURL+"/plugin_info.json", 200, `"hello-yard"`)
	if body := string(w.must(siteURL + "/plugin_info.json").body); strings.Contains(body, "garden-path") || strings.Contains(body, "fence-post") {
		t.Errorf("what is withdrawn is listed: %s", body)
	}

	// With GitHub down, a restart changes nothing.
	w.stop()
	w.hub.SetFault(githubtest.Status(http.StatusBadGateway))
	w.runs()
	w.mustWhole("hello-yard", "1.0.0")
	w.answers(document("fence-post"), 410, "is not marked")
	w.answers(document("nobody"), 404, "no plugin or theme")
	w.stop()
}

// Half a list, and none, withdraw nothing.
func TestAWrongListWithdrawsNothing(t *testing.T) {
	w := newWorld(t)
	w.owners = []registry.Owner{{Name: "acme"}}
	for i := range 7 {
		w.topical(fmt.Sprintf("plugin-%d", i), false)
	}
	service := w.start()
	discover := func() error {
		w.clock.advance(5 * time.Hour)
		return service.Discover(w.Context())
	}
	if err := discover(); err != nil {
		t.Fatal(err)
	}
	listed := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/acme/repos") }
	for _, tt := range []struct{ name, list string }{
		{"none", "[]"},
		{"nonsense", `{"message":"Server Error"}`},
		{"half a list", fmt.Sprintf(`[{"id":%d,"name":"plugin-0","owner":{"login":"acme"},"default_branch":"main","topics":["wordpress-plugin"]}]`, w.hub.Repository("acme", "plugin-0").ID())},
	} {
		w.before(func(hub http.Handler) http.Handler {
			return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				if !listed(r) {
					hub.ServeHTTP(out, r)
					return
				}
				out.Header().Set("Content-Type", "application/json; charset=utf-8")
				fmt.Fprint(out, tt.list)
			})
		})
		_ = discover()
		for i := range 7 {
			w.mustWhole(fmt.Sprintf("plugin-%d", i), "1.0.0")
		}
		if left := service.Withdrawn(); len(left) > 0 {
			t.Errorf("%s: withdrawn: %+v", tt.name, left)
		}
	}
}

// What an idle look at an owner costs.
func TestAnIdleOwnerCostsNothing(t *testing.T) {
	w := newWorld(t)
	w.owners = []registry.Owner{{Name: "acme"}}
	for i := range 250 {
		w.hub.AddRepo(githubtest.Repo{Owner: "acme", Name: fmt.Sprintf("repo-%d", i), Created: firstRelease})
	}
	w.topical("hello-yard", false)
	service := w.start()
	if err := service.Discover(w.Context()); err != nil {
		t.Fatal(err)
	}
	w.mustWhole("hello-yard", "1.0.0")
	w.hub.ResetRequests()
	for range 6 { // a day
		w.clock.advance(4 * time.Hour)
		if err := service.Discover(w.Context()); err != nil {
			t.Fatal(err)
		}
	}
	asked := w.hub.Requests()
	for _, r := range asked {
		if r.Status != http.StatusNotModified {
			t.Errorf("%s %s answers %d, which counts against the limit", r.Method, r.Path, r.Status)
		}
	}
	if len(asked) < 6*3 {
		t.Errorf("%d requests in a day, want three pages each time", len(asked))
	}
}
