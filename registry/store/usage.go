package store

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// Usage looks through a directory and says what it takes and what is left. The
// time is that of one stat for each file. A bucket does not say: false.
func (s *Store) Usage(ctx context.Context) (registry.Usage, bool) {
	d, ok := s.backend.(*directory)
	if !ok {
		return registry.Usage{}, false
	}
	usage, err := d.usage(ctx)
	return usage, err == nil
}

func (d *directory) usage(ctx context.Context) (registry.Usage, error) {
	var usage registry.Usage
	free, total, err := freeSpace(d.root.Name())
	if err != nil {
		return usage, err
	}
	usage.Free, usage.Total = free, total
	for _, folder := range []string{blobsFolder, recordsFolder, quarantineFolder} {
		err := fs.WalkDir(d.root.FS(), strings.TrimSuffix(folder, "/"), func(name string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // not made yet, or it went meanwhile
			}
			if err != nil || !entry.Type().IsRegular() {
				return errors.Join(err, ctx.Err())
			}
			if info, err := entry.Info(); err == nil {
				usage.Files++
				usage.Used += info.Size()
			}
			return nil
		})
		if err != nil {
			return usage, unavailable("look through "+d.path(folder), err)
		}
	}
	return usage, nil
}
