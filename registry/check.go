package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"time"
)

// checkBehind checks a plugin in the background, when its turn comes, unless
// that was just tried or is put off. Many sites ask for many plugins at once
// when a registry comes back after a long time.
func (s *Service) checkBehind(shelf *shelf) {
	now, tried := s.cfg.Now(), shelf.tried.Load()
	if now.Sub(past(now, time.Unix(0, tried))) < failedFor || s.failure(checkKey(shelf)) != nil || s.isPutOff(shelf, now) || !shelf.queued.CompareAndSwap(false, true) {
		return
	}
	s.background(func(ctx context.Context) {
		defer shelf.queued.Store(false)
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.pace.take(now, s.gap())):
		}
		if shelf.tried.Load() == tried {
			s.checkSoon(s.longerPutOff(shelf))
		}
	})
}

func checkKey(shelf *shelf) string { return "check/" + string(shelf.plugin.Slug) }

// check asks the forge what is new and builds what changed, one check of a
// plugin at a time. What fails is noted; what was served goes on being served.
// Nobody waits for it: it takes nothing of the forge's allowance that is kept
// for those who do.
func (s *Service) check(ctx context.Context, shelf *shelf) error {
	shelf.checking.Lock()
	defer shelf.checking.Unlock()
	began := s.cfg.Now().UnixNano()
	shelf.tried.Store(began)
	checkCtx, cancel := context.WithTimeout(ctx, BuildTime)
	defer cancel()
	told := shelf.told.Swap(false)
	branches, releases := shelf.news.take()
	heard := told || releases || len(branches) > 0
	priority := PriorityBackground
	if heard {
		priority = PriorityTold
	}
	checkCtx, end := s.cfg.Observe.Begin(WithPriority(checkCtx, priority), WorkCheck, slog.String("plugin", string(shelf.plugin.Slug)))
	s.putRight(checkCtx, shelf)
	done, err := s.book(checkCtx, shelf)
	switch rec := shelf.record.Load(); {
	case err != nil:
	case heard && !told && rec != nil && rec.Repository != nil && s.cfg.Now().Sub(rec.Checked) < s.cfg.Every:
		err = s.checkNews(checkCtx, shelf, branches, releases)
	default:
		err = s.checkNow(checkCtx, shelf, told)
	}
	if done != nil {
		done()
		shelf.ended(began, err)
	}
	end(err)
	if err != nil && heard && !ofContent(err) && !errors.Is(err, ErrNotFound) || errors.Is(err, ErrStorage) {
		shelf.told.Store(true) // for the next one, which comes soon
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	message := "check failed, the last good package stays up"
	if rec := shelf.record.Load(); rec == nil || len(rec.Channels) == 0 {
		message = "check failed, nothing is served yet"
	}
	first := s.limited(shelf, err)
	if errors.Is(err, ErrReserve) {
		return err // nothing is wrong with the plugin
	}
	if errors.Is(err, ErrStorage) {
		s.failed.put(checkKey(shelf), err, s.cfg.Now().Add(shelf.stuck(err)))
	}
	rec := shelf.record.Load()
	served := rec != nil && !s.tooOld(shelf, rec)
	shelf.fault.Store(&fault{err, s.cfg.Now(), ""}) // first: who reads of it in the log finds it on the page
	log := s.log.Warn
	if !first {
		log = s.log.Debug // the plugins before have said so
	}
	if served && s.tooOld(shelf, rec) {
		s.changes.Add(1) // collections leave it out from now on
	}
	log(message, "plugin", shelf.plugin.Slug, "err", err)
	return err
}

// checkNow asks for everything if the forge has told us that something is new.
// Content that cannot be served, or stored, fails the check, but the plugin was
// checked: what was served is as fresh as can be, and the other channels may be
// right.
func (s *Service) checkNow(ctx context.Context, shelf *shelf, told bool) error {
	rec, err := s.stored(ctx, shelf)
	if err != nil {
		return err
	}
	if shelf.beta.Load() && !rec.Beta && rec.Repository != nil {
		if next, err := s.change(ctx, shelf, func(*record) error { return nil }); err == nil {
			rec = next
		} else {
			s.log.Warn("it cannot be noted that the beta channel is asked for", "plugin", shelf.plugin.Slug, "err", err)
		}
	}
	if err := s.notePrivacy(ctx, shelf); err != nil {
		return err
	}
	surveyed := told
	if !told {
		if surveyed, err = s.mustSurvey(ctx, shelf, rec); err != nil {
			return err
		}
	}
	if surveyed {
		rec, err = s.survey(ctx, shelf)
		if held := shelf.record.Load(); errors.Is(err, ErrHeld) && held != nil && held.Repository != nil {
			return s.checked(ctx, shelf, surveyed)
		}
		if err != nil {
			return err
		}
	}
	broken, err := s.checkChannels(ctx, shelf, rec, surveyed)
	if err != nil {
		return err
	}
	if broken != nil {
		return cmp.Or(s.noteChecked(ctx, shelf), broken)
	}
	return s.checked(ctx, shelf, surveyed)
}

// checked ends a check that went well. So does one of a plugin that is held: the
// forge has answered, and the last good package is served for as long as that
// lasts.
func (s *Service) checked(ctx context.Context, shelf *shelf, surveyed bool) error {
	if err := s.noteChecked(ctx, shelf); err != nil {
		return err
	}
	shelf.fault.Store(nil)
	s.log.Debug("plugin checked", "plugin", shelf.plugin.Slug, "surveyed", surveyed)
	return nil
}

func (s *Service) noteChecked(ctx context.Context, shelf *shelf) error {
	_, err := s.learn(ctx, shelf, func(next *record) error {
		next.Checked, next.Config = s.cfg.Now(), fingerprint(&shelf.plugin)
		return nil
	})
	return err
}

// checkChannels checks every channel that is kept up to date. What is built may
// turn out to be a version that is not offered, so that another release is;
// that one is looked at too. Faults of the content come apart.
func (s *Service) checkChannels(ctx context.Context, shelf *shelf, rec *record, surveyed bool) (broken, err error) {
	checked := map[string]bool{}
	key := func(c *candidate) string {
		if c.patient() && c.release != nil {
			return c.channel.String() + "@" + c.release.Tag
		}
		return c.channel.String()
	}
	given := func(c *candidate) bool { return c.state == nil && c.waiting == nil && checked[key(c)] }
	for range maxResolves {
		if s.mayServe(shelf, rec) != nil {
			break
		}
		news := false
		for _, c := range shelf.plugin.kept(rec, given) {
			if checked[key(&c)] {
				continue
			}
			checked[key(&c)], news = true, true
			rec = shelf.record.Load() // the channel before may have left its package to this one
			err := s.checkChannel(ctx, shelf, rec, c.channel, surveyed)
			if errors.Is(err, errWaiting) || errors.Is(err, ErrHeld) || errors.Is(err, ErrForbidden) {
				err = nil // its page says so
			}
			if err != nil && !ofContent(err) && !errors.Is(err, ErrStorage) {
				return broken, err
			}
			broken = errors.Join(broken, err)
		}
		if rec = shelf.record.Load(); !news {
			break
		}
	}
	return broken, nil
}

// surveyIsDue reports whether everything has to be asked, whatever the list of
// releases says.
func (s *Service) surveyIsDue(shelf *shelf, rec *record) bool {
	return rec.Repository == nil || rec.Held != nil || rec.Approved != nil || rec.doubted(s.cfg.Now()) || shelf.reconfigured(rec) || s.cfg.Now().Sub(rec.Surveyed) >= SurveyEvery
}

// mustSurvey asks for the list of releases alone, which costs a conditional
// request, and says whether anything else has to be asked.
func (s *Service) mustSurvey(ctx context.Context, shelf *shelf, rec *record) (bool, error) {
	if s.surveyIsDue(shelf, rec) {
		return true, nil
	}
	if shelf.plugin.Source == SourceBranch {
		return false, nil
	}
	repo := rec.repo(&shelf.plugin)
	releases, err := s.cfg.Forge.Releases(ctx, repo)
	if err != nil {
		return false, fmt.Errorf("ask for releases of %s: %w", repo, err)
	}
	return !reflect.DeepEqual(withoutNotes(releases), rec.Releases), nil
}

// kept is what is kept up to date: what the release channel stands for, the
// releases that sites are offered which a rollout has not come to, the first of
// those that the beta channel adds if somebody asks for it, and every branch that
// was ever asked for. Another release takes the place of one that was given up.
// An old release does not change.
func (p *Plugin) kept(rec *record, given func(*candidate) bool) []candidate {
	o := p.offer(rec)
	var list []candidate
	for i, c := range o.releases[:min(len(o.releases), maxResolves)] {
		passed := c.unseen && i > 0
		answers := c.state != nil && c.state.Channel.Ref == "" // from the release channel, until that has something newer
		if i == 0 || !passed && !answers {
			list = append(list, c)
		}
		if c.whole && !(p.Policy.restricts() && given(&c)) {
			break
		}
	}
	if p.Source != SourceRelease && p.chosenRelease(rec) == nil {
		list = append(list, o.at(Channel{Kind: KindBranch})...)
	}
	if above := o.betas[:min(len(o.betas)-len(o.releases), maxResolves)]; rec.Beta || p.Policy.namesBeta() {
		for _, c := range above {
			if list = append(list, c); !given(&c) {
				break
			}
		}
	}
	for _, states := range []map[string]channelState{rec.Channels, rec.Waiting} {
		for _, state := range states {
			known := state.Channel.Ref == "" || p.allowsBranch(rec, state.Channel.Ref)
			has := func(c candidate) bool { return c.channel == state.Channel }
			if state.Channel.Kind == KindBranch && p.Source != SourceRelease && known && !slices.ContainsFunc(list, has) {
				list = append(list, o.at(state.Channel)...)
			}
		}
	}
	return list
}

// checkChannel builds a channel's package if its revision is another one than
// what is served, and encodes its documents again if only those would change.
func (s *Service) checkChannel(ctx context.Context, shelf *shelf, rec *record, channel Channel, surveyed bool) error {
	if channel.Kind == KindBranch {
		name := cmp.Or(channel.Ref, shelf.plugin.branch(rec))
		asked := name
		if shelf.plugin.Source == SourceBranch && channel.Ref == "" {
			asked = shelf.plugin.Ref // as the survey does, so that the forge's answer is known
		}
		repo := rec.repo(&shelf.plugin)
		commit, err := s.cfg.Forge.Commit(ctx, repo, asked)
		if err != nil {
			return fmt.Errorf("ask for branch %s of %s: %w", name, repo, err)
		}
		if rec.Heads[name].SHA != commit.SHA {
			if rec, err = s.learn(ctx, shelf, func(next *record) error { next.head(name, commit); return nil }); err != nil {
				return err
			}
		}
	}
	state := rec.Channels[channel.String()]
	rev, err := s.revision(ctx, shelf, rec, channel)
	if err != nil {
		return err
	}
	from := inputs(&shelf.plugin, rec, rev)
	if waits, err := s.checkWaiting(ctx, shelf, rev, from, surveyed); waits || err != nil {
		return err
	}
	if state.Inputs != from {
		if done, err := s.promote(ctx, shelf, rec, rev, from); done || err != nil {
			return err
		}
	}
	same := state.Inputs == from
	if same && !surveyed {
		return nil
	}
	held, err := s.checkRelease(ctx, shelf, rec, rev)
	if err != nil {
		return err
	}
	if state.Package == "" {
		return s.buildFrom(ctx, shelf, channel, from)
	}
	current, err := s.load(ctx, shelf, &state)
	if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNotFound) {
		return s.buildFrom(ctx, shelf, channel, from)
	}
	if err != nil {
		return err
	}
	if !same && held == nil {
		return s.buildFrom(ctx, shelf, channel, from)
	}
	pkg := *current.pkg // readers hold the old one
	_, err = s.publish(ctx, shelf, &pkg, state.again(), state.Package)
	return err
}

// checkRelease looks at what a release was first served from, and returns what
// has changed; nil if nothing has.
func (s *Service) checkRelease(ctx context.Context, shelf *shelf, rec *record, rev *Revision) (*Hold, error) {
	if rev.Release == nil {
		return nil, nil
	}
	held, err := s.releaseChanged(ctx, shelf, rec, rev)
	if err != nil {
		return nil, err
	}
	if held != nil {
		return held, s.holdRelease(ctx, shelf, held)
	}
	if rec.HeldReleases[rev.Ref] != nil {
		_, err = s.change(ctx, shelf, func(next *record) error { next.releaseHold(rev.Ref); return nil })
	}
	return nil, err
}

// promote makes the package of a release what its channel serves, where it was
// built for another channel, and reports whether it did: the one before, which
// is offered again, or a prerelease that became the release.
func (s *Service) promote(ctx context.Context, shelf *shelf, rec *record, rev *Revision, from string) (bool, error) {
	if rev.Release == nil {
		return false, nil
	}
	for _, state := range rec.Channels {
		if state.Release != rev.Release.ID || state.Inputs != from {
			continue
		}
		current, err := s.load(ctx, shelf, &state)
		if err != nil {
			return false, nil // it is built again
		}
		pkg := *current.pkg // readers hold the old one
		_, err = s.publish(ctx, shelf, &pkg, channelState{Channel: rev.Channel, Inputs: from}, "")
		return true, err
	}
	return false, nil
}

// buildFrom builds a channel from what the check has found: a build that was
// under way, which a request began, may have been of an earlier revision.
func (s *Service) buildFrom(ctx context.Context, shelf *shelf, channel Channel, from string) error {
	for range 2 {
		_, err := s.buildNow(ctx, shelf, channel)
		if errors.Is(err, errOutdated) {
			continue
		}
		if err != nil && !errors.Is(err, errWaiting) {
			return err
		}
		if shelf.record.Load().has(channel, from) {
			break
		}
	}
	return nil
}

// tagMoved is the commit that the tag of a release that waits to be served names
// now, "" if it is the one that the package was built from.
func (s *Service) tagMoved(ctx context.Context, rec *record, plugin *Plugin, pkg *Package, rev *Revision) (string, error) {
	built := &pkg.Revision
	if rev.Release == nil || built.Release == nil || rev.Ref != built.Ref || built.Commit == "" {
		return "", nil
	}
	commit, err := s.cfg.Forge.Commit(ctx, rec.repo(plugin), "tags/"+rev.Ref)
	switch {
	case errors.Is(err, ErrNotFound):
		return "", nil // its release goes with it, and the next check will see that
	case err != nil:
		return "", fmt.Errorf("ask for tag %s of %s: %w", rev.Ref, rec.repo(plugin), err)
	case commit.SHA == built.Commit:
		return "", nil
	}
	return commit.SHA, nil
}
