//go:build !unix || solaris || aix

package store

import (
	"errors"
	"io/fs"
	"os"
)

var errLocked = errors.New("locked")

// lock does nothing: here it is up to the operator that one server uses a
// directory. Pluginyard is made for Linux; this lets the demo run elsewhere.
func lock(*os.File) error { return nil }

// ownerOf knows no owner: what is made is whose it is.
func ownerOf(fs.FileInfo) (uid, gid int, ok bool) { return 0, 0, false }

// inodeOf knows no inode; size and modification time have to do.
func inodeOf(fs.FileInfo) uint64 { return 0 }
