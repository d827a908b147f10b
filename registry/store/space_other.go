//go:build !linux

package store

import (
	"errors"
	"os"
)

// spaceOf is not known here: a full disk is met when it is written to.
func spaceOf(*os.Root) (free int64, readOnly bool, err error) {
	return 0, false, errors.ErrUnsupported
}
