package github

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// accounts knows what each credential may yet ask GitHub for, as its answers
// said, and shares that out: what is urgent may use all of it, what is not
// leaves a reserve. Nothing of it is kept over a restart: the first answer says
// it again.
type accounts struct {
	now     func() time.Time
	random  func() float64 // of [0, 1)
	reserve *Reserve
	paced   bool // see backgroundEvery
	sleep   func(context.Context, time.Duration) error

	mu         sync.Mutex // guards all below, and every account
	byIdentity map[string]*account
	names      map[string]string // of tokens, by identity
	events     int64             // counts what was sent and what was learned
	changed    chan struct{}     // closed and replaced when an answer came
}

// account is one credential's. The allowance is that of GitHub's resource
// "core": nothing else is asked here.
type account struct {
	name      string
	limit     int // 0 is not known
	remaining int
	period    int64     // its end as GitHub says it, Unix seconds, which names the period
	reset     time.Time // the same by our clock
	learned   int64     // the event that the three above are from
	flying    int       // requests that were admitted and are not answered
	booked    int       // requests that were set aside, see [Client.Book]
	waiting   int       // clients who wait for a place among CalmRequests
	pause     pause
	calm      time.Time // until when few are sent at once
	next      time.Time // when the next request of the background may be sent, if those are paced
}

// Bounds on what is sent at once, and how fast.
const (
	// CalmRequests are in flight at most for CalmFor after a secondary limit,
	// which GitHub gives to those who ask too much at once.
	CalmRequests = 2
	CalmFor      = 10 * time.Minute
	// backgroundEvery keeps work that nobody waits for at two thirds of the 900
	// requests a minute that github.com allows; so many may come at once. An
	// Enterprise server has no such limit unless its operator sets one.
	backgroundEvery = 100 * time.Millisecond
	backgroundBurst = 100
	// samePeriod is how much GitHub's own servers may differ in when a period
	// ends. While nothing is counted the end moves along with the clock.
	samePeriod = 60 // seconds
)

func newAccounts(cfg *Config) *accounts {
	a := &accounts{
		now: cfg.Now, random: cfg.Random, reserve: cfg.Reserve, sleep: cfg.Sleep,
		byIdentity: make(map[string]*account), names: make(map[string]string), changed: make(chan struct{}),
	}
	if a.random == nil {
		a.random = rand.Float64
	}
	return a
}

// call names a token in [Client.Allowances]. Where two owners have the same
// one, the first name stays.
func (a *accounts) call(t token, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.names[t.identity()] == "" {
		a.names[t.identity()] = name
	}
}

// of is a credential's account. It is called with mu held.
func (a *accounts) of(c credential) *account {
	identity := c.identity()
	acc := a.byIdentity[identity]
	if acc == nil {
		acc = &account{name: a.names[identity]}
		if named, ok := c.(interface{ name() string }); ok {
			acc.name = named.name()
		}
		a.byIdentity[identity] = acc
	}
	acc.believe(a.now())
	return acc
}

// believe drops times that lie further ahead than any limit: the clock was put
// back.
func (acc *account) believe(now time.Time) {
	for _, until := range []*time.Time{&acc.pause.until, &acc.reset, &acc.calm, &acc.next} {
		if until.Sub(now) > MaxLimitWait+CalmFor {
			*until = time.Time{}
		}
	}
}

// ticket is a request that was admitted.
type ticket struct {
	account *account
	sent    int64 // its event
}

// admit lets a request be sent, or refuses it with ErrLimited. Where that
// depends on what others are about to learn, it waits for their answers.
func (a *accounts) admit(ctx context.Context, c credential) (ticket, error) {
	priority := registry.PriorityOf(ctx)
	if wait := a.pace(c, priority); wait > 0 {
		if err := a.sleep(ctx, wait); err != nil {
			return ticket{}, err
		}
	}
	waited := false // counted in waiting
	for {
		a.mu.Lock()
		acc := a.of(c)
		may, err := acc.may(a.now(), priority, a.reserve)
		if waits := !may && err == nil && priority == registry.PriorityWaiting; waits && !waited {
			acc.waiting++
			waited = true
		} else if waited && !waits {
			acc.leave(a)
		}
		if may {
			acc.flying++
			a.events++
			t := ticket{acc, a.events}
			a.mu.Unlock()
			return t, nil
		}
		changed := a.changed
		a.mu.Unlock()
		if err != nil {
			return ticket{}, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if waited {
				a.mu.Lock()
				acc.leave(a)
				a.mu.Unlock()
			}
			return ticket{}, ctx.Err()
		}
	}
}

// leave ends a client's waiting: others may have left a place to it.
func (acc *account) leave(a *accounts) {
	acc.waiting--
	a.tell()
}

// tell wakes all who wait for others. It is called with mu held.
func (a *accounts) tell() {
	close(a.changed)
	a.changed = make(chan struct{})
}

// pace is how long a request of the background has to wait for its turn.
func (a *accounts) pace(c credential, priority registry.Priority) time.Duration {
	if !a.paced || priority != registry.PriorityBackground {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	acc, now := a.of(c), a.now()
	if acc.next.Before(now) {
		acc.next = now
	}
	wait := acc.next.Add(-backgroundBurst * backgroundEvery).Sub(now)
	acc.next = acc.next.Add(backgroundEvery)
	return wait
}

// may says whether a request may be sent now. Neither is to wait until one of
// those in flight was answered: a request costs something only if there is
// something new, which nobody knows before.
func (acc *account) may(now time.Time, priority registry.Priority, reserve *Reserve) (bool, error) {
	if wait := acc.pause.until.Sub(now); wait > 0 {
		return false, limitError(wait)
	}
	if now.Before(acc.calm) && (acc.flying >= CalmRequests || acc.waiting > 0 && priority != registry.PriorityWaiting) {
		return false, nil
	}
	if acc.limit == 0 || priority == registry.PriorityWaiting {
		// Not known, or all of it may be used: beyond the end GitHub says so
		// once, and a 304 may be free even there.
		return true, nil
	}
	floor := reserve.of(acc.limit)
	if priority == registry.PriorityTold {
		floor /= 2
	}
	switch left := acc.left(now); {
	case left <= floor:
		return false, reserveError(floor, acc.limit, acc.reset, acc.reset.Sub(now))
	case left-acc.flying <= floor:
		return false, nil
	}
	return true, nil
}

// left is what remains. A new period begins full.
func (acc *account) left(now time.Time) int {
	if !now.Before(acc.reset) {
		return acc.limit
	}
	return acc.remaining
}

// paused refuses what was admitted, if a limit was met since.
func (a *accounts) paused(c credential) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wait := a.of(c).pause.until.Sub(a.now()); wait > 0 {
		return limitError(wait)
	}
	return nil
}

// done takes back a ticket, with the answer's header; nil if there was none.
func (a *accounts) done(t ticket, header http.Header) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t.account.flying--
	a.tell()
	if now := a.now(); header != nil {
		if said, ok := readAllowance(header, now); ok {
			a.events++
			t.account.learn(said, t.sent, a.events)
		}
	}
}

// learn takes over what an answer said, whatever the order in which answers
// come. What was sent after everything that is known was learned is newer. Of
// two that were under way together nobody can tell, and the lower one counts,
// unless another period has begun.
func (acc *account) learn(said allowance, sent, event int64) {
	switch {
	case acc.limit == 0, sent > acc.learned, said.period > acc.period+samePeriod:
		acc.remaining, acc.period, acc.reset = said.remaining, said.period, said.reset
	case said.period < acc.period-samePeriod:
		return // of a period that is over
	default:
		acc.remaining = min(acc.remaining, said.remaining)
		if said.period > acc.period {
			acc.period, acc.reset = said.period, said.reset
		}
	}
	acc.limit, acc.learned = said.limit, event
}

// allowance is what the headers of one answer say.
type allowance struct {
	limit, remaining int
	period           int64 // Unix seconds by GitHub's clock
	reset            time.Time
}

// readAllowance reads GitHub's X-RateLimit headers. ok is false where they are
// absent, as on Enterprise servers without limits, where they are of another
// resource than what is asked here, and where they make no sense.
func readAllowance(h http.Header, now time.Time) (said allowance, ok bool) {
	if resource := h.Get("X-RateLimit-Resource"); resource != "" && resource != "core" {
		return said, false
	}
	number := func(name string) (int, bool) {
		n, err := strconv.ParseInt(h.Get(name), 10, 32)
		return int(n), err == nil && n >= 0
	}
	if said.limit, ok = number("X-RateLimit-Limit"); !ok || said.limit == 0 {
		return said, false
	}
	if said.remaining, ok = number("X-RateLimit-Remaining"); !ok {
		used, known := number("X-RateLimit-Used")
		if !known {
			return said, false
		}
		said.remaining = max(said.limit-used, 0)
	}
	said.remaining = min(said.remaining, said.limit)
	period, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil || period <= 0 || period > math.MaxInt32*2 {
		return said, false
	}
	said.period = period
	left := time.Unix(period, 0).Sub(serverTime(h, now))
	said.reset = now.Add(min(max(left, 0), MaxLimitWait))
	return said, true
}

// Allowances tells, of each credential that was used, what GitHub last said it
// may ask for yet.
func (c *Client) Allowances() []registry.Allowance {
	a := c.accounts
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	list := make([]registry.Allowance, 0, len(a.byIdentity))
	for _, acc := range a.byIdentity {
		acc.believe(now)
		one := registry.Allowance{
			Credential: acc.name, Limit: acc.limit, Remaining: acc.left(now), Reserve: a.reserve.of(acc.limit), Reset: acc.reset,
		}
		if now.Before(acc.pause.until) {
			one.Paused = acc.pause.until
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(x, y registry.Allowance) int { return strings.Compare(x.Credential, y.Credential) })
	return list
}

// reserveError refuses what is not urgent. Its text says nothing of whose the
// credential is: a plugin's page may show it.
func reserveError(floor, limit int, reset time.Time, wait time.Duration) error {
	return &registry.Error{
		Kind: registry.ErrLimited, RetryAfter: min(max(wait, MinLimitWait), MaxLimitWait), Err: registry.ErrReserve,
		Message: fmt.Sprintf("GitHub's rate limit is down to the reserve, %d of %d requests, which is kept for what is more urgent; it is renewed at %s",
			floor, limit, reset.UTC().Format("15:04:05 MST")),
	}
}
