package registry

import (
	"context"
	"hash/fnv"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// Warm builds what has never been built, a few plugins at once. It asks the
// forge about no other plugin. What fails is logged, and shown on the plugin's
// page.
func (s *Service) Warm(ctx context.Context) error {
	missing := s.unbuilt(ctx)
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
			_, _ = s.current(ctx, string(shelf.plugin.Slug), Query{})
			s.warm(ctx, shelf)
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
// each is checked once per [Config].Every, spread over that time, what has been
// signed by others is served, and what was approved is built.
func (s *Service) Run(ctx context.Context) error {
	s.background(s.admitAll)
	s.background(s.approveAll)
	if err := s.Warm(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	// The first sweep leaves those alone who wait for the first answers.
	swept := s.cfg.Now().Add(tidyEvery - sweepEvery)
	aged := s.cfg.Now()
	for ctx.Err() == nil {
		now := s.cfg.Now()
		if now.Sub(aged) >= loadedFor {
			s.loaded.age()
			s.files.age()
			s.gathered.age()
			s.upgrademes.age()
			s.summed.age()
			aged = now
		}
		s.failed.tidy(now)
		if now.Sub(swept) >= sweepEvery {
			s.sweep(ctx)
			swept = now
		}
		next, due := s.nextDue(ctx)
		wait := tidyEvery
		if next != nil {
			wait = min(wait, due.Sub(s.cfg.Now()))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		if next != nil && !s.cfg.Now().Before(due) {
			_ = s.check(ctx, next) // logged, and shown on the plugin's page
		}
	}
	return nil
}

// tidyEvery is how often, at least, what is in memory is looked through.
const tidyEvery = 10 * time.Minute

// toldAgain is when a check that a webhook asked for, and that failed, is tried
// again.
const toldAgain = 5 * time.Minute

// sweepEvery is how often blobs that nothing refers to are collected.
const sweepEvery = 24 * time.Hour

// nextDue is the plugin whose check is due first, and when. Checks are put off
// by up to a tenth of the interval, by a hash of the slug, so that plugins
// that were built together are not checked together.
func (s *Service) nextDue(ctx context.Context) (*shelf, time.Time) {
	var next *shelf
	var first time.Time
	for _, shelf := range s.roster().order {
		rec, err := s.stored(ctx, shelf)
		if err != nil {
			continue
		}
		last := rec.Checked
		if tried := time.Unix(0, shelf.tried.Load()); tried.After(last) {
			last = tried
		}
		due := last.Add(s.cfg.Every + s.jitter(shelf.plugin.Slug))
		if shelf.told.Load() {
			due = last.Add(min(s.cfg.Every, toldAgain))
		}
		if next == nil || due.Before(first) {
			next, first = shelf, due
		}
	}
	return next, first
}

func (s *Service) jitter(slug Slug) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(slug))
	return time.Duration(h.Sum32()%1000) * (s.cfg.Every / 10) / 1000
}

// Refresh asks the forge at once about the plugins of a repository, in the
// background, and about everything that may have changed, not only releases.
// It reports whether any plugin is of that repository.
func (s *Service) Refresh(repo Repo) bool {
	found := false
	for _, shelf := range s.roster().order {
		if !shelf.plugin.Repo.equals(repo) && !shelf.record.Load().repo(&shelf.plugin).equals(repo) {
			continue
		}
		found = true
		shelf.told.Store(true)
		s.checkSoon(shelf)
	}
	return found
}
