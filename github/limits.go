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
	"sync"
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

// limits remembers until when each identity must not ask. The primary limit
// is the token's, so several installations have one each.
type limits struct {
	now func() time.Time

	mu     sync.Mutex // guards paused
	paused map[string]pause
}

type pause struct {
	until   time.Time
	strikes int // limits met one after the other without a date
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, paused: make(map[string]pause)}
}

// wait is how long the identity must not ask yet; not positive if it may.
func (l *limits) wait(identity string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.paused[identity].until.Sub(l.now())
}

// pause notes a limit that was met and returns how long it lasts; 0 is a limit
// without a date.
func (l *limits) pause(identity string, wait time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.paused[identity]
	if left := p.until.Sub(l.now()); wait == 0 && left > 0 {
		return left // requests that were under way together met one limit
	}
	if wait == 0 {
		wait = secondaryWait << min(p.strikes, 6)
		p.strikes++
	}
	wait = min(max(wait, MinLimitWait), MaxLimitWait)
	if until := l.now().Add(wait); until.After(p.until) {
		p.until = until
	}
	l.paused[identity] = p
	return wait
}

// cleared notes that GitHub answers the identity again.
func (l *limits) cleared(identity string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A request that overtook the limit must not end it.
	if p, ok := l.paused[identity]; ok && !l.now().Before(p.until) {
		delete(l.paused, identity)
	}
}

// limited turns GitHub's ways of saying that a limit is used up into an error
// of kind ErrLimited, and gives it at once, without a request, until the limit
// ends: GitHub bans those who go on asking.
type limited struct {
	base   *url.URL
	limits *limits
	next   http.RoundTripper
}

func (t *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	// Other hosts count by themselves.
	api, identity := sameOrigin(req.URL, t.base), callOf(req).credential.identity()
	if api {
		if wait := t.limits.wait(identity); wait > 0 {
			return nil, limitError(wait)
		}
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if isLimit(resp) {
		resp.Body.Close()
		wait := limitWait(resp.Header, t.limits.now())
		if api {
			wait = t.limits.pause(identity, wait)
		}
		return nil, limitError(wait)
	}
	if api && resp.StatusCode < http.StatusBadRequest {
		t.limits.cleared(identity)
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
	// By the server's clock, ours may be wrong.
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	if after := retryAfter(h, now); after > 0 {
		return after
	}
	reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if h.Get("X-RateLimit-Remaining") != "0" || err != nil || reset <= 0 || reset > math.MaxInt32*2 {
		return 0
	}
	return min(max(time.Unix(reset, 0).Sub(now), MinLimitWait), MaxLimitWait)
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

// gate bounds the requests in flight. A request has its slot until its answer
// is read to the end or closed: go-github reads an error's answer whole, but
// closes another body in its place.
type gate struct {
	slots chan struct{}
	next  http.RoundTripper
}

func (t *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case t.slots <- struct{}{}:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	release := sync.OnceFunc(func() { <-t.slots })
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		release()
		return nil, err
	}
	inner := resp.Body
	resp.Body = &body{Reader: &ended{inner, release}, Closer: closer(func() error {
		defer release()
		return inner.Close()
	})}
	return resp, nil
}

// ended tells of the end of what is read, good or bad.
type ended struct {
	io.Reader
	tell func()
}

func (r *ended) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		r.tell()
	}
	return n, err
}

// body is a response's body put together from its two halves.
type body struct {
	io.Reader
	io.Closer
}

// closer is a function as an [io.Closer].
type closer func() error

func (c closer) Close() error { return c() }
