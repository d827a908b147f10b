//go:build unix && !solaris && !aix

package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// errLocked: another process has the lock.
var errLocked = errors.New("locked")

// lock takes the exclusive lock of an open file (flock(2)), which lasts until
// the file is closed or the process ends, in whatever way.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// ownerOf is whom a file belongs to.
func ownerOf(info fs.FileInfo) (uid, gid int, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(st.Uid), int(st.Gid), true
}

// inodeOf tells two files of one file system apart.
func inodeOf(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}
