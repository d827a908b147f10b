package main

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pluginyard/pluginyard/github/githubtest"
	"github.com/pluginyard/pluginyard/registry"
)

// waves lets requests to GitHub through in groups of the sizes given: none of
// a group is answered before all of it have arrived. A registry that asks one
// after the other what it could ask at once never completes a group.
type waves struct {
	mu       sync.Mutex
	sizes    []int
	arrived  int
	open     chan struct{} // closed when the present group is complete
	clock    int           // counts arrivals and releases
	requests []trip
}

// trip is when a request arrived and when it was let through.
type trip struct {
	path       string
	begun, end int
}

// arrive waits for the rest of the group; false if it does not come.
func (v *waves) arrive(path string) bool {
	v.mu.Lock()
	v.clock++
	i := len(v.requests)
	v.requests = append(v.requests, trip{path: path, begun: v.clock})
	if v.open == nil {
		v.open = make(chan struct{})
	}
	open := v.open
	if v.arrived++; len(v.sizes) > 0 && v.arrived == v.sizes[0] {
		v.sizes, v.arrived, v.open = v.sizes[1:], 0, nil
		close(open)
	}
	v.mu.Unlock()
	select {
	case <-open:
	case <-time.After(patience):
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock++
	v.requests[i].end = v.clock
	return true
}

// depth is the longest chain of requests of which each began after the one
// before had its answer.
func (v *waves) depth() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	deepest := make([]int, len(v.requests))
	for j, r := range v.requests { // in order of arrival
		deepest[j] = 1
		for i, before := range v.requests[:j] {
			if before.end < r.begun {
				deepest[j] = max(deepest[j], deepest[i]+1)
			}
		}
	}
	return slices.Max(append(deepest, 0))
}

// The time that a first answer takes is that of the round trips to GitHub that
// wait for one another: at most three for an ordinary plugin.
func TestRoundTripsOfAFirstAnswer(t *testing.T) {
	hidden := with(sample("hello-yard", "1.0.0", 3), map[string]string{".gitattributes": ".wordpress-org export-ignore\n"})
	for _, tc := range []struct {
		name   string
		plugin registry.Plugin
		files  fstest.MapFS
		asset  bool
		bare   bool  // no release
		waves  []int // requests at a time
		most   int   // round trips in series
	}{
		{name: "a release: facts, then the redirect, then the archive", waves: []int{3, 1, 1}, most: 3},
		{name: "releases only", plugin: registry.Plugin{Source: registry.SourceRelease}, waves: []int{3, 1, 1}, most: 3},
		{name: "a release with a zip of its own", asset: true, waves: []int{3, 2, 2}, most: 3},
		{name: "a branch only", plugin: registry.Plugin{Source: registry.SourceBranch}, waves: []int{2, 1, 1}, most: 3},
		{name: "no release yet: the branch's commit too", bare: true, waves: []int{3, 1, 1, 1}, most: 4},
		{name: "images left out of the archive: two folders and the images", files: hidden, waves: []int{3, 1, 1, 1, 1, 3}, most: 6},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.plugin.Repo = helloYard
			w := newWorld(t, tc.plugin)
			files := tc.files
			if files == nil {
				files = sample("hello-yard", "1.0.0", 3)
			}
			repo := w.repo(helloYard)
			switch {
			case tc.bare:
				repo.Commit("main", "Begin", files, firstRelease)
			case tc.asset:
				release(repo, 0, "1.0.0", files, githubtest.Asset{Name: "hello-yard.zip", Data: (&demoYard{}).zip("hello-yard", files, firstRelease)})
			default:
				release(repo, 0, "1.0.0", files)
			}
			v := &waves{sizes: slices.Clone(tc.waves)}
			w.before(func(hub http.Handler) http.Handler {
				return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
					if !v.arrive(r.URL.Path) {
						http.Error(out, "alone", http.StatusTeapot)
						return
					}
					hub.ServeHTTP(out, r)
				})
			})
			w.start()
			w.mustWhole("hello-yard", "1.0.0")
			total := 0
			for _, n := range tc.waves {
				total += n
			}
			if len(v.requests) != total || v.depth() > tc.most {
				t.Errorf("%d requests, %d in series; want %d, and at most %d in series: %v", len(v.requests), v.depth(), total, tc.most, v.requests)
			}
			t.Logf("%d requests, %d round trips in series (%v)", len(v.requests), v.depth(), tc.waves)
		})
	}
}
