package registry

import (
	"context"
	"slices"
	"time"
)

// noteBeta remembers that the beta channel is asked for. A request writes no
// record: one for the collection may ask for thousands.
func (sh *shelf) noteBeta(rec *record, q Query) {
	if q.Channel == ChannelBeta && !rec.Beta && sh.plugin.Source != SourceBranch && !sh.beta.Load() {
		sh.beta.Store(true)
	}
}

// PerSite reports whether what is answered for a plugin depends, now, on which
// site asks, because a release is being rolled out to a part of them, or because
// that is not known yet, as after a start. Without a slug it is asked of all.
func (s *Service) PerSite(slug string) bool {
	if len(s.roster().rolling) == 0 {
		return false
	}
	now := s.cfg.Now()
	return slices.ContainsFunc(s.roster().rolling, func(shelf *shelf) bool {
		rec := shelf.record.Load()
		return (slug == "" || string(shelf.plugin.Slug) == slug) && (rec == nil || rec.Repository == nil || shelf.plugin.rolling(rec, now))
	})
}

// relistBehind encodes a state's documents again, behind the request, where they
// list other versions than there are: checks do so for what they keep fresh.
func (s *Service) relistBehind(shelf *shelf, state *channelState) {
	key := "list/" + string(state.Package)
	if s.failure(key) != nil {
		return
	}
	if _, waits := s.behind.LoadOrStore(key, true); waits {
		return
	}
	s.background(func(ctx context.Context) {
		defer s.behind.Delete(key)
		current, err := s.load(ctx, shelf, state)
		if err == nil {
			pkg := *current.pkg // readers hold the old one
			_, err = s.publish(ctx, shelf, &pkg, state.again(), state.Package)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("documents cannot be encoded again, they list the versions of before", "plugin", shelf.plugin.Slug, "channel", state.Channel.String(), "err", err)
			s.failed.put(key, err, s.cfg.Now().Add(failedFor))
		}
	})
}

// modified is when clients could first read a state's document. Where policies
// decide, an older one may come back, and a client that asks by time alone would
// never learn of it: it is not told a time.
func (sh *shelf) modified(state *channelState) time.Time {
	if sh.plugin.Policy.restricts() {
		return time.Time{}
	}
	return state.modified()
}
