package registry

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// sweepAge is how old a blob must be to be collected: older than any build
// that has stored blobs but not yet published them.
const sweepAge = 2 * BuildTime

// sweep collects the blobs that no plugin's record reaches, and the signatures
// of what is gone. What is withdrawn keeps its own, and a plugin that is not
// configured any more is forgotten once it was not checked for KeepFor: it may
// come back. Where anything cannot be read, nothing is collected.
func (s *Service) sweep(ctx context.Context) {
	plugins := s.roster()
	if plugins.unread {
		return // what is found again may need them
	}
	before := s.cfg.Now().Add(-sweepAge)
	keep := map[Digest]bool{}
	records := map[Slug]*record{}
	for _, shelf := range plugins.all() {
		rec, err := s.stored(ctx, shelf)
		if err != nil {
			s.log.Warn("unused blobs are not collected", "plugin", shelf.plugin.Slug, "err", err)
			return
		}
		rec.reach(keep)
		shelf.mu.Lock()
		if shelf.durable != nil {
			shelf.durable.reach(keep) // who starts again begins with that
		}
		shelf.mu.Unlock()
		records[shelf.plugin.Slug] = rec
	}
	if err := s.sweepRecords(ctx, records, keep); err != nil {
		s.log.Warn("unused blobs are not collected", "err", err)
		return
	}
	s.sweepSignatures(ctx, plugins, records)
	count, bytes, err := s.cfg.Store.Collect(ctx, keep, before)
	if err != nil {
		s.log.Warn("unused blobs are not collected", "err", err)
		return
	}
	s.log.Info("unused blobs collected", "count", count, "bytes", bytes)
}

// sweepRecords adds to records those of plugins that are not configured any
// more, and what they reach, and deletes the old ones.
func (s *Service) sweepRecords(ctx context.Context, records map[Slug]*record, keep map[Digest]bool) error {
	slugs, err := storedSlugs(ctx, s.cfg.Store)
	if err != nil {
		return err
	}
	for _, slug := range slugs {
		if records[slug] != nil {
			continue
		}
		rec, err := anyRecord(ctx, s.cfg.Store, slug)
		if errors.Is(err, ErrUnavailable) {
			return err
		}
		if err != nil || s.cfg.Now().Sub(rec.Checked) > KeepFor {
			s.log.Info("plugin that is not configured any more is forgotten", "plugin", slug)
			if err := forget(ctx, s.cfg.Store, slug); err != nil {
				return err
			}
			continue
		}
		records[slug] = rec
		rec.reach(keep)
	}
	return nil
}

// recordLister is the part of a [Store] that finds records.
type recordLister interface {
	Load(ctx context.Context, name string) ([]byte, error)
	Names(ctx context.Context, prefix string) ([]string, error)
}

// storedSlugs lists the plugins that have a record, or a copy of one, sorted.
func storedSlugs(ctx context.Context, store recordLister) ([]Slug, error) {
	var slugs []Slug
	for _, folder := range []string{pluginsFolder, copiesFolder} {
		names, err := store.Names(ctx, folder)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, json := strings.CutSuffix(strings.TrimPrefix(name, folder), ".json")
			if slug, err := ParseSlug(text); json && err == nil {
				slugs = append(slugs, slug)
			}
		}
	}
	slices.Sort(slugs)
	return slices.Compact(slugs), nil
}

// anyRecord reads a stored record of whatever repository, or its copy.
func anyRecord(ctx context.Context, store recordLister, slug Slug) (*record, error) {
	rec, err := parsedRecord(ctx, store, recordName(slug))
	if err == nil || errors.Is(err, ErrUnavailable) {
		return rec, err
	}
	if rec, copyErr := parsedRecord(ctx, store, copyName(slug)); copyErr == nil || errors.Is(copyErr, ErrUnavailable) {
		return rec, copyErr
	}
	return nil, err
}

// forgetter is the part of a [Store] that forgets records.
type forgetter interface {
	Names(ctx context.Context, prefix string) ([]string, error)
	Delete(ctx context.Context, name string) error
}

// forget deletes all that is noted of a plugin. Its blobs are collected later.
func forget(ctx context.Context, store forgetter, slug Slug) error {
	names, err := store.Names(ctx, SignaturesFolder+string(slug)+"/")
	if err != nil {
		return err
	}
	for _, name := range append(names, recordName(slug), copyName(slug)) {
		if err := store.Delete(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// reach adds everything that the record refers to.
func (r *record) reach(keep map[Digest]bool) {
	if r.before != nil {
		r.before.reach(keep)
	}
	for _, past := range r.Past {
		keep[past.Package] = true
		for _, digest := range slices.Concat(past.Documents, past.Files) {
			keep[digest] = true
		}
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
