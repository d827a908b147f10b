package registry

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A record may name what is not there: a disk loses a file, and a copy of the
// directory that was made while packages were published has the record of one
// moment and the blobs of an earlier one. So a record remembers the packages
// that it served before, and a channel whose package is gone goes back to the
// last one that is whole, until it is built again.

// Bounds on the packages that a record remembers.
const (
	// PastFor is how long a package that was replaced is remembered, and kept
	// whole: as long as the copying of a directory may take. The last one of
	// each channel is remembered as long as its files are kept.
	PastFor = 24 * time.Hour
	// MaxPast bounds their number.
	MaxPast = 32
)

// pastState is a package that a channel served, without what the package itself
// says.
type pastState struct {
	channelState
	Until time.Time `json:"until"` // when another took its place
}

// supersede remembers what a channel served until now.
func (r *record) supersede(key string, by *channelState, now time.Time) {
	before := r.Channels[key]
	past := slices.DeleteFunc(slices.Clone(r.Past), func(p pastState) bool {
		return p.Package == by.Package || p.Package == before.Package || now.Sub(p.Until) > KeepFor
	})
	if before.Package != "" && before.Package != by.Package {
		before.Update = nil
		past = slices.Insert(past, 0, pastState{before, now})
	}
	seen := map[string]bool{}
	past = slices.DeleteFunc(past, func(p pastState) bool {
		key := p.Channel.String()
		old := seen[key] && now.Sub(p.Until) > PastFor
		seen[key] = true
		return old
	})
	r.Past = past[:min(len(past), MaxPast)]
}

// lacker is a [Store] that can cheaply tell what it has lost.
type lacker interface {
	// Lacks reports whether a blob is known not to be there, or not in its
	// size; 0 is not known.
	Lacks(Blob) bool
}

// whole reports whether nothing that a state names is known to be lost.
func (r *record) whole(store lacker, state *channelState) bool {
	if store.Lacks(Blob{Digest: state.Package}) {
		return false
	}
	for _, digest := range state.Documents {
		if store.Lacks(Blob{Digest: digest}) {
			return false
		}
	}
	for _, digest := range state.Files {
		if store.Lacks(Blob{Digest: digest, Size: r.Files[digest].Size}) {
			return false
		}
	}
	return true
}

// mend looks, in a record that was just read, for packages that are not there,
// and puts the last whole ones in their place. It reports whether it did.
func (s *Service) mend(ctx context.Context, shelf *shelf, rec *record) bool {
	store, ok := s.cfg.Store.(lacker)
	if !ok || rec.Repository == nil {
		return false
	}
	mended := false
	for _, key := range sortedKeys(rec.Channels) {
		state := rec.Channels[key]
		if rec.whole(store, &state) {
			continue
		}
		s.log.Error("stored package is not whole", "plugin", shelf.plugin.Slug, "channel", key, "version", state.Version)
		mended = s.goBack(ctx, shelf, rec, key) || mended
	}
	if mended {
		rec.Config = "" // what is missing is built by a check, which is due with that
		shelf.told.Store(true)
	}
	return mended
}

// goBack makes a channel serve again the last package before this one that can
// be read, if that may still be offered. A release's own channel that has none
// is given up, so that the next release answers. It reports whether either is so.
func (s *Service) goBack(ctx context.Context, shelf *shelf, rec *record, key string) bool {
	lost := rec.Channels[key]
	store, cheap := s.cfg.Store.(lacker)
	for _, past := range rec.Past {
		state := past.channelState
		held := !slices.ContainsFunc(state.Files, func(digest Digest) bool { _, ok := rec.Files[digest]; return !ok })
		if state.Package == lost.Package || state.Channel.String() != key || !held || !shelf.plugin.stillOffers(rec, &state) || cheap && !rec.whole(store, &state) {
			continue
		}
		pkg, _, err := decode(ctx, s.cfg.Store, state.Package)
		if err != nil {
			continue
		}
		state.Update = pkg.Update
		rec.lose(key, s.cfg.Now())
		rec.Channels[key] = state
		for _, digest := range state.Files {
			file := rec.Files[digest]
			file.Retired = time.Time{}
			rec.Files[digest] = file
		}
		rec.offer = nil
		s.log.Warn("the package before is served until it is built again", "plugin", shelf.plugin.Slug, "channel", key, "version", state.Version)
		return true
	}
	if lost.Channel.Kind == KindRelease && lost.Channel.Ref != "" {
		rec.lose(key, s.cfg.Now())
		rec.offer = nil
		return true
	}
	return false
}

// lose gives up what a channel serves, but remembers its commit: it has to be
// built again from that, wherever its tag is then.
func (r *record) lose(key string, now time.Time) {
	state := r.Channels[key]
	state.Update = nil
	r.Past = slices.Insert(slices.Clone(r.Past), 0, pastState{state, now})
	delete(r.Channels, key)
}

// stillOffers reports whether what was served once may be served again.
func (p *Plugin) stillOffers(rec *record, state *channelState) bool {
	if state.Channel.Kind == KindBranch || state.Channel.Ref != "" {
		return p.offers(rec, state.Channel)
	}
	return slices.ContainsFunc(p.makeOffer(rec).releases, func(c candidate) bool { return state.of(c.release) })
}

// rebuild builds a package again that was found damaged, while the caller
// waits; where that can't be, the channel goes back to the package before. It
// reports whether that is so.
func (s *Service) rebuild(ctx context.Context, shelf *shelf, lost *channelState, cause error) (*served, bool, error) {
	key := lost.Channel.String()
	s.log.Error("stored package is damaged, building it again", "plugin", shelf.plugin.Slug, "channel", key, "err", cause)
	current, err := s.buildNow(ctx, shelf, lost.Channel)
	if err == nil {
		return current, false, nil
	}
	return nil, s.retreat(ctx, shelf, lost, err), err
}

// retreat has a channel go back from a package that is damaged and could not be
// built again, and reports whether it did.
func (s *Service) retreat(ctx context.Context, shelf *shelf, lost *channelState, failed error) bool {
	if ctx.Err() != nil || ofContent(failed) {
		return false
	}
	key := lost.Channel.String()
	back := false
	_, err := s.learn(ctx, shelf, func(next *record) error {
		if next.Channels[key].Package == lost.Package {
			back = s.goBack(ctx, shelf, next, key)
			next.Config = "" // so that a check is due
		}
		return nil
	})
	return back && err == nil
}

// remade makes a file again that was found damaged, by building the package
// that has it, and opens it. The caller waits.
func (s *Service) remade(ctx context.Context, shelf *shelf, kept keptFile, cause error) (BlobReader, error) {
	s.log.Error("stored file is damaged, making it again", "plugin", shelf.plugin.Slug, "digest", string(kept.Digest), "err", cause)
	s.files.drop(string(kept.Digest))
	for _, state := range shelf.record.Load().holders(kept.Digest) {
		_, err := s.buildNow(ctx, shelf, state.Channel)
		if err != nil && !errors.Is(err, errWaiting) {
			cause = err
			if kept.Type == installerType { // a package can do without an image
				s.retreat(ctx, shelf, &state, err)
			}
			continue
		}
		if reader, err := s.open(ctx, kept.Blob); err == nil {
			return reader, nil
		}
	}
	return nil, &Error{Kind: ErrUnavailable, RetryAfter: time.Minute, Message: "this file was damaged in the store and is made again as soon as GitHub can be asked", Err: cause}
}

// holders are the states of which a file is part; of those before, by their
// releases' own channels.
func (r *record) holders(digest Digest) []channelState {
	var list []channelState
	for _, key := range sortedKeys(r.Channels) {
		if state := r.Channels[key]; slices.Contains(state.Files, digest) {
			list = append(list, state)
		}
	}
	for _, past := range r.Past {
		if slices.Contains(past.Files, digest) && past.Tag != "" && len(list) == 0 && r.release(past.Tag, "") != nil {
			state := past.channelState
			state.Channel = Channel{KindRelease, past.Tag}
			list = append(list, state)
		}
	}
	return list
}
