package registry

import (
	"context"
	"maps"
	"time"
)

// A clock that was ahead may be put right. What was noted until then lies in the
// future, and whatever counts from it must not wait until it comes.

// clockSlack is how far ahead a time that was noted may lie. Programs that keep
// the time step the clock by less.
const clockSlack = time.Minute

// past is a time that was noted; the zero time, for ever ago, if it lies ahead.
func past(now, noted time.Time) time.Time {
	if noted.Sub(now) > clockSlack {
		return time.Time{}
	}
	return noted
}

// pending reports whether a wait goes on, which was of at most that long.
func pending(now, until time.Time, atMost time.Duration) bool {
	left := until.Sub(now)
	return left > 0 && left <= atMost+clockSlack
}

// putRight gives a record whose check lies ahead times to go on from. When that
// was nobody knows: it counts as one interval ago, for what may be served
// unchecked too. A rollout goes on from its beginning.
func (s *Service) putRight(ctx context.Context, shelf *shelf) {
	rec, err := s.stored(ctx, shelf)
	now := s.cfg.Now()
	ahead := func(t time.Time) bool { return past(now, t).IsZero() && !t.IsZero() }
	if err != nil || !ahead(rec.Checked) && !ahead(rec.Surveyed) {
		return
	}
	was := later(rec.Checked, rec.Surveyed)
	_, err = s.learn(ctx, shelf, func(next *record) error {
		next.Checked, next.Surveyed = now.Add(-s.cfg.Every), time.Time{}
		next.Offered, next.Channels = maps.Clone(next.Offered), maps.Clone(next.Channels) // readers hold the old ones
		for id, began := range next.Offered {
			if ahead(began) {
				next.Offered[id] = now
			}
		}
		for key, state := range next.Channels {
			if ahead(state.Built) {
				state.Built = now
				next.Channels[key] = state
			}
		}
		return nil
	})
	if err != nil {
		return // the check finds out why
	}
	s.changes.Add(1) // what was gathered of it may not be kept for as long as was thought
	s.log.Warn("the clock was put back, everything is asked for again", "plugin", shelf.plugin.Slug, "checked", was.UTC().Format(time.RFC3339))
}
