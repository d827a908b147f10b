package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

// buildNow builds a channel's package while the caller waits, once for all who
// ask.
func (s *Service) buildNow(ctx context.Context, shelf *shelf, channel Channel) (*served, error) {
	key := "build/" + string(shelf.plugin.Slug) + "/" + channel.String()
	if err := s.failure(key); err != nil {
		return nil, err
	}
	v, err := s.once(ctx, key, func(ctx context.Context) (any, error) {
		if channel.Kind == KindRelease && channel.Ref != "" {
			if err := s.older.Acquire(ctx, 1); err != nil {
				return nil, fmt.Errorf("wait for the builder of older releases: %w: %w", ErrUnavailable, err)
			}
			defer s.older.Release(1)
		}
		if err := s.builds.Acquire(ctx, 1); err != nil {
			return nil, fmt.Errorf("wait for a free builder: %w: %w", ErrUnavailable, err)
		}
		defer s.builds.Release(1)
		current, err := s.build(ctx, shelf, channel)
		if err != nil {
			s.remember(key, shelf, err)
			return nil, err
		}
		return current, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*served), nil
}

func (s *Service) build(ctx context.Context, shelf *shelf, channel Channel) (*served, error) {
	start := s.cfg.Now()
	rec, err := s.stored(ctx, shelf)
	if err != nil {
		return nil, err
	}
	rev, err := s.revision(ctx, shelf, rec, channel)
	if err != nil {
		return nil, err
	}
	from := inputs(&shelf.plugin, rec, rev)
	broken := "content/" + string(shelf.plugin.Slug) + "/" + from + "/" + rec.Surveyed.String()
	if err := s.failure(broken); err != nil {
		return nil, err
	}
	if rev.Release != nil && (rec.Latest == nil || rev.Release.ID != rec.Latest.ID) {
		// Its notes were not kept.
		release, err := s.cfg.Forge.Release(ctx, shelf.plugin.Repo, fmt.Sprint(rev.Release.ID))
		if err != nil {
			return nil, fmt.Errorf("ask for release %s of %s: %w", rev.Ref, shelf.plugin.Repo, err)
		}
		rev.Release = release
	}
	rev.Commit = cmp.Or(rev.Commit, s.builtCommit(ctx, shelf, rec, rev))
	temp, err := os.MkdirTemp(s.cfg.Temp, "pluginyard-build-")
	if err != nil {
		return nil, fmt.Errorf("%w: make a temporary folder: %w", ErrUnavailable, err)
	}
	b := &builder{forge: s.cfg.Forge, store: s.cfg.Store, drawing: s.drawing, temp: temp, base: s.cfg.Links.Base, stable: s.cfg.WordPress, plugin: &shelf.plugin, repo: rec.Repository, rev: *rev}
	defer b.close()
	var current *served
	err = sheltered(func() error {
		pkg, err := b.build(ctx)
		if err == nil {
			current, err = s.publish(ctx, shelf, pkg, channelState{Inputs: from}, "")
		}
		return err
	})
	if ofContent(err) {
		s.failed.put(broken, err, s.cfg.Now().Add(brokenFor))
	}
	if err != nil {
		return nil, err
	}
	shelf.fault.Store(nil)
	pkg := current.pkg
	s.log.Info("package built", "plugin", pkg.Slug, "channel", channel.String(), "version", pkg.Version, "commit", pkg.Revision.Commit, "bytes", pkg.Installer.Size, "files", pkg.Installer.Files, "elapsed", s.cfg.Now().Sub(start))
	for _, finding := range pkg.Findings {
		if finding.Severity != SeverityNote {
			s.log.Warn("finding", "plugin", pkg.Slug, "code", finding.Code, "place", finding.Place, "line", finding.Line, "message", finding.Message)
		}
	}
	return current, nil
}

// builtCommit is the commit that the release's package was built from before,
// if it was: what is built again, for a changed configuration, is the same
// revision, wherever the tag has moved since.
func (s *Service) builtCommit(ctx context.Context, shelf *shelf, rec *record, rev *Revision) string {
	state := rec.Channels[rev.Channel.String()]
	if rev.Release == nil || state.Package == "" {
		return ""
	}
	before, err := s.load(ctx, shelf, state.Package)
	if err != nil || before.pkg.Revision.Release == nil || before.pkg.Revision.Release.ID != rev.Release.ID {
		return ""
	}
	return before.pkg.Revision.Commit
}

// ofContent reports whether a failure lies in what the repository holds: the
// forge has answered, and asking again changes nothing.
func ofContent(err error) bool {
	return errors.Is(err, ErrInvalid) || errors.Is(err, ErrTooLarge)
}

// sheltered turns a panic into an error: what a stranger's repository holds
// must not end the server, nor again after each restart.
func sheltered(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Error{Kind: ErrInvalid, Message: "the repository holds something that the registry cannot cope with; its log says more", Err: fmt.Errorf("%w: %v\n%s", ErrPanic, v, debug.Stack())}
		}
	}()
	return work()
}

// errOvertaken ends a change that was made for a package which is not served
// any more.
var errOvertaken = errors.New("another package was published meanwhile")

// publish encodes a package, stores it, and makes it what its channel serves,
// with the state's Inputs and Moved. Only the last step, replacing the record,
// is seen by readers. Where over is given, the package is that one encoded
// anew, and takes no other's place.
func (s *Service) publish(ctx context.Context, shelf *shelf, pkg *Package, state channelState, over Digest) (*served, error) {
	var current *served
	_, err := s.change(ctx, shelf, func(next *record) error {
		blob, information, err := encode(ctx, s.cfg.Store, pkg, &shelf.plugin, next, s.cfg.Links)
		if err != nil {
			return err
		}
		current = &served{pkg: pkg, information: information}
		now := s.cfg.Now()
		before := next.Channels[pkg.Revision.Channel.String()]
		state.Channel, state.Package, state.Update, state.Encoded, state.Built = pkg.Revision.Channel, blob.Digest, pkg.Update, s.encoding, now
		if before.Package == blob.Digest {
			state.Built = before.Built // nothing has changed for clients
		}
		information.Modified = state.modified()
		if over != "" && before.Package != over {
			return errOvertaken
		}
		next.keep(pkg, &state, now)
		if next.Checked.IsZero() {
			// What was asked for the first build is a check.
			next.Checked, next.Config = now, fingerprint(&shelf.plugin)
		}
		s.loaded.put(string(blob.Digest), current, current.bytes())
		return nil
	})
	if err != nil && !errors.Is(err, errOvertaken) {
		return nil, err
	}
	return current, nil
}

// remember keeps a failure for a short time, so that a crowd of first requests
// does not repeat it, and tells the operator.
func (s *Service) remember(key string, shelf *shelf, err error) {
	if s.life.Err() != nil {
		return
	}
	shelf.fault.Store(&fault{err, s.cfg.Now()})
	s.log.Error("package cannot be built", "plugin", shelf.plugin.Slug, "repo", shelf.plugin.Repo.String(), "err", err)
	wait := failedFor
	var detail *Error
	if errors.As(err, &detail) {
		wait = max(wait, min(detail.RetryAfter, time.Hour))
	}
	s.failed.put(key, err, s.cfg.Now().Add(wait))
}

func (s *Service) failure(key string) error {
	err, _ := s.failed.get(key, s.cfg.Now())
	return err
}
