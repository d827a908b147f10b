package store

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
)

// disk is the calls that change a directory, one method each, so that a test
// can fail every one before and after it took effect. Names are slash
// separated and relative to the directory.
type disk interface {
	create(name string) (*os.File, error) // a new file, for reading and writing
	sync(f *os.File) error
	rename(from, to string) error
	mkdir(name string) error // one that is there is no error
	syncFolder(name string) error
	remove(name string) error // none is no error
}

// Modes: what is stored may come from private repositories, so it is nobody
// else's to read.
const (
	fileMode   = 0o600
	folderMode = 0o700
)

// rootDisk changes a directory for real, and never anything outside of it.
type rootDisk struct{ root *os.Root }

func (d rootDisk) create(name string) (*os.File, error) {
	return d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
}

func (d rootDisk) sync(f *os.File) error { return f.Sync() }

func (d rootDisk) rename(from, to string) error { return d.root.Rename(from, to) }

func (d rootDisk) mkdir(name string) error {
	err := d.root.Mkdir(name, folderMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

func (d rootDisk) syncFolder(name string) error {
	if runtime.GOOS == "windows" {
		return nil // which can't, and keeps its folders in a journal
	}
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d rootDisk) remove(name string) error {
	err := d.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
