package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

var mallory = registry.Repo{Owner: "mallory", Name: "hello-yard"}

// held is a world in which version 1.0.0 of hello-yard is served.
type held struct {
	*world
	repo    *githubtest.Repository
	service *registry.Service
}

func newHeld(t *testing.T, plugins ...registry.Plugin) *held {
	if len(plugins) == 0 {
		plugins = []registry.Plugin{{Repo: helloYard}}
	}
	h := &held{world: newWorld(t, plugins...)}
	h.repo = h.world.repo(helloYard)
	return h
}

// serve begins to serve version 1.0.0.
func (h *held) serve(assets ...githubtest.Asset) *document {
	h.Helper()
	release(h.repo, 0, "1.0.0", sample("hello-yard", "1.0.0", 3), assets...)
	h.service = h.start()
	return h.mustWhole("hello-yard", "1.0.0")
}

// look has the registry ask GitHub, as a webhook would, and waits for that.
func (h *held) look() {
	h.Helper()
	mark := h.log.mark()
	if !h.service.Refresh(helloYard) {
		h.Fatal("no plugin is of acme/hello-yard")
	}
	h.log.await(h.TB.(*testing.T), mark, checkOver)
}

// looked waits for a check that began after something was approved.
func (h *held) looked(mark int) {
	h.Helper()
	h.log.await(h.TB.(*testing.T), mark, `(?s)approved by the operator.*`+checkOver)
}

// run has the registry look after itself until the test ends.
func (h *held) run() {
	ctx, cancel := context.WithCancel(h.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.service.Run(ctx) // nil when the context ends
	}()
	stop := h.stop
	h.stop = func() {
		cancel()
		<-done
		stop()
	}
}

// approve runs the command beside the server, and wants its exit code.
func (h *held) approve(code int, args ...string) string {
	h.Helper()
	return h.approves(code, fmt.Sprintf("plugins:\n  - repository: %s\n    slug: hello-yard\n", h.plugins[0].Repo), append([]string{"hello-yard"}, args...)...)
}

// approves runs the command over what is configured, and wants its exit code.
func (w *world) approves(code int, configured string, args ...string) string {
	w.Helper()
	file := filepath.Join(w.TempDir(), "pluginyard.yaml")
	text := fmt.Sprintf("data: %s\ngithub:\n  api_url: %s\n  token: %s\n%s", w.data, w.api.URL, plantedToken, configured)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	var out, errs bytes.Buffer
	got := run(w.Context(), append([]string{"approve", "--config", file}, args...), strings.NewReader(""), &out, &errs, nil)
	if got != code {
		w.Errorf("approve %s ended with %d, want %d:\n%s%s", args, got, code, &out, &errs)
	}
	if secret := plantedIn(out.String() + errs.String()); secret != "" {
		w.Errorf("approve tells the %s", secret)
	}
	return out.String() + errs.String()
}

func (h *held) wantsSaid(text string, want ...string) {
	h.Helper()
	for _, part := range want {
		if !said(part).MatchString(text) {
			h.Errorf("it does not say %q but:\n%s", part, text)
		}
	}
}

// nothingNew wants everything that would have to be built to be refused, and
// what was served to be served, marked.
func (h *held) nothingNew(refused ...string) {
	h.Helper()
	h.mustWhole("hello-yard", "1.0.0")
	for _, path := range []string{"/hello-yard.json", "/hello-yard.zip", "/release/hello-yard.proxy", "/plugin_info.json", "/hello-yard.upgrademe", "/plugin/hello-yard.zip"} {
		answer := h.must(path)
		if got := answer.header.Get("Pluginyard-Stale"); !said(`^since="2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", reason="held"$`).MatchString(got) || answer.header.Get("Age") == "" {
			h.Errorf("%s is answered %d with Pluginyard-Stale %q and Age %q", path, answer.status, got, answer.header.Get("Age"))
		}
	}
	for _, path := range refused {
		if answer := h.must(path); answer.status != http.StatusServiceUnavailable || answer.header.Get("Retry-After") != "300" || !strings.Contains(string(answer.body), `"code":"held"`) {
			h.Errorf("%s is answered %d, Retry-After %q: %.200s", path, answer.status, answer.header.Get("Retry-After"), answer.body)
		}
	}
}

func TestATransferredRepositoryIsHeld(t *testing.T) {
	t.Parallel()
	h := newHeld(t)
	h.serve()
	if h.must("/hello-yard.json").header.Get("Pluginyard-Stale") != "" {
		t.Error("a fresh answer is marked")
	}
	h.approve(0)
	mark := h.log.mark()
	h.repo.Set(func(r *githubtest.Repo) { r.Owner = mallory.Owner })
	release(h.repo, 1, "6.6.6", sample("hello-yard", "6.6.6", 3))
	h.look()
	h.log.await(t, mark, `level=ERROR msg="plugin is held: .*cause=owner .*was.repo=acme/hello-yard .*now.repo=mallory/hello-yard .*pluginyard approve hello-yard`)
	h.nothingNew("/branch/hello-yard.json", "/branch/hello-yard.proxy")
	h.wantsSaid(h.pageText("/hello-yard/"), "repository acme/hello-yard was transferred to another owner and is mallory/hello-yard now")

	// It lasts for longer than serve_stale, since GitHub answers.
	for range 3 {
		h.clock.advance(registry.DefaultServeStale / 2)
		h.look()
	}
	h.nothingNew("/branch/hello-yard.json")
	if got := strings.Count(h.log.String()[mark:], "plugin is held: "); got != 4 {
		t.Errorf("the log tells %d times, want once a day: 4", got)
	}

	h.wantsSaid(h.approve(1), "held: hello-yard: repository acme/hello-yard was transferred", "since 2", "now mallory/hello-yard \\(repository", "would approve: .*--yes")
	h.wantsSaid(h.approve(0, "--yes"), "approved: hello-yard: mallory/hello-yard")
	mark = h.log.mark()
	h.run()
	h.looked(mark)
	h.mustWhole("hello-yard", "6.6.6")
	if got := h.must("/hello-yard.json").header.Get("Pluginyard-Stale"); got != "" {
		t.Errorf("it is still marked: %s", got)
	}

	// An approval is for one owner, and for once.
	h.repo.Set(func(r *githubtest.Repo) { r.Owner = "trudy" })
	release(h.repo, 2, "7.7.7", sample("hello-yard", "7.7.7", 3))
	h.look()
	h.mustWhole("hello-yard", "6.6.6")
	h.wantsSaid(h.approve(1), "repository mallory/hello-yard was transferred to another owner and is trudy/hello-yard now")
}

func TestAnApprovalIsOfWhatWasTold(t *testing.T) {
	t.Parallel()
	h := newHeld(t)
	h.serve()
	h.repo.Set(func(r *githubtest.Repo) { r.Owner = mallory.Owner })
	h.look()
	h.approve(0, "--yes")
	h.repo.Set(func(r *githubtest.Repo) { r.Owner = "trudy" })
	release(h.repo, 1, "6.6.6", sample("hello-yard", "6.6.6", 3))
	h.look()
	mark := h.log.mark()
	h.run()
	h.log.await(t, mark, "approval is of something that is not held, or not any more")
	h.look()
	h.nothingNew("/branch/hello-yard.json")
}

func TestTheConfigurationMaySayYesToANewOwner(t *testing.T) {
	t.Parallel()
	h := newHeld(t)
	first := h.serve()
	h.repo.Set(func(r *githubtest.Repo) { r.Owner = mallory.Owner })
	release(h.repo, 1, "1.1.0", sample("hello-yard", "1.1.0", 3))
	h.look()
	h.nothingNew()
	h.stop()
	h.plugins = []registry.Plugin{{Repo: mallory}}
	mark := h.log.mark()
	h.service = h.start()
	h.must("/hello-yard.json")
	h.log.await(t, mark, checkOver)
	h.mustWhole("hello-yard", "1.1.0")
	if answer := h.must(first.DownloadLink); answer.status != http.StatusOK {
		t.Errorf("the package of before is answered %d", answer.status)
	}
	h.wantsSaid(h.approve(0), "nothing is held")
}

func TestAFirstBuildFromAnotherOwnerIsHeld(t *testing.T) {
	t.Parallel()
	h := newHeld(t)
	release(h.repo, 0, "1.0.0", sample("hello-yard", "1.0.0", 3))
	h.repo.Set(func(r *githubtest.Repo) { r.Owner = mallory.Owner })
	h.service = h.start()
	answer := h.must("/hello-yard.json")
	if answer.status != http.StatusServiceUnavailable || answer.header.Get("Retry-After") != "300" || !strings.Contains(string(answer.body), "is mallory/hello-yard now") {
		t.Errorf("answered %d: %s", answer.status, answer.body)
	}
	h.wantsSaid(h.pageText("/hello-yard/"), "was transferred to another owner and is mallory/hello-yard now")
	h.approve(0, "--yes")
	mark := h.log.mark()
	h.run()
	h.looked(mark)
	h.mustWhole("hello-yard", "1.0.0")
}

func TestARenamedRepositoryIsFollowed(t *testing.T) {
	t.Parallel()
	h := newHeld(t)
	h.serve()
	mark := h.log.mark()
	h.repo.Set(func(r *githubtest.Repo) { r.Name = "hi-yard" })
	release(h.repo, 1, "1.1.0", sample("hello-yard", "1.1.0", 3))
	h.look()
	h.mustWhole("hello-yard", "1.1.0")
	h.log.await(t, mark, "repository was renamed and is followed; write its new name in the configuration.*now=acme/hi-yard")
	h.wantsSaid(h.pageText("/hello-yard/"), "acme/hi-yard")
	h.look() // what it has under its new name is remembered from here on

	// Checks go on costing nothing, and a stranger may take the old name.
	other := h.world.repo(helloYard)
	release(other, 9, "9.9.9", sample("hello-yard", "9.9.9", 3))
	h.hub.ResetRequests()
	before := h.remaining()
	h.look()
	h.mustWhole("hello-yard", "1.1.0")
	for _, r := range h.hub.Requests() {
		if r.Status != http.StatusNotModified && r.Path != "/rate_limit" || strings.Contains(r.Path, "hello-yard") {
			t.Errorf("%s %s was answered %d", r.Method, r.Path, r.Status)
		}
	}
	if after := h.remaining(); after != before {
		t.Errorf("a check cost %d of the allowance", before-after)
	}
	h.wantsSaid(h.approve(0), "nothing is held")

	// The new name in the configuration changes nothing else.
	h.stop()
	h.plugins = []registry.Plugin{{Repo: registry.Repo{Owner: "acme", Name: "hi-yard"}, Slug: "hello-yard"}}
	h.service = h.start()
	h.hub.SetFault(githubtest.Status(500))
	h.mustWhole("hello-yard", "1.1.0")
}

func TestARepositoryMadeAnewIsHeld(t *testing.T) {
	t.Parallel()
	h := newHeld(t, registry.Plugin{Repo: helloYard}, registry.Plugin{Repo: helloYard, Slug: "hello-branch", Source: registry.SourceBranch})
	h.serve()
	if answer := h.must("/hello-branch.json"); answer.status != http.StatusOK {
		t.Fatalf("the branch is answered %d: %s", answer.status, answer.body)
	}
	branch := h.must("/hello-branch.json")
	h.repo.Delete()
	h.repo = h.world.repo(helloYard)
	release(h.repo, 9, "9.9.9", sample("hello-yard", "9.9.9", 3))

	// An ordinary check, which asks for the releases or the branch alone.
	mark := h.log.mark()
	h.clock.advance(registry.DefaultEvery + time.Minute)
	h.must("/hello-yard.json")
	h.must("/hello-branch.json")
	h.log.await(t, mark, "plugin is held: .*plugin=hello-yard cause=repository")
	h.log.await(t, mark, "plugin is held: .*plugin=hello-branch cause=repository")
	h.nothingNew("/branch/hello-yard.json")
	if after := h.must("/hello-branch.json"); !bytes.Equal(after.body, branch.body) {
		t.Errorf("the branch's document has changed: %s", after.body)
	}
	h.approve(0, "--yes")
	mark = h.log.mark()
	h.run()
	h.looked(mark)
	h.mustWhole("hello-yard", "9.9.9")
}

// A request may begin a build long after the last check.
func TestNothingIsBuiltForARequestFromAnotherRepository(t *testing.T) {
	t.Parallel()
	h := newHeld(t)
	h.serve()
	h.repo.Delete()
	h.repo = h.world.repo(helloYard)
	release(h.repo, 9, "9.9.9", sample("hello-yard", "9.9.9", 3))
	h.clock.advance(time.Hour) // no check is due
	if answer := h.must("/branch/hello-yard.json"); answer.status != http.StatusServiceUnavailable || !strings.Contains(string(answer.body), `"code":"held"`) {
		t.Errorf("the branch is answered %d: %.200s", answer.status, answer.body)
	}
	h.nothingNew("/branch/hello-yard.json")
}

func TestAReleaseIsFinalUnlessItIsRebuilt(t *testing.T) {
	zip := func(version string) githubtest.Asset {
		return githubtest.Asset{Name: "hello-yard.zip", Data: (&demoYard{}).zip("hello-yard", sample("hello-yard", version, 3), firstRelease)}
	}
	changed := with(sample("hello-yard", "1.0.0", 3), map[string]string{"evil.php": "<?php\n"})
	move := func(h *held) {
		h.repo.Tag("v1.0.0", h.repo.Commit("main", "Once more", changed, firstRelease.Add(time.Hour)))
	}
	other := githubtest.Asset{Name: "hello-yard.zip", Data: (&demoYard{}).zip("hello-yard", changed, firstRelease)}
	for _, tc := range []struct {
		name   string
		assets []githubtest.Asset
		change func(h *held)
		says   string
	}{
		{"its tag is moved", nil, move, "tag v1.0.0 of acme/hello-yard was moved from commit"},
		{"its zip is replaced", []githubtest.Asset{zip("1.0.0")}, func(h *held) { h.repo.ReplaceAssets("v1.0.0", other) }, "the zip of release v1.0.0 was replaced"},
		{"a zip is attached later", nil, func(h *held) { h.repo.ReplaceAssets("v1.0.0", other) }, "the zip of release v1.0.0 was replaced, added or taken away"},
		{"its zip is taken away", []githubtest.Asset{zip("1.0.0")}, func(h *held) { h.repo.ReplaceAssets("v1.0.0") }, "taken away"},
		{"it is deleted and made anew", nil, func(h *held) {
			id := h.releaseID("v1.0.0")
			h.repo.DeleteRelease(id)
			h.look()
			move(h)
			h.repo.Release(githubtest.Release{Tag: "v1.0.0", Published: firstRelease.Add(2 * time.Hour)})
		}, "tag v1.0.0 of acme/hello-yard was moved from commit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := newHeld(t)
			first := h.serve(tc.assets...)
			tc.change(h)
			mark := h.log.mark()
			h.look()
			h.look()
			if after := h.mustWhole("hello-yard", "1.0.0"); after.DownloadLink != first.DownloadLink {
				t.Errorf("the package was %s and is %s", first.DownloadLink, after.DownloadLink)
			}
			h.wantsSaid(h.pageText("/hello-yard/"), tc.says)
			h.wantsSaid(h.log.String()[mark:], "level=ERROR .*pluginyard approve hello-yard --rebuild v1.0.0")
			h.wantsSaid(h.approve(1), tc.says, "pluginyard approve hello-yard --rebuild v1.0.0")

			// New versions are served all the same.
			h.wantsSaid(h.approve(1, "--rebuild", "v1.0.0"), "warning: release v1.0.0", "would approve: .*--yes")
			h.wantsSaid(h.approve(0, "--rebuild", "v1.0.0", "--yes"), "approved: ")
			mark = h.log.mark()
			h.run()
			h.looked(mark)
			after := h.mustWhole("hello-yard", "1.0.0")
			if after.DownloadLink == first.DownloadLink {
				t.Error("the package is still the one from before")
			}
			if answer := h.must(first.DownloadLink); answer.status != http.StatusOK {
				t.Errorf("the package of before is answered %d", answer.status)
			}
			h.look()
			h.wantsSaid(h.approve(0, "--rebuild", "v1.0.0"), "nothing to do")
			h.wantsSaid(h.approve(0), "nothing is held")
		})
	}
}

// releaseID finds the number of the release of a tag.
func (h *held) releaseID(tag string) int64 {
	h.Helper()
	var found struct{ ID int64 }
	h.fromGitHub("/repos/acme/hello-yard/releases/tags/"+tag, &found)
	return found.ID
}

// fromGitHub asks the GitHub itself.
func (h *held) fromGitHub(path string, into any) {
	h.Helper()
	answer, err := http.Get(h.api.URL + path)
	if err != nil {
		h.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		h.Fatal(err)
	}
}

// The server looks for approvals by itself.
func TestAnApprovalIsNoticedWhileServing(t *testing.T) {
	t.Parallel()
	h := newHeld(t)
	h.serve()
	h.run()
	h.repo.Set(func(r *githubtest.Repo) { r.Owner = mallory.Owner })
	release(h.repo, 1, "1.1.0", sample("hello-yard", "1.1.0", 3))
	h.look()
	h.nothingNew()
	mark := h.log.mark()
	h.approve(0, "--yes")
	h.looked(mark)
	h.mustWhole("hello-yard", "1.1.0")
}

// No webhook came: what is built next, for whomever, finds out.
func TestAPrivateCommitIsNotServed(t *testing.T) {
	for _, built := range []bool{false, true} {
		t.Run(fmt.Sprintf("the branch was built before: %v", built), func(t *testing.T) {
			t.Parallel()
			h := newHeld(t)
			h.serve()
			if built {
				h.must("/branch/hello-yard.json")
			}
			h.clock.advance(2 * time.Minute)
			h.repo.Set(func(r *githubtest.Repo) { r.Private = true })
			secret := h.repo.Commit("main", "Secret", sample("hello-yard", "2.0.0-secret", 3), firstRelease.Add(3*time.Hour))
			if built {
				mark := h.log.mark()
				h.clock.advance(registry.DefaultEvery + time.Minute)
				h.must("/hello-yard.json")
				h.log.await(t, mark, checkOver)
			}
			for _, path := range []string{"/branch/hello-yard.json", "/branch/hello-yard.zip", "/hello-yard.json"} {
				if answer := h.must(path); answer.status != http.StatusForbidden {
					t.Errorf("%s is answered %d: %.200s", path, answer.status, answer.body)
				}
			}
			for _, r := range h.hub.Requests() {
				if strings.Contains(r.Path, "zip") && strings.Contains(r.Path, secret) {
					t.Errorf("the private commit was fetched: %s", r.Path)
				}
			}
		})
	}
}

func TestATransferredRepositoryThatIsPrivateIsWithheld(t *testing.T) {
	t.Parallel()
	for _, together := range []bool{true, false} {
		h := newHeld(t)
		h.serve()
		h.repo.Set(func(r *githubtest.Repo) { r.Owner, r.Private = mallory.Owner, together })
		h.look()
		if !together {
			h.nothingNew()
			h.repo.Set(func(r *githubtest.Repo) { r.Private = true })
			h.look()
		}
		if answer := h.must("/hello-yard.json"); answer.status != http.StatusForbidden {
			t.Errorf("made private with its transfer (%v), it is answered %d", together, answer.status)
		}
		h.repo.Set(func(r *githubtest.Repo) { r.Private = false }) // says its new owner
		h.look()
		if answer := h.must("/hello-yard.json"); answer.status != http.StatusForbidden {
			t.Errorf("public again under its new owner, it is answered %d", answer.status)
		}
		h.repo.Set(func(r *githubtest.Repo) { r.Owner = helloYard.Owner })
		h.look()
		h.mustWhole("hello-yard", "1.0.0")
	}
}

// Workflows publish first and upload then, of which GitHub tells nobody: the zip
// takes the place of none whenever that is seen.
func TestAZipThatIsUploadedAfterTheReleaseIsServed(t *testing.T) {
	t.Parallel()
	h := newHeld(t)
	h.serve()
	now := h.clock.now()
	h.repo.Tag("v1.1.0", h.repo.Commit("main", "Release", sample("hello-yard", "1.1.0", 3), now))
	h.repo.Release(githubtest.Release{Tag: "v1.1.0", Published: now})
	h.look()
	first := h.mustWhole("hello-yard", "1.1.0")
	h.clock.advance(3 * time.Minute)
	h.repo.ReplaceAssets("v1.1.0", githubtest.Asset{Name: "hello-yard.zip", Data: (&demoYard{}).zip("hello-yard", with(sample("hello-yard", "1.1.0", 3), map[string]string{"built.js": "1"}), firstRelease)})

	mark := h.log.mark()
	h.clock.advance(registry.DefaultEvery)
	h.must("/hello-yard.json")
	h.log.await(t, mark, checkOver)
	if after := h.mustWhole("hello-yard", "1.1.0"); after.DownloadLink == first.DownloadLink {
		t.Error("the zip is not served")
	}
	h.wantsSaid(h.approve(0), "nothing is held")

	// Once it was served, it stays.
	h.repo.ReplaceAssets("v1.1.0", githubtest.Asset{Name: "hello-yard.zip", Data: (&demoYard{}).zip("hello-yard", sample("hello-yard", "1.1.0", 4), firstRelease)})
	h.look()
	h.wantsSaid(h.approve(1), "the zip of release v1.1.0 was replaced")
}
