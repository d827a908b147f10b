package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/pluginyard/pluginyard/registry"
)

const (
	lockFile   = "lock"
	tempFolder = "tmp"
)

// directory is the backend over a folder of a local file system.
type directory struct {
	root *os.Root // contains every path: no link leads out of it
	disk disk     // changes root
	temp string   // folder for drafts, ours alone
	lock *os.File // open as long as the directory, or temp, is ours

	space func(*os.Root) (free int64, readOnly bool, err error) // spaceOf

	verified verified           // blobs that were hashed
	checks   singleflight.Group // by digest: at most one hashes a blob

	// naming is held while a blob gets its name or loses it to quarantine/, so
	// that a good blob that replaced a bad one isn't moved aside in its place.
	naming sync.Mutex

	mu      sync.Mutex      // guards durable
	durable map[string]bool // folders whose own entry is known to be on the disk
}

// openDirectory takes the lock, makes the layout and removes what a killed
// predecessor left in tmp/.
func openDirectory(location string) (*directory, error) {
	if location == "" {
		return nil, invalidLocation("no directory is given")
	}
	if err := os.MkdirAll(location, folderMode); err != nil {
		return nil, unavailable("make directory "+location, err)
	}
	d, err := rootDirectory(location, tempFolder)
	if err != nil {
		return nil, err
	}
	if err := d.start(); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func rootDirectory(location, temp string) (*directory, error) {
	root, err := os.OpenRoot(location)
	if err != nil {
		return nil, unavailable("open directory "+location, err)
	}
	return &directory{root: root, disk: rootDisk{root}, temp: temp, space: spaceOf, durable: map[string]bool{".": true}}, nil
}

func (d *directory) start() error {
	err := d.takeLock(lockFile, "is used by another server", "stop that one, or give this one its own directory")
	if err != nil {
		return err
	}
	err = d.layOut()
	if errors.Is(err, syscall.EROFS) {
		return nil // it can still be read
	}
	return err
}

// layOut makes the folders and clears tmp/.
func (d *directory) layOut() error {
	for _, folder := range []string{d.temp, blobsFolder, recordsFolder, quarantineFolder} {
		if err := d.ready(strings.TrimSuffix(folder, "/")); err != nil {
			return err
		}
	}
	return d.clearTemp()
}

// takeLock makes the directory ours, or our part of it. The file holds the number
// of the process for people to read; the lock itself is the kernel's.
func (d *directory) takeLock(name, used, remedy string) error {
	f, err := d.root.OpenFile(name, os.O_RDWR|os.O_CREATE, fileMode)
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		f, err = d.root.Open(name)
	}
	if err != nil {
		return unavailable("open "+d.path(name), err)
	}
	d.lock = f
	err = lock(f)
	if errors.Is(err, errLocked) {
		owner := make([]byte, 20)
		n, _ := f.ReadAt(owner, 0)
		return &registry.Error{
			Kind:    registry.ErrConflict,
			Message: "the data directory is in use",
			Err:     fmt.Errorf("%s %s (process %.20q); %s", d.root.Name(), used, strings.TrimSpace(string(owner[:n])), remedy),
		}
	}
	if err != nil {
		return unavailable("lock "+d.path(name), err)
	}
	if f.Truncate(0) == nil { // fails where the file system is read-only
		fmt.Fprintln(f, os.Getpid())
	}
	return nil
}

// clearTemp removes what nobody will finish: the folder is ours, so all of it.
func (d *directory) clearTemp() error {
	entries, err := fs.ReadDir(d.root.FS(), d.temp)
	for _, e := range entries {
		err = errors.Join(err, d.disk.remove(path.Join(d.temp, e.Name())))
	}
	if err != nil {
		return unavailable("clear "+d.path(d.temp), err)
	}
	return nil
}

func (d *directory) close() error {
	err := d.root.Close()
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}

// path is the path of a key for messages.
func (d *directory) path(key string) string {
	return filepath.Join(d.root.Name(), filepath.FromSlash(key))
}

func (d *directory) scratch() (*draft, error) {
	name := path.Join(d.temp, rand.Text())
	f, err := d.disk.create(name)
	if errors.Is(err, fs.ErrNotExist) { // someone removed the folder
		d.forgetFolders()
		if err := d.ready(d.temp); err != nil {
			return nil, err
		}
		f, err = d.disk.create(name)
	}
	if err != nil {
		return nil, unavailable("create "+d.path(name), err)
	}
	return &draft{file: f, name: name}, nil
}

func (d *directory) discard(t *draft) {
	// Errors are of no use here: nobody reads the file any more, and what
	// can't be removed now goes at the next start.
	t.file.Close()
	if t.name != "" {
		d.disk.remove(t.name)
	}
}

// commit keeps the order that makes it safe: bytes, name, folder.
func (d *directory) commit(ctx context.Context, t *draft, key string) error {
	if err := ctx.Err(); err != nil {
		return unavailable("store "+d.path(key), err)
	}
	if err := d.disk.sync(t.file); err != nil {
		return unavailable("sync "+d.path(t.name), err)
	}
	info, err := t.file.Stat()
	if err != nil {
		return unavailable("stat "+d.path(t.name), err)
	}
	folder := path.Dir(key)
	if err := d.ready(folder); err != nil {
		return err
	}
	if err := d.rename(t, key); err != nil {
		return err
	}
	if err := d.disk.syncFolder(folder); err != nil {
		return unavailable("sync "+d.path(folder), err)
	}
	if digest, ok := blobOf(key); ok {
		d.verified.add(digest, info) // it was hashed on its way in
	}
	return nil
}

// rename gives a draft its name.
func (d *directory) rename(t *draft, key string) error {
	d.naming.Lock()
	defer d.naming.Unlock()
	err := d.disk.rename(t.name, key)
	if errors.Is(err, syscall.EISDIR) || errors.Is(err, fs.ErrExist) {
		// A folder that its last record left behind may go.
		gone := d.disk.remove(key)
		if digest, ok := blobOf(key); ok && gone != nil {
			gone = d.moveAside(key, quarantineFolder+string(digest)) // nothing of ours
		}
		if gone == nil {
			d.forgetFolders()
			err = d.disk.rename(t.name, key)
		}
	}
	if errors.Is(err, fs.ErrNotExist) { // someone removed the folder
		d.forgetFolders()
		if err := d.ready(path.Dir(key)); err != nil {
			return err
		}
		err = d.disk.rename(t.name, key)
	}
	if err != nil {
		return d.misnamed(key, err)
	}
	t.name = ""
	return nil
}

// ready makes a folder and those above it, each with its entry on the disk: a
// file that is synced into a folder is lost if the folder's own name is.
func (d *directory) ready(folder string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range len(folder) + 1 {
		if i < len(folder) && folder[i] != '/' {
			continue
		}
		part := folder[:i]
		if d.durable[part] {
			continue
		}
		err := d.disk.mkdir(part)
		if err == nil {
			err = d.disk.syncFolder(path.Dir(part))
		}
		if err != nil {
			return d.misnamed(part, err)
		}
		d.durable[part] = true
	}
	return nil
}

func (d *directory) forgetFolders() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.durable = map[string]bool{".": true}
}

// misnamed tells a name that can't be from a disk that won't.
func (d *directory) misnamed(key string, err error) error {
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR) || errors.Is(err, fs.ErrExist) {
		return &registry.Error{
			Kind:    registry.ErrInvalid,
			Message: "one name is the folder of another",
			Err:     fmt.Errorf("store %s: %w", d.path(key), err),
		}
	}
	return unavailable("store "+d.path(key), err)
}

// openFile opens a regular file.
func (d *directory) openFile(key string) (*os.File, fs.FileInfo, error) {
	f, err := d.root.Open(key)
	if isAbsent(err) {
		return nil, nil, missing("open "+d.path(key), err)
	}
	if info, linkErr := d.root.Lstat(key); err != nil && linkErr == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil, nil, missing("open "+d.path(key), err) // it leads out of the directory
	}
	if err != nil {
		return nil, nil, unavailable("open "+d.path(key), err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, unavailable("stat "+d.path(key), err)
	}
	return f, info, nil
}

func (d *directory) read(ctx context.Context, key string, limit int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, unavailable("read "+d.path(key), err)
	}
	// To open a pipe would wait for whoever writes to it.
	if info, err := d.root.Lstat(key); err == nil && !info.Mode().IsRegular() {
		return nil, missing("read "+d.path(key), errors.New("not a file"))
	}
	f, info, err := d.openFile(key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > limit {
		return nil, tooLarge(d.path(key), info.Size(), limit)
	}
	// Files are replaced, never changed, so the size is the size.
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, unreadable("read "+d.path(key), err)
	}
	return b, nil
}

func (d *directory) copy(ctx context.Context, key string, w io.Writer) (int64, error) {
	if info, err := d.root.Lstat(key); err == nil && !info.Mode().IsRegular() {
		return 0, missing("read "+d.path(key), errors.New("not a file"))
	}
	f, _, err := d.openFile(key)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n, err := io.Copy(w, &patient{ctx, f})
	if err != nil {
		return n, unreadable("read "+d.path(key), err)
	}
	return n, nil
}

// patient reads until its context ends.
type patient struct {
	ctx context.Context
	io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

func (d *directory) remove(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return unavailable("remove "+d.path(key), err)
	}
	digest, isBlob := blobOf(key)
	info, err := d.root.Lstat(key)
	if isAbsent(err) || err == nil && info.IsDir() {
		return nil
	}
	if err == nil {
		err = d.disk.remove(key)
	}
	if err == nil && !isBlob {
		// The deletion of a blob may be lost: the next Collect repeats it.
		err = d.disk.syncFolder(path.Dir(key))
	}
	if err != nil {
		return unavailable("remove "+d.path(key), err)
	}
	if isBlob {
		d.verified.drop(digest)
	}
	return nil
}

func (d *directory) list(ctx context.Context, prefix string, found func(object) error) error {
	folder := path.Dir(prefix + "x")
	return fs.WalkDir(d.root.FS(), folder, func(key string, e fs.DirEntry, err error) error {
		switch {
		case isAbsent(err):
			return nil
		case err == nil:
			err = ctx.Err()
		}
		if err != nil {
			return unavailable("list "+d.path(key), err)
		}
		if e.IsDir() {
			if strings.HasPrefix(key+"/", prefix) || strings.HasPrefix(prefix, key+"/") {
				return nil
			}
			return fs.SkipDir
		}
		if !e.Type().IsRegular() || !strings.HasPrefix(key, prefix) {
			return nil
		}
		return found(object{key: key, stat: func() (int64, time.Time, error) { return d.stat(key, e) }})
	})
}

func (d *directory) stat(key string, e fs.DirEntry) (int64, time.Time, error) {
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return 0, time.Time{}, missing("stat "+d.path(key), err)
	}
	if err != nil {
		return 0, time.Time{}, unavailable("stat "+d.path(key), err)
	}
	return info.Size(), info.ModTime(), nil
}

// isAbsent reports whether there is nothing of that name.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
