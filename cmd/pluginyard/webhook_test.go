package main

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// asked is what GitHub was asked since the last time, in short and sorted, with
// the status where that is not 200.
func (w *world) asked() string {
	var list []string
	for _, r := range w.hub.Requests() {
		path, _, _ := strings.Cut(r.Path, "?")
		path = regexp.MustCompile(`^/repos/[^/]+/[^/]+/?`).ReplaceAllString(path, "")
		path = regexp.MustCompile(`[0-9a-f]{40}`).ReplaceAllString(path, "SHA")
		switch {
		case path == "":
			path = "repository"
		case strings.HasPrefix(path, "/codeload/"):
			path = "archive"
		case strings.HasPrefix(path, "git/trees/"):
			path = "tree"
		}
		switch r.Status {
		case http.StatusNotModified:
			path += "=same"
		case http.StatusOK, http.StatusFound:
		default:
			path += "=" + http.StatusText(r.Status)
		}
		list = append(list, path)
	}
	w.hub.ResetRequests()
	slices.Sort(list)
	return strings.Join(list, " ")
}

// What each of GitHub's events makes us ask of GitHub, and no more.
func TestWhatEachWebhookCosts(t *testing.T) {
	const (
		unchanged = "releases/latest=same releases=same"
		rebuilt   = "archive commits/tags/v1.0.0 " + unchanged + " repository zipball/SHA"
	)
	looked := regexp.MustCompile(`msg="(?:plugin checked|news looked at)" plugin=hello-yard`)
	tests := []struct {
		name   string
		branch bool // somebody asked for the branch before
		event  func(w *world, repo *githubtest.Repository)
		want   string // of GitHub, sorted; "" is nothing, also in the background
	}{
		{"a branch that nobody serves", true, func(w *world, repo *githubtest.Repository) {
			repo.Commit("feature/x", "Work", sample("hello-yard", "1.1.0", 3), firstRelease)
			repo.DeleteBranch("feature/x")
		}, ""},
		{"the default branch, of which nobody wants packages", false, func(w *world, repo *githubtest.Repository) {
			repo.Commit("main", "Work", sample("hello-yard", "1.1.0", 3), firstRelease)
		}, ""},
		{"a branch that is served", true, func(w *world, repo *githubtest.Repository) {
			repo.Commit("main", "Work", sample("hello-yard", "1.1.0", 3), firstRelease)
		}, "archive commits/main zipball/SHA"},
		{"a tag without a release", false, func(w *world, repo *githubtest.Repository) {
			sha := repo.Commit("next", "Work", sample("hello-yard", "1.1.0", 3), firstRelease)
			w.last(func() { repo.Tag("nightly", sha) })()
		}, "releases=same"},
		{"a tag without a release that goes", false, func(w *world, repo *githubtest.Repository) {
			told := w.deaf()
			repo.Tag("nightly", repo.Commit("next", "Work", sample("hello-yard", "1.1.0", 3), firstRelease))
			told()
			repo.DeleteTag("nightly")
		}, ""},
		{"the tag of the release is moved", false, func(w *world, repo *githubtest.Repository) {
			told := w.deaf()
			sha := repo.Commit("next", "Work", sample("hello-yard", "1.1.0", 3), firstRelease)
			told()
			repo.Tag("v1.0.0", sha)
		}, "commits/tags/v1.0.0 " + unchanged + " repository=same"},
		{"a release", false, func(w *world, repo *githubtest.Repository) {
			w.deaf()
			repo.Tag("v1.1.0", repo.Commit("main", "Release", sample("hello-yard", "1.1.0", 3), firstRelease.Add(time.Hour)))
			w.last(func() { repo.Release(githubtest.Release{Tag: "v1.1.0"}) })()
		}, "archive commits/tags/v1.1.0 releases releases/latest repository zipball/SHA"},
		{"a release's text is edited", false, func(w *world, repo *githubtest.Repository) {
			w.last(func() {
				id := repo.Release(githubtest.Release{Tag: "v0.1.0", Draft: true})
				repo.EditRelease(id, func(r *githubtest.Release) { r.Body = "A draft's" })
			})()
		}, ""},
		{"a custom property", false, func(w *world, repo *githubtest.Repository) {
			repo.Set(func(r *githubtest.Repo) { r.Properties = map[string]any{"wp-tested": "6.9"} })
		}, rebuilt},
		{"the repository is archived", false, func(w *world, repo *githubtest.Repository) {
			repo.Set(func(r *githubtest.Repo) { r.Archived = true })
		}, rebuilt},
		{"the repository turns private", false, func(w *world, repo *githubtest.Repository) {
			repo.Set(func(r *githubtest.Repo) { r.Private = true })
		}, unchanged + " repository"},
		{"another repository", false, func(w *world, repo *githubtest.Repository) {
			other := w.hub.AddRepo(githubtest.Repo{Owner: "acme", Name: "other"})
			other.Tag("v1.0.0", other.Commit("main", "One", sample("other", "1.0.0", 1), firstRelease))
			other.Release(githubtest.Release{Tag: "v1.0.0"})
			other.Delete()
		}, ""},
		{"the App is installed, where nothing failed", false, func(w *world, repo *githubtest.Repository) {
			w.hub.Installation("created", "acme")
			w.hub.InstallationRepositories("added", "acme")
		}, ""},
		{"the webhook is set up", false, func(w *world, repo *githubtest.Repository) {
			w.hub.Ping("acme", "*")
		}, ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, registry.Plugin{Repo: helloYard})
			repo := w.repo(helloYard)
			release(repo, 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
			service := w.start()
			w.mustWhole("hello-yard", "1.0.0")
			if tc.branch {
				w.must("/branch/hello-yard.json")
			}
			w.webhooks()
			w.asked()
			mark := w.log.mark()
			tc.event(w, repo)
			if tc.want != "" {
				w.log.await(t, mark, looked.String())
			}
			service.Close() // whatever is under way ends
			got := w.asked()
			if got != tc.want {
				t.Errorf("GitHub was asked %q, want %q", got, tc.want)
			}
			t.Logf("%d requests: %s", len(strings.Fields(got)), got)
		})
	}
}

// deaf has nobody told of what changes until the returned function is called.
func (w *world) deaf() (hear func()) {
	w.hub.OnChange(nil)
	return w.webhooks
}

// last delivers only the last of what some changes would deliver, once that is
// asked for: several in a row are one check or two, as it comes.
func (w *world) last(change func()) (deliver func()) {
	var last githubtest.Delivery
	w.hub.OnChange(func(d githubtest.Delivery) { last = d })
	change()
	w.hub.OnChange(nil)
	return func() {
		if last.Event != "" {
			w.deliver(last)
		}
	}
}

// deliver sends one webhook, and gives the answer.
func (w *world) deliver(d githubtest.Delivery) string {
	w.Helper()
	request, err := signedWebhook("http://"+*w.at.Load()+"/plugins/webhooks/github", plantedSecret, d)
	if err != nil {
		w.Fatal(err)
	}
	answer, err := w.client.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusAccepted {
		w.Fatalf("status %d: %s: %v", answer.StatusCode, body, err)
	}
	return strings.TrimSpace(string(body))
}
