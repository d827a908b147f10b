//go:build !linux

package main

import "syscall"

// dropStalled does nothing: only Linux has the means.
func dropStalled(_, _ string, _ syscall.RawConn) error { return nil }
