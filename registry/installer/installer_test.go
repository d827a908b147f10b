package installer

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"
)

// raw describes one entry of a zip made by hand. What is zero is made right.
type raw struct {
	name string
	text string
	mode uint32 // Unix's type and mode; 0 is an entry written by DOS

	stored     bool
	method     uint16
	flags      uint16
	size       uint32 // declared in both headers
	crc        uint32
	date, time uint16
	extra      []byte // of the directory's entry
	localName  string
	localSize  uint32 // declared in the local header alone
	localExtra int    // bytes
	descriptor bool   // sizes behind the data, zero before
	offset     uint32
	surplus    string // after the compressed data, and counted to it
	disk       uint16
}

// end describes the end of a zip made by hand.
type end struct {
	comment  string
	entries  uint16
	disk     uint16
	trailing string
	gap      string // between the directory and the end
}

// rawZip makes a zip by hand, faults included.
func rawZip(t testing.TB, z end, entries ...raw) []byte {
	t.Helper()
	le := binary.LittleEndian
	var out, directory []byte
	for _, e := range entries {
		data := []byte(e.text)
		method := e.method
		if !e.stored {
			var b bytes.Buffer
			w, err := flate.NewWriter(&b, flate.BestSpeed)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(w, e.text)
			w.Close()
			data = b.Bytes()
			if method == 0 {
				method = methodDeflated
			}
		}
		data = append(data, e.surplus...)
		size, crc, flags := uint32(len(e.text)), crc32.ChecksumIEEE([]byte(e.text)), e.flags
		if e.size != 0 {
			size = e.size
		}
		if e.crc != 0 {
			crc = e.crc
		}
		if e.descriptor {
			flags |= flagDescriptor
		}
		offset := uint32(len(out))
		if e.offset != 0 {
			offset = e.offset
		}
		localName, localSize := e.name, size
		if e.localName != "" {
			localName = e.localName
		}
		if e.localSize != 0 {
			localSize = e.localSize
		}
		common := func(b []byte, name string, size, compressed, crc uint32, extra int) []byte {
			for _, v := range []uint16{20, flags, method, e.time, e.date} {
				b = le.AppendUint16(b, v)
			}
			b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, crc), compressed), size)
			return le.AppendUint16(le.AppendUint16(b, uint16(len(name))), uint16(extra))
		}
		out = le.AppendUint32(out, localSignature)
		if e.descriptor {
			out = common(out, localName, 0, 0, 0, e.localExtra)
		} else {
			out = common(out, localName, localSize, uint32(len(data)), crc, e.localExtra)
		}
		out = append(append(append(out, localName...), make([]byte, e.localExtra)...), data...)
		if e.descriptor {
			out = append(out, "PK\x07\x08"...)
			out = le.AppendUint32(le.AppendUint32(le.AppendUint32(out, crc), uint32(len(data))), size)
		}
		directory = le.AppendUint32(directory, centralSignature)
		madeBy := uint16(20)
		if e.mode != 0 {
			madeBy |= 3 << 8
		}
		directory = le.AppendUint16(directory, madeBy)
		directory = common(directory, e.name, size, uint32(len(data)), crc, len(e.extra))
		directory = le.AppendUint16(le.AppendUint16(directory, 0), e.disk)
		directory = le.AppendUint16(directory, 0)
		directory = le.AppendUint32(le.AppendUint32(directory, e.mode<<16), offset)
		directory = append(append(directory, e.name...), e.extra...)
	}
	at := len(out)
	out = append(append(out, directory...), z.gap...)
	count := uint16(len(entries))
	if z.entries != 0 {
		count = z.entries
	}
	out = le.AppendUint32(out, endSignature)
	for _, v := range []uint16{z.disk, z.disk, count, count} {
		out = le.AppendUint16(out, v)
	}
	out = le.AppendUint32(le.AppendUint32(out, uint32(len(directory))), uint32(at))
	out = le.AppendUint16(out, uint16(len(z.comment)))
	return append(append(out, z.comment...), z.trailing...)
}

// files makes entries out of names and texts, in turn.
func files(namesAndTexts ...string) (entries []raw) {
	for i := 0; i < len(namesAndTexts); i += 2 {
		entries = append(entries, raw{name: namesAndTexts[i], text: namesAndTexts[i+1]})
	}
	return entries
}

// made is what a build made.
type made struct {
	*Result
	zip []byte
}

// FromRelease writes the installer made from a release's own zip to w.
func FromRelease(ctx context.Context, r io.ReaderAt, size int64, w io.Writer, o Options) (*Result, error) {
	rd, err := Open(r, size, "")
	if err != nil {
		return nil, err
	}
	selection, err := rd.SelectFromRelease(o)
	if err != nil {
		return nil, err
	}
	return selection.Write(ctx, w)
}

// fromFunc is FromArchive or FromRelease.
type fromFunc func(context.Context, io.ReaderAt, int64, io.Writer, Options) (*Result, error)

func fromArchive(t testing.TB, archive []byte, o Options) (made, error) {
	t.Helper()
	return build(t, FromArchive, archive, o)
}

func fromRelease(t testing.TB, release []byte, o Options) (made, error) {
	t.Helper()
	return build(t, FromRelease, release, o)
}

func build(t testing.TB, from fromFunc, archive []byte, o Options) (made, error) {
	t.Helper()
	if o.Slug == "" {
		o.Slug = "hello-yard"
	}
	var out bytes.Buffer
	result, err := from(t.Context(), bytes.NewReader(archive), int64(len(archive)), &out, o)
	if (result == nil) != (err != nil) {
		t.Errorf("result %v with error %v", result, err)
	}
	return made{result, out.Bytes()}, err
}

// contents reads a zip with the standard library, all of it, and returns the
// files by name.
func contents(t testing.TB, b []byte) (names []string, texts map[string]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	texts = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		names = append(names, f.Name)
		texts[f.Name] = string(text)
	}
	return names, texts
}
