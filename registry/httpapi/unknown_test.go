package httpapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var parameter = regexp.MustCompile(`[:*][a-z]*`)

// routesOf are the paths of a handler's routes, with the methods of each.
func routesOf(s *server) map[string][]string {
	routes := map[string][]string{}
	for _, route := range s.echo.Routes() {
		routes[route.Path] = append(routes[route.Path], route.Method)
	}
	return routes
}

// endings are what may follow a slug, each with another handler.
var endings = []string{"", ".json", ".zip", ".proxy", ".upgrademe", "-json", "+zip", ".json/more", ".zip.sig", "/", "?update_id=x&environment=y"}

// TestUnknownNamesByTheThousand asks every route, those of others' rooms too,
// for plugins, files and versions that there are none of: nothing is found,
// nothing fails, and nothing is kept of any of it.
func TestUnknownNamesByTheThousand(t *testing.T) {
	const each = 1000
	s := newTestHandler(t, newFake(), nil).(*server)
	before := s.prepared.ItemCount() + s.pages.ItemCount()
	for path, methods := range routesOf(s) {
		if !strings.ContainsAny(path, ":*") || !slices.Contains(methods, http.MethodGet) {
			continue
		}
		t.Run(path, func(t *testing.T) {
			statuses := map[int]int{}
			for i := range each {
				target := parameter.ReplaceAllString(path, fmt.Sprintf("unknown-%d", i)) + endings[i%len(endings)]
				w := httptest.NewRecorder()
				s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
				statuses[w.Code]++
				if w.Code != http.StatusNotFound && w.Code != http.StatusBadRequest {
					t.Fatalf("%s: status %d: %.200s", target, w.Code, w.Body)
				}
				if w.Body.Len() > 1000 {
					t.Fatalf("%s: an answer of %d bytes for nothing", target, w.Body.Len())
				}
			}
			t.Log(statuses)
		})
	}
	if after := s.prepared.ItemCount() + s.pages.ItemCount(); after != before {
		t.Errorf("%d things are kept of what there is not", after-before)
	}
}

// TestMethodsThatARouteDoesNotTake asks every route in every other way: none
// may be taken for one of its own.
func TestMethodsThatARouteDoesNotTake(t *testing.T) {
	s := newTestHandler(t, newFake(), nil).(*server)
	for path, methods := range routesOf(s) {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW"} {
			if slices.Contains(methods, method) {
				continue
			}
			t.Run(method+" "+path, func(t *testing.T) {
				r := httptest.NewRequest(method, parameter.ReplaceAllString(path, "hello-yard"), strings.NewReader(`{"a":1}`))
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				// The prefix alone is "/:slug/" to the router.
				if w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound {
					t.Errorf("status %d: %.200s", w.Code, w.Body)
				}
				if allowed := w.Header().Get("Allow"); w.Code == http.StatusMethodNotAllowed && !strings.Contains(allowed, methods[0]) {
					t.Errorf("Allow is %q, want %v in it", allowed, methods)
				}
			})
		}
	}
}
