package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
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
// answered nothing yet: it is built once, and all get the same.
func TestCrowdOfFirstRequestsCostsOneBuild(t *testing.T) {
	for _, tc := range []struct {
		path string
		size int
	}{
		{"/hello-yard.json", 50},
		{"/hello-yard.json", 1000},
		{"/hello-yard.zip", 50},
		{"/hello-yard.zip", 1000},
		{"/release/hello-yard.proxy", 50},
		{"/release/hello-yard.proxy", 1000},
		{"/hello-yard/", 1000},
	} {
		t.Run(fmt.Sprintf("%d for %s", tc.size, tc.path), func(t *testing.T) {
			w := newWorld(t, registry.Plugin{Repo: helloYard})
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
