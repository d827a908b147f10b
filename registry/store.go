package registry

import (
	"context"
	"io"
	"time"
)

// Store keeps what must survive a restart: blobs named by their SHA-256, and
// small named records. Package registry/store implements it over a directory
// and over a bucket. Every method may be called from many goroutines.
type Store interface {
	// Put calls write with a writer and stores what it wrote. The blob is
	// durable on return, or absent: never partly there. Storing the same
	// bytes twice is one blob.
	Put(ctx context.Context, write func(io.Writer) error) (Blob, error)
	// Open reads a blob whose bytes were verified against its digest.
	// ErrNotFound, or ErrCorrupt when they do not match. The caller closes it.
	Open(ctx context.Context, digest Digest) (BlobReader, error)
	// Load reads a record. ErrNotFound if there is none.
	Load(ctx context.Context, name string) ([]byte, error)
	// Save replaces a record whole; durable on return. A name is slash
	// separated and of [a-z0-9._-] only.
	Save(ctx context.Context, name string, data []byte) error
	// Delete removes a record; none is no error.
	Delete(ctx context.Context, name string) error
	// Names lists the records whose name starts with prefix, sorted.
	Names(ctx context.Context, prefix string) ([]string, error)
	// Collect deletes the blobs that were stored before the time given and
	// that keep does not name. It reports how many, and their bytes.
	Collect(ctx context.Context, keep map[Digest]bool, before time.Time) (count int, bytes int64, err error)
}

// writable is a [Store] that can tell beforehand that nothing can be stored.
type writable interface {
	// Writable reports why nothing can be stored now, as far as it is known.
	Writable(ctx context.Context) error
}

// Digest is a SHA-256 as 64 lower-case hex digits.
type Digest string

// Valid reports whether d has the form of a digest.
func (d Digest) Valid() bool {
	if len(d) != 64 {
		return false
	}
	for _, c := range []byte(d) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Blob names stored bytes.
type Blob struct {
	Digest Digest `json:"digest"`
	Size   int64  `json:"size"` // bytes
}

// BlobReader reads one blob. Where the store is a directory it is an
// *os.File, so that the kernel can copy.
type BlobReader interface {
	io.ReadSeekCloser
}
