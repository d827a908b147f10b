//go:build !linux

package main

import (
	"net"
	"syscall"
)

// dropStalled does nothing: only Linux has the means.
func dropStalled(_, _ string, _ syscall.RawConn) error { return nil }

// acknowledged is unknown here.
func acknowledged(*net.TCPConn) (uint64, bool) { return 0, false }

// unread is unknown here.
func unread(net.Conn) bool { return false }
