package adminapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

var now = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func sample(context.Context) []registry.Status {
	return []registry.Status{
		{Slug: "hello-yard", Repo: registry.Repo{Owner: "acme", Name: "hello-yard"}, State: registry.StateFresh, Version: "1.2.0", Checked: now},
		{Slug: "fence-post", Repo: registry.Repo{Owner: "acme", Name: "fence-post"}, State: registry.StateStale, Version: "1.0.0", Error: "GitHub did not answer", Remedy: "wait"},
	}
}

func newHandler(t *testing.T, change func(*Config)) http.Handler {
	t.Helper()
	cfg := Config{
		Base: "https://updates.example.com", Status: sample, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Version: "1.0.0",
		Allowances: func() []registry.Allowance {
			return []registry.Allowance{{Credential: "default", Limit: 5000, Remaining: 4000}}
		},
		Owners: func() []registry.OwnerStatus {
			return []registry.OwnerStatus{{Name: "acme", Held: true, Error: "another account has the name", Remedy: "approve @acme", Troubles: []string{"acme/gate is not served"}}}
		},
		Queue: func() (int, int) { return 1, 2 },
		Usage: func(context.Context) (registry.Usage, bool) {
			return registry.Usage{Used: 1000, Files: 3, Free: 10, Total: 20}, true
		},
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "a_metric 1") }),
	}
	if change != nil {
		change(&cfg)
	}
	h, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestThePageTellsTheWorstFirst(t *testing.T) {
	w := get(newHandler(t, nil), "/status")
	page := w.Body.String()
	if w.Code != 200 || w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d, %v", w.Code, w.Header())
	}
	last := 0
	for _, want := range []string{`http-equiv="refresh" content="30"`, "One plugin or theme needs", "fence-post", "GitHub did not answer.", "Wait.", "hello-yard", "Another account has the name.", "Approve @acme.", "Acme/gate is not served", "4000 of 5000", "1 under way, 2 waiting", "1 kB in 3 files"} {
		at := strings.Index(page, want)
		if at < last {
			t.Errorf("%q is not there, or not below what is worse", want)
		}
		last = max(last, at)
	}
	if strings.Contains(get(newHandler(t, nil), "/status?refresh=off").Body.String(), "http-equiv") {
		t.Error("it cannot be stopped from loading itself again")
	}
}

func TestProgramsAreToldTheSame(t *testing.T) {
	w := get(newHandler(t, nil), "/status.json")
	var got report
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Plugins) != 2 || got.Plugins[0].Slug != "fence-post" || got.Allowances[0].Remaining != 4000 || got.Builds.Waiting != 2 || !got.Owners[0].Held || got.Store.Files != 3 || !got.Time.Equal(now) {
		t.Errorf("got %+v", got)
	}
	bare := get(newHandler(t, func(c *Config) { c.Owners, c.Allowances, c.Queue, c.Usage = nil, nil, nil, nil }), "/status.json").Body.String()
	if strings.Contains(bare, `"builds"`) || strings.Contains(bare, `"owners"`) || strings.Contains(bare, `"store"`) || !strings.Contains(bare, `"allowances": []`) {
		t.Errorf("what is not known is told: %s", bare)
	}
}

func TestHealthIsToldHereToo(t *testing.T) {
	err := error(nil)
	h := newHandler(t, func(c *Config) { c.Ready = func(context.Context) error { return err } })
	if w := get(h, "/readyz"); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("ready: %d %q", w.Code, w.Body)
	}
	err = &registry.Error{Kind: registry.ErrUnavailable, Message: "the store cannot be read", Err: errors.New("secret")}
	if w := get(h, "/readyz"); w.Code != 503 || w.Body.String() != "the store cannot be read\n" {
		t.Errorf("not ready: %d %q", w.Code, w.Body)
	}
	if w := get(h, "/healthz"); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("healthy: %d %q", w.Code, w.Body)
	}
}

func TestThePageHasABound(t *testing.T) {
	h := newHandler(t, func(c *Config) {
		c.Owners = nil
		c.Status = func(context.Context) []registry.Status {
			list := make([]registry.Status, MaxRows+5)
			for i := range list {
				list[i] = registry.Status{Slug: registry.Slug(fmt.Sprintf("p%05d", i)), State: registry.StateFresh}
			}
			return list
		}
	})
	page := get(h, "/status").Body.String()
	if n := strings.Count(page, `<th scope="row">`); n != MaxRows+1 || !strings.Contains(page, "5 more are not shown") {
		t.Errorf("%d rows", n)
	}
}

func TestRoutes(t *testing.T) {
	for _, test := range []struct {
		name, method, path, host string
		local, profiles          bool
		want                     int
	}{
		{"metrics", "GET", "/metrics", "127.0.0.1:9090", true, false, 200},
		{"the root leads on", "GET", "/", "127.0.0.1:9090", true, false, 302},
		{"style", "GET", "/style.css", "localhost:9090", true, false, 200},
		{"IPv6", "GET", "/status", "[::1]:9090", true, false, 200},
		{"a foreign name that leads to loopback", "GET", "/status.json", "rebound.example.com:9090", true, false, 421},
		{"a name, where we listen to others", "GET", "/status.json", "metrics.example.com:9090", false, false, 200},
		{"nothing can be changed", "POST", "/status", "127.0.0.1:9090", true, false, 405},
		{"no such page", "GET", "/hello-yard.json", "127.0.0.1:9090", true, false, 404},
		{"profiles that nobody asked for", "GET", "/debug/pprof/", "127.0.0.1:9090", true, false, 404},
		{"profiles", "GET", "/debug/pprof/goroutine?debug=1", "127.0.0.1:9090", true, true, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHandler(t, func(c *Config) { c.Local, c.Profiles = test.local, test.profiles })
			r := httptest.NewRequest(test.method, test.path, nil)
			r.Host = test.host
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != test.want {
				t.Errorf("got %d, want %d", w.Code, test.want)
			}
		})
	}
}

// The command line of the process may hold a secret.
func TestProfilesLeaveTheCommandLineOut(t *testing.T) {
	h := newHandler(t, func(c *Config) { c.Profiles = true })
	if w := get(h, "/debug/pprof/cmdline"); w.Code != 404 {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

// Each state has its own words.
func TestEachStateIsSaidInWords(t *testing.T) {
	seen := map[string]bool{}
	for _, state := range registry.States() {
		if w := words(state); seen[w] || w == string(state) {
			t.Errorf("%s is %q", state, w)
		}
		seen[words(state)] = true
	}
}
