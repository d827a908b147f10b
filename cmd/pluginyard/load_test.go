package main

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// Everything at once, for the race detector above all: patrols ask for six
// plugins while each gets five releases, told by webhook, and while checks
// come due. No request fails, and none is answered with what was not published.
func TestLoadWhileEverythingIsRebuilt(t *testing.T) {
	const plugins, versions = 6, 5
	var list []registry.Plugin
	var slugs, names []string
	for i := range plugins {
		slugs = append(slugs, fmt.Sprintf("yard-%d", i))
		list = append(list, registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: slugs[i]}})
	}
	for n := range versions + 1 {
		names = append(names, fmt.Sprintf("1.%d.0", n))
	}
	w := newWorld(t, list...)
	repos := make([]*githubtest.Repository, plugins)
	for i, slug := range slugs {
		repos[i] = w.repo(list[i].Repo)
		release(repos[i], 0, names[0], sample(slug, names[0], patrolFiles))
	}
	w.start()
	w.webhooks()
	p := newPatrol(w.visitor, slugs...)
	for _, slug := range slugs {
		p.allow(slug, names...)
		w.mustWhole(slug, names[0])
	}
	mark := w.log.mark()
	var all sync.WaitGroup
	for i, slug := range slugs {
		all.Go(func() {
			for n := 1; n <= versions; n++ {
				release(repos[i], n, names[n], sample(slug, names[n], patrolFiles))
			}
		})
	}
	all.Go(func() {
		for range 3 {
			p.round(t.Context())
			w.clock.advance(registry.DefaultEvery + time.Minute)
		}
	})
	all.Wait()
	for _, slug := range slugs {
		w.log.await(t, mark, `msg="package built" plugin=`+slug+` .*version=`+names[versions])
		p.allow(slug, names[versions])
	}
	p.round(t.Context())
	p.revisit(t.Context())
	(&mishap{}).blame(t, p)
	t.Logf("%d requests while %d releases were built: %d failed, %d wrong", p.requests.Load(), plugins*versions, len(p.failed), len(p.wrong))
}
