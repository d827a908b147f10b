//go:build !race

// The race detector empties pools at random, and what is missing in them is
// allocated.

package httpapi

import (
	"net/http"
	"testing"
)

// While nothing is rolled out, which site asks costs nothing.
func TestADocumentStillAllocatesNothing(t *testing.T) {
	f := newFake()
	h := newTestHandler(t, f, func(c *Config) { c.Requests = LogNone })
	r := mustRequest(t, "/updates/hello-yard.json?environment=production&cohort=17")
	r.Header.Set("User-Agent", "WordPress/6.8; https://example.com/")
	w := &nothing{make(http.Header)}
	h.ServeHTTP(w, r)
	if allocs := testing.AllocsPerRun(100, func() { clear(w.h); h.ServeHTTP(w, r) }); allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}
