package installer

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// verifier inflates entries and compares them with their declared size and
// checksum. It belongs to one goroutine at a time.
//
// It inflates with klauspost/compress, which took about half of the standard
// library's time on source code, see BenchmarkVerify.
type verifier struct {
	inflater io.ReadCloser // also a flate.Resetter and an io.WriterTo
	src      bytes.Reader
	buffered *bufio.Reader // for entries that do not fit into a buffer
	sum      summer
}

func newVerifier() *verifier {
	v := &verifier{}
	v.inflater = flate.NewReader(&v.src)
	return v
}

// summer sums up what is written to it, passes it on, and stops where it gets
// more than was declared.
type summer struct {
	to   io.Writer // may be nil
	crc  uint32
	left int64
}

var errTooLong = errors.New("more bytes than declared")

func (s *summer) Write(p []byte) (int, error) {
	if s.left -= int64(len(p)); s.left < 0 {
		return 0, errTooLong
	}
	s.crc = crc32.Update(s.crc, crc32.IEEETable, p)
	if s.to == nil {
		return len(p), nil
	}
	return s.to.Write(p)
}

// bytes verifies an entry whose compressed data is in memory.
func (v *verifier) bytes(e *entry, data []byte) error {
	v.src.Reset(data)
	if err := v.verify(e, &v.src, nil); err != nil {
		return err
	}
	if v.src.Len() != 0 {
		return e.surplus()
	}
	return nil
}

// stream verifies an entry whose compressed data is read from the zip, and
// writes its contents to w, which may be nil.
func (v *verifier) stream(r io.ReaderAt, e *entry, w io.Writer) error {
	head := make([]byte, localSize+len(e.name))
	if err := readFull(r, head, e.offset); err != nil {
		return err
	}
	at, err := e.parseLocal(head)
	if err != nil {
		return err
	}
	section := io.NewSectionReader(r, e.offset+at, e.compressed)
	if v.buffered == nil {
		v.buffered = bufio.NewReaderSize(nil, 128<<10)
	}
	v.buffered.Reset(section)
	if err := v.verify(e, v.buffered, w); err != nil {
		return err
	}
	if _, err := v.buffered.ReadByte(); err != io.EOF {
		return e.surplus()
	}
	return nil
}

// verify inflates src, which must read single bytes so that not more than the
// deflate stream is taken from it.
func (v *verifier) verify(e *entry, src io.Reader, w io.Writer) error {
	v.sum = summer{to: w, left: e.size}
	var err error
	if e.method == methodStored {
		_, err = io.Copy(&v.sum, src)
	} else if err = v.inflater.(flate.Resetter).Reset(src, nil); err == nil {
		_, err = v.inflater.(io.WriterTo).WriteTo(&v.sum)
	}
	damaged := &Error{Kind: ErrDamaged, Entry: e.name, Remedy: "pack or download the zip again"}
	switch {
	case errors.Is(err, errTooLong):
		damaged.Problem = fmt.Sprintf("it inflates to more than its declared %d bytes", e.size)
	case err != nil:
		damaged.Problem, damaged.Err = "inflate it", err
	case v.sum.left != 0:
		damaged.Problem = fmt.Sprintf("it inflates to %d bytes, declared are %d", e.size-v.sum.left, e.size)
	case v.sum.crc != e.crc:
		damaged.Problem = fmt.Sprintf("its checksum is %08x, declared is %08x", v.sum.crc, e.crc)
	default:
		return nil
	}
	return damaged
}

// surplus is the error for compressed bytes behind the end of the contents.
func (e *entry) surplus() error {
	return &Error{Kind: ErrDamaged, Entry: e.name, Problem: "its compressed data is longer than its contents",
		Remedy: "pack or download the zip again"}
}

// mostExtra bounds the extra fields of a local header, which say nothing that
// is needed, so that it is known beforehand how much to read.
const mostExtra = 4 << 10

// parseLocal checks the entry's local header, at least its fixed part and name,
// against the directory and says how far behind the header's start the data
// begins. Two readers must not see two zips: one that streams goes by the local
// headers, one that seeks by the directory.
func (e *entry) parseLocal(head []byte) (int64, error) {
	le := binary.LittleEndian
	bad := func(problem string) error {
		return &Error{Kind: ErrHostile, Entry: e.name, Problem: problem, Remedy: "pack the zip again"}
	}
	if le.Uint32(head) != localSignature {
		return 0, bad("the directory says it is where no entry begins")
	}
	flags, nameLen, extraLen := le.Uint16(head[6:]), int(le.Uint16(head[26:])), int64(le.Uint16(head[28:]))
	if nameLen != len(e.name) || string(head[localSize:localSize+nameLen]) != e.name {
		return 0, bad("it has another name in its own header")
	}
	if le.Uint16(head[8:]) != e.method || (flags^e.flags)&(flagEncrypted|flagPatch|flagStrong|flagUTF8|flagMasked) != 0 {
		return 0, bad("it is packed otherwise in its own header")
	}
	compressed, size := le.Uint32(head[18:]), le.Uint32(head[22:])
	// With a descriptor behind the data the header may leave sizes at 0; with
	// the 64-bit extension they stand in an extra field.
	unknown := flags&flagDescriptor != 0 && compressed == 0 && size == 0
	if !unknown && (int64(compressed) != e.compressed && compressed != 0xffffffff ||
		int64(size) != e.size && size != 0xffffffff) {
		return 0, bad("it has another size in its own header")
	}
	if extraLen > mostExtra {
		return 0, bad("its own header has more than 4 KiB of extra fields")
	}
	at := localSize + int64(nameLen) + extraLen
	if e.offset+at+e.compressed > e.limit {
		return 0, bad("its data overlaps another entry's")
	}
	return at, nil
}
