package store

import (
	"context"
	"fmt"
	"syscall"

	"github.com/pluginyard/pluginyard/registry"
)

// MinFreeBytes is what a disk must have free for a build to begin: enough for
// the archive, the installer and the documents of most. One that needs more may
// still meet a full disk, and is undone then.
const MinFreeBytes = 32 << 20

// Writable reports why nothing can be stored now, where that is known
// beforehand: a directory whose file system is read-only, or has fewer than
// [MinFreeBytes] free. To find that out by storing would cost a download.
func (s *Store) Writable(ctx context.Context) error {
	d, ok := s.backend.(*directory)
	if !ok {
		return nil
	}
	free, readOnly, err := d.space(d.root)
	switch {
	case err != nil: // not every system tells
		return nil
	case readOnly:
		return unavailable("write to "+d.root.Name(), syscall.EROFS)
	case free < MinFreeBytes:
		return unavailable(fmt.Sprintf("write to %s, which has %d bytes free of the %d that a build needs", d.root.Name(), free, MinFreeBytes), syscall.ENOSPC)
	}
	return nil
}

// Lacks reports whether a blob is known not to be there, or to have another
// size than it says (0 is not known), where that is cheap to tell: in a
// directory. It is not verified.
func (s *Store) Lacks(blob registry.Blob) bool {
	d, ok := s.backend.(*directory)
	if !ok || !blob.Digest.Valid() {
		return false
	}
	info, err := d.root.Lstat(blobKey(blob.Digest))
	if err != nil {
		return isAbsent(err)
	}
	return !info.Mode().IsRegular() || blob.Size > 0 && info.Size() != blob.Size
}
