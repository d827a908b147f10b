//go:build !race

package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// What GitHub allows without a token in an hour, and what of it is no reserve.
const anonymousLimit, anonymousUsable = 60, 54

// anonymous is GitHub for those without a token: every answer counts, even a
// 304.
type anonymous struct {
	at
	mu            sync.Mutex // guards what follows
	used, refused int
	reset         time.Time
}

func (a *anonymous) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := a.at.RoundTrip(r)
	if r.URL.Host != "api.github.com" || err != nil {
		return answer, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := time.Now(); !now.Before(a.reset) {
		a.used, a.reset = 0, now.Add(time.Hour)
	}
	if a.used++; a.used > anonymousLimit {
		a.refused++
		answer.StatusCode, answer.Body = http.StatusForbidden, io.NopCloser(strings.NewReader(`{"message":"API rate limit exceeded"}`))
	}
	answer.Header.Set("X-RateLimit-Limit", fmt.Sprint(anonymousLimit))
	answer.Header.Set("X-RateLimit-Remaining", fmt.Sprint(max(anonymousLimit-a.used, 0)))
	answer.Header.Set("X-RateLimit-Reset", fmt.Sprint(a.reset.Unix()))
	return answer, nil
}

// Far more plugins than GitHub allows to be looked after: each has its turn, and
// none of the requests is in vain. Sites ask for some of them all the time.
func TestNoPluginWaitsForEver(t *testing.T) {
	const n, popular = 150, 50
	const cold = (n/(anonymousUsable/5) + 1) * time.Hour // 5 requests each, and one may be begun anew
	const oldest = (n*4/anonymousUsable + 2) * time.Hour // at most 4 each
	synctest.Test(t, func(t *testing.T) {
		c := newCounting(t, n)
		network := &anonymous{at: at{c.hub}}
		c.hub.RequireToken("")
		c.startWith(n, "", network)
		defer c.stop()
		time.Sleep(cold)
		if c.built() != n {
			t.Errorf("%d are built after %s, want all %d", c.built(), cold, n)
		}
		began := time.Now()
		for time.Since(began) < 3*oldest {
			time.Sleep(10 * time.Minute)
			for i := range popular {
				if _, err := c.service.Information(t.Context(), yardName(n-1-i), registry.Query{}); err != nil {
					t.Fatal(err)
				}
			}
			for _, s := range c.service.Status(t.Context()) {
				if age := time.Since(s.Checked); age > oldest && time.Since(began) > oldest {
					t.Fatalf("after %s %s was checked %s ago", time.Since(began), s.Slug, age)
				}
			}
		}
		if network.refused > 0 {
			t.Errorf("%d requests were refused", network.refused)
		}
	})
}
