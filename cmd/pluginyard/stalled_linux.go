package main

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// dropStalled makes the kernel drop a connection whose peer has acknowledged
// nothing for [stalledAfter] though there is something to send, also when it
// is alive and merely doesn't read (tcp(7), TCP_USER_TIMEOUT). A write
// deadline could not: the kernel copies a whole file in one call.
//
// It keeps the kernel from taking more than [unsentBytes] that cannot be sent
// yet: of a thousand clients that don't read it would hold gigabytes, and when
// that is all it has for TCP it resets others' connections.
func dropStalled(_, _ string, c syscall.RawConn) error {
	var err error
	if controlErr := c.Control(func(fd uintptr) {
		err = errors.Join(
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(stalledAfter.Milliseconds())),
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentBytes))
	}); controlErr != nil {
		return controlErr
	}
	return err
}

// unsentBytes is enough that a fast line never waits for us: what is sent and
// not acknowledged comes on top.
const unsentBytes = 256 << 10

// acknowledged is how many bytes the client's kernel has taken in all; false if
// ours does not say.
func acknowledged(conn *net.TCPConn) (n uint64, ok bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, false
	}
	err = raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n, ok = info.Bytes_acked, true
		}
	})
	return n, ok && err == nil
}

// unread reports whether the client has sent something that we haven't read.
func unread(conn net.Conn) bool {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	n := 0
	err = raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.SIOCINQ) })
	return err == nil && n > 0
}
