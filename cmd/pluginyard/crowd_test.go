package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
	"github.com/pluginyard/pluginyard/registry/httpapi"
)

// turnstile lets requests to GitHub wait until so many visitors are inside.
type turnstile struct {
	mu      sync.Mutex
	missing int
	open    chan struct{} // closed when nobody is missing
}

func newTurnstile(n int) *turnstile { return &turnstile{missing: n, open: make(chan struct{})} }

func (s *turnstile) enter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missing--; s.missing == 0 {
		close(s.open)
	}
}

// count counts the requests to GitHub whose path holds a text.
func (w *world) count(part string) int {
	n := 0
	for _, r := range w.hub.Requests() {
		if strings.Contains(r.Path, part) {
			n++
		}
	}
	return n
}

// However many ask for a plugin that was never built, all while GitHub has
// answered nothing yet: it is built once, and all get the same, also where all
// come from one address, which may have next to nothing made for it.
func TestCrowdOfFirstRequestsCostsOneBuild(t *testing.T) {
	for _, tc := range []struct {
		path string
		size int
	}{
		{"/hello-yard.json", 50},
		{"/hello-yard.json", 5000},
		{"/hello-yard.zip", 50},
		{"/hello-yard.zip", 1000},
		{"/release/hello-yard.proxy", 50},
		{"/release/hello-yard.proxy", 1000},
		{"/hello-yard/", 1000},
	} {
		t.Run(fmt.Sprintf("%d for %s", tc.size, tc.path), func(t *testing.T) {
			if free := descriptors(); free < uint64(2*tc.size+200) {
				t.Skipf("%d files may be open, both ends of all connections need more", free)
			}
			w := newWorld(t, registry.Plugin{Repo: helloYard})
			w.work = httpapi.Rate{Count: 10, Per: time.Hour}
			release(w.repo(helloYard), 0, "1.0.0", sample("hello-yard", "1.0.0", 40))
			w.start()
			inside := newTurnstile(tc.size)
			w.onEntry(inside.enter)
			w.before(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
					select {
					case <-inside.open:
						next.ServeHTTP(out, r)
					case <-time.After(patience):
						http.Error(out, "the crowd is not complete", http.StatusInternalServerError)
					}
				})
			})

			answers := make([]string, tc.size)
			var crowd sync.WaitGroup
			for i := range answers {
				crowd.Go(func() {
					answer, err := w.get(t.Context(), tc.path)
					if err != nil {
						answers[i] = err.Error()
						return
					}
					answers[i] = fmt.Sprintf("status %d, location %s, %d bytes %x", answer.status, answer.header.Get("Location"), len(answer.body), sha256.Sum256(answer.body))
				})
			}
			crowd.Wait()
			w.onEntry(func() {})

			unlike := map[string]int{}
			for _, answer := range answers {
				unlike[answer]++
			}
			want := "status 200"
			if strings.HasSuffix(tc.path, ".zip") {
				want = "status 302, location " + siteURL + "/packages/hello-yard/"
			}
			if len(unlike) != 1 || !strings.HasPrefix(answers[0], want) {
				t.Errorf("want all answers alike, %s…; got %v", want, unlike)
			}
			for part, times := range map[string]int{"/codeload/": 1, "/zipball/": 1, "/releases/latest": 1, "/releases?": 1, "": 5} {
				if got := w.count(part); got != times {
					t.Errorf("GitHub was asked %d times for …%s…, want %d", got, part, times)
				}
			}
			w.mustWhole("hello-yard", "1.0.0")
			t.Logf("%d answers alike (%.60s…), %d requests to GitHub, %d archive", tc.size, answers[0], w.count(""), w.count("/codeload/"))
		})
	}
}

// Six plugins that were never built, one place and room for two: three are
// built, one after the other, and the others are told at once when to come
// again.
func TestMoreFirstBuildsThanThereIsRoomFor(t *testing.T) {
	const size = 6
	var plugins []registry.Plugin
	for i := range size {
		plugins = append(plugins, registry.Plugin{Repo: registry.Repo{Owner: "acme", Name: fmt.Sprintf("gate-%d", i)}})
	}
	w := newWorld(t, plugins...)
	w.builds, w.queue = 1, 2
	for _, plugin := range plugins {
		release(w.repo(plugin.Repo), 0, "1.0.0", sample(plugin.Repo.Name, "1.0.0", 1))
	}
	w.start()
	refused := newTurnstile(size - 3)
	w.before(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/zipball/") {
				select {
				case <-refused.open:
				case <-time.After(patience):
				}
			}
			next.ServeHTTP(out, r)
		})
	})
	statuses := make([]int, size)
	var crowd sync.WaitGroup
	for i := range statuses {
		crowd.Go(func() {
			answer, err := w.get(t.Context(), fmt.Sprintf("/gate-%d.json", i))
			if err != nil {
				t.Error(err)
				refused.enter()
				return
			}
			if statuses[i] = answer.status; answer.status != http.StatusOK {
				if got := answer.header.Get("Retry-After"); answer.status != http.StatusServiceUnavailable || got != "30" {
					t.Errorf("status %d, Retry-After %q: %s", answer.status, got, answer.body)
				}
				refused.enter()
			}
		})
	}
	crowd.Wait()
	slices.Sort(statuses)
	if want := []int{200, 200, 200, 503, 503, 503}; !slices.Equal(statuses, want) {
		t.Errorf("answered %v, want %v", statuses, want)
	}
	for i := range size {
		w.mustWhole(fmt.Sprintf("gate-%d", i), "1.0.0")
	}
}
