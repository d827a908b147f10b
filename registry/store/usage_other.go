//go:build !linux && !darwin

package store

import "errors"

func freeSpace(string) (free, total int64, err error) {
	return 0, 0, errors.New("free space cannot be asked for on this system")
}
