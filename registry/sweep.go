package registry

import "context"

// sweepAge is how old a blob must be to be collected: older than any build
// that has stored blobs but not yet published them.
const sweepAge = 2 * BuildTime

// sweep collects the blobs that no plugin's record reaches, and the signatures
// of what is gone. Where anything
// cannot be read, nothing is collected.
func (s *Service) sweep(ctx context.Context) {
	before := s.cfg.Now().Add(-sweepAge)
	keep := map[Digest]bool{}
	for _, shelf := range s.roster().order {
		rec, err := s.stored(ctx, shelf)
		if err != nil {
			s.log.Warn("unused blobs are not collected", "plugin", shelf.plugin.Slug, "err", err)
			return
		}
		rec.reach(keep)
	}
	s.sweepSignatures(ctx)
	count, bytes, err := s.cfg.Store.Collect(ctx, keep, before)
	if err != nil {
		s.log.Warn("unused blobs are not collected", "err", err)
		return
	}
	s.log.Info("unused blobs collected", "count", count, "bytes", bytes)
}

// reach adds everything that the record refers to.
func (r *record) reach(keep map[Digest]bool) {
	if r.before != nil {
		r.before.reach(keep)
	}
	for digest := range r.Files {
		keep[digest] = true
	}
	for _, states := range []map[string]channelState{r.Channels, r.Waiting} {
		for _, state := range states {
			keep[state.Package] = true
			for _, digest := range state.Documents {
				keep[digest] = true
			}
		}
	}
}
