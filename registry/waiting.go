package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A package that nobody has signed yet waits, where the registry has public
// keys alone: sites would refuse it. Its channel goes on serving the package
// before; the record's Waiting holds the new one, built and stored, until a
// signature is found beside it.

// errWaiting is in the chain of what is answered where there is nothing but a
// waiting package.
var errWaiting = errors.New("nobody has signed it yet")

// waits says that a package waits, to everyone.
func (p *Plugin) waits(state *channelState) *Error {
	return &Error{
		Kind: ErrUnavailable, RetryAfter: time.Minute, Err: errWaiting,
		Message: fmt.Sprintf("version %s of plugin %s waits for its signature; it is served within a minute after its operator ran \"pluginyard sign\"", state.Version, p.Slug),
	}
}

// wait notes a channel's package that has to be signed first.
func (r *record) wait(pkg *Package, state *channelState, now time.Time) {
	r.hold(pkg, state)
	if r.Waiting == nil {
		r.Waiting = map[string]channelState{}
	}
	r.Waiting[state.Channel.String()] = *state
	r.retire(now)
}

// has reports whether a channel's package, served or waiting, was made from
// these inputs.
func (r *record) has(channel Channel, inputs string) bool {
	key := channel.String()
	return r.Channels[key].Inputs == inputs || r.Waiting[key].Inputs == inputs
}

// serves reports whether a channel has a file in its package.
func (r *record) serves(digest Digest) bool {
	for _, state := range r.Channels {
		if slices.Contains(state.Files, digest) {
			return true
		}
	}
	return false
}

// installer is the file that a channel's package installs.
func (r *record) installer(state *channelState) keptFile {
	if len(state.Files) == 0 {
		return keptFile{}
	}
	return r.Files[state.Files[0]]
}

// admit serves a package that waits if it has been signed by now, and returns
// it. An error with errWaiting if it has not; nil if it does not wait any more.
// What the release channel does not stand for now, such as what policies have
// taken back meanwhile, is given up. What is held is not served, whoever signs it.
func (s *Service) admit(ctx context.Context, shelf *shelf, state *channelState) (*served, error) {
	rec := shelf.record.Load()
	channel := state.Channel
	if waiting := rec.Waiting[channel.String()]; waiting.Package != state.Package {
		return nil, nil
	}
	if stable := shelf.plugin.offer(rec).stable; channel == (Channel{Kind: KindRelease}) && (stable == nil || !state.of(stable)) {
		return nil, s.giveUp(ctx, shelf, state)
	}
	if held := rec.heldFor(state.Tag); held != nil {
		return nil, held.err(shelf.plugin.Slug)
	}
	installer := rec.installer(state)
	signatures, err := s.signatures(ctx, shelf, installer.Blob, installer.SHA384)
	if err != nil {
		return nil, err
	}
	if s.mustBeSigned() && len(signatures) == 0 {
		return nil, shelf.plugin.waits(state)
	}
	pkg, _, err := decode(ctx, s.cfg.Store, state.Package)
	if err != nil {
		return nil, err
	}
	current, err := s.publish(ctx, shelf, pkg, channelState{Channel: channel, Inputs: state.Inputs}, state.Package)
	if err == nil {
		s.log.Info("package was signed and is served", "plugin", pkg.Slug, "channel", channel.String(), "version", pkg.Version, "signatures", len(signatures))
	}
	return current, err
}

// admitAll serves every waiting package that has been signed, as soon as that
// is seen, until the context ends.
func (s *Service) admitAll(ctx context.Context) {
	for ctx.Err() == nil {
		for _, shelf := range s.roster().order {
			rec, err := s.stored(ctx, shelf)
			if err != nil {
				continue // told by whoever needs the record
			}
			for _, state := range rec.Waiting {
				_, err := s.admit(ctx, shelf, &state)
				if err == nil || errors.Is(err, errWaiting) || errors.Is(err, ErrHeld) || ctx.Err() != nil {
					continue
				}
				s.log.Warn("waiting package cannot be served", "plugin", shelf.plugin.Slug, "channel", state.Channel.String(), "err", err)
				if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNotFound) {
					s.buildBehind(shelf, state.Channel)
				}
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookEvery):
		}
	}
}

// checkWaiting looks at a channel's waiting package in a check that found these
// inputs. It reports whether that is what would be built; one that is not is
// given up, and so is one whose tag was moved: nobody was offered it.
func (s *Service) checkWaiting(ctx context.Context, shelf *shelf, rev *Revision, inputs string, surveyed bool) (bool, error) {
	key := rev.Channel.String()
	rec := shelf.record.Load()
	state, ok := rec.Waiting[key]
	if !ok {
		return false, nil
	}
	if surveyed && rec.HeldReleases[rev.Ref] != nil { // it may have been put back
		if _, err := s.checkRelease(ctx, shelf, rec, rev); err != nil {
			return false, err
		}
	}
	if state.Inputs == inputs {
		moved, err := s.movedWaiting(ctx, shelf, rev, &state, surveyed)
		if err == nil && moved == "" {
			_, err = s.admit(ctx, shelf, &state)
		}
		switch {
		case moved != "":
			s.log.Warn("tag was moved before the package was signed, building it again", "plugin", shelf.plugin.Slug, "tag", rev.Ref, "moved_to", moved)
		case err == nil || errors.Is(err, errWaiting):
			return true, nil
		case !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNotFound):
			return true, err
		default:
			s.log.Error("stored package is damaged, building it again", "plugin", shelf.plugin.Slug, "channel", key, "err", err)
		}
	}
	return false, s.giveUp(ctx, shelf, &state)
}

func (s *Service) movedWaiting(ctx context.Context, shelf *shelf, rev *Revision, state *channelState, surveyed bool) (string, error) {
	if !surveyed {
		return "", nil
	}
	pkg, _, err := decode(ctx, s.cfg.Store, state.Package)
	if err != nil {
		return "", err
	}
	return s.tagMoved(ctx, shelf.record.Load(), &shelf.plugin, pkg, rev)
}

// giveUp forgets a package that waits.
func (s *Service) giveUp(ctx context.Context, shelf *shelf, state *channelState) error {
	key := state.Channel.String()
	_, err := s.change(ctx, shelf, func(next *record) error {
		if next.Waiting[key].Package == state.Package {
			delete(next.Waiting, key)
			next.retire(s.cfg.Now())
		}
		return nil
	})
	return err
}
