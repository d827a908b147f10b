package installer

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// WriteFromArchive writes the installer made from a repository's archive,
// which must have one top-level folder. The options' Path is not looked at:
// [Open] got it.
//
// A .distignore in the plugin's folder says what is left out, by the rules of
// gitignore(5); so do, within what is left, those in folders below. Nothing
// else is left out then, not even the .distignore itself: that is how wp-cli's
// dist-archive has it. Where dist-archive departs from git, git is followed:
//
//   - A file in a left-out folder cannot be kept again: with "build/" and
//     "!build/app.js", dist-archive lists build/app.js.
//   - A pattern's leading spaces and its tabs count, as does an escape before
//     a trailing space; dist-archive trims them.
//   - A .distignore in a folder below overrides those above it; for
//     dist-archive a file is left out if any of them says so.
//
// Without a .distignore, dist-archive keeps everything; this leaves out hidden
// files and folders, and the options' Images.
//
// Symbolic links are left out with a warning. If an error is returned, w may
// have got a part.
func (rd *Reader) WriteFromArchive(ctx context.Context, w io.Writer, o Options) (*Result, error) {
	selection, err := rd.SelectFromArchive(ctx, o)
	if err != nil {
		return nil, err
	}
	return selection.Write(ctx, w)
}

// checkSlug refuses what cannot be the name of WordPress's plugin folder.
func checkSlug(slug string) error {
	problem := checkName(slug)
	switch {
	case problem != "":
	case strings.IndexByte(slug, '/') >= 0:
		problem = "it holds a slash"
	default:
		if problem = checkKept(slug); problem == "" {
			problem = checkPortable(slug)
		}
	}
	if problem != "" {
		return fmt.Errorf("slug %q cannot name a folder: %s", slug, problem)
	}
	return nil
}

// rewrite writes a zip of the kept entries, which are sorted by name.
func (s *Selection) rewrite(ctx context.Context, w io.Writer) error {
	kept, o := s.kept, s.o
	out := bufio.NewWriterSize(w, 256<<10)
	var at int64
	offsets := make([]uint32, 0, len(kept))
	var head []byte
	started := -1
	err := s.rd.walk(ctx, kept, !o.SkipVerify, func(e *entry, data []byte) error {
		// A large entry comes in several pieces.
		if i := len(offsets); started < 0 || kept[started] != e {
			started = i
			offsets = append(offsets, uint32(at))
			head = s.headerOf(e).appendLocal(head[:0], o.Slug)
			at += int64(len(head))
			if _, err := out.Write(head); err != nil {
				return fmt.Errorf("write %s: %w", e.rel, err)
			}
			if e == s.replaced {
				data = s.content
			}
		} else if e == s.replaced {
			return nil // it is written whole
		}
		at += int64(len(data))
		if _, err := out.Write(data); err != nil {
			return fmt.Errorf("write %s: %w", e.rel, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	directory := at
	for i, e := range kept {
		head = s.headerOf(e).appendCentral(head[:0], o.Slug, offsets[i])
		at += int64(len(head))
		if _, err := out.Write(head); err != nil {
			return fmt.Errorf("write the directory: %w", err)
		}
	}
	if _, err := out.Write(appendEnd(head[:0], len(kept), at-directory, directory)); err != nil {
		return fmt.Errorf("write the directory's end: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the directory's end: %w", err)
	}
	return nil
}

// versionNeeded is that of deflate and folders; the version made by adds that
// the mode is Unix's.
const (
	versionNeeded = 20
	versionMadeBy = 3<<8 | versionNeeded
)

// appendCommon appends what the local and the central header share, from the
// version needed to the length of the extra field.
func (e *entry) appendCommon(b []byte, name int) []byte {
	le := binary.LittleEndian
	var flags uint16
	for i := range len(e.rel) {
		if e.rel[i] >= 0x80 {
			flags = flagUTF8
		}
	}
	date, time := e.modDate, e.modTime
	if day, month := date&31, date>>5&15; day == 0 || month == 0 || month > 12 ||
		time>>11 > 23 || time>>5&63 > 59 || time&31 > 29 {
		date, time = 1<<5|1, 0 // 1 January 1980, the format's first day
	}
	b = le.AppendUint16(b, versionNeeded)
	b = le.AppendUint16(b, flags)
	b = le.AppendUint16(b, e.method)
	b = le.AppendUint16(b, time)
	b = le.AppendUint16(b, date)
	b = le.AppendUint32(b, e.crc)
	b = le.AppendUint32(b, uint32(e.compressed))
	b = le.AppendUint32(b, uint32(e.size))
	b = le.AppendUint16(b, uint16(name))
	return le.AppendUint16(b, 0)
}

func (e *entry) appendLocal(b []byte, slug string) []byte {
	b = binary.LittleEndian.AppendUint32(b, localSignature)
	b = e.appendCommon(b, len(slug)+1+len(e.rel))
	return append(append(append(b, slug...), '/'), e.rel...)
}

func (e *entry) appendCentral(b []byte, slug string, offset uint32) []byte {
	le := binary.LittleEndian
	mode := uint32(0o100644)
	if e.exec {
		mode = 0o100755
	}
	b = le.AppendUint32(b, centralSignature)
	b = le.AppendUint16(b, versionMadeBy)
	b = e.appendCommon(b, len(slug)+1+len(e.rel))
	b = append(b, 0, 0, 0, 0, 0, 0) // comment, disk, text or binary
	b = le.AppendUint32(b, mode<<16)
	b = le.AppendUint32(b, offset)
	return append(append(append(b, slug...), '/'), e.rel...)
}

func appendEnd(b []byte, entries int, size, offset int64) []byte {
	le := binary.LittleEndian
	b = le.AppendUint32(b, endSignature)
	b = append(b, 0, 0, 0, 0) // disks
	b = le.AppendUint16(b, uint16(entries))
	b = le.AppendUint16(b, uint16(entries))
	b = le.AppendUint32(b, uint32(size))
	b = le.AppendUint32(b, uint32(offset))
	return append(b, 0, 0) // comment
}
