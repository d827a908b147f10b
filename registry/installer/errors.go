package installer

import (
	"errors"
	"strconv"
)

// The kinds of error. Ask with [errors.Is]. All but ErrNoFile concern the zip:
// its author has to mend it, asking again changes nothing.
var (
	// ErrNotZip: the bytes are something else, or the zip's end is missing.
	ErrNotZip = errors.New("not a zip")
	// ErrHostile: no tool for packing plugins writes this; it could do harm.
	ErrHostile = errors.New("hostile zip")
	// ErrTooLarge: one of this package's limits was exceeded.
	ErrTooLarge = errors.New("too large")
	// ErrUnsupported: encrypted, split over several files, or compressed in a
	// way that WordPress cannot read everywhere.
	ErrUnsupported = errors.New("unsupported")
	// ErrDamaged: contents differ from their declared size or checksum.
	ErrDamaged = errors.New("damaged")
	// ErrEmpty: nothing would be left to install.
	ErrEmpty = errors.New("empty")
	// ErrNoFile: the file or folder asked for is not in the zip.
	ErrNoFile = errors.New("no such file")
)

// Error says what is wrong with a zip, where, and what to do about it. Its text
// names nothing but the zip's own content and may be shown to anyone.
type Error struct {
	Kind    error  // one of the kinds above
	Entry   string // the entry's name as the zip has it; "" is the zip as a whole
	Problem string
	Remedy  string // may be ""
	Err     error  // the cause; may be nil
}

func (e *Error) Error() string {
	s := "zip: "
	if e.Entry != "" {
		s = "zip entry " + strconv.QuoteToASCII(shorten(e.Entry)) + ": "
	}
	s += e.Problem
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap gives the kind and the cause to [errors.Is] and [errors.As].
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// printable is a name as it is if it may be kept, else quoted: names that were
// left out are shown, too.
func printable(name string) string {
	if checkKept(name) != "" {
		return strconv.QuoteToASCII(shorten(name))
	}
	return name
}

// shorten keeps a name printable in one line of a log.
func shorten(name string) string {
	const most = 200
	if len(name) <= most {
		return name
	}
	return name[:most/2] + "..." + name[len(name)-most/2:]
}
