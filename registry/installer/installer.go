// Package installer makes the zip that WordPress unpacks, out of a repository's
// archive or a release's own zip. Compressed bytes are copied, never inflated
// and deflated again; every kept entry's checksum is verified on the way; the
// same input gives the same bytes on every machine.
//
// The installer that it makes is a zip with these properties:
//
//   - Exactly one top-level folder, the slug, because WordPress names the
//     plugin's directory after it.
//   - Files only, sorted by name bytewise. WordPress makes the folders that the
//     names speak of, so there are no entries for folders and no empty ones.
//   - Each file's modification time is the one stored with it in the source
//     (DOS date and time, no time zone); its mode is 0644, or 0755 if it was
//     executable.
//   - Sizes and checksum stand before the data, there are no extra fields, no
//     comments, no 64-bit extension: a reader needs version 2.0 and can stream.
//
// What is left out of a repository's archive is said by its .distignore, see
// [Reader.WriteFromArchive].
//
// A zip is never trusted. [Open] checks its structure and every name before
// anything is written, within the limits of this package, and fails with an
// [Error] that names the entry and the remedy.
//
// The format is that of PKWARE's APPNOTE 6.3; what WordPress makes of it was
// tried with its versions 6.1 to 7.1.
package installer

import (
	"context"
	"io"
)

// Options say which part of an archive becomes the installer.
type Options struct {
	Slug string // name of the one top-level folder
	Path string // folder within the repository that is the plugin; "" is the root
	// Images are the folders that hold images for the registry alone, left
	// out where there is no .distignore. They are relative to the plugin's
	// folder, such as ".wordpress-org"; folders within them go too.
	Images []string
	// SkipVerify leaves out checking the entries' contents against their
	// checksums. For benchmarks only.
	SkipVerify bool
}

// Result says what was made.
type Result struct {
	Files    int      // kept
	Omitted  []string // left out by .distignore or the defaults, relative to the plugin's folder; a folder left out as a whole is named once, with a slash at its end; at most MaxOmitted are named
	Warnings []string // what the author should know
}

// FromArchive writes the installer made from a repository's archive (exactly
// one top-level folder of any name) to w. It is [Open] and
// [Reader.WriteFromArchive] in one.
func FromArchive(ctx context.Context, r io.ReaderAt, size int64, w io.Writer, o Options) (*Result, error) {
	rd, err := Open(r, size, o.Path)
	if err != nil {
		return nil, err
	}
	return rd.WriteFromArchive(ctx, w, o)
}
