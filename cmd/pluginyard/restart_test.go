package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// After a restart everything is served from the directory alone, and the next
// check costs one request that GitHub does not count.
func TestRestartAsksGitHubNothing(t *testing.T) {
	for _, tc := range []struct {
		name   string
		plugin registry.Plugin
		check  string // the one request of a later check
	}{
		{"a plugin with releases", registry.Plugin{Repo: helloYard}, "/repos/acme/hello-yard/releases?"},
		{"releases only", registry.Plugin{Repo: helloYard, Source: registry.SourceRelease}, "/repos/acme/hello-yard/releases?"},
		{"a branch only", registry.Plugin{Repo: helloYard, Source: registry.SourceBranch}, "/repos/acme/hello-yard/commits/HEAD?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, tc.plugin)
			release(w.repo(helloYard), 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
			w.start()
			before := w.mustWhole("hello-yard", "1.0.0")
			w.stop()

			w.hub.ResetRequests()
			w.start()
			after := w.mustWhole("hello-yard", "1.0.0")
			if before.DownloadLink != after.DownloadLink {
				t.Errorf("the package was at %s and is at %s", before.DownloadLink, after.DownloadLink)
			}
			for _, path := range []string{"/", "/hello-yard/", "/plugin_info.json", "/readyz"} {
				if answer := w.must(path); answer.status != http.StatusOK {
					t.Errorf("%s: status %d", path, answer.status)
				}
			}
			if asked := w.hub.Requests(); len(asked) > 0 {
				t.Fatalf("GitHub was asked: %v", asked)
			}

			w.clock.advance(registry.DefaultEvery + time.Minute)
			remaining := w.remaining()
			mark := w.log.mark()
			w.hub.ResetRequests()
			w.mustWhole("hello-yard", "1.0.0")
			w.log.await(t, mark, `msg="plugin checked" plugin=hello-yard`)
			asked := w.hub.Requests()
			if len(asked) != 1 || !strings.HasPrefix(asked[0].Path, tc.check) || asked[0].Status != http.StatusNotModified || !asked[0].Authorization {
				t.Errorf("the check asked %v, want one GET %s… answered 304", asked, tc.check)
			}
			if now := w.remaining(); now != remaining {
				t.Errorf("the check cost %d of the rate limit", remaining-now)
			}
			t.Logf("restart: 0 requests; check: %d request, status %d, rate limit %d before and after", len(asked), asked[0].Status, remaining)
		})
	}
}

// Each change at GitHub is heard of by webhook, however close they come, and
// also what is no release.
func TestWebhooksAreHeardAtOnce(t *testing.T) {
	w := newWorld(t, registry.Plugin{Repo: helloYard})
	repo := w.repo(helloYard)
	release(repo, 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
	w.start()
	w.mustWhole("hello-yard", "1.0.0")
	w.webhooks()
	mark := w.log.mark()
	for n, version := range []string{"1.1.0", "1.2.0", "1.3.0", "1.4.0"} {
		release(repo, n+1, version, sample("hello-yard", version, 3)) // a push of a branch, one of a tag, a release
	}
	w.log.await(t, mark, `msg="package built" plugin=hello-yard .*version=1.4.0`)
	w.mustWhole("hello-yard", "1.4.0")

	mark = w.log.mark()
	repo.Set(func(r *githubtest.Repo) { r.Private = true })
	w.log.await(t, mark, `(?s)msg="plugin is not served: its repository is private.* msg="plugin checked" plugin=hello-yard`)
	for _, path := range []string{"/hello-yard.json", "/hello-yard.zip", "/release/hello-yard.proxy"} {
		if answer := w.must(path); answer.status != http.StatusForbidden {
			t.Errorf("%s of a plugin that turned private: status %d", path, answer.status)
		}
	}
}
