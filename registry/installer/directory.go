package installer

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// entry is one entry of a zip's directory.
type entry struct {
	name       string // as the zip has it
	rel        string // relative to the plugin's folder; "" if it isn't in there
	offset     int64  // of its local header
	limit      int64  // where the next entry or the directory begins
	compressed int64
	size       int64
	crc        uint32
	modTime    uint16
	modDate    uint16
	method     uint16
	flags      uint16
	kind       entryKind
	exec       bool
	alias      bool   // an extra field gives it another name
	fault      *Error // why it may not be kept; nil is none
}

type entryKind uint8

const (
	kindFile entryKind = iota
	kindFolder
	kindLink  // symbolic link
	kindOther // device, pipe, socket
)

// readDirectory reads the entries in the directory's order.
func readDirectory(r io.ReaderAt, end *directoryEnd) ([]entry, error) {
	buf := make([]byte, end.size)
	if err := readFull(r, buf, end.offset); err != nil {
		return nil, err
	}
	entries := make([]entry, 0, end.entries)
	for range end.entries {
		e, n, err := parseEntry(buf)
		if err != nil {
			return nil, err
		}
		if e.offset > end.offset-localSize || e.compressed > end.offset-localSize-e.offset {
			return nil, &Error{Kind: ErrHostile, Entry: e.name, Problem: "its data does not lie within the zip",
				Remedy: "pack the zip again"}
		}
		entries = append(entries, e)
		buf = buf[n:]
	}
	if len(buf) != 0 {
		return nil, &Error{Kind: ErrDamaged,
			Problem: fmt.Sprintf("its directory has %d bytes more than its entries", len(buf))}
	}
	return entries, nil
}

// parseEntry reads the entry at the start of buf and says how long it is.
func parseEntry(buf []byte) (entry, int, error) {
	le := binary.LittleEndian
	if len(buf) < centralSize || le.Uint32(buf) != centralSignature {
		return entry{}, 0, &Error{Kind: ErrDamaged, Problem: "its directory is not whole",
			Remedy: "upload or download it again"}
	}
	nameLen, extraLen, commentLen := int(le.Uint16(buf[28:])), int(le.Uint16(buf[30:])), int(le.Uint16(buf[32:]))
	n := centralSize + nameLen + extraLen + commentLen
	if n > len(buf) {
		return entry{}, 0, &Error{Kind: ErrDamaged, Problem: "its directory is not whole",
			Remedy: "upload or download it again"}
	}
	e := entry{
		name:       string(buf[centralSize : centralSize+nameLen]),
		flags:      le.Uint16(buf[8:]),
		method:     le.Uint16(buf[10:]),
		modTime:    le.Uint16(buf[12:]),
		modDate:    le.Uint16(buf[14:]),
		crc:        le.Uint32(buf[16:]),
		compressed: int64(le.Uint32(buf[20:])),
		size:       int64(le.Uint32(buf[24:])),
		offset:     int64(le.Uint32(buf[42:])),
	}
	disk := uint32(le.Uint16(buf[34:]))
	if err := e.readExtra(buf[centralSize+nameLen:centralSize+nameLen+extraLen], &disk); err != nil {
		return e, 0, err
	}
	if disk != 0 {
		return e, 0, errSplit()
	}
	e.setKind(buf[5], le.Uint32(buf[38:]))
	return e, n, nil
}

// Extra fields (APPNOTE 4.5.3 and 4.6.9).
const (
	extra64   = 0x0001
	extraName = 0x7075
)

// readExtra takes what did not fit into the entry's own fields from its 64-bit
// extra field, and looks for another name: there are readers that prefer it.
func (e *entry) readExtra(extra []byte, disk *uint32) error {
	le := binary.LittleEndian
	const none = 0xffffffff
	wants := e.size == none || e.compressed == none || e.offset == none || *disk == 0xffff
	seen := false
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if n > len(extra)-4 {
			break
		}
		field := extra[4 : 4+n]
		extra = extra[4+n:]
		switch {
		case id == extraName:
			e.alias = e.alias || n < 5 || string(field[5:]) != e.name
		case id != extra64:
		case seen:
			return &Error{Kind: ErrHostile, Entry: e.name, Problem: "it has two 64-bit extra fields"}
		default:
			seen = true
			if err := e.read64(field, disk); err != nil {
				return err
			}
		}
	}
	if wants && !seen {
		return &Error{Kind: ErrDamaged, Entry: e.name, Problem: "its 64-bit extra field is missing"}
	}
	return nil
}

// read64 reads a 64-bit extra field: of these, those whose own field is full.
func (e *entry) read64(field []byte, disk *uint32) error {
	le := binary.LittleEndian
	for _, p := range []*int64{&e.size, &e.compressed, &e.offset} {
		if *p != 0xffffffff {
			continue
		}
		if len(field) < 8 {
			return &Error{Kind: ErrDamaged, Entry: e.name, Problem: "its 64-bit extra field is too short"}
		}
		*p = int64(min(le.Uint64(field), 1<<62))
		field = field[8:]
	}
	if *disk == 0xffff && len(field) >= 4 {
		*disk = le.Uint32(field)
	}
	return nil
}

// setKind reads the file type and mode: Unix's, where a Unix (3) or macOS (19)
// wrote the entry, else only what the name and the DOS attributes say.
func (e *entry) setKind(system byte, attributes uint32) {
	const typeMask, typeFolder, typeFile, typeLink = 0o170000, 0o040000, 0o100000, 0o120000
	const dosFolder = 0x10
	folder := strings.HasSuffix(e.name, "/")
	if system == 3 || system == 19 {
		mode := attributes >> 16
		e.exec = mode&0o111 != 0
		switch mode & typeMask {
		case 0, typeFile:
		case typeFolder:
			if !folder {
				e.kind = kindOther
				return
			}
		case typeLink:
			e.kind = kindLink
			return
		default:
			e.kind = kindOther
			return
		}
	} else if attributes&dosFolder != 0 && !folder {
		e.kind = kindOther // a folder by its attributes, a file by its name
		return
	}
	if folder {
		e.kind = kindFolder
	}
}
