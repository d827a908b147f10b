package github

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// Bounds on how long a rate limit is believed to last. GitHub counts by the
// hour; a reset further away is a wrong clock.
const (
	MinLimitWait = time.Second
	MaxLimitWait = time.Hour
	// secondaryWait is GitHub's advice for a limit without a date: at least a
	// minute, then longer each time.
	secondaryWait = time.Minute
)

// pause is a limit that was met, and how often in a row.
type pause struct {
	until   time.Time
	strikes int // limits met one after the other without a date
}

// limit notes a limit that was met and returns how long it lasts. A wait of 0
// is a limit without a date: a minute, then longer each time, and up to a tenth
// more at random, so that those who met it together do not come back together.
func (a *accounts) limit(t ticket, wait time.Duration, secondary bool) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	acc, now := t.account, a.now()
	p := &acc.pause
	if left := p.until.Sub(now); wait == 0 && left > 0 {
		return left // requests that were under way together met one limit
	}
	if wait == 0 {
		wait = secondaryWait << min(p.strikes, 6)
		wait += time.Duration(a.random() * float64(wait/10))
		p.strikes++
	}
	wait = min(max(wait, MinLimitWait), MaxLimitWait)
	if until := now.Add(wait); until.After(p.until) {
		p.until = until
	}
	if secondary {
		acc.calm = p.until.Add(CalmFor)
	}
	return wait
}

// cleared notes that GitHub answers the credential again.
func (a *accounts) cleared(t ticket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	// A request that overtook the limit must not end it.
	if !a.now().Before(t.account.pause.until) {
		t.account.pause = pause{}
	}
}

// limited sends what its credential's account admits, and tells the account
// what each answer says. GitHub's ways of saying that a limit is used up become
// an error of kind ErrLimited, which is given at once, without a request, until
// the limit ends: GitHub bans those who go on asking.
type limited struct {
	base     *url.URL
	accounts *accounts
	next     http.RoundTripper
}

func (t *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	if !sameOrigin(req.URL, t.base) {
		// Other hosts count by themselves.
		resp, err := t.next.RoundTrip(req)
		if err == nil && isLimit(resp) {
			resp.Body.Close()
			return nil, limitError(limitWait(resp.Header, t.accounts.now()))
		}
		return resp, err
	}
	pass, err := t.accounts.admit(req.Context(), callOf(req).credential)
	if err != nil {
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	switch {
	case err != nil:
		t.accounts.done(pass, nil)
		return nil, err
	case isLimit(resp):
		resp.Body.Close()
		wait := limitWait(resp.Header, t.accounts.now())
		// First, so that whoever waits for this answer learns of the limit.
		wait = t.accounts.limit(pass, wait, resp.Header.Get("X-RateLimit-Remaining") != "0")
		t.accounts.done(pass, resp.Header)
		return nil, limitError(wait)
	case resp.StatusCode == http.StatusUnauthorized:
		t.accounts.done(pass, nil) // what it says is of the address, not of the credential
	default:
		t.accounts.done(pass, resp.Header)
	}
	if resp.StatusCode < http.StatusBadRequest {
		t.accounts.cleared(pass)
	}
	// The client library has a limiter of its own, which knows one identity
	// and would stop at the last allowed request.
	resp.Header.Del("X-RateLimit-Limit")
	resp.Header.Del("X-RateLimit-Remaining")
	resp.Header.Del("X-RateLimit-Reset")
	return resp, nil
}

func limitError(wait time.Duration) error {
	wait = min(max(wait, MinLimitWait), MaxLimitWait)
	return &registry.Error{Kind: registry.ErrLimited, RetryAfter: wait,
		Message: fmt.Sprintf("GitHub's rate limit is used up; asking again in %s", wait.Round(time.Second))}
}

// isLimit tells a limit from a refusal. GitHub answers 429, or 403 with one of
// three marks, the last of which is in the text alone; the body can still be
// read afterwards.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
func isLimit(resp *http.Response) bool {
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return true
	case resp.StatusCode != http.StatusForbidden:
		return false
	case resp.Header.Get("X-RateLimit-Remaining") == "0", resp.Header.Get("Retry-After") != "":
		return true
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes))
	resp.Body = &body{Reader: bytes.NewReader(text), Closer: resp.Body}
	lower := strings.ToLower(string(text))
	for _, sign := range []string{"secondary rate limit", "secondary-rate-limits", "abuse-rate-limits", "abuse detection"} {
		if strings.Contains(lower, sign) {
			return true
		}
	}
	return false
}

// limitWait reads how long a limit lasts; 0 if the headers do not say. A
// negative number of seconds is none.
func limitWait(h http.Header, now time.Time) time.Duration {
	now = serverTime(h, now)
	if after := retryAfter(h, now); after > 0 {
		return after
	}
	reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if h.Get("X-RateLimit-Remaining") != "0" || err != nil || reset <= 0 || reset > math.MaxInt32*2 {
		return 0
	}
	return min(max(time.Unix(reset, 0).Sub(now), MinLimitWait), MaxLimitWait)
}

// serverTime is an answer's own time, where it says it: our clock may be wrong.
func serverTime(h http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		return date
	}
	return now
}

// retryAfter reads the header of that name, seconds or a date; 0 if there is
// none to be used.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(MaxLimitWait/time.Second))) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(date.Sub(now), 0), MaxLimitWait)
	}
	return 0
}
