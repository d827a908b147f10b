package installer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestHostile: each of these is refused by both ways of making an installer,
// with an error of the right kind that names the entry and what is wrong.
func TestHostile(t *testing.T) {
	good := raw{name: "hello-yard/z.php", text: "<?php // Plugin Name: Hello Yard"}
	with := func(more ...raw) []byte { return rawZip(t, end{}, append([]raw{good}, more...)...) }
	named := func(name string) []byte { return with(raw{name: name, text: "x"}) }
	cut := func(b []byte, n int) []byte { return b[:len(b)-n] }
	patched := func(b []byte, at int, with ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], with)
		return b
	}
	zeros := strings.Repeat("\x00", 4<<20)
	tests := []struct {
		name string
		zip  []byte
		kind error
		says string // a part of the error
	}{
		{"climbing out", named("hello-yard/../../wp-config.php"), ErrHostile, "climbs out"},
		{"climbing out at the end", named("hello-yard/.."), ErrHostile, "climbs out"},
		{"staying in place", named("hello-yard/./a.php"), ErrHostile, "climbs out"},
		{"an absolute path", named("/etc/passwd"), ErrHostile, "absolute"},
		{"a backslash", named(`hello-yard\..\..\X`), ErrHostile, "backslash"},
		{"a drive letter", named("C:x.php"), ErrHostile, "drive letter"},
		{"a NUL", named("hello-yard/a.php\x00.txt"), ErrHostile, "NUL"},
		{"no name", named(""), ErrHostile, "empty"},
		{"an empty folder name", named("hello-yard//a.php"), ErrHostile, "empty folder name"},
		{"a very long name", named("hello-yard/" + strings.Repeat("a/", MaxNameBytes/2)), ErrHostile, "more than 1024"},
		{"a very long element", named("hello-yard/" + strings.Repeat("a", 256)), ErrHostile, "256 bytes"},
		{"very deep folders", named("hello-yard/" + strings.Repeat("a/", MaxDepth) + "x"), ErrHostile, "65 folders deep"},
		{"a name in Latin 1", named("hello-yard/caf\xe9.php"), ErrHostile, "not UTF-8"},
		{"a control character", named("hello-yard/a\r\nb.php"), ErrHostile, "U+000D"},
		{"a name read backwards", named("hello-yard/\u202egpj.php"), ErrHostile, "U+202E"},
		{"the same name twice", with(good), ErrHostile, "twice"},
		{"a file that is a folder, too", named("hello-yard/z.php/a"), ErrHostile, "both a file and a folder"},
		{"a link that is a folder, too", with(raw{name: "hello-yard/l", text: "/etc", mode: 0o120777}, raw{name: "hello-yard/l/passwd"}), ErrHostile, "both a file and a folder"},
		{"another name in its own header", with(raw{name: "hello-yard/a.txt", localName: "hello-yard/a.php"}), ErrHostile, "another name in its own header"},
		{"another name in an extra field", with(raw{name: "hello-yard/a.txt", extra: []byte("\x75\x70\x09\x00\x01\x00\x00\x00\x00../x")}), ErrHostile, "another name in an extra field"},
		{"another size in its own header", with(raw{name: "hello-yard/a.txt", text: "abc", localSize: 9}), ErrHostile, "another size in its own header"},
		{"much in its own header", with(raw{name: "hello-yard/a.txt", localExtra: 5000}), ErrHostile, "extra fields"},

		{"an encrypted file", with(raw{name: "hello-yard/a.php", flags: flagEncrypted}), ErrUnsupported, "encrypted"},
		{"a file packed with another method", with(raw{name: "hello-yard/a.php", method: 14}), ErrUnsupported, "method 14"},
		{"a file on another disk", with(raw{name: "hello-yard/a.php", disk: 1}), ErrUnsupported, "split"},
		{"a zip of several disks", rawZip(t, end{disk: 1}, good), ErrUnsupported, "split"},

		{"a file that inflates to more than it says", with(raw{name: "hello-yard/a.php", text: "abcdef", size: 3}), ErrDamaged, "more than its declared 3"},
		{"a file that inflates to less than it says", with(raw{name: "hello-yard/a.php", text: "abc", size: 6}), ErrDamaged, "3 bytes, declared are 6"},
		{"a stored file of another size", with(raw{name: "hello-yard/a.php", text: "abc", size: 6, stored: true}), ErrDamaged, "declared size is 6"},
		{"a wrong checksum", with(raw{name: "hello-yard/a.php", text: "abc", crc: 1}), ErrDamaged, "declared is 00000001"},
		{"a wrong checksum of a large file", with(raw{name: "hello-yard/a.php", text: zeros, crc: 1, stored: true}), ErrDamaged, "declared is 00000001"},
		{"something behind the compressed data", with(raw{name: "hello-yard/a.php", text: "abc", surplus: "<?php"}), ErrDamaged, "longer than its contents"},
		{"data that is not deflate's", patched(with(), localSize+len(good.name), 0xff, 0xff), ErrDamaged, "inflate it"},
		{"a directory in a wrong place", patched(with(), len(with())-6, 1), ErrDamaged, "directory"},
		{"more entries than the directory has", rawZip(t, end{entries: 2}, good), ErrDamaged, "2 entries"},
		{"fewer entries than the directory has", rawZip(t, end{entries: 1}, good, raw{name: "hello-yard/a"}), ErrDamaged, "more than its entries"},

		{"a bomb in one file", with(raw{name: "hello-yard/a.php", text: zeros, size: MaxFileBytes + 1}), ErrTooLarge, "inflates to 268435457 bytes"},
		{"a bomb by ratio", with(raw{name: "hello-yard/a", text: zeros}, raw{name: "hello-yard/b", text: zeros}, raw{name: "hello-yard/c", text: zeros}), ErrTooLarge, "bomb"},
		{"a bomb by count", rawZip(t, end{entries: 0xffff - 0}, good), ErrDamaged, "64-bit"},
		{"a bomb by overlapping", with(raw{name: "hello-yard/a", offset: 1}), ErrHostile, "overlaps"},
		{"an entry outside the zip", with(raw{name: "hello-yard/a", offset: 1 << 30}), ErrHostile, "within the zip"},

		{"an HTML page", []byte("\n<!DOCTYPE html><html><title>Log in</title>"), ErrNotZip, "it is an HTML page, not a zip"},
		{"a page without a declaration", []byte("<script></script><HTML>"), ErrNotZip, "it is an HTML page, not a zip"},
		{"JSON", []byte(`{"message":"Not Found"}`), ErrNotZip, "it is JSON"},
		{"a tarball", []byte("\x1f\x8b\x08rest"), ErrNotZip, "gzip"},
		{"a pointer to Git LFS", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), ErrNotZip, "Git LFS"},
		{"nothing", nil, ErrNotZip, "no bytes"},
		{"something before the zip", append([]byte("#!/bin/sh\n"), with()...), ErrNotZip, "does not begin"},
		{"a zip cut off", cut(with(), 3), ErrNotZip, "cut off"},
		{"a zip cut off in the middle", with()[:40], ErrNotZip, "cut off"},
		{"an empty zip", rawZip(t, end{}), ErrEmpty, "no files"},
		{"folders alone", rawZip(t, end{}, raw{name: "hello-yard/"}, raw{name: "hello-yard/a/"}), ErrEmpty, "no file is left"},
		{"its end's mark in the comment", rawZip(t, end{comment: "PK\x05\x06" + strings.Repeat("\xff", 18)}, good), ErrNotZip, "comment"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, from := range map[string]fromFunc{"archive": FromArchive, "release": FromRelease} {
				_, err := build(t, from, tt.zip, Options{})
				if !isKind(err, tt.kind) || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("%s: got %v, want %v that says %q", name, err, tt.kind, tt.says)
				}
			}
		})
	}
}

// TestHarmlessElsewhere: what could not be kept does not matter where it is
// left out, or lies outside of the plugin's folder.
func TestHarmlessElsewhere(t *testing.T) {
	archive := rawZip(t, end{},
		raw{name: "top/yard/.distignore", text: "/tests\n.distignore\n"}, raw{name: "top/yard/yard.php", text: "y"},
		raw{name: "top/yard/tests/caf\xe9"}, raw{name: "top/yard/tests/bad", crc: 1}, raw{name: "top/locked", flags: flagEncrypted},
		raw{name: "top/huge", size: 1 << 31}, raw{name: "top/link", text: "a", mode: 0o120777},
	)
	got, err := fromArchive(t, archive, Options{Path: "yard"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Omitted, []string{".distignore", "tests/"}) {
		t.Errorf("omitted %q", got.Omitted)
	}
	if names, _ := contents(t, got.zip); len(names) != 1 || len(got.Warnings) != 0 {
		t.Errorf("names %q, warnings %q", names, got.Warnings)
	}
}

// TestNamesShown: what is left out may have any name, and is shown.
func TestNamesShown(t *testing.T) {
	archive := rawZip(t, end{}, files("top/.distignore", ".*\n[[:cntrl:]]*\n", "top/z.php", "z", "top/\x1b[2J", "x")...)
	got, err := fromArchive(t, archive, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{`"\x1b[2J"`, ".distignore"}; !slices.Equal(got.Omitted, want) {
		t.Errorf("omitted %q, want %q", got.Omitted, want)
	}
}

func TestTooMany(t *testing.T) {
	// A 64-bit end that declares more entries than any limit.
	le := binary.LittleEndian
	b := rawZip(t, end{}, files("hello-yard/z.php", "z")...)
	at := len(b) - endSize
	size, offset := le.Uint32(b[at+12:]), le.Uint32(b[at+16:])
	declare := func(entries, size uint64) []byte {
		out := bytes.Clone(b[:at])
		out = le.AppendUint32(out, end64Signature)
		out = le.AppendUint64(out, end64Size-12)
		out = append(out, 45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		for _, v := range []uint64{entries, entries, size, uint64(offset)} {
			out = le.AppendUint64(out, v)
		}
		out = le.AppendUint32(out, locator64Signature)
		out = le.AppendUint32(out, 0)
		out = le.AppendUint64(out, uint64(at))
		out = le.AppendUint32(out, 1)
		return append(out, "PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"...)
	}
	for _, tt := range []struct {
		name          string
		entries, size uint64
		kind          error
	}{
		{"as many as there are", 1, uint64(size), nil},
		{"too many", MaxEntries + 1, uint64(size), ErrTooLarge},
		{"more than an int64 has", 1 << 63, uint64(size), ErrTooLarge},
		{"a directory too large", 1, 1 << 63, ErrTooLarge},
		{"more than the directory can hold", 1000, uint64(size), ErrDamaged},
	} {
		zip := declare(tt.entries, tt.size)
		if _, err := fromArchive(t, zip, Options{}); !errors.Is(err, tt.kind) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.kind)
		}
	}
	if _, err := Open(onlyZeros{}, MaxArchiveBytes+1, ""); !isKind(err, ErrTooLarge) {
		t.Errorf("a large zip: got %v", err)
	}
}

type onlyZeros struct{}

func (onlyZeros) ReadAt(b []byte, _ int64) (int, error) { clear(b); return len(b), nil }

// TestFailures: errors of the source and the target come out, the first faulty
// entry is named whatever the processors do.
func TestFailures(t *testing.T) {
	var entries []raw
	for i := range 200 {
		e := raw{name: "top/" + string(rune('a'+i/26)) + string(rune('a'+i%26)), text: strings.Repeat("x", 20000), stored: true}
		if i >= 50 {
			e.crc = uint32(i)
		}
		entries = append(entries, e)
	}
	archive := rawZip(t, end{}, entries...)
	for range 20 {
		_, err := fromArchive(t, archive, Options{})
		var e *Error
		if !errors.As(err, &e) || e.Entry != entries[50].name {
			t.Fatalf("got %v, want it to name %s", err, entries[50].name)
		}
	}
	if _, err := fromArchive(t, archive, Options{SkipVerify: true}); err != nil {
		t.Errorf("without verifying: %v", err)
	}

	good := rawZip(t, end{}, entries[:50]...)
	errFull := errors.New("disk full")
	for _, from := range []fromFunc{FromArchive, FromRelease} {
		for _, slug := range []string{"top", "other"} {
			for _, room := range []int{0, 10, 300 << 10, 980 << 10} {
				_, err := from(t.Context(), bytes.NewReader(good), int64(len(good)), &limitedWriter{room, errFull}, Options{Slug: slug})
				if !errors.Is(err, errFull) {
					t.Errorf("room for %d bytes: got %v", room, err)
				}
			}
		}
	}
	for _, slug := range []string{"", ".", "..", "a/b", "a\\b", "aux", "a.", "a\n"} {
		if _, err := FromArchive(t.Context(), bytes.NewReader(good), int64(len(good)), io.Discard, Options{Slug: slug}); err == nil {
			t.Errorf("slug %q is accepted", slug)
		}
	}
	deep := rawZip(t, end{}, files(strings.Repeat("a/", MaxDepth)+"x", "", "y", "")...)
	if _, err := fromRelease(t, deep, Options{}); !isKind(err, ErrHostile) {
		t.Errorf("too deep by the slug's folder: got %v", err)
	}
	many := rawZip(t, end{}, files("top/.distignore", strings.Repeat("a", MaxIgnoreBytes+1), "top/z.php", "z")...)
	if _, err := fromArchive(t, many, Options{}); !isKind(err, ErrTooLarge) {
		t.Errorf("a large .distignore: got %v", err)
	}
}

// limitedWriter fails after room bytes.
type limitedWriter struct {
	room int
	err  error
}

func (w *limitedWriter) Write(b []byte) (int, error) {
	if len(b) > w.room {
		return w.room, w.err
	}
	w.room -= len(b)
	return len(b), nil
}
