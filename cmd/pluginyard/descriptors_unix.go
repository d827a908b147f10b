//go:build unix

package main

import "golang.org/x/sys/unix"

// descriptors is how many files the process may have open.
func descriptors() uint64 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return usualDescriptors
	}
	return uint64(limit.Cur)
}
