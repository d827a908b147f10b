package store

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/pluginyard/pluginyard/registry"
)

// backend is where objects lie under slash separated keys. Its methods may be
// called from many goroutines, and their errors have a kind.
type backend interface {
	// scratch makes an empty file that nobody else sees, for the bytes of an
	// object. It ends with commit or discard.
	scratch() (*draft, error)
	// commit makes the bytes of a draft the object at key, replacing another.
	// It is whole and durable on return. After an error the old object is
	// there or the new one, whole.
	commit(ctx context.Context, d *draft, key string) error
	// discard drops a draft; after a commit that went well it does nothing.
	discard(d *draft)

	// has reports whether a blob is there with the right size, and the right
	// bytes where that is cheap to tell. A false "no" only costs a rewrite.
	has(ctx context.Context, blob registry.Blob) (bool, error)
	// open reads a blob that was verified. ErrNotFound, ErrCorrupt.
	open(ctx context.Context, digest registry.Digest) (registry.BlobReader, error)

	// read returns the bytes of an object, at most limit. ErrNotFound, and
	// ErrTooLarge if there are more.
	read(ctx context.Context, key string, limit int64) ([]byte, error)
	// copy writes the bytes of an object and says how many. ErrNotFound, and
	// ErrCorrupt where a disk can't read what it has.
	copy(ctx context.Context, key string, w io.Writer) (int64, error)
	// remove deletes an object; none is no error.
	remove(ctx context.Context, key string) error
	// list calls found for the objects whose key starts with prefix, in no
	// order. An error of found ends it and is returned.
	list(ctx context.Context, prefix string, found func(object) error) error

	close() error
}

// draft is an object without a name.
type draft struct {
	file *os.File
	name string // where it lies in the directory; "" if it has no name
}

// object is what list knows of one.
type object struct {
	key string
	// stat asks for the size in bytes and when it was stored. ErrNotFound if
	// it has gone meanwhile.
	stat func() (size int64, stored time.Time, err error)
}

// The folders of the layout, each with the slash that ends it.
const (
	blobsFolder      = "blobs/"
	recordsFolder    = "records/"
	quarantineFolder = "quarantine/"
)

// blobKey is where a blob lies. 256 folders keep each small.
func blobKey(digest registry.Digest) string {
	return blobsFolder + string(digest[:2]) + "/" + string(digest)
}

// blobOf is the digest that a key names, if it is the key of a blob.
func blobOf(key string) (registry.Digest, bool) {
	const start = len(blobsFolder) + len("ab/")
	if len(key) < start {
		return "", false
	}
	digest := registry.Digest(key[start:])
	return digest, digest.Valid() && blobKey(digest) == key
}
