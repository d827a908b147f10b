package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/pluginyard/pluginyard/registry"
)

// remedy says what the operator can do about an answer of the system.
func remedy(err error) string {
	for _, r := range []struct {
		err  error
		text string
	}{
		{syscall.ENOSPC, "the disk is full: free space or enlarge it; what is stored is still served"},
		{syscall.EDQUOT, "the quota is used up: raise it or free space; what is stored is still served"},
		{syscall.EFBIG, "the file is larger than the system lets this process write: raise its limit (ulimit -f)"},
		{syscall.EROFS, "the file system is read-only: mount it writable; what is stored is still served"},
		{syscall.EACCES, "this user may not do that: change the owner or mode of the directory"},
		{syscall.EPERM, "this user may not do that: change the owner or mode of the directory"},
		{syscall.EMFILE, "too many files are open: raise the limit (ulimit -n, LimitNOFILE)"},
		{syscall.ENFILE, "too many files are open on this machine: raise fs.file-max"},
		{syscall.ENOENT, "the data directory was removed or replaced beneath the server: put it back and start the server again"},
		{syscall.EIO, "the disk fails: look in the system's log, and restore a backup"},
	} {
		if errors.Is(err, r.err) {
			return r.text
		}
	}
	return ""
}

// unavailable wraps what the system or a service answered when it was doing
// something, with a remedy if there is one. An error that has a kind keeps it.
func unavailable(doing string, err error) error {
	var known *registry.Error
	if errors.As(err, &known) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	cause := fmt.Errorf("%s: %w", doing, err)
	message := "the registry's storage is not available; try again later"
	if text := remedy(err); text != "" {
		cause = fmt.Errorf("%w; %s", cause, text)
		message = "the registry's storage is not available: " + text
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		message = "the request ended before the registry's storage answered"
	}
	return &registry.Error{Kind: registry.ErrUnavailable, Message: message, Err: fault{cause}}
}

// fault is what the system or a service answered, as a [registry.ErrStorage].
type fault struct{ error }

// Is says whose fault it is. A request that was given up is nobody's.
func (f fault) Is(target error) bool {
	return target == registry.ErrStorage && !errors.Is(f.error, context.Canceled)
}

func (f fault) Unwrap() error { return f.error }

// missing is an object that isn't there.
func missing(doing string, err error) error {
	return &registry.Error{
		Kind:    registry.ErrNotFound,
		Message: "there is no such thing in the registry's storage",
		Err:     fmt.Errorf("%s: %w", doing, err),
	}
}

// corrupt is a blob whose bytes do not match its digest.
func corrupt(cause error) error {
	return &registry.Error{
		Kind:    registry.ErrCorrupt,
		Message: "its stored bytes do not match its digest",
		Err:     cause,
	}
}

// unreadable is a file that could be opened and not read: where the disk has
// lost it, it is as good as damaged, and stays where it is until it is replaced.
func unreadable(doing string, err error) error {
	if errors.Is(err, syscall.EIO) || errors.Is(err, io.ErrUnexpectedEOF) {
		return corrupt(fmt.Errorf("%s: %w; %s", doing, err, remedy(syscall.EIO)))
	}
	return unavailable(doing, err)
}

// tooLarge is an object that is larger than it may be.
func tooLarge(where string, size, limit int64) error {
	return &registry.Error{
		Kind:    registry.ErrTooLarge,
		Message: "it is larger than the registry's storage reads",
		Err:     fmt.Errorf("read %s: %d bytes; at most %d", where, size, limit),
	}
}
