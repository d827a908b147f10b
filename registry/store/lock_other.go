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

// inodeOf knows no inode; size and modification time have to do.
func inodeOf(fs.FileInfo) uint64 { return 0 }
