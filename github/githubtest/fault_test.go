package githubtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"net/http/httptest"

	"github.com/pluginyard/pluginyard/github/githubtest"
)

func TestFaultsThatAnswer(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		name   string
		fault  githubtest.Fault
		status int
		holds  string
		header string // "Name: value"
	}{
		{"a server error", githubtest.Status(502), 502, `"message":"Server Error"`, "Content-Type: application/json; charset=utf-8"},
		{"unauthorized", githubtest.Status(401), 401, `"message":"Bad credentials"`, ""},
		{"too many", githubtest.Status(429), 429, `"status":"429"`, ""},
		{"a page", githubtest.HTML(), 200, "<!DOCTYPE html>", "Content-Type: text/html; charset=utf-8"},
		{"half of JSON", githubtest.BadJSON(), 200, `{"id": 1296269`, "Content-Type: application/json; charset=utf-8"},
		{"the secondary limit", githubtest.SecondaryLimit(1500 * time.Millisecond), 403, "secondary rate limit", "Retry-After: 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w.SetFault(test.fault)
			got := w.get(t, "/repos/acme/hello-yard")
			name, value, _ := strings.Cut(test.header, ": ")
			if got.StatusCode != test.status || !strings.Contains(got.body, test.holds) || got.Header.Get(name) != value {
				t.Errorf("%d %v\n%s", got.StatusCode, got.Header, got.body)
			}
			w.SetFault(nil)
			if got := w.get(t, "/repos/acme/hello-yard").StatusCode; got != 200 {
				t.Errorf("after the fault: %d", got)
			}
		})
	}
	w.SetFault(githubtest.Empty())
	if got := w.get(t, "/repos/acme/hello-yard"); got.StatusCode != 200 || got.body != "" {
		t.Errorf("nothing: %d %q", got.StatusCode, got.body)
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	w := newWorld(t)
	t.Run("a reset has no answer", func(t *testing.T) {
		w.SetFault(githubtest.Reset())
		w.ResetRequests()
		_, err := w.fresh(t).Get(w.URL + "/repos/acme/hello-yard")
		if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
			t.Errorf("error %v", err)
		}
		if got := w.Requests(); len(got) != 1 || got[0].Status != 0 {
			t.Errorf("requests %v", got)
		}
	})
	t.Run("a truncated answer has its whole length declared", func(t *testing.T) {
		w.SetFault(nil)
		whole := w.get(t, "/codeload/acme/hello-yard/legacy.zip/main").body
		w.SetFault(githubtest.Truncate(100))
		res, err := w.fresh(t).Get(w.URL + "/codeload/acme/hello-yard/legacy.zip/main")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		got, err := io.ReadAll(res.Body)
		if !errors.Is(err, io.ErrUnexpectedEOF) || string(got) != whole[:100] || res.ContentLength != int64(len(whole)) {
			t.Errorf("%d bytes of %d, declared %d, error %v", len(got), len(whole), res.ContentLength, err)
		}
	})
	t.Run("a short answer is not truncated", func(t *testing.T) {
		w.SetFault(githubtest.Truncate(1 << 20))
		if got := w.get(t, "/repos/acme/hello-yard/zipball/main"); got.StatusCode != 302 || got.Header.Get("Location") == "" {
			t.Errorf("%d %v", got.StatusCode, got.Header)
		}
	})
	t.Run("a hanging request ends with its client", func(t *testing.T) {
		w.SetFault(githubtest.Hang())
		ctx, cancel := context.WithCancel(t.Context())
		w.SetFault(githubtest.First(func(http.ResponseWriter, *http.Request) bool { cancel(); return false }, githubtest.Hang()))
		req, err := http.NewRequestWithContext(ctx, "GET", w.URL+"/repos/acme/hello-yard", nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := w.fresh(t).Do(req); !errors.Is(err, context.Canceled) {
			t.Errorf("answer %v, error %v", res, err)
		}
	})
}

// fresh is a client with connections of its own, so that Go does not repeat
// a request that failed on an old one.
func (w *world) fresh(t *testing.T) *http.Client {
	transport := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestFaultsAreBounded(t *testing.T) {
	w := newWorld(t)
	w.SetFault(githubtest.Only("/releases", githubtest.Times(2, githubtest.Status(500))))
	var got []int
	for _, path := range []string{"", "/releases", "/branches", "/releases?page=1", "/releases"} {
		got = append(got, w.get(t, "/repos/acme/hello-yard"+path).StatusCode)
	}
	want := [...]int{200, 500, 200, 500, 200}
	if [5]int(got) != want {
		t.Errorf("statuses %v, want %v", got, want)
	}
}

func TestDelayAndLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := githubtest.New()
		g.AddRepo(githubtest.Repo{Owner: "acme", Name: "yard"})
		took := func(path string) time.Duration {
			begin := time.Now()
			g.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
			return time.Since(begin)
		}
		g.Latency(200 * time.Millisecond)
		g.SetFault(githubtest.Only("/releases", githubtest.Delay(time.Hour)))
		for path, want := range map[string]time.Duration{
			"/repos/acme/yard":                         200 * time.Millisecond,
			"/repos/acme/yard/releases":                time.Hour + 200*time.Millisecond,
			"/codeload/acme/yard/legacy.zip/main":      200 * time.Millisecond,
			"/repos/acme/yard/zipball/main?x=releases": 200 * time.Millisecond,
		} {
			if got := took(path); got != want {
				t.Errorf("GET %s took %v, want %v", path, got, want)
			}
		}
	})
}

// The race detector is the judge here.
func TestManyAtOnce(t *testing.T) {
	w := newWorld(t)
	paths := []string{
		"/repos/acme/hello-yard", "/repos/acme/hello-yard/releases", "/repos/acme/hello-yard/commits/main",
		"/codeload/acme/hello-yard/legacy.zip/main", "/repos/acme/hello-yard/git/trees/main?recursive=1", "/orgs/acme/repos",
	}
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			for j := range 30 {
				path := paths[(i+j)%len(paths)]
				if got := w.get(t, path, auth).StatusCode; got != 200 {
					t.Errorf("GET %s: %d", path, got)
				}
			}
		})
	}
	for i := range 20 {
		sha := w.yard.Commit("main", "More", files("9.0."+string(rune('a'+i))), day3.Add(time.Duration(i)*time.Hour))
		tag := "more" + string(rune('a'+i))
		w.yard.Tag(tag, sha)
		id := w.yard.Release(githubtest.Release{Tag: tag})
		w.yard.Set(func(r *githubtest.Repo) { r.Properties[tag] = tag })
		w.yard.DeleteRelease(id)
		w.Requests()
	}
	readers.Wait()
}
