package registry

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// Warm builds what has never been built, a few plugins at once, with the
// priority of its context. It asks the forge about no other plugin. What fails is logged, and shown on the plugin's
// page.
func (s *Service) Warm(ctx context.Context) error { return s.warmAll(ctx, s.unbuilt(ctx)) }

func (s *Service) warmAll(ctx context.Context, missing []*shelf) error {
	done := make(chan Slug)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.cfg.Builds + 1)
	group.Go(func() error {
		for n := range missing {
			select {
			case slug := <-done:
				if s.cfg.Progress != nil {
					s.cfg.Progress(n+1, len(missing), slug)
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for _, shelf := range missing {
		group.Go(func() error {
			if end, err := s.book(ctx, shelf); err != nil {
				s.limited(shelf, err)
			} else {
				_, _ = s.current(ctx, string(shelf.plugin.Slug), Query{})
				s.warm(ctx, shelf)
				end()
			}
			select {
			case done <- shelf.plugin.Slug:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}
	return group.Wait()
}

// warm builds what policies offer beside the default, such as the release
// before one that is being rolled out.
func (s *Service) warm(ctx context.Context, shelf *shelf) {
	rec := shelf.record.Load()
	if rec == nil || rec.Repository == nil || s.mayServe(shelf, rec) != nil {
		return
	}
	for _, c := range shelf.plugin.kept(rec, never) {
		if lacks(c) {
			_, _ = s.buildNow(ctx, shelf, c.channel)
		}
	}
}

func lacks(c candidate) bool  { return c.state == nil }
func never(c *candidate) bool { return false }

// unbuilt lists the plugins of which something that is offered is not stored
// yet.
func (s *Service) unbuilt(ctx context.Context) []*shelf {
	var missing []*shelf
	for _, shelf := range s.roster().order {
		rec, err := s.stored(ctx, shelf)
		if err != nil {
			s.log.Error("record cannot be read", "plugin", shelf.plugin.Slug, "err", err)
			continue
		}
		policy := &shelf.plugin.Policy
		if rec.Repository == nil || s.mayServe(shelf, rec) == nil && (len(rec.Channels) == 0 || (policy.restricts() || policy.namesBeta()) && slices.ContainsFunc(shelf.plugin.kept(rec, never), lacks)) {
			missing = append(missing, shelf)
		}
	}
	return missing
}

// Run keeps all plugins fresh until the context ends, and returns nil then:
// each is checked once per [Config].Every, spread evenly over that time, or if the
// forge does not allow that, those first that were not for longest; what has
// been signed by others is served, and what was approved is built.
func (s *Service) Run(ctx context.Context) error {
	ctx = WithPriority(ctx, PriorityBackground)
	s.background(s.admitAll)
	s.background(s.approveAll)
	s.background(s.followOwners)
	s.background(s.saveAll)
	if err := s.Warm(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	// The first sweep leaves those alone who wait for the first answers.
	swept := s.cfg.Now().Add(tidyEvery - sweepEvery)
	aged := s.cfg.Now()
	for ctx.Err() == nil {
		now := s.cfg.Now()
		if now.Sub(past(now, aged)) >= loadedFor {
			s.loaded.age()
			s.files.age()
			s.gathered.age()
			s.upgrademes.age()
			s.summed.age()
			aged = now
		}
		s.failed.tidy(now)
		s.told.tidy(now)
		if now.Sub(past(now, swept)) >= sweepEvery {
			s.sweep(ctx)
			swept = now
		}
		next, due := s.nextDue(ctx)
		wait := tidyEvery
		if next != nil {
			if free := s.pace.free(now, s.gap()); free.After(due) {
				due = free
			}
			wait = min(wait, due.Sub(s.cfg.Now()))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.line.ended:
			continue // it may be due before the next is
		case <-time.After(wait):
		}
		if next != nil && !s.cfg.Now().Before(due) {
			s.pace.take(s.cfg.Now(), s.gap())
			s.checkSoon(next)
		}
	}
	return nil
}

// tidyEvery is how often, at least, what is in memory is looked through.
const tidyEvery = 5 * time.Minute

// toldAgain is when a check that a webhook asked for, and that failed, is tried
// again.
const toldAgain = 5 * time.Minute

// sweepEvery is how often blobs that nothing refers to are collected.
const sweepEvery = 24 * time.Hour

// nextDue is the plugin to check next, and when that is due: of those that are,
// the one that was asked about the longest ago. What is being checked, or waits
// for it, is left out.
func (s *Service) nextDue(ctx context.Context) (next *shelf, first time.Time) {
	now := s.cfg.Now()
	var since time.Time
	for _, shelf := range s.roster().order {
		rec, err := s.stored(ctx, shelf)
		if err != nil || s.line.has(shelf) {
			continue
		}
		due, asked := s.due(shelf, rec), shelf.since(rec, s.cfg.Now())
		if due.Before(now) {
			due = now
		}
		if shelf.told.Load() {
			asked = time.Time{}
		}
		if next == nil || due.Before(first) || due.Equal(first) && asked.Before(since) {
			next, first, since = shelf, due, asked
		}
	}
	return next, first
}
