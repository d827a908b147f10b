package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pluginyard/pluginyard/registry"
)

// rate is the headers of an answer.
func rate(remaining int, reset time.Time) http.Header {
	h := http.Header{}
	h.Set("X-RateLimit-Limit", "5000")
	h.Set("X-RateLimit-Remaining", fmt.Sprint(remaining))
	h.Set("X-RateLimit-Reset", fmt.Sprint(reset.Unix()))
	h.Set("X-RateLimit-Resource", "core")
	return h
}

func TestAnswersOutOfOrderRaiseNothing(t *testing.T) {
	now := time.Unix(1767225600, 0)
	reset := now.Add(30 * time.Minute)
	anonymous := token(func() Secret { return "" })
	a := newAccounts(&Config{Now: func() time.Time { return now }})
	send := func() ticket {
		t.Helper()
		pass, err := a.admit(t.Context(), anonymous)
		if err != nil {
			t.Fatal(err)
		}
		return pass
	}
	want := func(what string, remaining int) {
		t.Helper()
		if got := a.of(anonymous).left(now); got != remaining {
			t.Errorf("%s: %d remain, want %d", what, got, remaining)
		}
	}
	older, newer := send(), send()
	a.done(newer, rate(100, reset))
	want("the newer answer", 100)
	a.done(older, rate(101, reset))
	want("the older answer after it", 100)
	a.done(send(), rate(102, reset))
	want("an answer to what was sent later", 102)

	search := rate(3, reset)
	search.Set("X-RateLimit-Resource", "search")
	a.done(send(), search)
	want("an answer of another resource", 102)
	a.done(send(), http.Header{})
	want("an answer that says nothing", 102)
	used := rate(0, reset)
	used.Del("X-RateLimit-Remaining")
	used.Set("X-RateLimit-Used", "4950")
	a.done(send(), used)
	want("what is used in place of what remains", 50)

	late, next := send(), send()
	a.done(next, rate(4990, reset.Add(time.Hour)))
	want("a new period", 4990)
	a.done(late, rate(7, reset))
	want("an answer of the period before", 4990)
	now = now.Add(3 * time.Hour)
	want("when that is over", 5000)
	if flying := a.of(anonymous).flying; flying != 0 {
		t.Errorf("%d are in flight", flying)
	}
}

func TestTheReserveIsForTheUrgent(t *testing.T) {
	for _, tt := range []struct {
		name                      string
		reserve                   *Reserve
		remaining                 int
		background, told, waiting bool // whether they may be sent
	}{
		{"much is left", nil, 501, true, true, true},
		{"the reserve is reached", nil, 500, false, true, true},
		{"half of it", nil, 250, false, false, true},
		{"nothing is left, a 304 may be free", nil, 0, false, false, true},
		{"a count", &Reserve{Count: 100}, 101, true, true, true},
		{"a count that is reached", &Reserve{Count: 100}, 100, false, true, true},
		{"a count above the limit", &Reserve{Count: 9000}, 4501, true, true, true},
		{"no reserve", &Reserve{}, 1, true, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				reset := time.Now().Add(20 * time.Minute)
				c := newClient(t, Config{Token: planted, Reserve: tt.reserve, Transport: trips(func(req *http.Request) (*http.Response, error) {
					sent++
					resp := reply(req, 200, repositoryJSON)
					for name, values := range rate(tt.remaining, reset) {
						resp.Header[name] = values
					}
					return resp, nil
				})})
				ask := func(p registry.Priority) error {
					_, err := c.Repository(registry.WithPriority(t.Context(), p), yard)
					return err
				}
				if err := ask(registry.PriorityBackground); err != nil {
					t.Fatal(err) // nothing is known yet
				}
				for p, may := range map[registry.Priority]bool{
					registry.PriorityBackground: tt.background, registry.PriorityTold: tt.told, registry.PriorityWaiting: tt.waiting,
				} {
					before := sent
					err := ask(p)
					if may {
						if err != nil || sent != before+1 {
							t.Errorf("priority %d: %v", p, err)
						}
						continue
					}
					if retryAfterOf(err) != 20*time.Minute || !errors.Is(err, registry.ErrReserve) || sent != before {
						t.Errorf("priority %d: %v, to wait %s; %d were sent", p, err, retryAfterOf(err), sent-before)
					}
					if at := reset.UTC().Format("15:04:05"); err == nil || !strings.Contains(err.Error(), at) {
						t.Errorf("%v does not name the reset at %s", err, at)
					}
				}
				time.Sleep(20 * time.Minute)
				if err := ask(registry.PriorityBackground); err != nil {
					t.Errorf("after the reset: %v", err)
				}
			})
		})
	}
}

// Sixteen at once must not all pass by one last allowed request.
func TestRequestsInFlightCountAgainstTheReserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var remaining, sent atomic.Int64
		remaining.Store(504)
		reset := time.Now().Add(time.Hour)
		c := newClient(t, Config{Token: planted, Transport: trips(func(req *http.Request) (*http.Response, error) {
			sent.Add(1)
			time.Sleep(time.Second)
			resp := reply(req, 200, repositoryJSON)
			for name, values := range rate(int(remaining.Add(-1)), reset) {
				resp.Header[name] = values
			}
			return resp, nil
		})})
		ctx := registry.WithPriority(t.Context(), registry.PriorityBackground)
		if _, err := c.Repository(ctx, yard); err != nil {
			t.Fatal(err)
		}
		var refused atomic.Int64
		for range MaxRequests {
			go func() {
				if _, err := c.Repository(ctx, yard); errors.Is(err, registry.ErrReserve) {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			}()
		}
		time.Sleep(time.Minute)
		if sent.Load() != 4 || remaining.Load() != 500 || refused.Load() != MaxRequests-3 {
			t.Errorf("%d sent, %d refused, %d remain; want 4, %d and 500", sent.Load(), refused.Load(), remaining.Load(), MaxRequests-3)
		}
	})
}

func TestASecondaryLimitCalmsItsCredentialAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var limited atomic.Bool
		var now, most [2]atomic.Int64 // acme's, others'
		limited.Store(true)
		c := newClient(t, Config{Token: "ghp_all", Owners: []OwnerCredential{{Owner: "Acme", Token: planted}}, Transport: trips(func(req *http.Request) (*http.Response, error) {
			i := 1
			if strings.HasSuffix(req.Header.Get("Authorization"), planted) {
				if i = 0; limited.Load() {
					return reply(req, 403, `{"message":"You have exceeded a secondary rate limit."}`, "Retry-After", "30"), nil
				}
			}
			most[i].Store(max(most[i].Load(), now[i].Add(1)))
			time.Sleep(time.Second)
			now[i].Add(-1)
			return reply(req, 200, repositoryJSON), nil
		})})
		other := registry.Repo{Owner: "other", Name: "hello-yard"}
		if _, err := c.Repository(t.Context(), yard); retryAfterOf(err) != 30*time.Second {
			t.Fatal(err)
		}
		limited.Store(false)
		crowd := func() (acme, others int64) {
			for i := range most {
				most[i].Store(0)
			}
			for range 2 * MaxRequests {
				for _, repo := range []registry.Repo{yard, other} {
					go func() { _, _ = c.Repository(t.Context(), repo) }()
				}
			}
			time.Sleep(time.Minute)
			return most[0].Load(), most[1].Load()
		}
		if acme, others := crowd(); acme != 0 || others < MaxRequests {
			t.Errorf("during the limit %d of acme's and %d of others' are in flight", acme, others)
		}
		if acme, others := crowd(); acme != CalmRequests || others < MaxRequests-CalmRequests {
			t.Errorf("after the limit %d of acme's and %d of others' are in flight", acme, others)
		}
		time.Sleep(CalmFor)
		if acme, _ := crowd(); acme <= CalmRequests {
			t.Errorf("later %d of acme's are in flight", acme)
		}
	})
}

// While few are sent at once, nobody waits for a check that might have waited.
func TestClientsComeFirstAfterASecondaryLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := true
		var order []registry.Priority // of what is sent, CalmRequests at once
		var mu sync.Mutex
		c := newClient(t, Config{Token: planted, Transport: trips(func(req *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if limited {
				return reply(req, 403, `{"message":"You have exceeded a secondary rate limit."}`, "Retry-After", "30"), nil
			}
			order = append(order, registry.PriorityOf(req.Context()))
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			return reply(req, 200, repositoryJSON), nil
		})})
		_, _ = c.Repository(t.Context(), yard)
		time.Sleep(30 * time.Second)
		mu.Lock()
		limited = false
		mu.Unlock()
		const each = 6
		for _, p := range []registry.Priority{registry.PriorityBackground, registry.PriorityWaiting} {
			for range each {
				go func() { _, _ = c.Repository(registry.WithPriority(t.Context(), p), yard) }()
			}
			synctest.Wait()
		}
		given, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, _ = c.Repository(given, yard) // it gives up, and is waited for no longer
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		want := slices.Repeat([]registry.Priority{registry.PriorityBackground}, 2*each)
		for i := range each {
			want[CalmRequests+i] = registry.PriorityWaiting // after the two under way
		}
		if diff := cmp.Diff(want, order); diff != "" {
			t.Error(diff)
		}
	})
}

func TestBackoffIsSpread(t *testing.T) {
	now := time.Unix(1767225600, 0)
	a := newAccounts(&Config{Now: func() time.Time { return now }, Random: func() float64 { return 0.5 }})
	pass, err := a.admit(t.Context(), token(func() Secret { return "" }))
	if err != nil {
		t.Fatal(err)
	}
	if got := a.limit(pass, 0, true); got != 63*time.Second {
		t.Errorf("waits %s, want a minute and half of a tenth", got)
	}
	if now = now.Add(2 * time.Minute); a.limit(pass, 30*time.Second, true) != 30*time.Second {
		t.Error("a limit with a date lasts longer than it says")
	}
}

func TestTheBackgroundIsPacedAtGitHubCom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for address, want := range map[string]time.Duration{
			DefaultAPIURL: 20 * time.Second, "https://github.example.com/api/v3/": 0,
		} {
			c := newClient(t, Config{APIURL: address, Token: planted, Sleep: sleep, Transport: trips(func(req *http.Request) (*http.Response, error) {
				return reply(req, 200, repositoryJSON), nil
			})})
			began := time.Now()
			for i := range 300 {
				if _, err := c.Repository(registry.WithPriority(t.Context(), registry.PriorityBackground), yard); err != nil {
					t.Fatal(err)
				}
				if i == backgroundBurst-1 && time.Since(began) > 0 {
					t.Error("a few are slowed down")
				}
			}
			if took := time.Since(began).Round(time.Second); took != want {
				t.Errorf("%s: 300 requests took %s, want %s", address, took, want)
			}
			began = time.Now()
			if _, err := c.Repository(t.Context(), yard); err != nil || time.Since(began) > 0 {
				t.Errorf("a client waited %s: %v", time.Since(began), err)
			}
		}
	})
}

func TestAllowancesNameNoSecret(t *testing.T) {
	reset := time.Now().Add(time.Hour).Truncate(time.Second)
	c := newClient(t, Config{Token: "ghp_all", Owners: []OwnerCredential{{Owner: "Acme", Token: planted}}, Transport: trips(func(req *http.Request) (*http.Response, error) {
		resp := reply(req, 200, repositoryJSON)
		left := 4000
		if strings.HasSuffix(req.Header.Get("Authorization"), planted) {
			left = 3000
		}
		for name, values := range rate(left, reset) {
			resp.Header[name] = values
		}
		resp.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		return resp, nil
	})})
	if got := c.Allowances(); len(got) != 0 {
		t.Errorf("before any request: %v", got)
	}
	for _, owner := range []string{"acme", "other", "ACME"} {
		if _, err := c.Repository(t.Context(), registry.Repo{Owner: owner, Name: "hello-yard"}); err != nil {
			t.Fatal(err)
		}
	}
	got := c.Allowances()
	for i := range got {
		if d := got[i].Reset.Sub(reset); d < -2*time.Second || d > 2*time.Second {
			t.Errorf("reset at %s, want %s", got[i].Reset, reset)
		}
		got[i].Reset = time.Time{}
	}
	want := []registry.Allowance{
		{Credential: "default", Limit: 5000, Remaining: 4000, Reserve: 500},
		{Credential: "owner acme", Limit: 5000, Remaining: 3000, Reserve: 500},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("allowances (-want +got):\n%s", diff)
	}
}

func TestWaitingForOthersEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccounts(&Config{Now: time.Now})
		anonymous := token(func() Secret { return "" })
		pass, _ := a.admit(t.Context(), anonymous)
		a.done(pass, rate(501, time.Now().Add(time.Hour)))
		ctx, cancel := context.WithTimeout(registry.WithPriority(t.Context(), registry.PriorityBackground), time.Second)
		defer cancel()
		if _, err := a.admit(ctx, anonymous); err != nil {
			t.Fatal(err)
		}
		if _, err := a.admit(ctx, anonymous); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want to wait for the one in flight", err)
		}
	})
}

func FuzzParseReserve(f *testing.F) {
	for _, s := range []string{"10%", "500", "0", "0%", "91%", "-1", "", "%", "99999999999", "1e3", " 5"} {
		f.Add(s, 5000)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		r, err := ParseReserve(s)
		if err != nil || limit < 0 || limit > 1<<31 {
			return
		}
		if got := r.of(limit); got < 0 || got > part(limit, MaxReserve) {
			t.Errorf("%q of %d is %d", s, limit, got)
		}
	})
}
