package store

import (
	"container/list"
	"context"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/pluginyard/pluginyard/registry"
)

// cache keeps blobs of a bucket that were fetched and verified, as open files
// without a name. However many ask for a blob at once, it is fetched once.
type cache struct {
	alive context.Context // ends with the bucket

	mu      sync.Mutex // guards what follows, and refs and place of each entry
	limit   int64      // bytes; below zero once closed
	bytes   int64      // of the entries in recent
	recent  list.List  // *cached, the one used last in front
	entries map[registry.Digest]*cached
}

// cached is one blob, or one that is being fetched.
type cached struct {
	digest registry.Digest
	ready  chan struct{} // closed when file, size and err are known
	file   *os.File
	size   int64 // bytes
	err    error

	refs  int           // readers, and the fetch while it runs
	place *list.Element // in recent; nil while it is fetched and when it was dropped
}

func newCache(alive context.Context, limit int64) *cache {
	return &cache{alive: alive, limit: limit, entries: make(map[registry.Digest]*cached)}
}

// fetchFunc makes an open file of a verified blob, and says its size.
type fetchFunc func(ctx context.Context, digest registry.Digest) (*os.File, int64, error)

// open reads a blob, which is fetched if it isn't there. The fetch does not
// end with the context: others may wait for it, and the next to ask will.
func (c *cache) open(ctx context.Context, digest registry.Digest, fetch fetchFunc) (registry.BlobReader, error) {
	c.mu.Lock()
	e := c.entries[digest]
	if e == nil {
		e = &cached{digest: digest, ready: make(chan struct{}), refs: 1}
		c.entries[digest] = e
		go c.fill(e, fetch)
	} else if e.place != nil {
		c.recent.MoveToFront(e.place)
	}
	e.refs++
	c.mu.Unlock()

	select {
	case <-e.ready:
	case <-ctx.Done():
		c.release(e)
		return nil, unavailable("fetch", ctx.Err())
	}
	if e.err != nil {
		c.release(e)
		return nil, e.err
	}
	return &cachedReader{
		SectionReader: io.NewSectionReader(e.file, 0, e.size),
		release:       func() { c.release(e) },
	}, nil
}

func (c *cache) fill(e *cached, fetch fetchFunc) {
	ctx, cancel := context.WithTimeout(c.alive, FetchTimeout)
	defer cancel()
	e.file, e.size, e.err = fetch(ctx, e.digest)
	c.mu.Lock()
	if e.err == nil && c.entries[e.digest] == e {
		c.keep(e)
	} else if c.entries[e.digest] == e {
		delete(c.entries, e.digest)
	}
	c.unuse(e) // before anybody gets it: whoever uses it last closes it
	c.mu.Unlock()
	close(e.ready)
}

// add takes over the file of a blob that is known already.
func (c *cache) add(digest registry.Digest, file *os.File, size int64) {
	e := &cached{digest: digest, ready: make(chan struct{}), file: file, size: size, refs: 1}
	close(e.ready)
	c.mu.Lock()
	if c.entries[digest] == nil {
		c.entries[digest] = e
		c.keep(e)
	}
	c.mu.Unlock()
	c.release(e)
}

// keep gives an entry its place and drops those used longest ago, which may be
// itself. c.mu is held.
func (c *cache) keep(e *cached) {
	e.place = c.recent.PushFront(e)
	c.bytes += e.size
	for c.recent.Len() > 0 && (c.bytes > c.limit || c.recent.Len() > MaxCachedFiles) {
		c.evict(c.recent.Back().Value.(*cached))
	}
}

// evict takes an entry's place away and, if nobody reads it, closes it. c.mu
// is held.
func (c *cache) evict(e *cached) {
	if c.entries[e.digest] == e {
		delete(c.entries, e.digest)
	}
	if e.place != nil {
		c.recent.Remove(e.place)
		c.bytes -= e.size
		e.place = nil
	}
	if e.refs == 0 {
		e.file.Close()
	}
}

// release ends one use of an entry.
func (c *cache) release(e *cached) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unuse(e)
}

// unuse is release while c.mu is held.
func (c *cache) unuse(e *cached) {
	e.refs--
	if e.refs == 0 && e.place == nil && e.file != nil {
		e.file.Close()
	}
}

// drop forgets a blob that is no more.
func (c *cache) drop(digest registry.Digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[digest]; e != nil {
		c.evict(e)
	}
}

func (c *cache) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = -1
	for c.recent.Len() > 0 {
		c.evict(c.recent.Back().Value.(*cached))
	}
	return nil
}

// cachedReader reads one cached blob, from its own position.
type cachedReader struct {
	*io.SectionReader
	mu      sync.Mutex
	release func() // nil once closed
}

func (r *cachedReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.release == nil {
		return errors.New("close blob: closed already")
	}
	r.release()
	r.release = nil
	return nil
}
