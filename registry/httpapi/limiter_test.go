package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

func TestTheLimiter(t *testing.T) {
	now := testTime
	take := func(l *limiter, client string) time.Duration { return l.take(netip.MustParseAddr(client), now) }
	t.Run("all at once, then one at a time", func(t *testing.T) {
		now = testTime
		l := newLimiter(Rate{Count: 3, Per: time.Minute})
		for range 3 {
			if wait := take(l, "192.0.2.1"); wait != 0 {
				t.Fatalf("has to wait %s", wait)
			}
		}
		if wait := take(l, "192.0.2.1"); wait != 20*time.Second {
			t.Errorf("the fourth waits %s", wait)
		}
		if wait := take(l, "192.0.2.2"); wait != 0 {
			t.Errorf("another address waits %s", wait)
		}
		now = now.Add(20 * time.Second)
		if wait := take(l, "192.0.2.1"); wait != 0 {
			t.Errorf("a third of the time later it waits %s", wait)
		}
		if wait := take(l, "192.0.2.1"); wait != 20*time.Second {
			t.Errorf("and the next waits %s", wait)
		}
	})
	t.Run("an IPv6 network is one client", func(t *testing.T) {
		l := newLimiter(Rate{Count: 1, Per: time.Minute})
		if take(l, "2001:db8:1:2::1") != 0 || take(l, "2001:db8:1:2:ffff::9") == 0 || take(l, "2001:db8:1:3::1") != 0 {
			t.Error("the 64 bits don't make the client")
		}
	})
	t.Run("a clock that is put back locks nobody out", func(t *testing.T) {
		now = testTime
		l := newLimiter(Rate{Count: 2, Per: time.Minute})
		take(l, "192.0.2.1")
		now = now.Add(-240 * time.Hour)
		if wait := take(l, "192.0.2.1"); wait > time.Minute {
			t.Errorf("waits %s", wait)
		}
		now = now.Add(time.Minute)
		if wait := take(l, "192.0.2.1"); wait != 0 {
			t.Errorf("after its time it waits %s", wait)
		}
	})
	t.Run("those for whom there is no room share one allowance", func(t *testing.T) {
		now = testTime
		l := newLimiter(Rate{Count: 2, Per: time.Minute})
		l.max = 10
		for i := range 10 {
			take(l, fmt.Sprintf("192.0.2.%d", i))
		}
		if take(l, "198.51.100.1") != 0 || take(l, "198.51.100.2") != 0 || take(l, "198.51.100.3") == 0 {
			t.Error("they don't")
		}
		if take(l, "192.0.2.1") != 0 || len(l.whole) != 10 {
			t.Errorf("who is known has lost its allowance, or %d are known", len(l.whole))
		}
		now = now.Add(2 * time.Minute)
		if take(l, "198.51.100.3") != 0 || len(l.whole) != 1 {
			t.Errorf("who was quiet is not forgotten: %d are known", len(l.whole))
		}
	})
	t.Run("no rate limits nobody", func(t *testing.T) {
		if take(newLimiter(Rate{}), "192.0.2.1") != 0 {
			t.Error("it does")
		}
	})
}

// unbuilt is a registry in which nothing but hello-yard is built yet.
type unbuilt struct{ *fake }

func (u unbuilt) Information(ctx context.Context, slug string, q registry.Query) (*registry.Document, error) {
	if slug != "hello-yard" {
		if err := registry.Begin(ctx); err != nil {
			return nil, err
		}
	}
	return u.fake.Information(ctx, slug, q)
}

func TestOneClientMayAskForSoMuchWork(t *testing.T) {
	now := testTime
	h := newTestHandler(t, newFake(), func(c *Config) {
		c.Registry = unbuilt{c.Registry.(*fake)}
		c.Now = func() time.Time { return now }
		c.Work, c.Questions = Rate{Count: 2, Per: time.Minute}, Rate{Count: 3, Per: time.Minute}
		c.TrustedProxies = testProxies
	})
	client, signature := "", ""
	ask := func(method, path string) (int, string) {
		body := "{}"
		if strings.Contains(path, "/update-check/") {
			body = "plugins=" + url.QueryEscape(`{"plugins":{},"active":[]}`)
		}
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.RemoteAddr = "10.1.1.1:1"
		r.Header.Set("X-Forwarded-For", client)
		r.Header.Set("X-Hub-Signature-256", signature)
		if body != "{}" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Header().Get("Retry-After")
	}
	mac := hmac.New(sha256.New, []byte("It's a Secret to Everybody"))
	mac.Write([]byte("{}"))
	wrong, right := "sha256="+strings.Repeat("0", 64), "sha256="+hex.EncodeToString(mac.Sum(nil))
	for _, test := range []struct{ name, method, path, statuses string }{
		{"what is not built", "GET", "/updates/other.json", "404 404 429 429"},
		{"pages", "GET", "/updates/hello-yard/?%d", "200 200 200 200"}, // rendered once
		{"webhooks without a signature", "POST", "/updates/webhooks/github", "401 401 429 429"},
		{"webhooks with a wrong one", "POST", "/updates/webhooks/github", "401 401 429 429"},
		{"webhooks with one, from where many come without", "POST", "/updates/webhooks/github", "202 202 202 202"},
		{"update checks", "POST", "/updates/plugins/update-check/1.1/", "200 200 200 200"},
		{"questions to WordPress.org's API", "GET", "/updates/plugins/info/1.2/?action=query_plugins", "200 200 200 429"},
		{"what is built", "GET", "/updates/hello-yard.json", "200 200 200 200"},
		{"files", "GET", "/updates/release/hello-yard.proxy", "200 200 200 200"},
		{"what is not there", "GET", "/updates/a/b/c", "404 404 404 404"},
	} {
		client, signature = fmt.Sprintf("%d.2.3.4", len(test.name)), ""
		switch test.name {
		case "webhooks with a wrong one":
			signature = wrong
		case "webhooks with one, from where many come without":
			signature = wrong
			for range 4 {
				ask("POST", "/updates/webhooks/github")
			}
			signature = ""
			for range 4 {
				ask("POST", "/updates/webhooks/github")
			}
			signature = right
		}
		var got []string
		for range 4 {
			status, retry := ask(test.method, test.path)
			got = append(got, fmt.Sprint(status))
			if (status == 429) != (retry != "") {
				t.Errorf("%s: status %d, Retry-After %q", test.name, status, retry)
			}
		}
		if strings.Join(got, " ") != test.statuses {
			t.Errorf("%s: got %s, want %s", test.name, got, test.statuses)
		}
	}
	client = fmt.Sprintf("%d.2.3.4", len("what is not built"))
	now = now.Add(30 * time.Second)
	if status, _ := ask("GET", "/updates/other.json"); status != 404 {
		t.Errorf("half a minute later: %d", status)
	}
}
