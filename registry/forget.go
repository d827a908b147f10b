package registry

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// reachable is what the records of a store refer to, but for those of plugins
// that are to be forgotten. ErrNotFound if nothing is stored of one of these.
func reachable(ctx context.Context, store recordLister, forgotten []Slug) (map[Digest]bool, error) {
	slugs, err := storedSlugs(ctx, store)
	if err != nil {
		return nil, err
	}
	for _, slug := range forgotten {
		if !slices.Contains(slugs, slug) {
			return nil, notFoundf("nothing is stored of plugin %s", slug)
		}
	}
	keep := map[Digest]bool{}
	for _, slug := range slugs {
		if slices.Contains(forgotten, slug) {
			continue
		}
		rec, err := anyRecord(ctx, store, slug)
		if err != nil {
			return nil, fmt.Errorf("find out what %s refers to: %w; start the server, which makes its record again, or forget it", slug, err)
		}
		rec.reach(keep)
	}
	return keep, nil
}

// Collect deletes what no record of a store refers to, without asking what is
// configured: the records of other plugins stay, unless they are to be
// forgotten. No server may use the store meanwhile: what it is building has no
// record yet. It reports how many blobs were deleted, and their bytes. Where a
// record cannot be read, nothing is deleted.
func Collect(ctx context.Context, store Store, forgotten []Slug) (count int, bytes int64, err error) {
	keep, err := reachable(ctx, store, forgotten)
	if err != nil {
		return 0, 0, err
	}
	for _, slug := range forgotten {
		if err := forget(ctx, store, slug); err != nil {
			return 0, 0, err
		}
	}
	// Nobody is at work, so age says nothing; a clock that was wrong would.
	return store.Collect(ctx, keep, time.Now().AddDate(100, 0, 0))
}

// Collectable is how much [Collect] would delete. A server may be at work: some
// of it may be of a package that is being built.
func Collectable(ctx context.Context, store AuditStore, forgotten []Slug) (count int, bytes int64, err error) {
	keep, err := reachable(ctx, store, forgotten)
	if err != nil {
		return 0, 0, err
	}
	err = store.Blobs(ctx, func(blob Blob) error {
		if !keep[blob.Digest] {
			count++
			bytes += blob.Size
		}
		return nil
	})
	return count, bytes, err
}
