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

// What belongs to the process beside the server.
const (
	besideLock = "signing.lock"
	besideTemp = "signing"
)

// Beside is a store that a server may be using at the same time: everything can
// be read, and signatures and approvals can be saved. Nothing else is changed, not even what
// is damaged, and the server's lock and tmp/ are left alone; a draft is under a
// folder of its own, where no start of the server removes it. Its methods may be
// called from many goroutines.
type Beside struct{ store *Store }

var _ registry.SigningStore = (*Beside)(nil)

// OpenBeside opens the store at a location that a registry uses, as [Open]. Run
// by root, what is saved becomes the directory's owner's. ErrConflict: another
// process has opened it so. ErrInvalid: no registry has ever used it.
func OpenBeside(ctx context.Context, location string) (*Beside, error) {
	var b backend
	var err error
	if strings.Contains(location, "://") {
		b, err = openBackend(ctx, location, options{temp: os.TempDir(), cacheBytes: DefaultCacheBytes})
	} else {
		b, err = openDirectoryBeside(location)
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return &Beside{newStore(b)}, nil
}

func openDirectoryBeside(location string) (*directory, error) {
	info, err := os.Stat(location)
	if err == nil {
		_, err = os.Stat(location + "/" + recordsFolder)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, invalidLocation("%s holds no registry; name the data directory of a server that was started at least once", location)
	}
	if err != nil {
		return nil, unavailable("open directory "+location, err)
	}
	d, err := rootDirectory(location, besideTemp)
	if err != nil {
		return nil, err
	}
	if uid, gid, ok := ownerOf(info); ok && os.Geteuid() == 0 && uid != 0 {
		d.disk = ownedDisk{rootDisk{d.root}, uid, gid}
	}
	err = d.takeLock(besideLock, "is being signed, or something in it approved, already", "wait until that is done")
	if err == nil {
		err = d.ready(besideTemp)
	}
	if err == nil {
		err = d.clearTemp()
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// Load reads a record, as [Store.Load].
func (b *Beside) Load(ctx context.Context, name string) ([]byte, error) {
	return b.store.Load(ctx, name)
}

// ReadBlob reads a blob of at most limit bytes into memory. ErrNotFound,
// ErrTooLarge, and ErrCorrupt if its bytes do not match its digest.
func (b *Beside) ReadBlob(ctx context.Context, digest registry.Digest, limit int64) ([]byte, error) {
	if !digest.Valid() {
		return nil, missing("read a blob", errors.New("not a digest"))
	}
	data, err := b.store.backend.read(ctx, blobKey(digest), limit)
	if err != nil {
		return nil, fmt.Errorf("read blob %s: %w", digest, err)
	}
	h := sha256.New()
	h.Write(data)
	if got := digestOf(h); got != digest {
		return nil, corrupt(fmt.Errorf("read blob %s: it has the digest %s", digest, got))
	}
	return data, nil
}

// Save replaces the record of a signature or of an approval, as [Store.Save].
func (b *Beside) Save(ctx context.Context, name string, data []byte) error {
	if !strings.HasPrefix(name, registry.SignaturesFolder) && !strings.HasPrefix(name, registry.ApprovalsFolder) {
		return &registry.Error{Kind: registry.ErrForbidden, Message: fmt.Sprintf("record %.80q is the server's to change", name)}
	}
	return b.store.Save(ctx, name, data)
}

// Close gives the location back.
func (b *Beside) Close() error { return b.store.Close() }

// ownedDisk gives what it makes to the server's user, who could not read it
// otherwise. No link is followed on the way: that user may have put it there.
type ownedDisk struct {
	rootDisk
	uid, gid int
}

func (d ownedDisk) create(name string) (*os.File, error) {
	f, err := d.rootDisk.create(name)
	if err != nil {
		return nil, err
	}
	if err := f.Chown(d.uid, d.gid); err != nil {
		return nil, errors.Join(err, f.Close(), d.remove(name))
	}
	return f, nil
}

func (d ownedDisk) mkdir(name string) error {
	err := d.root.Mkdir(name, folderMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.root.Lchown(name, d.uid, d.gid)
}
