//go:build linux || darwin

package store

import "syscall"

// freeSpace is what an ordinary user may still store on a folder's file system,
// and how large that is, in bytes.
func freeSpace(folder string) (free, total int64, err error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		return 0, 0, unavailable("ask how much space "+folder+" has", err)
	}
	return int64(stat.Bavail) * int64(stat.Bsize), int64(stat.Blocks) * int64(stat.Bsize), nil
}
