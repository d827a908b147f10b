package httpapi

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pluginyard/pluginyard/registry"
)

// Rate is how often a client may do something: Count times in any Per, all of
// them at once if it likes. The zero value is no bound.
type Rate struct {
	Count int
	Per   time.Duration
}

// MaxClients bounds how many clients a limiter tells apart, some 6 MB of them.
// Those beyond share what one may do, until others have been quiet.
const MaxClients = 1 << 16

// limiter keeps clients within a rate, by their address; of IPv6 by the 64 bits
// that one customer has all addresses of. What is kept is when a client would
// have its whole allowance again, so that who was quiet need not be known.
type limiter struct {
	every, burst time.Duration // between two, and for how many at once
	max          int           // clients

	mu     sync.Mutex // guards what follows
	whole  map[netip.Addr]time.Time
	others time.Time // of those for whom there was no room
	tidied time.Time
}

// newLimiter is nil, which limits nobody, for no rate.
func newLimiter(rate Rate) *limiter {
	if rate.Count <= 0 || rate.Per <= 0 {
		return nil
	}
	return &limiter{every: rate.Per / time.Duration(rate.Count), burst: rate.Per, max: MaxClients, whole: map[netip.Addr]time.Time{}}
}

// take counts one against a client's allowance: 0, or how long it has to wait,
// and nothing is counted then.
func (l *limiter) take(client netip.Addr, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	if client.Is6() {
		if network, err := client.Prefix(64); err == nil {
			client = network.Addr()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	whole, known := l.whole[client]
	if !known && len(l.whole) >= l.max {
		l.tidy(now)
	}
	shared := !known && len(l.whole) >= l.max
	if shared {
		whole = l.others
	}
	next := whole
	switch {
	case whole.Before(now):
		next = now
	case whole.Sub(now) > l.burst:
		next = now.Add(l.burst) // the clock was put back
	}
	wait := next.Add(l.every).Sub(now) - l.burst
	if wait <= 0 {
		next = next.Add(l.every)
	}
	switch {
	case next.Equal(whole):
	case shared:
		l.others = next
	default:
		l.whole[client] = next
	}
	return max(wait, 0)
}

// tidy forgets whoever has the whole allowance, at most once a second.
func (l *limiter) tidy(now time.Time) {
	if since := now.Sub(l.tidied); since >= 0 && since < time.Second {
		return
	}
	l.tidied = now
	for client, whole := range l.whole {
		if !whole.After(now) || whole.Sub(now) > l.burst {
			delete(l.whole, client)
		}
	}
}

// limit counts a request against its client's allowance; its error is
// ErrTooOften.
func (s *server) limit(l *limiter, c echo.Context) error {
	if l == nil {
		return nil
	}
	return tooOften(l.take(s.proxies.client(c.Request()), s.now()))
}

func tooOften(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return &registry.Error{Kind: registry.ErrTooOften, RetryAfter: wait, Message: "your address has asked for too much that has to be made first; ask again later"}
}

// mayWait is the context of a request that may have something made for it,
// within its client's allowance. However much is made, it is counted once.
func (s *server) mayWait(c echo.Context) context.Context {
	ctx := c.Request().Context()
	if s.work == nil {
		return ctx
	}
	counted := false
	return registry.WithAdmission(ctx, func() error {
		if counted {
			return nil
		}
		if err := s.limit(s.work, c); err != nil {
			return err
		}
		counted = true
		return nil
	})
}

// ready asks for what is made already, which nothing limits, and where it is
// not made asks again as somebody who may wait for it.
func ready[T any](s *server, c echo.Context, slug string, q registry.Query, ask func(context.Context, string, registry.Query) (T, error)) (T, error) {
	v, err := ask(s.atOnce, slug, q)
	if err != nil && errors.Is(err, registry.ErrLater) {
		return ask(s.mayWait(c), slug, q)
	}
	return v, err
}

// unsigned refuses a webhook that GitHub has not signed, within a client's
// allowance for such; its error beyond that is ErrTooOften.
func (s *server) unsigned(l *limiter, c echo.Context) error {
	if err := s.limit(l, c); err != nil {
		return err
	}
	return &refusal{kind: s.errors.unsigned}
}
