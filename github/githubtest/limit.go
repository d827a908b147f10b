package githubtest

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limits are the primary rate limits. One counter serves all clients, since most
// tests have one, until they are split.
type limits struct {
	mu    sync.Mutex // guards both
	each  bool
	by    map[string]*limit // by credential; "" is nobody's, or everybody's
	shown int               // status of refusals; 0 is 403
}

func (l *limits) split() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.each = true
}

// of is the limit of a credential.
func (l *limits) of(account string) *limit {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.each {
		account = ""
	}
	if l.by == nil {
		l.by = map[string]*limit{}
	}
	if l.by[account] == nil {
		l.by[account] = &limit{}
	}
	return l.by[account]
}

func (l *limits) setStatus(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown = status
}

func (l *limits) status() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return cmp.Or(l.shown, http.StatusForbidden)
}

// limit is one primary rate limit.
type limit struct {
	mu    sync.Mutex // guards all of it
	begun bool       // whether used and reset mean anything
	used  int
	size  int
	reset time.Time
}

func (l *limit) set(remaining int, reset time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun, l.reset = true, reset
	l.size = max(DefaultLimit, remaining)
	l.used = l.size - max(remaining, 0)
}

// roll begins a new hour if the last one has passed. It is called with mu held.
func (l *limit) roll(now time.Time) {
	if l.begun && now.Before(l.reset) {
		return
	}
	l.begun, l.used, l.size = true, 0, DefaultLimit
	l.reset = now.Add(time.Hour)
}

// spend takes one request from the allowance, or gives the refusal.
func (l *limit) spend(c *call) (refusal answer, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(c.now)
	if l.used < l.size {
		l.used++
		return answer{}, true
	}
	text := "API rate limit exceeded for user ID 1."
	if !c.by.known() {
		ip, _, _ := net.SplitHostPort(c.r.RemoteAddr)
		text = fmt.Sprintf("API rate limit exceeded for %s. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)", ip)
	}
	refusal = message(c.g.limits.status(), text)
	refusal.body.(object)["documentation_url"] = "https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting"
	return refusal, false
}

// refund gives back what an answer 304 does not cost.
func (l *limit) refund() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used = max(l.used-1, 0)
}

// describe sets the headers that every answer of the API carries.
func (l *limit) describe(h http.Header, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(now)
	h.Set("X-RateLimit-Limit", strconv.Itoa(l.size))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(l.size-l.used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(l.reset.Unix(), 10))
	h.Set("X-RateLimit-Used", strconv.Itoa(l.used))
	h.Set("X-RateLimit-Resource", "core")
}

// rateLimit answers /rate_limit, which costs nothing.
func (c *call) rateLimit() answer {
	l := c.g.limits.of(c.by.account)
	l.mu.Lock()
	l.roll(c.now)
	rate := object{"limit": l.size, "remaining": l.size - l.used, "reset": l.reset.Unix(), "used": l.used}
	l.mu.Unlock()
	other := func(limit int, span time.Duration) object {
		return object{"limit": limit, "remaining": limit, "reset": c.now.Add(span).Unix(), "used": 0}
	}
	a := ok(object{
		"rate": rate,
		"resources": object{
			"core":    rate,
			"search":  other(30, time.Minute),
			"graphql": other(DefaultLimit, time.Hour),
		},
	})
	a.header = http.Header{
		"X-Ratelimit-Limit":     {strconv.Itoa(rate["limit"].(int))},
		"X-Ratelimit-Remaining": {strconv.Itoa(rate["remaining"].(int))},
		"X-Ratelimit-Reset":     {strconv.FormatInt(rate["reset"].(int64), 10)},
	}
	return a
}
