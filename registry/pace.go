package registry

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// due is when a plugin's next check is due: once in each [Config].Every, at the
// plugin's own moment of it, which its slug decides. Plugins that were built
// together are checked apart, and a restart moves nothing.
func (s *Service) due(shelf *shelf, rec *record) time.Time {
	now := s.cfg.Now()
	last := later(past(now, time.Unix(0, shelf.tried.Load())), past(now, rec.Checked))
	if last.IsZero() {
		return now
	}
	due := s.moment(shelf.part, last)
	if shelf.told.Load() || rec.doubted(now) {
		due = last.Add(min(s.cfg.Every, toldAgain))
	}
	if soon := shelf.plugin.attachDue(rec, last); !soon.IsZero() && soon.Before(due) {
		due = soon
	}
	if off := time.Unix(0, shelf.putOff.Load()); off.After(last) && off.Sub(now) <= s.maxPutOff() {
		due = off // the last one met a limit
	}
	return due
}

// moment is the first after a time of those that lie that part into an interval.
func (s *Service) moment(part float64, after time.Time) time.Time {
	phase := time.Duration(part * float64(s.cfg.Every-1))
	rounds := (after.UnixNano()-int64(phase))/int64(s.cfg.Every) + 1
	return time.Unix(0, rounds*int64(s.cfg.Every)+int64(phase))
}

// partOf spreads slugs evenly over [0, 1]. Those that differ in a digit are as far
// apart as any.
func partOf(slug Slug) float64 {
	sum := sha256.Sum256([]byte(slug))
	return float64(binary.BigEndian.Uint64(sum[:])) / math.MaxUint64
}

// pace lets the checks begin one after the other that are due at once, as they
// are after a long downtime: the forge refuses who asks too much in a minute.
// The zero value is ready.
type pace struct {
	mu   sync.Mutex
	next time.Time // when the last that was let through would have begun, had all kept the gap
	took time.Time // when that was
}

// paceBurst is how many may begin at once.
const paceBurst = 10

// gap is what lies between two checks: short enough that all that are overdue
// are done within a tenth of the interval.
func (s *Service) gap() time.Duration {
	return min(s.cfg.Every/time.Duration(10*max(len(s.roster().order), 1)), time.Second)
}

// free is when the next may begin.
func (p *pace) free(now time.Time, gap time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if past(now, p.took).IsZero() {
		return now
	}
	return p.next.Add(-paceBurst * gap)
}

// take lets one begin, and returns how long it has to wait for its turn.
func (p *pace) take(now time.Time, gap time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next.Before(now) || past(now, p.took).IsZero() {
		p.next = now
	}
	p.took = now
	p.next = p.next.Add(gap)
	return p.next.Add(-paceBurst * gap).Sub(now)
}

// What is asked at most of the forge, in requests that its limit may count, for
// most plugins.
const (
	firstRequests  = 5 // a first build: repository, latest release, releases, archive, and a folder or a file
	surveyRequests = 4 // a survey: the first three of these, and the commit of the release's tag
)

// book sets aside what a check or a first build asks for, so that none is begun
// that could not be ended.
func (s *Service) book(ctx context.Context, shelf *shelf) (done func(), err error) {
	rec, err := s.stored(ctx, shelf)
	if err != nil {
		return nil, err
	}
	requests := 1
	switch {
	case rec.Checked.IsZero():
		requests = firstRequests
	case s.surveyIsDue(shelf, rec):
		requests = surveyRequests
	}
	if done, err = s.cfg.Forge.Book(ctx, rec.repo(&shelf.plugin), requests); err != nil {
		return nil, fmt.Errorf("ask about %s: %w", shelf.plugin.Repo, err)
	}
	return done, nil
}

// since is when the forge was last asked about a plugin; zero if it never was.
func (sh *shelf) since(rec *record, now time.Time) time.Time {
	var asked time.Time
	if n := sh.asked.Load(); n != 0 {
		asked = past(now, time.Unix(0, n))
	}
	return later(asked, past(now, rec.Checked))
}

// ended notes how a check ended. One that a limit ended keeps its place before
// others, but once: who needs more than there is must not hold them up for ever.
func (sh *shelf) ended(began int64, err error) {
	limited := errors.Is(err, ErrLimited)
	if limited && sh.cut.CompareAndSwap(false, true) {
		return
	}
	sh.cut.Store(false)
	sh.asked.Store(began)
	if !limited {
		sh.putOff.Store(0)
	}
}

// longerPutOff is the plugin to check in another's place: one that was put off
// until now, and was not asked about for longer. Plugins that many sites ask for
// must not use up what the others wait for.
func (s *Service) longerPutOff(shelf *shelf) *shelf {
	rec, now := shelf.record.Load(), s.cfg.Now()
	if rec == nil {
		return shelf
	}
	first, since := shelf, shelf.since(rec, now)
	for _, other := range s.roster().order {
		rec := other.record.Load()
		if rec == nil || other.putOff.Load() == 0 || s.isPutOff(other, now) || s.line.has(other) {
			continue
		}
		if asked := other.since(rec, now); asked.Before(since) {
			first, since = other, asked
		}
	}
	return first
}

// limited puts off what nobody waits for, where the forge has a limit, until
// that ends; [pace] then lets one begin after the other. It reports whether the
// log should tell of the error: of a limit it is told once, however many plugins
// meet it.
func (s *Service) limited(shelf *shelf, err error) (first bool) {
	if !errors.Is(err, ErrLimited) {
		return true
	}
	now, wait := s.cfg.Now(), toldAgain
	var detail *Error
	if errors.As(err, &detail) {
		wait = cmp.Or(min(detail.RetryAfter, time.Hour), wait)
	}
	until := now.Add(wait)
	shelf.putOff.Store(until.UnixNano())
	key := "limit"
	if errors.Is(err, ErrReserve) && detail != nil {
		key = detail.Message // each credential has its own
	}
	if !s.told.add(key, true, now, until) {
		return false
	}
	if errors.Is(err, ErrReserve) {
		s.log.Warn("checks are put off, what is left of the forge's rate limit is for clients who wait", "plugin", shelf.plugin.Slug, "until", until.UTC().Format(time.RFC3339), "err", err)
	}
	return true
}

// isPutOff reports whether a limit of the forge stands.
func (s *Service) isPutOff(shelf *shelf, now time.Time) bool {
	return pending(now, time.Unix(0, shelf.putOff.Load()), s.maxPutOff())
}

// maxPutOff is the longest that a limit puts off.
func (s *Service) maxPutOff() time.Duration { return time.Hour + s.cfg.Every/10 }
