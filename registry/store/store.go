// Package store keeps the registry's packages in a directory or a bucket. It
// is the registry.Store of a server: blobs named by their SHA-256, and small
// named records.
//
// # Layout
//
// A directory and a bucket are laid out alike:
//
//	blobs/ab/abcdef…                 a blob's bytes as they were put; its name is their SHA-256
//	records/plugins/hello-yard.json  a record: one line with a checksum, then its bytes
//	quarantine/abcdef…               a blob whose bytes no longer matched its name
//
// A directory has two entries more, which a backup can leave out:
//
//	lock                             held by the server that uses the directory
//	tmp/…                            files on the way to their name
//
// and two more once somebody has signed beside the server ([OpenBeside]):
// signing.lock and signing/, which are to that process what lock and tmp/ are
// to the server.
//
// The first line of a record is "sha256:", the digest of all that follows as
// 64 hex digits, and a newline; "tail -n +2" prints the rest. A file that
// someone else puts under blobs/ or records/ is left alone unless its name is
// a blob's or a record's.
//
// # Durability
//
// In a directory a file is written under tmp/, synced, renamed to its name,
// and its folder synced, so that a kill or a power cut at any moment leaves
// the old or the new and never a part of either. In a bucket an object comes
// into being when its upload is complete.
//
// # Verification
//
// No byte of a blob is given out before the whole blob was hashed. In a
// directory that happens once in the life of a process: the size, modification
// time and inode of a file that was right are remembered, and while they stay
// so opening the blob is one open and one fstat, and the reader is an
// [*os.File] that the kernel can copy from. From a bucket a blob is fetched
// whole into an unnamed temporary file and hashed on the way; the files used
// last are kept, within a bound, and serve later requests. Either way any
// number of requests at once cost one verification.
//
// # One server
//
// A directory belongs to one process at a time, which holds a lock on it that
// the kernel releases however the process ends. [OpenBeside] and [OpenReading]
// are for others. A bucket can't be locked: give
// each server its own bucket or prefix, or else [Store.Collect] of one may
// delete what another is about to name.
package store

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

const (
	// MaxBlobBytes bounds one blob. An installer is bounded far below by
	// whoever makes it; this stops a writer that never ends.
	MaxBlobBytes = 4 << 30
	// MaxRecordBytes bounds one record, which is held in memory whole.
	MaxRecordBytes = 16 << 20
	// MaxNameBytes bounds the name of a record: well below what a path
	// (4,096) and an object's key (1,024) may have.
	MaxNameBytes = 512
	// MaxSegmentBytes bounds what stands between two slashes of a name: the
	// longest file name of common file systems.
	MaxSegmentBytes = 255
	// DefaultCacheBytes bounds the blobs of a bucket that are kept in the
	// temporary folder, which may be memory.
	DefaultCacheBytes = 256 << 20
	// MaxCachedFiles bounds their number, since each is an open file and a
	// process may have as few as 1,024.
	MaxCachedFiles = 256
	// BucketTime bounds each operation of a bucket but the fetching of a blob;
	// storing one may take longer by its size.
	BucketTime = time.Minute
	// minBucketRate is how many bytes a second a bucket has to take.
	minBucketRate = 64 << 10
	// FetchTimeout bounds the fetching of one blob from a bucket, which does
	// not end with the request that began it.
	FetchTimeout = 10 * time.Minute
)

var _ registry.Store = (*Store)(nil)

// Store is a directory or a bucket. Its methods may be called from many
// goroutines.
type Store struct {
	backend backend
	observe registry.Observer

	mu sync.Mutex // guards stored, and is held while Collect deletes a blob
	// stored has when this process last stored a blob that it had stored
	// before, or that was there. Collect must not take the age of the file for
	// the age of such a blob: the record that will name it may be on its way.
	stored map[registry.Digest]time.Time
}

// An Option changes how a [Store] works.
type Option func(*options)

type options struct {
	temp       string // folder for blobs on their way to and from a bucket
	cacheBytes int64  // of a bucket's blobs that are kept there; those being read are not counted
	observe    registry.Observer
}

// WithObserver has an observer told of each Put, Open, Save and Collect.
func WithObserver(observe registry.Observer) Option {
	return func(o *options) { o.observe = observe }
}

// Open opens the store at a location: the path of a directory, which is made
// if it isn't there, or the URL of a bucket: mem://, s3://, gs:// or
// azblob://, with the query parameters that gocloud.dev gives each. A path in
// the URL is a prefix of every key: s3://updates/pluginyard.
//
// ErrConflict: another process uses the directory. ErrInvalid: the location
// can't be one. ErrUnavailable: it can't be reached, or not be written; but a
// directory on a file system that has become read-only opens and can be read.
func Open(ctx context.Context, location string, opts ...Option) (*Store, error) {
	o := options{temp: os.TempDir(), cacheBytes: DefaultCacheBytes}
	for _, opt := range opts {
		opt(&o)
	}
	b, err := openBackend(ctx, location, o)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := newStore(b)
	s.observe = o.observe
	return s, nil
}

func newStore(b backend) *Store {
	return &Store{backend: b, stored: make(map[registry.Digest]time.Time)}
}

// begin tells the observer of an operation.
func (s *Store) begin(ctx context.Context, operation string) (context.Context, func(error, ...slog.Attr)) {
	if s.observe == nil {
		return ctx, ignored
	}
	return s.observe.Begin(ctx, registry.WorkStore, slog.String("operation", operation))
}

func ignored(error, ...slog.Attr) {}

// Close gives the location back. Blobs that are open stay readable.
func (s *Store) Close() error { return s.backend.close() }
