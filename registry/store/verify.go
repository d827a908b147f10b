package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

const (
	// maxVerified bounds the blobs that a process remembers to have hashed;
	// each takes some 150 bytes. One that is forgotten is hashed again.
	maxVerified = 1 << 17
	// openAttempts bounds how often a blob that is replaced while it is being
	// opened is looked at again.
	openAttempts = 5
)

// open gives out a blob's file if its identity is that of bytes which were
// hashed, and hashes them if it isn't.
func (d *directory) open(ctx context.Context, digest registry.Digest) (registry.BlobReader, error) {
	key := blobKey(digest)
	for range openAttempts {
		f, info, err := d.openFile(key)
		if err != nil {
			return nil, err
		}
		if d.verified.has(digest, info) {
			return f, nil
		}
		f.Close()
		if err := d.verify(ctx, digest); err != nil {
			return nil, err
		}
	}
	return nil, unavailable("open "+d.path(key), errors.New("it changes all the time"))
}

// has reports whether a blob is there, whole. One that isn't what it should be
// counts as absent: the commit that follows replaces it.
func (d *directory) has(ctx context.Context, blob registry.Blob) (bool, error) {
	f, info, err := d.openFile(blobKey(blob.Digest))
	if err != nil {
		return false, nil
	}
	f.Close()
	if d.verified.has(blob.Digest, info) {
		return true, nil
	}
	if info.Size() != blob.Size {
		return false, nil
	}
	err = d.verify(ctx, blob.Digest)
	if ctx.Err() != nil {
		return false, err
	}
	return err == nil, nil
}

// verify hashes a blob, once for all who ask at the same time. It goes on to
// its end when the context of one of them ends.
func (d *directory) verify(ctx context.Context, digest registry.Digest) error {
	checked := d.checks.DoChan(string(digest), func() (any, error) { return nil, d.check(digest) })
	select {
	case r := <-checked:
		return r.Err
	case <-ctx.Done():
		return unavailable("verify "+d.path(blobKey(digest)), ctx.Err())
	}
}

func (d *directory) check(digest registry.Digest) error {
	key := blobKey(digest)
	f, info, err := d.openFile(key)
	if err != nil {
		return err
	}
	defer f.Close()
	if d.verified.has(digest, info) {
		return nil // by the one who asked just before
	}
	d.verified.count.Add(1)
	h := sha256.New()
	if info.Mode().IsRegular() {
		if _, err := io.Copy(h, f); err != nil {
			return unreadable("read "+d.path(key), err)
		}
	}
	if got := digestOf(h); got != digest || !info.Mode().IsRegular() {
		return d.quarantine(digest, info, got)
	}
	d.verified.add(digest, info)
	return nil
}

// quarantine moves a corrupt blob aside, where an operator can look at it. It
// stays until a Collect of that age; a later one of the same name replaces it.
func (d *directory) quarantine(digest registry.Digest, info fs.FileInfo, got registry.Digest) error {
	key, aside := blobKey(digest), quarantineFolder+string(digest)
	d.naming.Lock()
	defer d.naming.Unlock()
	now, err := d.root.Lstat(key)
	if err != nil || !os.SameFile(info, now) {
		return nil // replaced or gone meanwhile: who asked looks again
	}
	cause := fmt.Errorf("%s has the digest %s", d.path(key), got)
	if err := d.moveAside(key, aside); err != nil {
		return corrupt(fmt.Errorf("%w; move it aside: %w", cause, unavailable("rename", err)))
	}
	return corrupt(fmt.Errorf("%w; it was moved to %s", cause, d.path(aside)))
}

func (d *directory) moveAside(key, aside string) error {
	if err := d.ready(quarantineFolder[:len(quarantineFolder)-1]); err != nil {
		return err
	}
	// Its age counts from now, not from when it was stored.
	now := time.Now()
	d.root.Chtimes(key, now, now)
	return d.disk.rename(key, aside)
}

// verified remembers blobs whose bytes were hashed and right.
type verified struct {
	count atomic.Int64 // hashed so far

	mu    sync.Mutex // guards blobs
	blobs map[registry.Digest]identity
}

// identity is what a file's bytes do not change without.
type identity struct {
	inode    uint64
	size     int64 // bytes
	modified int64 // ns since 1970
}

func identityOf(info fs.FileInfo) identity {
	return identity{inodeOf(info), info.Size(), info.ModTime().UnixNano()}
}

func (v *verified) has(digest registry.Digest, info fs.FileInfo) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	id, ok := v.blobs[digest]
	return ok && id == identityOf(info)
}

func (v *verified) add(digest registry.Digest, info fs.FileInfo) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.blobs == nil {
		v.blobs = make(map[registry.Digest]identity)
	}
	for other := range v.blobs {
		if len(v.blobs) < maxVerified {
			break
		}
		delete(v.blobs, other) // any
	}
	v.blobs[digest] = identityOf(info)
}

func (v *verified) drop(digest registry.Digest) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.blobs, digest)
}
