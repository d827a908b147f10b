//go:build !race

// Under the race detector the days of a thousand plugins take ten minutes, and
// show nothing that the tests of load and crowds do not.

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/pluginyard/pluginyard/github"
	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/store"
)

// yards is how many plugins the requests to GitHub are counted with.
const yards = 1000

// counting is a registry of many small plugins at a GitHub that counts, within
// a bubble of simulated time.
type counting struct {
	*testing.T
	hub     *githubtest.GitHub
	store   *store.Store
	log     *journal
	service *registry.Service
	forge   *github.Client
	stop    func()
}

// at is the way to a GitHub without a network. Every answer takes a tenth of a
// second.
type at struct{ hub http.Handler }

func (a at) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(100 * time.Millisecond)
	in := r.Clone(r.Context())
	in.RequestURI, in.Host, in.RemoteAddr = r.URL.RequestURI(), r.URL.Host, "192.0.2.1:1"
	out := httptest.NewRecorder()
	a.hub.ServeHTTP(out, in)
	answer := out.Result()
	answer.Request = r
	return answer, nil
}

func newCounting(t *testing.T, n int) *counting {
	c := &counting{T: t, hub: githubtest.New(), log: newJournal()}
	var err error
	if c.store, err = store.Open(t.Context(), "mem://"); err != nil {
		t.Fatal(err)
	}
	c.hub.RequireToken(plantedToken)
	c.hub.ArchiveHost("https://codeload.github.com")
	for i := range n {
		repo := c.hub.AddRepo(githubtest.Repo{Owner: "acme", Name: yardName(i), Created: firstRelease})
		release(repo, 0, "1.0.0", tiny(i, "1.0.0"))
	}
	return c
}

func yardName(i int) string { return fmt.Sprintf("yard-%04d", i) }

func tiny(i int, version string) fstest.MapFS {
	return fstest.MapFS{
		yardName(i) + ".php": file(fmt.Sprintf("<?php\n/**\n * Plugin Name: Yard %d\n * Version: %s\n */\n", i, version)),
	}
}

// start runs a registry over the data, as serve does.
func (c *counting) start(n int) { c.startWith(n, plantedToken, at{c.hub}) }

func (c *counting) startWith(n int, token secret, network http.RoundTripper) {
	c.Helper()
	log := slog.New(slog.NewTextHandler(c.log, nil))
	var err error
	client := forgeConfig(githubConfig{APIURL: "https://api.github.com", Token: token}, c.store, log)
	client.Transport = network
	if c.forge, err = github.New(client); err != nil {
		c.Fatal(err)
	}
	var plugins []registry.Plugin
	for i := range n {
		plugins = append(plugins, registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: yardName(i)}})
	}
	c.service, err = registry.New(registry.Config{
		Plugins: plugins, Forge: c.forge, Store: unapproved{c.store}, Links: registry.Links{Base: siteURL}, Temp: c.TempDir(), Log: log,
	})
	if err != nil {
		c.Fatal(err)
	}
	ctx, cancel := context.WithCancel(c.Context())
	ended := make(chan error)
	go func() { ended <- c.service.Run(ctx) }()
	c.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			c.Error(err)
		}
		c.service.Close()
	}
}

// unapproved is a store without approvals. They are looked for three times a
// minute, and a store in memory sorts all its names for that.
type unapproved struct{ *store.Store }

func (s unapproved) Names(ctx context.Context, folder string) ([]string, error) {
	if folder == registry.ApprovalsFolder {
		return nil, nil
	}
	return s.Store.Names(ctx, folder)
}

// built is how many packages were built since the test began.
func (c *counting) built() int { return strings.Count(c.log.String(), `msg="package built"`) }

// sent is what GitHub's API was asked since the last time, and what it counted.
// Archives come from another host, which counts nothing.
type sent struct {
	all, counted, conditional, refused int
	kinds                              map[string]int // all, by status and address without names and numbers
}

var named = regexp.MustCompile(`yard-\d+|\?.*|v\d[\d.]*`)

// sent waits, and gives what was sent meanwhile, about a repository or all.
func (c *counting) sent(phase string, wait time.Duration, about string) sent {
	c.Helper()
	c.hub.ResetRequests()
	time.Sleep(wait)
	s := sent{kinds: map[string]int{}}
	for _, r := range c.hub.Requests() {
		if strings.HasPrefix(r.Path, "/codeload/") || !strings.Contains(r.Path, about) {
			continue
		}
		s.all++
		if r.Counted {
			s.counted++
		}
		if r.Conditional {
			s.conditional++
		}
		if r.Status == http.StatusForbidden {
			s.refused++
		}
		s.kinds[fmt.Sprint(r.Status, " ", named.ReplaceAllString(r.Path, "…"))]++
	}
	c.Logf("%-44s %6d sent, %5d counted, %5d conditional, %d refused: %v", phase, s.all, s.counted, s.conditional, s.refused, s.kinds)
	return s
}

// What 1,000 plugins cost of GitHub's rate limit, which is 5,000 requests an
// hour. All is real but the clock and the network.
func TestRequestsToGitHub(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	synctest.Test(t, func(t *testing.T) {
		c := newCounting(t, yards)
		c.start(yards)
		cold := c.sent("cold, the first hour", time.Hour-time.Second, "/")
		if most := githubtest.DefaultLimit * 9 / 10; cold.counted != most || cold.refused > 0 {
			t.Errorf("cold: %+v, want all but the reserve of 500 to be used", cold)
		}
		if lines := strings.Count(c.log.String(), "checks are put off"); lines != 1 {
			t.Errorf("%d lines tell of the reserve, want 1", lines)
		}
		rest := c.sent("cold, the rest", time.Hour, "/")
		if got := cold.counted + rest.counted; got != 5*yards || rest.refused > 0 || c.built() != yards {
			t.Errorf("cold: %d requests counted, want 5 for each plugin; %d built", got, c.built())
		}
		// Where the tag of a new release points is asked once.
		first := c.sent("idle, until all were surveyed", registry.SurveyEvery+registry.DefaultEvery, "/")
		if first.counted > yards || first.all-first.conditional > yards {
			t.Errorf("the first surveys: %+v, want one counted request for each plugin", first)
		}
		idle := c.sent("idle, a day", 24*time.Hour, "/")
		if idle.counted != 0 || idle.conditional != idle.all || idle.all < 6*yards || idle.all > 14*yards {
			t.Errorf("idle: %+v, want nothing counted", idle)
		}
		c.stop()
		c.start(yards)
		again := c.sent("after a restart, one interval", registry.DefaultEvery, "/")
		if again.counted != 0 || again.conditional != again.all || again.all < yards || again.all > 4*yards {
			t.Errorf("after a restart: %+v, want one free request for each plugin at least", again)
		}
		c.events()
		c.limits()
		c.stop()
	})
}

// events looks at a release that GitHub tells of.
func (c *counting) events() {
	repo := registry.Repo{Owner: "acme", Name: yardName(7)}
	release(c.hub.Repository(repo.Owner, repo.Name), 1, "1.1.0", tiny(7, "1.1.0"))
	c.service.Refresh(repo)
	told := c.sent("a release, told by webhook", 5*time.Second, repo.Name)
	if told.counted > 6 || c.built() != yards+1 {
		c.Errorf("a release: %+v, %d built", told, c.built())
	}
}

// limits looks at a limit that is used up, and at a reserve that is reached.
func (c *counting) limits() {
	c.hub.Limit(0, time.Now().Add(time.Hour))
	if met := c.sent("limit used up, until its reset", 59*time.Minute, "/"); met.all > 3 || met.refused != met.all {
		c.Errorf("during a limit: %+v, want what was sent at once and no more", met)
	}
	c.sent("after the reset, half an hour", 31*time.Minute, "/")
	c.hub.Limit(400, time.Now().Add(time.Hour))
	if kept := c.sent("reserve reached, until its reset", 59*time.Minute, "/"); kept.all > 3 || kept.counted > 0 {
		c.Errorf("at the reserve: %+v, want what was sent at once and no more", kept)
	}
	if after := c.sent("after the reset, one interval", registry.DefaultEvery+time.Hour, "/"); after.all < yards || after.counted > 0 {
		c.Errorf("after the reset: %+v, want every plugin to be checked again", after)
	}
	text := c.log.String()
	if lines := strings.Count(text, "level=WARN") - strings.Count(text, "msg=finding"); lines > 3 {
		c.Errorf("%d warnings in the log, want one for each limit", lines)
	}
}
