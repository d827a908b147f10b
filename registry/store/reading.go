package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pluginyard/pluginyard/registry"
)

// Reading is a store that is read, and nothing more: no lock is
// taken and not a file is made, so that neither a server nor a signer notices,
// and whoever may read the directory can. Its methods may be called from many
// goroutines.
type Reading struct{ store *Store }

// OpenReading opens the store at a location that a registry uses, as [Open].
// ErrInvalid: no registry has ever used it.
func OpenReading(ctx context.Context, location string) (*Reading, error) {
	var b backend
	var err error
	if strings.Contains(location, "://") {
		b, err = openBackend(ctx, location, options{temp: os.TempDir()})
	} else {
		b, err = openDirectoryReading(location)
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return &Reading{newStore(b)}, nil
}

func openDirectoryReading(location string) (*directory, error) {
	_, err := os.Stat(location + "/" + recordsFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, invalidLocation("%s holds no registry; name the data directory of a server that was started at least once", location)
	}
	if err != nil {
		return nil, unavailable("open directory "+location, err)
	}
	return rootDirectory(location, tempFolder)
}

// Load reads a record, as [Store.Load].
func (r *Reading) Load(ctx context.Context, name string) ([]byte, error) {
	return r.store.Load(ctx, name)
}

// Close ends the reading.
func (r *Reading) Close() error { return r.store.Close() }

// Names lists the records whose name starts with prefix, as [Store.Names].
func (r *Reading) Names(ctx context.Context, prefix string) ([]string, error) {
	return r.store.Names(ctx, prefix)
}

// ReadBlob reads a blob into memory, as [Beside.ReadBlob].
func (r *Reading) ReadBlob(ctx context.Context, digest registry.Digest, limit int64) ([]byte, error) {
	return (&Beside{r.store}).ReadBlob(ctx, digest, limit)
}

// CheckBlob hashes a blob, a piece at a time, and says its size. ErrNotFound,
// ErrCorrupt if its bytes do not match its digest; it stays where it is.
func (r *Reading) CheckBlob(ctx context.Context, digest registry.Digest) (bytes int64, err error) {
	if !digest.Valid() {
		return 0, missing("read a blob", errors.New("not a digest"))
	}
	h := sha256.New()
	bytes, err = r.store.backend.copy(ctx, blobKey(digest), h)
	if err != nil {
		return bytes, fmt.Errorf("read blob %s: %w", digest, err)
	}
	if got := digestOf(h); got != digest {
		return bytes, corrupt(fmt.Errorf("blob %s has the digest %s", digest, got))
	}
	return bytes, nil
}

// Blobs calls found for each blob, in no order, with its size in bytes. An
// error of found ends it and is returned.
func (r *Reading) Blobs(ctx context.Context, found func(registry.Blob) error) error {
	return r.each(ctx, blobsFolder, func(key string) (registry.Digest, bool) { return blobOf(key) }, found)
}

// Quarantined calls found for each blob that was moved aside, as Blobs.
func (r *Reading) Quarantined(ctx context.Context, found func(registry.Blob) error) error {
	return r.each(ctx, quarantineFolder, func(key string) (registry.Digest, bool) {
		digest := registry.Digest(strings.TrimPrefix(key, quarantineFolder))
		return digest, digest.Valid()
	}, found)
}

func (r *Reading) each(ctx context.Context, folder string, of func(key string) (registry.Digest, bool), found func(registry.Blob) error) error {
	return r.store.backend.list(ctx, folder, func(o object) error {
		digest, ok := of(o.key)
		if !ok {
			return nil
		}
		size, _, err := o.stat()
		if errors.Is(err, registry.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return found(registry.Blob{Digest: digest, Size: size})
	})
}
