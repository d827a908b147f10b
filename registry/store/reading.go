package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Reading is a store of which records are read, and nothing more: no lock is
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
