package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

func TestLimitedCallsAreNotSentUntilItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent, limited := 0, true
		c := newClient(t, Config{Token: planted, Transport: trips(func(req *http.Request) (*http.Response, error) {
			sent++
			if limited {
				return reply(req, 403, `{}`, "X-RateLimit-Remaining", "0",
					"X-RateLimit-Reset", fmt.Sprint(time.Now().Add(10*time.Minute).Unix())), nil
			}
			return reply(req, 200, repositoryJSON), nil
		})})
		ask := func() error { _, err := c.Repository(t.Context(), yard); return err }

		if err := ask(); retryAfterOf(err) != 10*time.Minute {
			t.Fatalf("the limit: %v, to wait %s", err, retryAfterOf(err))
		}
		limited = false
		time.Sleep(4 * time.Minute)
		if err := ask(); retryAfterOf(err) != 6*time.Minute {
			t.Errorf("while it lasts: %v, to wait %s", err, retryAfterOf(err))
		}
		if err := c.Archive(t.Context(), yard, "main", nil); !errors.Is(err, registry.ErrLimited) {
			t.Errorf("an archive while it lasts: %v", err)
		}
		if sent != 1 {
			t.Errorf("%d requests were sent, want 1", sent)
		}
		time.Sleep(6 * time.Minute)
		if err := ask(); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestAClockThatIsPutRightEndsLimits(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	limited, sent := true, 0
	c := newClient(t, Config{Token: planted, Now: func() time.Time { return now }, Transport: trips(func(req *http.Request) (*http.Response, error) {
		sent++
		if limited {
			return reply(req, 403, `{}`, "X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "0", "Retry-After", "1800",
				"X-RateLimit-Reset", fmt.Sprint(now.Add(10*time.Minute).Unix())), nil
		}
		return reply(req, 200, repositoryJSON), nil
	})})
	ask := func(priority registry.Priority) error {
		_, err := c.Repository(registry.WithPriority(t.Context(), priority), yard)
		return err
	}
	now = now.AddDate(1, 0, 0)
	if err := ask(registry.PriorityWaiting); !errors.Is(err, registry.ErrLimited) {
		t.Fatalf("the limit: %v", err)
	}
	now, limited = now.AddDate(-1, 0, 0), false
	if list := c.Allowances(); !list[0].Paused.IsZero() || list[0].Remaining != 5000 {
		t.Errorf("it is shown as %+v", list[0])
	}
	if err := ask(registry.PriorityBackground); err != nil || sent != 2 {
		t.Errorf("after the clock was put back: %v, %d requests", err, sent)
	}
}

func TestLimitWithoutADateGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ok := false
		c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
			if ok {
				return reply(req, 200, repositoryJSON), nil
			}
			return reply(req, 429, ``), nil
		})})
		for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60} {
			_, err := c.Repository(t.Context(), yard)
			if got := retryAfterOf(err); got != want*time.Minute {
				t.Errorf("limit %d: to wait %s, want %s", i+1, got, want*time.Minute)
			}
			time.Sleep(retryAfterOf(err))
		}
		ok = true
		if _, err := c.Repository(t.Context(), yard); err != nil {
			t.Fatal(err)
		}
		ok = false
		if _, err := c.Repository(t.Context(), yard); retryAfterOf(err) != time.Minute {
			t.Errorf("after a success: to wait %s, want a minute", retryAfterOf(err))
		}
	})
}

func TestLastAllowedRequestEndsNothing(t *testing.T) {
	sent := 0
	c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
		sent++
		return reply(req, 200, repositoryJSON, "X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "0",
			"X-RateLimit-Reset", fmt.Sprint(time.Now().Add(time.Hour).Unix())), nil
	})})
	for range 2 { // a further one may be a 304, which is free
		if _, err := c.Repository(t.Context(), yard); err != nil {
			t.Error(err)
		}
	}
	if sent != 2 {
		t.Errorf("%d requests, want 2", sent)
	}
}

func TestLimitOfAnotherHostDoesNotEndTheAPI(t *testing.T) {
	c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
		switch {
		case req.URL.Host == "codeload.example.com":
			return reply(req, 429, ``, "Retry-After", "9"), nil
		case req.URL.Path == "/repos/acme/hello-yard":
			return reply(req, 200, repositoryJSON), nil
		}
		return reply(req, 302, ``, "Location", "https://codeload.example.com/x"), nil
	})})
	if err := c.Archive(t.Context(), yard, "main", nil); retryAfterOf(err) != 9*time.Second {
		t.Errorf("archive: %v", err)
	}
	if _, err := c.Repository(t.Context(), yard); err != nil {
		t.Errorf("repository: %v", err)
	}
}

func retryAfterOf(err error) time.Duration {
	var e *registry.Error
	if errors.As(err, &e) && errors.Is(err, registry.ErrLimited) {
		return e.RetryAfter
	}
	return -1
}

func TestRequestsInFlightAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return reply(req, 200, repositoryJSON), nil
		})})
		for range 5 * MaxRequests {
			go func() {
				if _, err := c.Repository(t.Context(), yard); err != nil {
					t.Error(err)
				}
			}()
		}
		// Whoever waits for a slot can give up.
		impatient, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		synctest.Wait()
		if _, err := c.Repository(impatient, yard); !errors.Is(err, registry.ErrUnavailable) {
			t.Errorf("the impatient: %v", err)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if most.Load() != MaxRequests || now.Load() != 0 {
			t.Errorf("%d requests at once, want %d; %d left", most.Load(), MaxRequests, now.Load())
		}
	})
}

// Requests that are under way together meet one limit, not several in a row.
func TestRequestsTogetherMeetOneLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return reply(req, 429, `{"message":"Too many requests"}`), nil
		})})
		for range 3 {
			go func() {
				if _, err := c.Repository(t.Context(), yard); retryAfterOf(err) != secondaryWait {
					t.Errorf("wait %s, want %s", retryAfterOf(err), secondaryWait)
				}
			}()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		time.Sleep(secondaryWait)
		if _, err := c.Repository(t.Context(), yard); retryAfterOf(err) != 2*secondaryWait {
			t.Errorf("the next time wait %s, want %s", retryAfterOf(err), 2*secondaryWait)
		}
	})
}

// Errors give their slots back too, whoever reads their answers.
func TestErrorsHoldNoSlot(t *testing.T) {
	for status, body := range map[int]string{404: `{"message":"Not Found"}`, 401: `{"message":"Bad credentials"}`, 422: `{"message":"No commit found"}`, 500: "<html>"} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
				return reply(req, status, body), nil
			})})
			for i := range 3 * MaxRequests {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				_, latest := c.LatestRelease(ctx, yard)
				archive := c.Archive(ctx, yard, "main", io.Discard)
				if latest == nil || archive == nil || ctx.Err() != nil {
					t.Fatalf("status %d, request %d: %v, %v, %v", status, i, latest, archive, ctx.Err())
				}
				cancel()
			}
		})
	}
}

func TestHangingRequestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		c := newClient(t, Config{Transport: trips(func(req *http.Request) (*http.Response, error) {
			tries++
			<-req.Context().Done()
			return nil, req.Context().Err()
		})})
		start := time.Now()
		_, err := c.Repository(t.Context(), yard)
		checkKind(t, err)
		if !errors.Is(err, registry.ErrUnavailable) || time.Since(start) != RequestTimeout || tries != 1 {
			t.Errorf("%v after %s and %d tries", err, time.Since(start), tries)
		}
	})
}

func TestBackoffGrowsAndEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		cfg := Config{Sleep: sleep, Transport: trips(func(req *http.Request) (*http.Response, error) {
			at = append(at, time.Since(start))
			return reply(req, 503, ``), nil
		})}
		_, err := newClient(t, cfg).Repository(t.Context(), yard)
		if !errors.Is(err, registry.ErrUnavailable) || len(at) != 3 {
			t.Fatalf("%v after %d tries", err, len(at))
		}
		first, second := at[1]-at[0], at[2]-at[1]
		if first < firstBackoff || first > firstBackoff*3/2 || second < 4*firstBackoff || second > 6*firstBackoff {
			t.Errorf("waited %s and %s", first, second)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start = time.Now()
		_, err = newClient(t, cfg).Repository(ctx, yard)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

func FuzzLimitWait(f *testing.F) {
	f.Add("30", "", "", "")
	f.Add("Thu, 01 Jan 2026 00:05:00 GMT", "Thu, 01 Jan 2026 00:00:00 GMT", "", "")
	f.Add("", "", "0", "1767225720")
	f.Add("-1", "x", "0", "9223372036854775807")
	f.Add("99999999999999999999", "", "00", "-1")
	f.Fuzz(func(t *testing.T, after, date, remaining, reset string) {
		h := http.Header{}
		h.Set("X-RateLimit-Limit", "5000")
		h.Set("Retry-After", after)
		h.Set("Date", date)
		h.Set("X-RateLimit-Remaining", remaining)
		h.Set("X-RateLimit-Reset", reset)
		now := time.Unix(1767225600, 0)
		if wait := limitWait(h, now); wait < 0 || wait > MaxLimitWait {
			t.Errorf("to wait %s", wait)
		}
		a := newAccounts(&Config{Now: func() time.Time { return now }})
		anonymous := token(func() Secret { return "" })
		pass, err := a.admit(t.Context(), anonymous)
		if err != nil {
			t.Fatal(err)
		}
		if wait := a.limit(pass, limitWait(h, now), true); wait < MinLimitWait || wait > MaxLimitWait || retryAfterOf(a.paused(anonymous)) != wait {
			t.Errorf("paused for %s, then %v", wait, a.paused(anonymous))
		}
		if said, ok := readAllowance(h, now); ok && (said.remaining > said.limit || said.reset.Before(now) || said.reset.Sub(now) > MaxLimitWait) {
			t.Errorf("allowance is %+v", said)
		}
	})
}

func TestOnlyTheSameOriginSeesCredentials(t *testing.T) {
	base, _ := url.Parse("https://api.example.com/v3/")
	for address, want := range map[string]bool{
		"https://api.example.com/x":      true,
		"https://API.example.com/x":      true,
		"http://api.example.com/x":       false,
		"https://api.example.com:444/x":  false,
		"https://example.com/x":          false,
		"https://api.example.com.evil/x": false,
		"https://x.api.example.com/x":    false,
	} {
		seen := ""
		rt := &authorized{base: base, next: trips(func(req *http.Request) (*http.Response, error) {
			seen = req.Header.Get("Authorization")
			return reply(req, 200, ``), nil
		})}
		req, _ := http.NewRequestWithContext(withCall(t.Context(), call{credential: token(func() Secret { return planted })}), "GET", address, nil)
		if _, err := rt.RoundTrip(req); err != nil {
			t.Fatal(err)
		}
		if (seen != "") != want {
			t.Errorf("%s saw %q", address, seen)
		}
		if req.Header.Get("Authorization") != "" {
			t.Errorf("the caller's request was changed")
		}
	}
}
