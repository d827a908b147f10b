package installer

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
)

// Selection is what goes into an installer, decided from a zip's directory
// before anything is written.
type Selection struct {
	*choice
	rd      *Reader
	o       Options
	refusal error // why it may not be written; nil is nothing

	replaced *entry // of kept, whose content is another one; nil is none
	content  []byte // that content
}

// Replace has one file written with another content. It reports whether the
// file is one of those that are written.
func (s *Selection) Replace(name string, content []byte) bool {
	for _, e := range s.kept {
		if e.rel == name && int64(len(content)) <= MaxReplaced {
			s.replaced, s.content = e, content
			return true
		}
	}
	return false
}

// MaxReplaced bounds a content that replaces another, in bytes: it is stored
// as it is, and its size is written into 32 bits.
const MaxReplaced = 2 << 20

// headerOf is the entry as it is written.
func (s *Selection) headerOf(e *entry) *entry {
	if e != s.replaced {
		return e
	}
	stored := *e
	stored.method, stored.crc = methodStored, crc32.ChecksumIEEE(s.content)
	stored.compressed, stored.size = int64(len(s.content)), int64(len(s.content))
	return &stored
}

// SelectFromArchive decides what of a repository's archive is installed, by
// the rules of [Reader.WriteFromArchive]. Where what is chosen is refused, the
// selection comes with the error: its files can be listed, but not written.
func (rd *Reader) SelectFromArchive(ctx context.Context, o Options) (*Selection, error) {
	if err := checkSlug(o.Slug); err != nil {
		return nil, err
	}
	if rd.top == "" {
		return nil, &Error{Kind: ErrHostile, Problem: "it has no single top-level folder, as a repository's archive has"}
	}
	c, err := rd.chooseFromArchive(ctx, o.Slug, o.Images)
	if c == nil {
		return nil, err
	}
	return &Selection{choice: c, rd: rd, o: o, refusal: err}, err
}

// SelectFromRelease decides what of a release's own zip is installed: byte for
// byte what it is where its one top-level folder is the slug. Otherwise its files
// are put below the slug, with a warning; so it is where something was left
// out, which are symbolic links and what macOS adds. The contents are verified
// in either case. The options' Path is not looked at: a release's zip is the
// plugin. A refused one can be listed, as above.
func (rd *Reader) SelectFromRelease(o Options) (*Selection, error) {
	if err := checkSlug(o.Slug); err != nil {
		return nil, err
	}
	c, err := rd.chooseFromRelease(o.Slug)
	if c == nil {
		return nil, err
	}
	return &Selection{choice: c, rd: rd, o: o, refusal: err}, err
}

// Files lists what is installed, by name.
func (s *Selection) Files() []File {
	files := make([]File, len(s.kept))
	for i, e := range s.kept {
		files[i] = File{Path: e.rel, Size: e.size}
	}
	return files
}

// Write writes the installer and verifies all that is in it. If an error is
// returned, w may have got a part.
func (s *Selection) Write(ctx context.Context, w io.Writer) (*Result, error) {
	if s.refusal != nil {
		return nil, s.refusal
	}
	if !s.untouched || s.replaced != nil {
		if err := s.rewrite(ctx, w); err != nil {
			return nil, err
		}
		return s.result(), nil
	}
	if err := s.rd.walk(ctx, s.kept, !s.o.SkipVerify, func(*entry, []byte) error { return nil }); err != nil {
		return nil, err
	}
	if _, err := io.CopyBuffer(onlyWriter{w}, io.NewSectionReader(s.rd.r, 0, s.rd.size), make([]byte, 256<<10)); err != nil {
		return nil, fmt.Errorf("copy zip: %w", err)
	}
	return s.result(), nil
}

// onlyWriter hides ReadFrom, so that CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }

func (c *choice) result() *Result {
	return &Result{Files: len(c.kept), Omitted: c.omitted, Warnings: c.warnings}
}
