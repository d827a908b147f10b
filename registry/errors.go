package registry

import (
	"errors"
	"time"
)

// The kinds of error. Every failure that leaves this package, a [Forge] or a
// [Store] wraps one of them, or is internal. Ask with [errors.Is].
var (
	// ErrNotFound: no such plugin, release, branch or file. The client asked
	// for something that is not there; asking again changes nothing.
	ErrNotFound = errors.New("not found")
	// ErrGone: it was here, and is not served any more.
	ErrGone = errors.New("gone")
	// ErrForbidden: it exists but may not be given to this client.
	ErrForbidden = errors.New("forbidden")
	// ErrInvalid: the request, the configuration or the repository's content
	// is wrong; whoever wrote it has to change it.
	ErrInvalid = errors.New("invalid")
	// ErrConflict: two entries claim the same thing, such as one slug.
	ErrConflict = errors.New("conflict")
	// ErrTooLarge: a bound on size, count or time was exceeded.
	ErrTooLarge = errors.New("too large")
	// ErrCredentials: the forge refused our own credentials (401, or 403
	// without a limit); the operator has to mend the token.
	ErrCredentials = errors.New("credentials refused")
	// ErrLimited: the forge's rate limit is used up; ask again later.
	ErrLimited = errors.New("rate limited")
	// ErrTooOften: this client has asked for more work than one may; it has to
	// wait.
	ErrTooOften = errors.New("asked too often")
	// ErrUnavailable: the forge or the store did not answer, or answered
	// nonsense; ask again later.
	ErrUnavailable = errors.New("unavailable")
	// ErrHeld: something at the forge changed that the operator has to agree to
	// first; ask again later.
	ErrHeld = errors.New("held")
	// ErrCorrupt: stored bytes no longer match their digest.
	ErrCorrupt = errors.New("corrupt")
)

// ErrPanic is in the chain of a failure beside its kind where the program
// itself is at fault: the chain's text holds the stack, for the log alone.
var ErrPanic = errors.New("panic")

// Kinds lists every kind of error, so that a table keyed by kind can be
// checked to be whole.
func Kinds() []error {
	return []error{
		ErrNotFound, ErrGone, ErrForbidden, ErrInvalid, ErrConflict, ErrTooLarge,
		ErrCredentials, ErrLimited, ErrTooOften, ErrUnavailable, ErrHeld, ErrCorrupt,
	}
}

// ErrStorage is in the chain of a failure beside its kind where our own disk or
// bucket is at fault, and not the forge or the request.
var ErrStorage = errors.New("storage")

// Error is a failure with a text that may be shown to anyone: it names what is
// wrong and what to do, and holds no secret. Err is the cause, for the
// operator's log alone.
type Error struct {
	Kind       error         // one of [Kinds]
	Message    string        // for the client: what is wrong and the remedy
	RetryAfter time.Duration // how long to wait before asking again; 0 is unknown
	Err        error         // the cause; may be nil
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap gives the kind and the cause to [errors.Is] and [errors.As].
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
