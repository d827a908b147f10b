package registry

import (
	"context"
	"sync"
)

// MaxChecks is how many checks run at once, whether they are due or were asked for,
// by a webhook or by a request that found one due: one that hangs holds few up. When a property of all repositories of an
// organisation changes, a thousand webhooks come in a minute; the forge allows a
// hundred requests at once, and a check has up to three.
const MaxChecks = 8

// line is the plugins that are to be checked soon, each once, in the order in
// which that was asked for. Those of which the forge told us come first.
type line struct {
	mu      sync.Mutex // guards all of it, and where each shelf stands in it
	told    []*shelf
	due     []*shelf
	workers int
	ended   chan struct{} // has one when a check has ended since
}

// standing is where a plugin is in the line.
type standing struct {
	waits, first bool // waits in due; or in told
	runs         bool // is being checked
	again        bool // was asked for since
}

// add puts a plugin into the line, and reports whether one more worker is
// needed. One that is being checked is checked once more after that: what was
// announced may have happened after the check under way had asked.
func (l *line) add(sh *shelf) (more bool) {
	told := sh.told.Load() || sh.news.any()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.put(sh, told)
}

func (l *line) put(sh *shelf, told bool) (more bool) {
	at := &sh.place
	switch {
	case at.runs:
		at.again = true
		return false
	case at.first, at.waits && !told:
		return false
	case told:
		at.waits, at.first = true, true
		l.told = append(l.told, sh)
	default:
		at.waits = true
		l.due = append(l.due, sh)
	}
	if l.workers >= MaxChecks {
		return false
	}
	l.workers++
	return true
}

// next takes the first plugin; nil if there is none, which ends a worker.
func (l *line) next() *shelf {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, list := range []*[]*shelf{&l.told, &l.due} {
		for len(*list) > 0 {
			sh := (*list)[0]
			if *list = (*list)[1:]; sh.place.waits { // else it was told of meanwhile, and checked
				sh.place = standing{runs: true}
				return sh
			}
		}
	}
	l.workers--
	return nil
}

// has reports whether a plugin waits or is being checked.
func (l *line) has(sh *shelf) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return sh.place.waits || sh.place.runs
}

// done says that the check of a plugin has ended. If it was asked for since, it
// waits again, behind the others.
func (l *line) done(sh *shelf) {
	told := sh.told.Load() || sh.news.any()
	l.mu.Lock()
	defer l.mu.Unlock()
	again := sh.place.again
	sh.place = standing{}
	if again && l.put(sh, told) {
		l.workers-- // the caller goes on
	}
	select {
	case l.ended <- struct{}{}:
	default:
	}
}

// checkSoon starts a check that begins after this call, behind those that were
// asked for before. However many ask while one is under way, one more follows.
func (s *Service) checkSoon(sh *shelf) {
	if !s.line.add(sh) {
		return
	}
	s.background(func(ctx context.Context) {
		for sh := s.line.next(); sh != nil && ctx.Err() == nil; sh = s.line.next() {
			_ = s.check(ctx, sh) // logged, and shown on the plugin's page
			s.line.done(sh)
		}
	})
}
