package registry

import (
	"bytes"
	"context"
	"errors"
	"time"
)

// Entry is what the registry's pages show of one plugin.
type Entry struct {
	Plugin    Plugin
	Package   *Package   // what is served by default; nil if nothing is
	Downloads []Download // every version that can be downloaded, newest release first
	Checked   time.Time  // when the last check ended well
	Err       error      // why the last check or build failed, or nothing is served; nil if neither
	Failed    time.Time  // when that was
	Remarks   []Finding  // about what the configuration says of it
	Notices   []string   // what policies make of the newest release, and of updates, in a sentence each
	Withheld  bool       // the repository is private and the configuration does not say access: public
}

// Entries lists the plugins in the order of the configuration. It asks nobody:
// a plugin that was never built has no package yet.
func (s *Service) Entries(ctx context.Context) ([]Entry, error) {
	entries := make([]Entry, 0, len(s.roster().order))
	for _, shelf := range s.roster().order {
		entry, err := s.entry(ctx, shelf)
		if err != nil {
			return nil, err
		}
		entries = append(entries, *entry)
	}
	return entries, nil
}

// Entry is one plugin, built first if it has never been. ErrNotFound if none
// has that slug.
func (s *Service) Entry(ctx context.Context, slug string) (*Entry, error) {
	shelf, err := s.find(slug)
	if err != nil {
		return nil, err
	}
	_, err = s.current(ctx, slug, Query{})
	if errors.Is(err, ErrLater) || errors.Is(err, ErrTooOften) {
		return nil, err
	}
	entry, entryErr := s.entry(ctx, shelf)
	if entryErr != nil {
		return nil, entryErr
	}
	if entry.Package == nil && entry.Err == nil {
		entry.Err = err
	}
	return entry, nil
}

func (s *Service) entry(ctx context.Context, shelf *shelf) (*Entry, error) {
	entry := &Entry{Plugin: shelf.plugin}
	if fault := shelf.fault.Load(); fault != nil {
		entry.Err, entry.Failed = fault.err, fault.at
	} else if fault := shelf.unsaved.Load(); fault != nil {
		entry.Err, entry.Failed = fault.err, fault.at
	}
	rec, err := s.stored(ctx, shelf)
	if err != nil {
		entry.Err = err
		return entry, nil
	}
	if rec.Held != nil {
		entry.Err, entry.Failed = rec.Held.err(shelf.plugin.Slug), rec.Held.Since
	}
	if rec.Repository == nil {
		return entry, nil
	}
	entry.Checked = rec.Checked
	if !rec.Checked.IsZero() && s.tooOld(shelf, rec) {
		entry.Err, entry.Failed = s.expired(shelf, rec), s.cfg.Now()
	}
	if err := s.mayServe(shelf, rec); err != nil {
		entry.Err, entry.Withheld = err, true
		return entry, nil
	}
	entry.Remarks = shelf.plugin.findYanked(rec)
	cs, err := shelf.plugin.candidates(rec, Query{}, s.cfg.Now())
	if err != nil {
		entry.Err = err
		return entry, nil
	}
	c, _ := cs.built()
	for i := range cs.list {
		better := &cs.list[i]
		if better.waiting != nil && entry.Err == nil {
			entry.Err = shelf.plugin.waits(better.waiting)
		}
		if better == c {
			break
		}
	}
	if c == nil {
		c = cs.unlisted(rec)
	}
	if c == nil {
		return entry, nil
	}
	state := c.state
	current, err := s.load(ctx, shelf, state)
	if err != nil {
		entry.Err = err
		return entry, nil
	}
	entry.Package = current.pkg
	if held := rec.heldFor(state.Tag); held != nil && entry.Err == nil {
		entry.Err = held.err(shelf.plugin.Slug)
	}
	entry.Notices = shelf.plugin.notices(rec, current.pkg, s.cfg.Now())
	if now := rec.repo(&shelf.plugin); now != shelf.plugin.Repo && !rec.Repository.Private {
		entry.Notices = append(entry.Notices, "The repository is called "+now.String()+" now; the registry's operator should write that in its configuration.")
	}
	entry.Downloads = current.pkg.downloads(shelf.plugin.listed(rec))
	for i := range entry.Downloads {
		if d := &entry.Downloads[i]; d.Release != nil {
			d.Standing = shelf.plugin.standing(rec, d.Release, s.cfg.Now())
		}
	}
	return entry, nil
}

// File is stored bytes as a client gets them. The caller closes it.
type File struct {
	BlobReader
	Blob
	Name string // file name for Content-Disposition
	Type string // MIME type
	MD5  string // base64; "" for images
	// Signatures are those of an installer, as WordPress verifies them; see
	// package signing. They are nil where the registry has no keys, and empty
	// where it has and nobody has signed yet.
	Signatures []string
	Modified   time.Time // whole seconds, UTC
}

// installerType is the MIME type of installers.
const installerType = "application/zip"

// OpenFile opens an installer or an image of the plugin by its digest.
// ErrNotFound unless the plugin has or recently had it.
func (s *Service) OpenFile(ctx context.Context, slug string, digest Digest) (*File, error) {
	shelf, err := s.find(slug)
	if err != nil {
		return nil, err
	}
	rec, err := s.stored(ctx, shelf)
	if err != nil {
		return nil, err
	}
	if rec.Repository == nil {
		return nil, notFoundf("plugin %s has no such file", shelf.plugin.Slug)
	}
	if err := s.mayServe(shelf, rec); err != nil {
		return nil, err
	}
	kept, ok := rec.Files[digest]
	if !ok {
		return nil, notFoundf("plugin %s has no such file, or it was replaced more than 30 days ago; ask for /%s.zip", shelf.plugin.Slug, shelf.plugin.Slug)
	}
	var signatures []string
	if kept.Type == installerType {
		signatures, err = s.signatures(ctx, shelf, kept.Blob, kept.SHA384)
	}
	var reader BlobReader
	if err == nil {
		reader, err = s.open(ctx, kept.Blob)
	}
	if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNotFound) {
		reader, err = s.remade(ctx, shelf, kept, err)
	}
	if err != nil {
		return nil, err
	}
	return &File{BlobReader: reader, Blob: kept.Blob, Name: kept.Name, Type: kept.Type, MD5: kept.MD5, Signatures: signatures, Modified: kept.Modified}, nil
}

// Small installers and images stay in memory while they are used: to open,
// read and close a file costs more than to send it.
const (
	MaxHeldFile  = 128 << 10 // bytes of one: most images, and small plugins
	MaxHeldBytes = 32 << 20  // bytes of all
)

// open reads a blob from memory or from the store.
func (s *Service) open(ctx context.Context, blob Blob) (BlobReader, error) {
	if blob.Size > MaxHeldFile {
		return s.cfg.Store.Open(ctx, blob.Digest)
	}
	data, ok := s.files.get(string(blob.Digest))
	if !ok {
		var err error
		if data, err = getBytes(ctx, s.cfg.Store, blob); err != nil {
			return nil, err
		}
		s.files.put(string(blob.Digest), data, int64(cap(data)))
	}
	return &heldFile{bytes.NewReader(data), data}, nil
}

// heldFile reads a file that is in memory.
type heldFile struct {
	*bytes.Reader
	data []byte
}

// Bytes is the whole file, for whoever can do better with it than read. Nobody
// may change it.
func (f *heldFile) Bytes() []byte { return f.data }

// Close does nothing: the bytes stay.
func (f *heldFile) Close() error { return nil }
