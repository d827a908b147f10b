package installer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// directoryEnd is what stands at the end of a zip.
type directoryEnd struct {
	entries  int64
	size     int64 // bytes of the directory
	offset   int64 // of the directory
	comment  string
	trailing int64 // bytes after the end of the zip
	unclear  bool  // another reader could find another end
}

// readEnd finds the end record and checks all it says against the zip's size
// and this package's limits. Nothing may stand before the first entry: what is
// both a zip and something else is refused.
func readEnd(r io.ReaderAt, size int64) (*directoryEnd, error) {
	if size > MaxArchiveBytes {
		return nil, &Error{Kind: ErrTooLarge,
			Problem: fmt.Sprintf("it has %d bytes, more than %d", size, int64(MaxArchiveBytes)),
			Remedy:  "keep build results and media out of the repository"}
	}
	head := make([]byte, min(size, 512))
	if err := readFull(r, head, 0); err != nil {
		return nil, err
	}
	if err := sniff(head, size); err != nil {
		return nil, err
	}
	tail := make([]byte, min(size, endSize+maxComment+1024))
	tailAt := size - int64(len(tail))
	if err := readFull(r, tail, tailAt); err != nil {
		return nil, err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || at+endSize > len(tail) {
		return nil, &Error{Kind: ErrNotZip, Problem: "its end is missing, it was cut off",
			Remedy: "upload or download it again"}
	}
	rec := tail[at:]
	le := binary.LittleEndian
	commentLen := int(le.Uint16(rec[20:]))
	if endSize+commentLen > len(rec) {
		return nil, &Error{Kind: ErrNotZip, Problem: "its end is cut off, or its comment holds the mark of an end",
			Remedy: "upload or download it again"}
	}
	end := &directoryEnd{
		entries:  int64(le.Uint16(rec[10:])),
		size:     int64(le.Uint32(rec[12:])),
		offset:   int64(le.Uint32(rec[16:])),
		comment:  string(rec[endSize : endSize+commentLen]),
		trailing: int64(len(rec) - endSize - commentLen),
	}
	endAt := tailAt + int64(at)
	disk, dirDisk, here := le.Uint16(rec[4:]), le.Uint16(rec[6:]), int64(le.Uint16(rec[8:]))
	if end.entries == 0xffff || end.size == 0xffffffff || end.offset == 0xffffffff {
		var err error
		if endAt, err = end.read64(r, endAt); err != nil {
			return nil, err
		}
	} else if disk != 0 || dirDisk != 0 || here != end.entries {
		return nil, errSplit()
	}
	if err := end.check(endAt); err != nil {
		return nil, err
	}
	between := tail[max(0, end.offset+end.size-tailAt):at]
	end.unclear = end.offset+end.size != endAt || bytes.Contains(between, rec[:4])
	return end, nil
}

// read64 reads the 64-bit end record that stands before the end record at
// endAt, and returns where it starts.
func (end *directoryEnd) read64(r io.ReaderAt, endAt int64) (int64, error) {
	broken := &Error{Kind: ErrDamaged, Problem: "its 64-bit directory end is missing or wrong",
		Remedy: "pack it again without the 64-bit extension"}
	if endAt < locator64Size+end64Size {
		return 0, broken
	}
	le := binary.LittleEndian
	loc := make([]byte, locator64Size)
	if err := readFull(r, loc, endAt-locator64Size); err != nil {
		return 0, err
	}
	at := le.Uint64(loc[8:])
	if le.Uint32(loc) != locator64Signature || at > uint64(endAt-locator64Size-end64Size) {
		return 0, broken
	}
	if le.Uint32(loc[4:]) != 0 || le.Uint32(loc[16:]) > 1 {
		return 0, errSplit()
	}
	rec := make([]byte, end64Size)
	if err := readFull(r, rec, int64(at)); err != nil {
		return 0, err
	}
	if le.Uint32(rec) != end64Signature {
		return 0, broken
	}
	if le.Uint32(rec[16:]) != 0 || le.Uint32(rec[20:]) != 0 || le.Uint64(rec[24:]) != le.Uint64(rec[32:]) {
		return 0, errSplit()
	}
	// Clamped, so that what exceeds an int64 still exceeds the limits.
	clamp := func(b []byte) int64 { return int64(min(le.Uint64(b), 1<<62)) }
	end.entries, end.size, end.offset = clamp(rec[32:]), clamp(rec[40:]), clamp(rec[48:])
	return int64(at), nil
}

func errSplit() error {
	return &Error{Kind: ErrUnsupported, Problem: "it is split over several files",
		Remedy: "pack it as one file"}
}

// check compares the end record with where it stands.
func (end *directoryEnd) check(endAt int64) error {
	switch {
	case end.entries > MaxEntries:
		return &Error{Kind: ErrTooLarge,
			Problem: fmt.Sprintf("it has %d entries, more than %d", end.entries, MaxEntries),
			Remedy:  "keep dependencies for development out of it"}
	case end.size > MaxDirectoryBytes:
		return &Error{Kind: ErrTooLarge,
			Problem: fmt.Sprintf("its directory has %d bytes, more than %d", end.size, MaxDirectoryBytes),
			Remedy:  "shorten names, leave out files"}
	case end.offset > endAt || end.size > endAt-end.offset:
		return &Error{Kind: ErrDamaged, Problem: "its directory does not lie where its end says",
			Remedy: "upload or download it again"}
	case end.entries*centralSize > end.size:
		return &Error{Kind: ErrDamaged,
			Problem: fmt.Sprintf("a directory of %d bytes cannot have %d entries", end.size, end.entries)}
	case end.entries == 0:
		return &Error{Kind: ErrEmpty, Problem: "it holds no files"}
	}
	return nil
}

// sniff looks whether the first bytes are a zip's, and otherwise says what
// they are: a login page saved as a zip is the common case.
func sniff(head []byte, size int64) error {
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		return nil
	}
	e := &Error{Kind: ErrNotZip, Remedy: "look at what the link to it really answers"}
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	starts := func(prefixes ...string) bool {
		for _, p := range prefixes {
			if bytes.HasPrefix(text, []byte(p)) {
				return true
			}
		}
		return false
	}
	switch {
	case size == 0:
		e.Problem = "it has no bytes"
	case starts("<!doctype html", "<html", "<head", "<body") || bytes.Contains(text, []byte("<html")):
		e.Problem = "it is an HTML page, not a zip"
	case starts("<?xml"):
		e.Problem = "it is an XML document, not a zip"
	case starts("{", "["):
		e.Problem = "it is JSON, not a zip"
	case starts("version https://git-lfs"):
		e.Problem = "it is a pointer to a file in Git LFS, not a zip"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		e.Problem, e.Remedy = "it is compressed with gzip (a .tar.gz?), not a zip", "pack it as a zip"
	case bytes.HasPrefix(head, []byte("Rar!")), bytes.HasPrefix(head, []byte("7z\xbc\xaf")):
		e.Problem, e.Remedy = "it is another kind of archive, not a zip", "pack it as a zip"
	default:
		e.Problem = "it does not begin as a zip does"
	}
	return e
}

// readFull reads len(b) bytes at off. An end before that is a zip cut off.
func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Kind: ErrNotZip, Problem: fmt.Sprintf("it ends at byte %d, before it should", off+int64(n)),
			Remedy: "upload or download it again"}
	default:
		return fmt.Errorf("read zip at byte %d: %w", off, err)
	}
}
