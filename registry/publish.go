package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	older := channel.Kind == KindRelease && channel.Ref != ""
	return s.builders.do(ctx, key, older, func(priority Priority) (current *served, err error) {
		err = s.working(priority, func(ctx context.Context) error {
			current, err = s.build(ctx, shelf, channel)
			if err != nil && !errors.Is(err, errWaiting) && !errors.Is(err, errOutdated) {
				s.remember(key, shelf, err)
			}
			return err
		})
		return current, err
	})
}

// buildKey names a channel's build.
func buildKey(shelf *shelf, channel Channel) string {
	return "build/" + string(shelf.plugin.Slug) + "/" + channel.String()
}

func (s *Service) build(ctx context.Context, shelf *shelf, channel Channel) (_ *served, err error) {
	ctx, end := s.cfg.Observe.Begin(ctx, WorkBuild, slog.String("plugin", string(shelf.plugin.Slug)), slog.String("channel", channel.String()))
	defer func() {
		if errors.Is(err, errWaiting) {
			end(nil) // it was built
			return
		}
		end(err)
	}()
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
		if current, err := s.admit(ctx, shelf, &waiting); current != nil || errors.Is(err, errWaiting) || errors.Is(err, ErrHeld) {
			return current, err
		}
	}
	broken := "content/" + string(shelf.plugin.Slug) + "/" + from + "/" + rec.Surveyed.String()
	if err := s.failure(broken); err != nil {
		return nil, err
	}
	if w, ok := s.cfg.Store.(writable); ok {
		if err := w.Writable(ctx); err != nil {
			return nil, &unbegun{err}
		}
	}
	if rec, err = s.verify(ctx, shelf, rec); err != nil {
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
		if hold := shelf.fileHold(rec, rev, f); hold != nil {
			return nil, cmp.Or(s.holdRelease(ctx, shelf, hold), error(hold.err(shelf.plugin.Slug)))
		}
		rev.Commit = f.Commit
	} else if rev.Release != nil && rev.Commit == "" && !rec.Checked.IsZero() {
		if rev.Commit, err = s.resolve(ctx, shelf, rec, rev); err != nil {
			return nil, unmade(err)
		}
	}
	temp, err := os.MkdirTemp(s.cfg.Temp, "pluginyard-build-")
	if err != nil {
		return nil, unwritable("make a temporary folder", err)
	}
	b := &builder{forge: s.cfg.Forge, store: s.cfg.Store, drawing: s.drawing, labour: s.labour, scratch: &s.scratch, temp: temp, base: s.cfg.Links.Base, stable: s.cfg.WordPress, plugin: &shelf.plugin, repo: rec.Repository, rev: *rev}
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
	shelf.failures.Store(0)
	pkg := current.pkg
	s.log.Info("package built", "plugin", pkg.Slug, "channel", channel.String(), "version", pkg.Version, "commit", pkg.Revision.Commit, "bytes", pkg.Installer.Size, "files", pkg.Installer.Files, "elapsed", s.cfg.Now().Sub(start))
	for _, finding := range pkg.Findings {
		if finding.Severity != SeverityNote {
			s.log.Warn("finding", "plugin", pkg.Slug, "code", finding.Code, "place", finding.Place, "line", finding.Line, "message", finding.Message)
		}
	}
	return current, nil
}

// resolve is the commit that a release's tag names. A build asks for it first,
// so that what it fetches is of one commit, whatever happens to the tag
// meanwhile. Only the first build of a plugin, for which somebody waits, spares
// the round trip and goes by what its archive says that it is of.
func (s *Service) resolve(ctx context.Context, shelf *shelf, rec *record, rev *Revision) (string, error) {
	repo := rec.repo(&shelf.plugin)
	commit, err := s.cfg.Forge.Commit(ctx, repo, "tags/"+rev.Ref)
	if err != nil {
		return "", fmt.Errorf("ask for tag %s of %s: %w", rev.Ref, repo, err)
	}
	return commit.SHA, nil
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

// errOutdated ends a build of what the operator has replaced meanwhile. The next
// one is of what was agreed to.
var errOutdated = errors.New("something else was agreed to meanwhile")

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
		if over == "" && next.contradicts(&shelf.plugin, &pkg.Revision) {
			return &Error{Kind: ErrUnavailable, RetryAfter: failedFor, Err: errOutdated, Message: fmt.Sprintf("release %s of plugin %s was built while its operator agreed to another content; it is built again", pkg.Revision.Ref, shelf.plugin.Slug)}
		}
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
	first := s.limited(shelf, err)
	if errors.Is(err, ErrReserve) {
		return // a client may still have it built
	}
	before := shelf.fault.Swap(&fault{err, s.cfg.Now(), key})
	log := s.log.Error
	if !first || errors.Is(err, ErrHeld) || errors.Is(err, ErrForbidden) || before != nil && before.err.Error() == err.Error() {
		log = s.log.Debug // what was told, or requests find out again
	}
	log("package cannot be built", "plugin", shelf.plugin.Slug, "repo", shelf.plugin.Repo.String(), "err", err)
	wait, nothing := failedFor, (*unbegun)(nil)
	if !errors.As(err, &nothing) {
		wait = shelf.stuck(err)
	}
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
