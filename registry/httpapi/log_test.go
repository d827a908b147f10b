package httpapi

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"
)

// logged serves a request and gives the lines that were logged.
func logged(t *testing.T, target, agent string, change func(*Config)) string {
	t.Helper()
	var log bytes.Buffer
	h := newTestHandler(t, newFake(), func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if change != nil {
			change(c)
		}
	})
	r := httptest.NewRequest("GET", target, nil)
	r.Header.Set("User-Agent", agent)
	h.ServeHTTP(httptest.NewRecorder(), r)
	return log.String()
}

func TestFaultsAreLoggedWithTheirCause(t *testing.T) {
	for _, test := range []struct{ name, path, want string }{
		{"an internal error is for the operator to mend", "/updates/fails-internal.json", "level=ERROR"},
		{"so is a panic", "/updates/panics.json", "level=ERROR"},
		{"so are refused credentials", "/updates/fails-credentials-refused.json", "level=ERROR"},
		{"a limit is odd but coped with", "/updates/fails-later.json", "level=WARN"},
		{"a plugin that is not there concerns nobody", "/updates/fails-not-found.json", "level=DEBUG"},
	} {
		for _, requests := range []Requests{LogErrors, LogAll, LogNone} {
			t.Run(test.name, func(t *testing.T) {
				line := logged(t, test.path+"?key=secret", "", func(c *Config) { c.Requests = requests })
				want := test.want
				switch {
				case requests == LogNone && want != "level=ERROR":
					want = ""
				case requests == LogAll && want == "level=DEBUG":
					want = "level=INFO"
				}
				if !strings.Contains(line, want) || strings.Contains(line, "token-abc123") != (want != "") || strings.Count(line, "\n") > 1 {
					t.Errorf("got %s; want one line with %q and the cause", line, want)
				}
				if strings.Contains(line, "secret") {
					t.Error("the query is in the log")
				}
			})
		}
	}
}

func TestRequestsAreLogged(t *testing.T) {
	const path, agent = "/updates/release/hello-yard.proxy", "WordPress/6.9; https://example.com"
	all := func(c *Config) { c.Requests, c.FullAddresses = LogAll, true }
	want := `level=INFO msg=request method=GET route=/updates/release/:name path=/updates/release/hello-yard.proxy plugin=hello-yard source=release status=200 bytes=32 elapsed=0s client=192.0.2.1 agent="WordPress/6.9; https://example.com"` + "\n"
	if got := logged(t, path, agent, all); !strings.HasSuffix(got, want) {
		t.Errorf("got %s; want %s", got, want)
	}
	got := logged(t, path, agent, func(c *Config) { c.Requests = LogAll })
	if !strings.Contains(got, "agent=WordPress/6.9\n") {
		t.Errorf("where addresses are hashed, the log tells the site: %s", got)
	}
	if got := logged(t, path, agent, nil); got != "" {
		t.Errorf("what succeeds is logged among the failures: %s", got)
	}
}

// Who fails again and again has some lines a minute, who asks too often one;
// the next line tells how many were left out. Others have their own.
func TestNobodyFloodsTheLog(t *testing.T) {
	var log bytes.Buffer
	now := testTime
	h := newTestHandler(t, newFake(), func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.Work, c.Now = Rate{Count: 1, Per: time.Hour}, func() time.Time { return now }
		c.TrustedProxies = testProxies
	})
	ask := func(times int, client, method, path string) int {
		log.Reset()
		for range times {
			r := httptest.NewRequest(method, path, nil)
			r.RemoteAddr = "10.1.1.1:1"
			r.Header.Set("X-Forwarded-For", client)
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		return strings.Count(log.String(), "\n")
	}
	const hook, later = "/updates/webhooks/github", "/updates/fails-later.json"
	if n := ask(1, "192.0.2.1", "POST", hook); n != 1 || !strings.Contains(log.String(), "status=401") {
		t.Errorf("the first: %s", log.String())
	}
	if n := ask(1000, "192.0.2.1", "POST", hook); n != 1 || !strings.Contains(log.String(), "status=429") {
		t.Errorf("%d lines of one who asks too often: %.500s", n, log.String())
	}
	if n := ask(1000, "192.0.2.2", "GET", later); n != MaxFailureLines || !strings.Contains(log.String(), "unlogged=999") {
		t.Errorf("%d lines of another: %.500s", n, log.String())
	}
	if n := ask(30, "192.0.2.3", "GET", "/updates/fails-internal.json"); n != 30 {
		t.Errorf("%d lines of 30 faults of ours", n)
	}
	now = now.Add(time.Minute)
	if n := ask(1000, "192.0.2.1", "POST", hook); n != 1 || !strings.Contains(log.String(), "unlogged=990") {
		t.Errorf("a minute later %d lines: %.500s", n, log.String())
	}
}

// Two addresses differ in their hashes, one does not within a process, and does
// after a start: nobody can make a table of all addresses.
func TestAddressesAreHashed(t *testing.T) {
	h := func() func(string) string {
		var log bytes.Buffer
		handler := newTestHandler(t, newFake(), func(c *Config) {
			c.Log, c.Requests = slog.New(slog.NewJSONHandler(&log, nil)), LogAll
		})
		return func(peer string) string {
			log.Reset()
			r := httptest.NewRequest("GET", "/updates/hello-yard.json", nil)
			r.RemoteAddr = peer
			handler.ServeHTTP(httptest.NewRecorder(), r)
			var line struct{ Client string }
			if err := json.Unmarshal(log.Bytes(), &line); err != nil || strings.Contains(log.String(), "192.0.2.") {
				t.Errorf("%v: %s", err, log.String())
			}
			return line.Client
		}
	}
	one, two := h(), h()
	a, again, b, later := one("192.0.2.1:1"), one("192.0.2.1:2"), one("192.0.2.2:1"), two("192.0.2.1:1")
	if len(a) != 16 || a != again || a == b || a == later {
		t.Errorf("hashes are %s, %s, %s and %s", a, again, b, later)
	}
}

// One request is one line of printable characters, in either form, whatever it
// holds.
func TestNothingIsInjectedIntoTheLog(t *testing.T) {
	const nasty = "x\ny\r\x1b[31m\u202e\u2028\x00\xff\" level=ERROR"
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			h := newTestHandler(t, newFake(), func(c *Config) {
				c.Log, c.Requests, c.TrustedProxies = slog.New(handler(&log)), LogAll, testProxies
			})
			for _, path := range []string{"/updates/" + nasty, "/updates/" + nasty + ".json", "/" + strings.Repeat("\n", 3000)} {
				log.Reset()
				r := httptest.NewRequest("GET", "/", nil)
				r.URL.Path, r.RemoteAddr, r.Method = path, "10.1.1.1:1", "GET"
				r.Header["User-Agent"] = []string{strings.Repeat(nasty, 50)}
				r.Header["X-Forwarded-For"] = []string{nasty}
				h.ServeHTTP(httptest.NewRecorder(), r)
				line, rest, _ := strings.Cut(log.String(), "\n")
				odd := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) })
				if rest != "" || odd >= 0 || len(line) > 4096 || !strings.Contains(line, "INFO") {
					t.Errorf("%.20q: %d bytes, odd at %d: %q", path, len(line), odd, log.String())
				}
			}
		})
	}
}

func TestObserveIsToldOfEachRequest(t *testing.T) {
	var got []Exchange
	f := newFake()
	h := newTestHandler(t, f, func(c *Config) {
		c.Requests, c.Observe = LogNone, func(x *Exchange) { got = append(got, *x) }
	})
	for _, path := range []string{"/updates/branch/hello-yard.json", "/updates/fails-internal.json", "/nope", "/updates/panics.json", "/updates/nothing.json"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	want := []struct {
		route, slug, source string
		status              int
		code                string
	}{
		{"/updates/branch/:name", "hello-yard", "branch", 200, ""},
		{"/updates/:name", "fails-internal", "", 500, "internal_error"},
		{"", "", "", 404, "rest_no_route"},
		{"/updates/:name", "panics", "", 500, "internal_error"},
		{"/updates/:name", "nothing", "", 404, "plugin_not_found"},
	}
	if len(got) != len(want) {
		t.Fatalf("told %d times, want %d", len(got), len(want))
	}
	for i, w := range want {
		x := got[i]
		if x.Route != w.route || x.Slug != w.slug || x.Source != w.source || x.Status != w.status || (x.Err != nil) != (w.code != "") || x.Code != w.code ||
			x.Client != "192.0.2.1" || x.Bytes == 0 || x.Method != "GET" || !x.Began.Equal(testTime) {
			t.Errorf("got %+v, want %+v", x, w)
		}
	}
}

// What a client's line takes is no time of ours.
func TestWhatIsWaitedForIsTheHead(t *testing.T) {
	for _, path := range []string{"/updates/release/hello-yard.proxy", "/updates/hello-yard.json", "/updates/nothing.json"} {
		var got Exchange
		now := testTime
		h := newTestHandler(t, newFake(), func(c *Config) {
			c.Requests, c.Observe = LogNone, func(x *Exchange) { got = *x }
			c.Now = func() time.Time { return now }
		})
		h.ServeHTTP(&slowLine{httptest.NewRecorder(), func(d time.Duration) { now = now.Add(d) }}, httptest.NewRequest("GET", path, nil))
		if got.Waited != 0 || got.Elapsed < time.Hour {
			t.Errorf("%s: waited %s of %s", path, got.Waited, got.Elapsed)
		}
	}
}

// slowLine takes an hour for each part of a body.
type slowLine struct {
	*httptest.ResponseRecorder
	pass func(time.Duration)
}

func (w *slowLine) Write(p []byte) (int, error) {
	w.pass(time.Hour)
	return w.ResponseRecorder.Write(p)
}
