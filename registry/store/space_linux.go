package store

import (
	"os"
	"syscall"
)

// readOnlyMount is ST_RDONLY of statfs(2).
const readOnlyMount = 1

// spaceOf is how many bytes this user may still write to a folder's file
// system, and whether that is read-only.
func spaceOf(root *os.Root) (free int64, readOnly bool, err error) {
	f, err := root.Open(".")
	if err != nil {
		return 0, false, err
	}
	defer f.Close()
	var s syscall.Statfs_t
	if err := syscall.Fstatfs(int(f.Fd()), &s); err != nil {
		return 0, false, err
	}
	return int64(s.Bavail) * int64(s.Bsize), s.Flags&readOnlyMount != 0, nil
}
