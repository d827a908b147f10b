package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// buildNow builds a channel's package while the caller waits, once for all who
// ask.
func (s *Service) buildNow(ctx context.Context, shelf *shelf, channel Channel) (*served, error) {
	key := buildKey(shelf, channel)
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
			if !errors.Is(err, errWaiting) {
				s.remember(key, shelf, err)
			}
			return nil, err
		}
		return current, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*served), nil
}

// buildKey names a channel's build.
func buildKey(shelf *shelf, channel Channel) string {
	return "build/" + string(shelf.plugin.Slug) + "/" + channel.String()
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
	if waiting := rec.Waiting[channel.String()]; waiting.Inputs == from {
		if current, err := s.admit(ctx, shelf, &waiting); current != nil || errors.Is(err, errWaiting) {
			return current, err
		}
	}
	broken := "content/" + string(shelf.plugin.Slug) + "/" + from + "/" + rec.Surveyed.String()
	if err := s.failure(broken); err != nil {
		return nil, err
	}
	if err := s.verify(ctx, shelf, rec); err != nil {
		return nil, err
	}
	if rev.Release != nil && (rec.Latest == nil || rev.Release.ID != rec.Latest.ID) {
		// Its notes were not kept.
		repo := rec.repo(&shelf.plugin)
		release, err := s.cfg.Forge.Release(ctx, repo, fmt.Sprint(rev.Release.ID))
		if err != nil {
			return nil, unmade(fmt.Errorf("ask for release %s of %s: %w", rev.Ref, repo, err))
		}
		rev.Release = release
	}
	if f, ok := s.finalOf(ctx, shelf, rec, rev); ok {
		// What is built again is the same revision, wherever the tag is now.
		if hold := s.fileHold(shelf, rec, rev, f); hold != nil {
			return nil, cmp.Or(s.holdRelease(ctx, shelf, hold), error(hold.err(shelf.plugin.Slug)))
		}
		rev.Commit = f.Commit
	}
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
			current, err = s.publish(ctx, shelf, pkg, channelState{Channel: channel, Inputs: from}, "")
		}
		return err
	})
	if ofContent(err) {
		s.failed.put(broken, err, s.cfg.Now().Add(brokenFor))
	}
	if err != nil {
		return nil, unmade(err)
	}
	if known := shelf.fault.Load(); known != nil && (known.key == buildKey(shelf, channel) || !strings.HasPrefix(known.key, "build/")) {
		shelf.fault.Store(nil) // another release's stays
	}
	pkg := current.pkg
	s.log.Info("package built", "plugin", pkg.Slug, "channel", channel.String(), "version", pkg.Version, "commit", pkg.Revision.Commit, "bytes", pkg.Installer.Size, "files", pkg.Installer.Files, "elapsed", s.cfg.Now().Sub(start))
	for _, finding := range pkg.Findings {
		if finding.Severity != SeverityNote {
			s.log.Warn("finding", "plugin", pkg.Slug, "code", finding.Code, "place", finding.Place, "line", finding.Line, "message", finding.Message)
		}
	}
	return current, nil
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

// publish encodes a package, stores it, and makes it what the state's channel
// serves, with the state's Inputs and Displaced. Only the last step,
// replacing the record, is seen by readers. Where over is given, the package is
// that one encoded anew, and takes no other's place.
//
// It is signed first. Where others have to sign and have not, it is kept to
// wait for them, which is an error with errWaiting; but not if the plugin serves
// the same installer already.
func (s *Service) publish(ctx context.Context, shelf *shelf, pkg *Package, state channelState, over Digest) (*served, error) {
	sha384, err := s.sha384(ctx, pkg.Installer.Blob, pkg.Installer.SHA384)
	if err != nil {
		return nil, err
	}
	pkg.Installer.SHA384 = sha384
	signatures, err := s.signatures(ctx, shelf, pkg.Installer.Blob, sha384)
	if err != nil {
		return nil, err
	}
	var current *served
	var waits error
	_, err = s.change(ctx, shelf, func(next *record) error {
		pkg.Revision.Channel = state.Channel
		key := state.Channel.String()
		before, waiting := next.Channels[key], next.Waiting[key]
		wait := s.mustBeSigned() && len(signatures) == 0 && !next.serves(pkg.Installer.Digest)
		if state.Channel == (Channel{Kind: KindRelease}) && !wait {
			next.displace(&shelf.plugin, pkg.Revision.Release)
		}
		if release := pkg.Revision.Release; release != nil {
			next.builtAs(release.ID, pkg.Version)
			if stable := shelf.plugin.offer(next).stable; !wait && state.Channel == (Channel{Kind: KindRelease}) && stable != nil && stable.ID == release.ID {
				next.begin(&shelf.plugin, stable, s.cfg.Now())
			}
		}
		blob, information, err := encode(ctx, s.cfg.Store, pkg, &shelf.plugin, next, s.cfg.Links)
		if err != nil {
			return err
		}
		current = &served{pkg: pkg, information: information}
		now := s.cfg.Now()
		state.Package, state.Update, state.Encoded, state.Built = blob.Digest, pkg.Update, shelf.encoding, now
		state.Listed = shelf.plugin.offer(next).listed
		state.Type, state.File, state.Version = pkg.Type, pkg.File, pkg.Version
		if before.Package == blob.Digest {
			state.Built = before.Built // nothing has changed for clients
		}
		information.Modified = shelf.modified(&state)
		if over != "" && before.Package != over && waiting.Package != over {
			return errOvertaken
		}
		if wait {
			next.wait(pkg, &state, now)
			waits = shelf.plugin.waits(&state)
		} else {
			if over == "" || waiting.Package == over {
				delete(next.Waiting, key)
			}
			next.keep(pkg, &state, now)
			next.finish(&pkg.Revision, over == "")
			s.loaded.put(string(blob.Digest), current, current.bytes())
		}
		if next.Checked.IsZero() {
			// What was asked for the first build is a check.
			next.Checked, next.Config = now, fingerprint(&shelf.plugin)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errOvertaken) {
		return nil, err
	}
	if waits != nil {
		s.log.Info("package is built and waits for its signature", "plugin", pkg.Slug, "channel", pkg.Revision.Channel.String(), "version", pkg.Version, "digest", string(pkg.Installer.Digest))
		return nil, waits
	}
	return current, nil
}

// remember keeps a failure for a short time, so that a crowd of first requests
// does not repeat it, and tells the operator.
func (s *Service) remember(key string, shelf *shelf, err error) {
	if s.life.Err() != nil {
		return
	}
	before := shelf.fault.Swap(&fault{err, s.cfg.Now(), key})
	log := s.log.Error
	if errors.Is(err, ErrHeld) || before != nil && before.err.Error() == err.Error() {
		log = s.log.Debug // what was told, or requests find out again
	}
	log("package cannot be built", "plugin", shelf.plugin.Slug, "repo", shelf.plugin.Repo.String(), "err", err)
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
