package main

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dropStalled makes the kernel drop a connection whose peer has acknowledged
// nothing for [stalledAfter] though there is something to send, also when it
// is alive and merely doesn't read (tcp(7), TCP_USER_TIMEOUT). A write
// deadline could not: the kernel copies a whole file in one call.
func dropStalled(_, _ string, c syscall.RawConn) error {
	var err error
	if controlErr := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(stalledAfter.Milliseconds()))
	}); controlErr != nil {
		return controlErr
	}
	return err
}
