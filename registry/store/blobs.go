package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// bufferBytes gathers the small writes of a zip writer, so that each costs no
// system call.
const bufferBytes = 64 << 10

// Put stores what write writes and names it by its digest. Nothing is held in
// memory: the bytes go to a temporary file and are hashed on the way. A blob
// that is there already isn't written again, unless what is there is torn.
//
// An error of write is returned wrapped. ErrTooLarge above [MaxBlobBytes].
func (s *Store) Put(ctx context.Context, write func(io.Writer) error) (blob registry.Blob, err error) {
	ctx, end := s.begin(ctx, "put")
	defer func() { end(err) }()
	d, err := s.backend.scratch()
	if err != nil {
		return registry.Blob{}, fmt.Errorf("put blob: %w", err)
	}
	defer s.backend.discard(d)

	w := &blobWriter{ctx: ctx, file: d.file, hash: sha256.New(), limit: MaxBlobBytes}
	buffered := bufio.NewWriterSize(w, bufferBytes)
	if err = write(buffered); err == nil {
		err = buffered.Flush()
	}
	if w.err != nil {
		err = w.err // whatever write made of it
	}
	if err != nil {
		return registry.Blob{}, fmt.Errorf("put blob: %w", err)
	}
	blob = registry.Blob{Digest: digestOf(w.hash), Size: w.size}

	s.keep(blob.Digest)
	there, err := s.backend.has(ctx, blob)
	if err == nil && !there {
		err = s.backend.commit(ctx, d, blobKey(blob.Digest))
	}
	if err != nil {
		return registry.Blob{}, fmt.Errorf("put blob %s: %w", blob.Digest, err)
	}
	return blob, nil
}

// keep notes that a blob is being stored now. It waits for a deletion by
// Collect, so that Put then either finds the blob gone or has it kept.
func (s *Store) keep(digest registry.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored[digest] = time.Now()
}

// Open reads a blob whose bytes were verified. In a directory the reader is an
// [*os.File]. A blob that does not match its digest is ErrCorrupt and is moved
// to the folder quarantine/, so that it is ErrNotFound from then on and can be
// put again.
func (s *Store) Open(ctx context.Context, digest registry.Digest) (registry.BlobReader, error) {
	if !digest.Valid() {
		return nil, &registry.Error{
			Kind:    registry.ErrNotFound,
			Message: fmt.Sprintf("open blob %.70q: no such blob", string(digest)),
			Err:     errors.New("not a digest"),
		}
	}
	ctx, end := s.begin(ctx, "open")
	r, err := s.backend.open(ctx, digest)
	end(err)
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", digest, err)
	}
	return r, nil
}

// Collect deletes the blobs that were stored before the time given and that
// keep does not name, and reports how many and their bytes. A blob that this
// process put again since counts as stored then. What lies in quarantine/ for
// longer goes too, uncounted. It goes on after a failure and returns them all.
func (s *Store) Collect(ctx context.Context, keep map[registry.Digest]bool, before time.Time) (count int, bytes int64, err error) {
	ctx, end := s.begin(ctx, "collect")
	defer func() { end(err) }()
	var faults []error
	err = s.backend.list(ctx, blobsFolder, func(o object) error {
		digest, ok := blobOf(o.key)
		if !ok || keep[digest] {
			return ctx.Err()
		}
		size, stored, err := o.stat()
		if err == nil && stored.Before(before) {
			var removed bool
			if removed, err = s.removeUnlessStored(ctx, digest, before); removed {
				count++
				bytes += size
			}
		}
		if err != nil && !errors.Is(err, registry.ErrNotFound) {
			faults = append(faults, err)
		}
		return ctx.Err()
	})
	faults = append(faults, err, s.clearQuarantine(ctx, before))
	s.forget(before)
	if err := errors.Join(faults...); err != nil {
		return count, bytes, fmt.Errorf("collect blobs: %w", err)
	}
	return count, bytes, nil
}

// removeUnlessStored deletes a blob unless this process stored it again at the
// time given or later.
func (s *Store) removeUnlessStored(ctx context.Context, digest registry.Digest, before time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.stored[digest]; ok && !at.Before(before) {
		return false, nil
	}
	if err := s.backend.remove(ctx, blobKey(digest)); err != nil {
		return false, err
	}
	return true, nil
}

func (s *Store) clearQuarantine(ctx context.Context, before time.Time) error {
	return s.backend.list(ctx, quarantineFolder, func(o object) error {
		_, stored, err := o.stat()
		if err == nil && stored.Before(before) {
			err = s.backend.remove(ctx, o.key)
		}
		if errors.Is(err, registry.ErrNotFound) {
			err = nil
		}
		return errors.Join(err, ctx.Err())
	})
}

// forget drops what stored no longer needs, which bounds it.
func (s *Store) forget(before time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for digest, at := range s.stored {
		if at.Before(before) {
			delete(s.stored, digest)
		}
	}
}

// blobWriter hashes and counts what goes to a file. It keeps its first error,
// since a caller may lose it.
type blobWriter struct {
	ctx   context.Context
	file  io.Writer
	hash  hash.Hash
	size  int64
	limit int64 // bytes
	err   error
}

func (w *blobWriter) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if err := w.ctx.Err(); err != nil {
		w.err = unavailable("take its bytes", err)
		return 0, w.err
	}
	if w.size+int64(len(p)) > w.limit {
		w.err = &registry.Error{
			Kind:    registry.ErrTooLarge,
			Message: fmt.Sprintf("more than the %d bytes that one file may have", w.limit),
		}
		return 0, w.err
	}
	n, err := w.file.Write(p)
	w.hash.Write(p[:n])
	w.size += int64(n)
	if err != nil {
		w.err = unavailable("take its bytes", err)
		return n, w.err
	}
	return n, nil
}

func digestOf(h hash.Hash) registry.Digest {
	return registry.Digest(hex.EncodeToString(h.Sum(nil)))
}
