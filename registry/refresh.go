package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// SurveyEvery is how often a repository's own facts (private or not, topics,
// custom properties) are asked for when its releases have not changed.
const SurveyEvery = 12 * time.Hour

// known is the plugin's record; if nothing was ever known of the plugin, the
// forge is asked while the caller waits.
func (s *Service) known(ctx context.Context, shelf *shelf) (*record, error) {
	if rec := shelf.record.Load(); rec != nil && rec.Repository != nil {
		return rec, nil
	}
	key := "survey/" + string(shelf.plugin.Slug)
	if err := s.failure(key); err != nil {
		return nil, err
	}
	if atOnce(ctx) {
		return nil, ErrLater
	}
	if _, joins := s.surveys.LoadOrStore(key, true); !joins {
		if err := Begin(ctx); err != nil {
			s.surveys.Delete(key)
			return nil, err
		}
	}
	v, err := s.once(ctx, key, func(ctx context.Context) (any, error) {
		defer s.surveys.Delete(key)
		rec, err := s.stored(ctx, shelf)
		if err != nil || rec.Repository != nil {
			return rec, err
		}
		if rec, err = s.survey(ctx, shelf); err != nil {
			err = unmade(err)
			s.remember(key, shelf, err)
		}
		return rec, err
	})
	if err != nil {
		return nil, err
	}
	return v.(*record), nil
}

// stored is the record in memory, read from the store the first time.
func (s *Service) stored(ctx context.Context, shelf *shelf) (*record, error) {
	if rec := shelf.record.Load(); rec != nil {
		return rec, nil
	}
	shelf.mu.Lock()
	defer shelf.mu.Unlock()
	if rec := shelf.record.Load(); rec != nil {
		return rec, nil
	}
	if err := s.failure(recordName(shelf.plugin.Slug)); err != nil {
		return nil, err
	}
	rec, err := s.loadRecord(ctx, shelf)
	if err != nil {
		return nil, err
	}
	if current := rec.Channels[string(KindRelease)]; current.Release != 0 && !rec.noted() {
		if release := rec.release(fmt.Sprint(current.Release), ""); release != nil {
			rec.begin(&shelf.plugin, release, release.Published) // an older program did not
		}
	}
	s.mend(ctx, shelf, rec)
	rec.offer = shelf.plugin.makeOffer(rec)
	shelf.record.Store(rec)
	if rec.Repository != nil {
		s.tellYanked(shelf, rec) // the configuration may be new
	}
	return rec, nil
}

// loadRecord reads a plugin's record, or its copy where that is damaged or gone.
// Where the store does not answer, that is remembered for a moment: requests
// must not queue for one that hangs. Who calls it holds the shelf.
func (s *Service) loadRecord(ctx context.Context, shelf *shelf) (*record, error) {
	name := recordName(shelf.plugin.Slug)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	rec, err := readRecord(ctx, s.cfg.Store, name, &shelf.plugin, shelf.id)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) || errors.Is(err, ErrTooLarge) {
		lost := err
		rec, err = readRecord(ctx, s.cfg.Store, copyName(shelf.plugin.Slug), &shelf.plugin, shelf.id)
		switch {
		case err == nil:
			s.log.Error("stored record is damaged or gone, its copy is used", "plugin", shelf.plugin.Slug, "err", lost)
		case errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) || errors.Is(err, ErrTooLarge):
			if !errors.Is(lost, ErrNotFound) {
				// Everything in a record can be found out again.
				s.log.Error("stored record is damaged, starting anew", "plugin", shelf.plugin.Slug, "err", lost)
			}
			rec, err = newRecord(&shelf.plugin), nil
		}
	}
	if err != nil {
		s.failed.put(name, err, s.cfg.Now().Add(recordFailedFor))
	}
	return rec, err
}

// recordTime bounds the reading of one record, which may be far away, and
// recordFailedFor is how long it is remembered that it could not be read.
const (
	recordTime      = 20 * time.Second
	recordFailedFor = time.Second
)

// change makes the next record, saves it and shows it to readers. An error
// leaves the old one. The edit must not wait for the forge: requests may wait
// for it.
func (s *Service) change(ctx context.Context, shelf *shelf, edit func(*record) error) (*record, error) {
	return s.amend(ctx, shelf, edit, false)
}

// amend is change; unsaved shows the next record even if our own disk can't
// take it now.
func (s *Service) amend(ctx context.Context, shelf *shelf, edit func(*record) error, unsaved bool) (*record, error) {
	if _, err := s.stored(ctx, shelf); err != nil {
		return nil, err
	}
	shelf.mu.Lock()
	defer shelf.mu.Unlock()
	if shelf.left {
		return nil, &Error{Kind: ErrUnavailable, RetryAfter: time.Minute, Message: fmt.Sprintf("plugin %s has just become another repository's", shelf.plugin.Slug)}
	}
	before := shelf.record.Load()
	next := before.clone()
	next.Beta = next.Beta || shelf.beta.Load()
	if err := edit(next); err != nil {
		return nil, err
	}
	next.noteReached(&shelf.plugin, s.cfg.Now())
	news := !before.saysAs(next)
	if err := s.save(ctx, shelf, next, news); err != nil {
		if !unsaved || !errors.Is(err, ErrStorage) {
			return nil, err
		}
		s.saveLater(shelf, before, err)
	}
	next.offer = shelf.plugin.makeOffer(next)
	shelf.record.Store(next)
	if news || s.tooOld(shelf, before) {
		s.changes.Add(1)
	}
	return next, nil
}

// surveyed is everything that decides which package is served, as the forge
// says.
type surveyed struct {
	repository *Repository
	latest     *Release // nil if there is none
	releases   []Release
	head       *Commit // where only a branch is served
}

// survey asks the forge for everything that decides which package is served,
// and notes it.
func (s *Service) survey(ctx context.Context, shelf *shelf) (*record, error) {
	plugin := &shelf.plugin
	before, err := s.stored(ctx, shelf)
	if err != nil {
		return nil, err
	}
	repo := before.repo(plugin)
	found, err := s.ask(ctx, plugin, repo)
	if err != nil {
		return nil, fmt.Errorf("ask about %s: %w", repo, err)
	}
	if hold := before.judge(plugin, found.repository); hold != nil {
		return nil, s.hold(ctx, shelf, hold, found.repository)
	}
	if found.repository.Private {
		s.sayPrivate(shelf)
	}
	rec, err := s.learn(ctx, shelf, func(next *record) error {
		next.adopt(found.repository)
		next.note(plugin, found, s.cfg.Now())
		return nil
	})
	if err != nil {
		return nil, err
	}
	if before.Held != nil {
		s.log.Info("plugin is not held any more", "plugin", plugin.Slug, "repo", found.repository.Repo.String())
	}
	shelf.verified.Store(s.cfg.Now().UnixNano())
	s.sayRenamed(shelf, rec)
	s.tellYanked(shelf, rec)
	return rec, nil
}

// unmade is why something could not be built, for whoever waits for it. What
// the forge does not show us, though it should be there, may be a token that was
// taken away: it is no reason to tell sites that there is no such plugin.
func unmade(err error) error {
	var told *Error
	if !errors.Is(err, ErrNotFound) || !errors.As(err, &told) {
		return err
	}
	return &Error{Kind: ErrUnavailable, Message: told.Message, Err: err}
}

// ask asks all at once, under the repository's name as it was last known.
func (s *Service) ask(ctx context.Context, plugin *Plugin, repo Repo) (*surveyed, error) {
	found := &surveyed{}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		found.repository, err = s.cfg.Forge.Repository(ctx, repo)
		return err
	})
	if plugin.Source == SourceBranch {
		group.Go(func() (err error) {
			found.head, err = s.cfg.Forge.Commit(ctx, repo, plugin.Ref)
			return err
		})
		return found, group.Wait()
	}
	group.Go(func() (err error) {
		found.releases, err = s.cfg.Forge.Releases(ctx, repo)
		return err
	})
	group.Go(func() (err error) {
		found.latest, err = s.cfg.Forge.LatestRelease(ctx, repo)
		if errors.Is(err, ErrNotFound) {
			return nil // there is none; a missing repository is told by the first request
		}
		return err
	})
	return found, group.Wait()
}

// withoutNotes drops the notes, which are needed for a release that is built
// only and may be long. No releases are nil, as they are read from the store.
func withoutNotes(releases []Release) []Release {
	list := slices.Clone(releases)
	for i := range list {
		list[i] = list[i].withoutNotes()
	}
	return list
}

// withoutNotes is the release with a sum in place of its notes.
func (r Release) withoutNotes() Release {
	if r.Notes != "" {
		r.Notes, r.NotesSum = "", fingerprint(r.Notes)
	}
	return r
}

// head notes the commit at the head of a branch.
func (r *record) head(branch string, commit *Commit) {
	if commit == nil {
		return
	}
	heads := map[string]Commit{branch: *commit}
	for name, c := range r.Heads {
		if _, ok := heads[name]; !ok {
			heads[name] = c
		}
	}
	r.Heads = heads
}

// background runs work that ends with the service.
func (s *Service) background(work func(context.Context)) {
	if !s.begin() {
		return
	}
	go func() {
		defer s.work.Done()
		work(WithPriority(s.life, PriorityBackground))
	}()
}

// revision is what a channel stands for now.
func (s *Service) revision(ctx context.Context, shelf *shelf, rec *record, channel Channel) (*Revision, error) {
	if channel.Kind == KindBranch {
		name := cmp.Or(channel.Ref, shelf.plugin.branch(rec))
		commit, ok := rec.Heads[name]
		if !ok {
			found, err := s.cfg.Forge.Commit(ctx, rec.repo(&shelf.plugin), name)
			if errors.Is(err, ErrNotFound) {
				return nil, &Error{Kind: ErrNotFound, Message: fmt.Sprintf("plugin %s: the repository has no branch %q", shelf.plugin.Slug, name), Err: err}
			}
			if err != nil {
				return nil, fmt.Errorf("ask for branch %s of %s: %w", name, rec.repo(&shelf.plugin), err)
			}
			commit = *found
		}
		return &Revision{Channel: channel, Ref: name, Commit: commit.SHA, Modified: modified(nil, &commit)}, nil
	}
	release := shelf.plugin.offer(rec).stable
	if channel.Ref != "" {
		release = rec.release(channel.Ref, "")
	}
	if release == nil {
		return nil, notFoundf("plugin %s: the release it is pinned to, or that was asked for, is not published", shelf.plugin.Slug)
	}
	return &Revision{Channel: channel, Ref: release.Tag, Release: release, Modified: modified(release, nil)}, nil
}
